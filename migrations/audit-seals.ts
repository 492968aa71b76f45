import { appendOnly } from './append-only';

/**
 * The hash chain over one database's audit trail, for the migration that brings it there; frozen with the first one that
 * does. What is written waits in `audit_unsealed` until a job seals it: hashing within the change's own transaction would
 * make all changes wait for each other.
 */
export const AUDIT_SEALS_UP = [
  `CREATE TABLE audit_seals (
     place     bigint GENERATED ALWAYS AS IDENTITY,
     position  bigint NOT NULL,
     seal      char(64) NOT NULL,
     sealed_at timestamptz(3) NOT NULL DEFAULT shop_now(),
     CONSTRAINT audit_seals_pkey PRIMARY KEY (place),
     CONSTRAINT audit_seals_position_key UNIQUE (position)
   )`,
  ...appendOnly('audit_seals'),
  `CREATE TABLE audit_unsealed (
     position bigint NOT NULL,
     CONSTRAINT audit_unsealed_pkey PRIMARY KEY (position)
   )`,
  `INSERT INTO audit_unsealed (position) SELECT position FROM audit_log`,
  `CREATE FUNCTION keep_for_sealing() RETURNS trigger
     LANGUAGE plpgsql
     AS $$
     BEGIN
       INSERT INTO audit_unsealed (position) SELECT position FROM added;
       RETURN NULL;
     END
     $$`,
  `CREATE TRIGGER audit_log_keep_for_sealing
     AFTER INSERT ON audit_log
     REFERENCING NEW TABLE AS added
     FOR EACH STATEMENT EXECUTE FUNCTION keep_for_sealing()`,
];

export const AUDIT_SEALS_DOWN = [
  'DROP TRIGGER audit_log_keep_for_sealing ON audit_log',
  'DROP FUNCTION keep_for_sealing()',
  'DROP TABLE audit_unsealed',
  'DROP TABLE audit_seals',
];
