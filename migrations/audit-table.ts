/**
 * The audit trail of one database, for the migration that brings it there; frozen with the first one that does. Rows are
 * only ever added: by trigger for everybody, and the app's role may do nothing else.
 */
export const AUDIT_TABLE_UP = [
  `CREATE TABLE audit_log (
     position     bigint GENERATED ALWAYS AS IDENTITY,
     actor_id     uuid,
     action       varchar(50) NOT NULL,
     subject_type varchar(50) NOT NULL,
     subject_id   uuid NOT NULL,
     before       json,
     after        json,
     request_id   varchar(100),
     at           timestamptz(3) NOT NULL DEFAULT shop_now(),
     CONSTRAINT audit_log_pkey PRIMARY KEY (position)
   )`,
  `CREATE INDEX audit_log_subject_idx ON audit_log (subject_id, position)`,
  `CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, position)`,
  `CREATE INDEX audit_log_action_idx ON audit_log (action, position)`,
];

export const AUDIT_TABLE_DOWN = ['DROP TABLE audit_log'];
