/**
 * The claim of one event as a part of the statement that has its effect: $1 the group, $2 the event. It gives no row for
 * an event that was dealt with before.
 */
export const CLAIM = `INSERT INTO inbox (listener_group, event_id) VALUES ($1, $2)
  ON CONFLICT (listener_group, event_id) DO NOTHING
  RETURNING event_id`;
