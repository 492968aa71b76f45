import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleAll, type CircuitBreakerPolicy } from 'cockatiel';
import type { Counter, Gauge } from 'prom-client';

/** An open circuit is probed so often. */
const PROBE_AFTER_MS = 250;
const STATES = { closed: 0, halfOpen: 1, open: 2 } as const;

/**
 * Opens with the first command that Redis did not answer in time: one slow command is as much as a request should pay.
 * No customer is the probe: this asks by itself, in the background, until `probe` succeeds. Each process has its own.
 */
@Injectable()
export class RedisCircuit implements OnApplicationShutdown {
  private readonly logger = new Logger('Redis');
  private readonly circuit: CircuitBreakerPolicy = circuitBreaker(handleAll, {
    halfOpenAfter: PROBE_AFTER_MS,
    breaker: new ConsecutiveBreaker(1),
  });
  private probe: () => Promise<void> = () => Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    @InjectMetric('redis_circuit_state') state: Gauge,
    @InjectMetric('redis_circuit_opens_total') private readonly opens: Counter,
  ) {
    state.set(STATES.closed);
    this.circuit.onHalfOpen(() => state.set(STATES.halfOpen));
    this.circuit.onReset(() => {
      state.set(STATES.closed);
      this.logger.log('Redis is used again');
    });
    this.circuit.onBreak(() => state.set(STATES.open));
  }

  /** `probe` succeeds when Redis may be used again. */
  use(probe: () => Promise<void>): void {
    this.probe = probe;
  }

  get closed(): boolean {
    return this.circuit.state === CircuitState.Closed;
  }

  get open(): boolean {
    return this.circuit.state === CircuitState.Open;
  }

  /** Opens the circuit; when it is not closed, the probes decide. */
  trip(cause: Error): void {
    if (!this.closed || this.ended) return;
    this.opens.inc();
    this.logger.warn(`going on without Redis: ${cause.message}`);
    void this.circuit.execute(() => Promise.reject(cause)).catch(() => this.probeSoon());
  }

  onApplicationShutdown(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  /** Again and again until it is closed. */
  private probeSoon(): void {
    if (this.closed || this.ended) return;
    const ask = () => this.circuit.execute(() => this.probe()).catch(() => undefined);
    this.timer = setTimeout(() => void ask().finally(() => this.probeSoon()), PROBE_AFTER_MS);
    this.timer.unref();
  }
}
