/**
 * The one warehouse for now. Reservations and the ledger name it from the start, so that a second one needs no
 * rewriting of history.
 */
export const DEFAULT_WAREHOUSE_ID = '01900000-0000-7000-8000-000000000001';
