import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PARTITIONS, RETENTION_MS } from '../../../src/events/topics';
import { Settings } from '../../../src/settings/settings';
import {
  composeFile,
  configuration,
  fillIn,
  localStack,
  ROOT,
  schemaErrors,
  textOf,
  type ComposeService,
  type LocalStack,
} from './compose-file';

const SECRETS = {
  POSTGRES_PASSWORD: 'superuser-secret',
  DATABASE_OWNER_PASSWORD: 'owner-secret',
  DATABASE_APP_PASSWORD: 'app-secret',
  REDIS_PASSWORD: 'redis-secret',
  JWT_SECRET: 'a-secret-of-at-least-32-characters',
  DATA_ENCRYPTION_KEY: 'another-one-of-at-least-32-characters',
  PAYMENT_WEBHOOK_SECRET: 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=',
  ADMIN_EMAIL: 'admin@tradepost.example',
  ADMIN_PASSWORD: 'admin-secret',
};
const DATABASES = ['users', 'products', 'orders'];
const LONG_RUNNING = [
  'nginx',
  'app1',
  'app2',
  'postgres-users',
  'postgres-products',
  'postgres-orders',
  'mongo',
  'redis',
  'kafka',
  'provider',
  'mailbox',
];

/** Settings that its app servers are not given, and why. */
const NOT_PASSED = {
  WORKER_ROLE: 'the cluster sets it for its workers',
  CLOCK_OFFSET_SECONDS: 'refused in production',
  WEBHOOK_HTTP: 'refused in production',
  ADMIN_EMAIL: 'for the service that migrates',
  ADMIN_PASSWORD: 'for the service that migrates',
};

const file = composeFile(SECRETS);
const service = (name: string): ComposeService => {
  const found = file.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};
const environmentOf = (name: string) => service(name).environment ?? {};

