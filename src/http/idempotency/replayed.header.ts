import type { FastifyReply } from 'fastify';
import type { Outcome } from './idempotency.service';

/** Answers with the outcome's body; a stored one says so in `Idempotent-Replayed`. */
export function tellReplayed<T>(reply: FastifyReply, outcome: Outcome<T>): T {
  if (outcome.replayed) reply.header('Idempotent-Replayed', 'true');
  return outcome.body;
}
