# syntax=docker/dockerfile:1
ARG NODE_IMAGE=node:24-bookworm-slim

# Everything the build needs, from the lock file
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci

FROM packages AS build
COPY tsconfig.json tsconfig.build.json nest-cli.json ./
COPY src ./src
COPY migrations ./migrations
RUN npm run build

# Only what runs
FROM ${NODE_IMAGE} AS production-packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

# The sandbox payment provider and the mailbox, which stand for services from outside: never in the app's image
FROM ${NODE_IMAGE} AS sandbox
ENV NODE_ENV=development HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY local/services ./local/services
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "local/services/provider.mjs"]

FROM ${NODE_IMAGE} AS app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=production-packages /app/node_modules ./node_modules
COPY package.json ./
COPY --from=build /app/dist ./dist
# Product images, which all servers and Nginx share
RUN mkdir /images && chown node:node /images
USER node
EXPOSE 3000
# Alive is enough here: whether it may get requests is asked at /health/ready by those who send them
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/cluster.js"]
