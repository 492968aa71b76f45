/** For each role beside the owner that was granted anything on this table. */
const forEachReader = (table: string, statement: string): string => `
  DO $$
  DECLARE reader name;
  BEGIN
    FOR reader IN
      SELECT DISTINCT rolname
      FROM pg_class
      CROSS JOIN LATERAL aclexplode(relacl) AS granted
      JOIN pg_roles ON pg_roles.oid = granted.grantee
      WHERE pg_class.oid = '${table}'::regclass AND pg_roles.oid <> relowner
    LOOP
      EXECUTE format('${statement}', reader);
    END LOOP;
  END $$`;

/** A function for the triggers of all tables that are only added to. */
export const REFUSE_TO_CHANGE = `CREATE FUNCTION refuse_to_change_what_is_told() RETURNS trigger
  LANGUAGE plpgsql
  AS $$
  BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END
  $$`;

/** Rows of this table can neither be changed nor removed, and the app's role never comes as far as the trigger. */
export const appendOnly = (table: string): string[] => [
  `CREATE TRIGGER ${table}_append_only
     BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_what_is_told()`,
  forEachReader(table, `REVOKE UPDATE, DELETE ON ${table} FROM %I`),
];
