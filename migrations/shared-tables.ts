/**
 * What each of the three databases has: the clock, the outbox, the inbox and the idempotency keys. Used by the first
 * migration of each connection and frozen with it: a change goes into new migrations.
 */
export const SHARED_TABLES_UP = [
  // The one clock of every deadline. The offset comes with the connection and is only ever set by tests. Milliseconds,
  // as the columns keep: timestamptz(3) rounds up, and a row written "now" would not be due until a moment later.
  `CREATE FUNCTION shop_now() RETURNS timestamptz
     LANGUAGE sql STABLE PARALLEL SAFE
     AS $$
       SELECT date_trunc('milliseconds', now()) + make_interval(
         secs => coalesce(nullif(current_setting('tradepost.clock_offset_seconds', true), ''), '0')::double precision
       )
     $$`,

  `CREATE TABLE outbox (
     position       bigint GENERATED ALWAYS AS IDENTITY,
     event_id       uuid NOT NULL,
     topic          varchar(100) NOT NULL,
     key            varchar(100) NOT NULL,
     type           varchar(100) NOT NULL,
     subject        uuid NOT NULL,
     order_id       uuid,
     causation_id   varchar(100),
     traceparent    varchar(55) NOT NULL,
     schema_version smallint NOT NULL,
     data           json NOT NULL,
     occurred_at    timestamptz(3) NOT NULL DEFAULT shop_now(),
     published_at   timestamptz(3),
     CONSTRAINT outbox_pkey PRIMARY KEY (position),
     CONSTRAINT outbox_event_id_key UNIQUE (event_id)
   )`,
  `CREATE INDEX outbox_unpublished_idx ON outbox (position) WHERE published_at IS NULL`,
  `CREATE INDEX outbox_published_at_idx ON outbox (published_at) WHERE published_at IS NOT NULL`,

  `CREATE TABLE inbox (
     listener_group varchar(50) NOT NULL,
     event_id       uuid NOT NULL,
     received_at    timestamptz(3) NOT NULL DEFAULT shop_now(),
     CONSTRAINT inbox_pkey PRIMARY KEY (listener_group, event_id)
   )`,
  `CREATE INDEX inbox_received_at_idx ON inbox (received_at)`,

  `CREATE TABLE idempotency_keys (
     scope        varchar(200) NOT NULL,
     key          varchar(255) NOT NULL,
     request_hash char(64) NOT NULL,
     response     json NOT NULL,
     created_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
     CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key)
   )`,
  `CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at)`,
];

export const SHARED_TABLES_DOWN = [
  'DROP TABLE idempotency_keys',
  'DROP TABLE inbox',
  'DROP TABLE outbox',
  'DROP FUNCTION shop_now()',
];
