#!/bin/sh
# First start of a PostgreSQL container: the same roles and grants as the local stack makes.
# Wants DATABASE (users, products or orders), OWNER_PASSWORD and APP_PASSWORD; roles.sql and grants.sql in SQL_FOLDER.
set -eu
: "${DATABASE:?}" "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}"
SQL_FOLDER="${SQL_FOLDER:-/etc/postgresql}"

# A password with a quote, a backslash, a slash or an ampersand would break the statement or the replacement.
case "$OWNER_PASSWORD$APP_PASSWORD" in
  *[!A-Za-z0-9._~-]*) echo "database passwords may hold letters, digits and . _ ~ - only" >&2; exit 1 ;;
esac

fill_in() {
  sed -e "s/\${DATABASE}/$DATABASE/g" -e "s/\${OWNER_PASSWORD}/$OWNER_PASSWORD/g" -e "s/\${APP_PASSWORD}/$APP_PASSWORD/g" "$SQL_FOLDER/$1"
}

fill_in roles.sql | psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres
fill_in grants.sql | psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "${DATABASE}_db"
