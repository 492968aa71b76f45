import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  CountBreaker,
  handleWhen,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import type { Counter, Gauge } from 'prom-client';

/** More than this share of the last calls failed: the provider is down. */
const FAILING_SHARE = 0.7;
const LAST_CALLS = 20;
/** Fewer tell nothing: a handful of customers whose charges fail are not the provider. One payment alone gets there in 16 s. */
const LEAST_CALLS = 6;
/** Then one question is the probe: a provider that is back is noticed within seconds. */
const PROBE_AFTER_MS = 3_000;

const STATES = { closed: 0, halfOpen: 1, open: 2 } as const;

/** A call that changes the provider's books and got no answer in time; the lookup that follows tells whether it is down. */
class SilentOnOne extends Error {}

interface Call<T> {
  withinMs: number;
  /**
   * `provider`: no answer in time means that it is down. `this call`: it may be silent about this one alone, as some
   * customers' banks are, and nobody else should wait for them.
   */
  silenceSpeaksOf: 'provider' | 'this call';
  run: (signal: AbortSignal) => Promise<T>;
}

/**
 * A circuit breaker with a time limit before the payment provider. What fails: no connection, an answer that breaks off,
 * 5xx, silence of the provider; a decline or any other 4xx is an answer. Each process has its own.
 */
@Injectable()
export class ProviderCircuit {
  private readonly logger = new Logger('PaymentProvider');
  private readonly circuit: CircuitBreakerPolicy;

  constructor(
    @InjectMetric('payment_circuit_state') state: Gauge,
    @InjectMetric('payment_circuit_opens_total') opens: Counter,
  ) {
    const failures = handleWhen((error) => !(error instanceof SilentOnOne)).orWhenResult(isServerError);
    this.circuit = circuitBreaker(failures, {
      halfOpenAfter: PROBE_AFTER_MS,
      breaker: new CountBreaker({
        threshold: FAILING_SHARE,
        size: LAST_CALLS,
        minimumNumberOfCalls: LEAST_CALLS,
      }),
    });
    state.set(STATES.closed);
    this.circuit.onHalfOpen(() => state.set(STATES.halfOpen));
    this.circuit.onReset(() => {
      state.set(STATES.closed);
      this.logger.log('the payment provider answers again');
    });
    this.circuit.onBreak(() => {
      state.set(STATES.open);
      opens.inc();
      this.logger.warn('the payment provider is down: it is only asked now and then whether it is back');
    });
  }

  get closed(): boolean {
    return this.circuit.state === CircuitState.Closed;
  }

  /** Throws when there is no answer, and at once, without a call, while the circuit is open. */
  async call<T>({ withinMs, silenceSpeaksOf, run }: Call<T>): Promise<T> {
    return this.circuit.execute(async () => {
      try {
        return await timeout(withinMs, TimeoutStrategy.Aggressive).execute(({ signal }) => run(signal));
      } catch (error) {
        if (error instanceof TaskCancelledError && silenceSpeaksOf === 'this call') {
          throw new SilentOnOne('no answer in time');
        }
        throw error instanceof TaskCancelledError ? new Error('no answer in time') : error;
      }
    });
  }

  /** Whether this call was not made, because the circuit was open. */
  static refused(error: unknown): boolean {
    return error instanceof BrokenCircuitError;
  }
}

function isServerError(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'status' in answer && Number(answer.status) >= 500;
}