describe('docker-compose.yml', () => {
  it('follows the Compose Specification', () => {
    expect(schemaErrors(file)).toEqual([]);
  });

  it('would be refused with a slip in it', () => {
    expect(schemaErrors({ services: { redis: { image: 'redis', memlimit: '2g' } } })).not.toEqual([]);
    expect(schemaErrors({ services: { redis: { image: 'redis', healthcheck: { every: '5s' } } } })).not.toEqual([]);
  });

  it.each(Object.keys(SECRETS))('does not start without %s', (name) => {
    expect(() => composeFile({ ...SECRETS, [name]: '' })).toThrow(`${name} is not set`);
  });

  it('has each of them in compose.env.example, and nothing it does not use', () => {
    const listed = [...textOf('compose.env.example').matchAll(/^(\w+)=/gm)].map((match) => match[1] ?? '');
    const used = [...textOf('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? '');
    expect(listed).toEqual(expect.arrayContaining(Object.keys(SECRETS)));
    expect(listed.filter((name) => !used.includes(name))).toEqual([]);
  });

  // CPUs and memory of the design, service by service.
  it.each([
    ['nginx', '2', '2G'],
    ['app1', '2', '4G'],
    ['app2', '2', '4G'],
    ['redis', '2', '2G'],
    ...DATABASES.map((database) => [`postgres-${database}`, '2', '4G']),
    ['mongo', '2', '4G'],
    ['kafka', '2', '4G'],
  ])('%s may use %s CPUs and %s', (name, cpus, memory) => {
    expect(service(name).deploy?.resources?.limits).toEqual({ cpus, memory });
  });

  it('limits every other service too', () => {
    for (const name of Object.keys(file.services)) {
      expect({ name, memory: service(name).deploy?.resources?.limits?.memory }).toEqual({
        name,
        memory: expect.stringMatching(/^\d+[MG]$/),
      });
    }
  });

  it.each(LONG_RUNNING)('%s is checked every five seconds, comes back, and may stop in peace', (name) => {
    expect(service(name).healthcheck?.interval).toBe('5s');
    expect(service(name).healthcheck?.test?.length).toBeGreaterThan(1);
    expect(service(name).restart).toBe('unless-stopped');
    expect(service(name).stop_grace_period).toBe('15s');
  });

  it('runs each image in a known version', () => {
    for (const { image = '' } of Object.values(file.services)) expect(image).toMatch(/:(local|\d[\w.-]*)$/);
  });

  it('keeps databases, Redis and Kafka away from the outside', () => {
    expect(file.networks.data).toEqual({ internal: true });
    for (const name of ['mongo', 'redis', 'kafka', ...DATABASES.map((database) => `postgres-${database}`)]) {
      expect(service(name).networks).toEqual(['data']);
      expect(service(name).ports).toBeUndefined();
    }
    expect(service('nginx').networks).toEqual(['front']);
    for (const name of ['provider', 'mailbox']) expect(service(name).ports?.[0]).toMatch(/^127\.0\.0\.1:/);
  });

  it.each([
    ...DATABASES.map((database) => [`postgres-${database}`, '/var/lib/postgresql/data']),
    ['mongo', '/data/db'],
    ['redis', '/data'],
    ['kafka', '/var/lib/kafka/data'],
    ['provider', '/data'],
    ['mailbox', '/data'],
  ])('%s keeps %s in a volume', (name, folder) => {
    const mount = service(name).volumes?.find((volume) => volume.split(':')[1] === folder);
    expect(Object.keys(file.volumes)).toContain(mount?.split(':')[0]);
  });

  it('prepares tables, topics and the admin before an app server starts', () => {
    const steps = [...(service('migrate').command?.at(-1) ?? '').matchAll(/node dist\/src\/cli\.js ([\w-]+)/g)];
    expect(steps.map((step) => step[1])).toEqual(['migrate', 'topics', 'create-admin', 'seed-demo']);
    for (const name of ['app1', 'app2']) {
      expect(service(name).depends_on?.migrate?.condition).toBe('service_completed_successfully');
    }
    expect(Object.values(service('migrate').depends_on ?? {}).map(({ condition }) => condition)).toEqual(
      Array<string>(6).fill('service_healthy'),
    );
  });
});

describe('its app servers', () => {
  it.each(['app1', 'app2'])('%s starts with these settings', (name) => {
    const settings = new Settings(environmentOf(name));
    expect(settings.serverName).toBe(name);
    expect(settings.environment).toBe('production');
    expect(settings.serverDbPool).toBe(20);
    expect(settings.rateLimitPerMinute).toBe(100);
    expect(settings.rateLimitScale).toBe(1);
  });

  it('are given only settings that there are, and no owner role', () => {
    const known = new Settings(environmentOf('app1')).described.map(({ name }) => name);
    expect(Object.keys(environmentOf('app1')).filter((name) => !known.includes(name))).toEqual([]);
    const extra = Object.keys(environmentOf('migrate')).filter((name) => !known.includes(name));
    const owners = DATABASES.map((database) => `${database.toUpperCase()}_DATABASE_OWNER_URL`);
    expect(extra.filter((name) => !owners.includes(name))).toEqual(['DEMO_DATA']);
  });

  it('are given every setting, but for those with a reason', () => {
    const known = new Settings(environmentOf('app1')).described.map(({ name }) => name);
    const missing = known.filter((name) => !(name in environmentOf('app1')));
    expect(missing.sort()).toEqual(Object.keys(NOT_PASSED).sort());
  });

  it('go by what .env says, and by the defaults where it says nothing', () => {
    const described = new Settings(Settings.REQUIRED_FOR_DESCRIPTION);
    const bare = new Settings(environmentOf('app2'));
    expect(bare.sessionTtlSeconds).toBe(described.sessionTtlSeconds);
    expect(bare.jwtAcceptedSecrets).toEqual([]);
    const accepted = 'the-one-before-of-at-least-32-characters';
    const given = { ADMIN_SECOND_FACTOR: 'required', JWT_ACCEPTED_SECRETS: accepted, ARCHIVE_AFTER_DAYS: '7' };
    const environment = composeFile({ ...SECRETS, ...given }).services['app2']?.environment ?? {};
    expect(new Settings(environment)).toMatchObject({
      adminSecondFactor: 'required',
      jwtAcceptedSecrets: [accepted],
      archiveAfterDays: 7,
    });
  });

  it('reach each service under its name and at the port it listens on', () => {
    const environment = environmentOf('app1');
    const url = (name: string) => new URL(environment[name] ?? '');
    const postgresPort = configuration('config/postgres/postgresql.conf', /=/).get('port');
    for (const database of DATABASES) {
      const { hostname, port, pathname, username } = url(`${database.toUpperCase()}_DATABASE_URL`);
      expect({ hostname, port, pathname, username }).toEqual({
        hostname: `postgres-${database}`,
        port: postgresPort,
        pathname: `/${database}_db`,
        username: `${database}_app`,
      });
      expect(environmentOf(`postgres-${database}`).DATABASE).toBe(database);
    }
    expect(url('REDIS_URL').host).toBe(`redis:${configuration('config/redis/redis.conf', / /).get('port')}`);
    const advertised = configuration('config/kafka/server.properties', /=/).get('advertised.listeners');
    expect(`PLAINTEXT://${environment.KAFKA_BROKERS}`).toBe(advertised);
    expect(url('MONGO_URL').host).toBe('mongo:27017');
    const replicaSet = /replSetName: (\w+)/.exec(textOf('config/mongo/mongod.conf'))?.[1];
    expect(url('MONGO_URL').searchParams.get('replicaSet')).toBe(replicaSet);
    expect(service('mongo').healthcheck?.test?.at(-1)).toContain(`_id: '${replicaSet}'`);
    expect(url('PAYMENT_PROVIDER_URL').host).toBe('provider:8080');
    expect(url('SMS_URL').host).toBe('mailbox:8080');
    expect(url('SMTP_URL').host).toBe(`mailbox:${environmentOf('mailbox').SMTP_PORT}`);
    expect(environmentOf('nginx').NGINX_APP_SERVERS).toBe(`app1:${environment.PORT} app2:${environment.PORT}`);
    expect(url('PUBLIC_URL').port).toBe(environmentOf('nginx').NGINX_HTTPS_LISTEN);
  });

  it('share their secrets with the services', () => {
    const { PAYMENT_WEBHOOK_SECRET: secret, REDIS_URL: redis = '' } = environmentOf('app1');
    expect(environmentOf('provider').WEBHOOK_SECRET).toBe(secret);
    expect(service('redis').command).toContain(new URL(redis).password);
    for (const database of DATABASES) {
      const name = `${database.toUpperCase()}_DATABASE`;
      const { OWNER_PASSWORD: owner, APP_PASSWORD: app } = environmentOf(`postgres-${database}`);
      expect(new URL(environmentOf('app1')[`${name}_URL`] ?? '').password).toBe(app);
      expect(new URL(environmentOf('migrate')[`${name}_OWNER_URL`] ?? '').password).toBe(owner);
    }
  });
});

describe('compose and the local stack', () => {
  let folder: string;
  let local: LocalStack;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tradepost-compose-'));
    local = localStack(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('give their programs the same variables', () => {
    const missing = (has: object, wants: object) => Object.keys(wants).filter((name) => !(name in has));
    expect(missing(environmentOf('app1'), local.app)).toEqual([]);
    expect(missing(environmentOf('migrate'), local.command)).toEqual([]);
    const rendering = ['NGINX_ENVSUBST_OUTPUT_DIR', 'NGINX_ENVSUBST_FILTER'];
    expect(Object.keys(environmentOf('nginx')).sort()).toEqual([...Object.keys(local.nginx), ...rendering].sort());
  });

  it('give every variable that a template of Nginx names', () => {
    const templates = ['nginx.conf', 'snippets/site.conf', 'snippets/redirect.conf', 'snippets/proxy.conf'];
    const named = templates.flatMap((name) => [
      ...textOf(`nginx/templates/${name}.template`).matchAll(/\$\{(NGINX_\w+)\}/g),
    ]);
    expect(named.length).toBeGreaterThan(0);
    for (const [, name = ''] of named) expect(Object.keys(environmentOf('nginx'))).toContain(name);
  });

  it('mount files that are there', () => {
    const mounts = Object.values(file.services).flatMap(({ volumes = [] }) =>
      volumes.filter((one) => one.startsWith('.')),
    );
    expect(mounts.length).toBeGreaterThan(6);
    for (const mount of mounts) {
      const [source = '', , mode] = mount.split(':');
      expect({ source, exists: existsSync(join(ROOT, source)), mode }).toEqual({ source, exists: true, mode: 'ro' });
    }
    // Docker's entry points run these only when they may.
    for (const script of ['config/postgres/init-database.sh', 'nginx/docker-entrypoint.d/40-active-check.sh']) {
      expect(statSync(join(ROOT, script)).mode & 0o111).toBe(0o111);
    }
    expect(existsSync(join(ROOT, 'nginx/static/images/mug.svg'))).toBe(true);
  });

  it.each([
    ['postgres-users', 'config/postgres', 'config_file=/etc/postgresql/postgresql.conf', 'postgres', 'postgresql.conf'],
    [
      'postgres-products',
      'config/postgres',
      'config_file=/etc/postgresql/postgresql.conf',
      'postgres',
      'postgresql.conf',
    ],
    [
      'postgres-orders',
      'config/postgres',
      'config_file=/etc/postgresql/postgresql.conf',
      'postgres',
      'postgresql.conf',
    ],
    ['mongo', 'config/mongo', '/etc/mongo/mongod.conf', 'mongo', 'mongod.conf'],
    ['redis', 'config/redis', '/etc/redis/redis.conf', 'redis', 'redis.conf'],
  ])('start %s with the same file of %s', (name, source, argument, part, configured) => {
    const mounted = service(name).volumes?.some((volume) => volume.startsWith(`./${source}:`));
    expect(mounted).toBe(true);
    expect(service(name).command).toContain(argument);
    const code = textOf(`local/parts/${part}.mjs`);
    expect(code).toContain(`'config', '${part}'`);
    expect(code).toContain(configured);
  });

  it('start Kafka with the same file', () => {
    const [mount] = service('kafka').volumes ?? [];
    expect(mount).toBe('./config/kafka/server.properties:/mnt/shared/config/server.properties:ro');
    expect(textOf('local/parts/kafka.mjs')).toMatch(/'config', 'kafka'[^]*'server\.properties'/);
  });
});

describe('the configuration of the services', () => {
  it.each([
    ['max_connections', '100'],
    ['shared_buffers', '256MB'],
    ['effective_cache_size', '1GB'],
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['password_encryption', 'scram-sha-256'],
  ])('PostgreSQL: %s is %s', (name, value) => {
    expect(configuration('config/postgres/postgresql.conf', /=/).get(name)).toBe(value);
  });

  it.each([
    ['maxmemory', '1600mb'],
    ['maxmemory-policy', 'allkeys-lru'],
    ['save', '300 1'],
    ['appendonly', 'yes'],
  ])('Redis: %s is %s', (name, value) => {
    expect(configuration('config/redis/redis.conf', / /).get(name)).toBe(value);
  });

  it('Kafka: three partitions, one copy, seven days, no topic by accident', () => {
    const properties = configuration('config/kafka/server.properties', /=/);
    expect(properties.get('num.partitions')).toBe('3');
    expect(properties.get('default.replication.factor')).toBe('1');
    expect(properties.get('auto.create.topics.enable')).toBe('false');
    expect(PARTITIONS).toBe(3);
    expect(RETENTION_MS).toBe(7 * 24 * 60 * 60 * 1000);
    expect(Number(properties.get('log.retention.hours')) * 60 * 60 * 1000).toBe(RETENTION_MS);
    expect(properties.get('log.dirs')).toBe('/var/lib/kafka/data');
  });

  it('MongoDB: a cache of 1 GB, the journal not turned off', () => {
    const text = textOf('config/mongo/mongod.conf');
    expect(text).toMatch(/^ +cacheSizeGB: 1$/m);
    expect(text).not.toMatch(/journal:\s+enabled: false/);
  });
});

describe('the image', () => {
  const dockerfile = textOf('Dockerfile');

  it('starts what `npm run start:prod` starts, as an ordinary user, with a health check', () => {
    const scripts: { scripts: Record<string, string> } = JSON.parse(textOf('package.json'));
    const stage = dockerfile.slice(dockerfile.indexOf(' AS app\n'));
    const command: string[] = JSON.parse(/^CMD (\[.*\])$/m.exec(stage)?.[1] ?? '[]');
    expect(command.join(' ')).toBe(scripts.scripts['start:prod']);
    expect(stage).toContain('\nUSER node\n');
    expect(stage).toContain('\nHEALTHCHECK --interval=5s');
    expect(dockerfile).toContain('npm ci --omit=dev');
  });

  it('copies only what .dockerignore lets through', () => {
    const ignored = textOf('.dockerignore').split('\n');
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(sources).toContain('src');
    for (const source of sources) expect(ignored).toContain(`!${source.replace(/^\.\//, '')}`);
  });

  it('is built once, by a service that the others of that image wait for or do without', () => {
    const builders = Object.values(file.services).filter(({ build }) => build);
    expect(builders.map(({ image }) => image).sort()).toEqual(['tradepost-sandbox:local', 'tradepost:local']);
    expect(service('migrate').build?.target).toBe('app');
  });

  it('has the targets that compose builds', () => {
    for (const { build } of Object.values(file.services)) {
      if (build) expect(dockerfile).toContain(` AS ${build.target}\n`);
    }
  });
});

describe('filling in', () => {
  it.each([
    ['${A}', 'a'],
    ['${B:-b}', 'b'],
    ['${A:?needed}', 'a'],
    ['"$$A"', '"$$A"'],
  ])('%s becomes %s', (text, result) => {
    expect(fillIn(text, { A: 'a' })).toBe(result);
  });
});
