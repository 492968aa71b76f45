import type { Step } from '../step.types';

export class TimelineItemDto {
  /** The same step has it in every answer. On a stream, a step comes again under its id when its outcome is known. */
  id: string;

  at: string;

  /** The part of the shop it happened in: `order`, `stock`, `payment`, `shipment`, `mail`, `sms`; for staff also `http`, `kafka`, `provider`. */
  source: string;

  type: string;
  detail: Record<string, unknown>;

  /** What went wrong, if something did: for customers in words, for staff as it was said. */
  failure: string | null;

  traceId: string | null;

  static of(step: Step): TimelineItemDto {
    return Object.assign(new TimelineItemDto(), {
      id: step.id,
      at: step.at.toISOString(),
      source: step.source,
      type: step.type,
      detail: step.detail,
      failure: step.failure,
      traceId: step.traceId,
    });
  }
}

export class TimelineDto {
  /** Oldest first. */
  items: TimelineItemDto[];

  /** Stores that did not answer, by their names in `/health/ready`: their steps are missing. */
  incomplete: string[];

  static of(steps: readonly Step[], incomplete: string[]): TimelineDto {
    return Object.assign(new TimelineDto(), { items: steps.map((step) => TimelineItemDto.of(step)), incomplete });
  }
}
