import type { Settings } from '../settings/settings';

/** Connections each background worker keeps outside its pool to each database: the relay's LISTEN connection. */
export const RELAY_CONNECTIONS = 1;

/**
 * Splits a server's budget of connections to one database among its processes. The background worker takes about a
 * third, so that requests piling up on a hot row never starve the consumers that would free it.
 */
export function poolShare(settings: Pick<Settings, 'serverDbPool' | 'httpWorkers' | 'workerRole'>): number {
  const budget = settings.serverDbPool;
  if (settings.workerRole === 'all') return Math.max(1, budget - RELAY_CONNECTIONS);
  const background = Math.max(2, Math.min(Math.floor(budget / 3), budget - settings.httpWorkers));
  if (settings.workerRole === 'background') return Math.max(1, background - RELAY_CONNECTIONS);
  return Math.max(1, Math.floor((budget - background) / settings.httpWorkers));
}
