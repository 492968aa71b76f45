import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { AppError } from '../../../src/common/app-error';
import { RESERVATION, RESERVATION_STATUSES, type ReservationStatus } from '../../../src/inventory/reservation.state';
import { StockDesk, type Hold } from './stock-desk';

const PRODUCTS = 3;
const UNITS = 6;

interface Line {
  product: number;
  quantity: number;
}

/** What may happen to a checkout's stock, and what its reservations are to become by it. */
const VERBS = ['claim', 'release', 'expire', 'reap', 'commit', 'undo'] as const;
type Verb = (typeof VERBS)[number];

type Step =
  | { does: 'reserve'; lines: Line[] }
  | { does: Verb; checkout: number; again: boolean }
  | { does: 'adjust'; line: Line };

/** What must be so, kept by plain arithmetic. */
interface Model {
  onHand: number[];
  checkouts: { hold: Hold; lines: Line[]; status: ReservationStatus; eventId: string }[];
}

const line = fc.record({ product: fc.nat(PRODUCTS - 1), quantity: fc.integer({ min: 1, max: UNITS }) });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('reserve' as const),
      // In any order of products: the model does not care, the locks must not either.
      lines: fc.uniqueArray(line, { minLength: 1, maxLength: PRODUCTS, selector: ({ product }) => product }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constantFrom(...VERBS), checkout: fc.nat(2), again: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('adjust' as const), line }) },
);

/** Walks to every end; chance takes the rest. */
const FAR = [['claim', 'commit', 'undo'], ['release'], ['expire'], ['claim', 'reap']].map((verbs): Step[] => [
  { does: 'reserve', lines: [{ product: 1, quantity: 2 }] },
  ...VERBS.filter((verb) => verbs.includes(verb)).map((does): Step => ({ does, checkout: 0, again: false })),
]);

const LIVE: ReadonlySet<ReservationStatus> = new Set(['held', 'claimed']);

function reservedOf(model: Model, product: number): number {
  return model.checkouts
    .filter(({ status }) => LIVE.has(status))
    .flatMap(({ lines }) => lines)
    .filter((each) => each.product === product)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Which state a verb takes a checkout to; the one it is in if the verb is not for it. */
function successor(status: ReservationStatus, verb: Verb): ReservationStatus {
  const wanted: Record<Verb, [from: ReservationStatus, to: ReservationStatus][]> = {
    claim: [['held', 'claimed']],
    release: [['held', 'released']],
    expire: [['held', 'expired']],
    reap: [['claimed', 'released']],
    commit: [['claimed', 'committed']],
    undo: [
      ['claimed', 'released'],
      ['committed', 'restocked'],
    ],
  };
  return wanted[verb].find(([from]) => from === status)?.[1] ?? status;
}

const refusalOf = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: unknown) => {
      if (error instanceof AppError) return error.code;
      throw error;
    },
  );

/** Promise 1 as a model: whatever is done in whatever order, the counters are what the arithmetic says. */
describe('stock, whatever is done to it', () => {
  let desk: StockDesk;

  beforeAll(async () => {
    desk = await StockDesk.open();
  });
  afterAll(() => desk.close());

  async function reserve(model: Model, ids: string[], lines: Line[]): Promise<void> {
    const fits = lines.every(({ product, quantity }) => {
      return (model.onHand[product] ?? 0) - reservedOf(model, product) >= quantity;
    });
    const held = desk.hold(lines.map(({ product, quantity }) => ({ productId: ids[product] ?? '', quantity })));
    expect(await refusalOf(held)).toBe(fits ? null : 'checkout.out_of_stock');
    if (fits) model.checkouts.push({ hold: await held, lines, status: 'held', eventId: randomUUID() });
  }

  async function move(checkout: Model['checkouts'][number], verb: Verb, again: boolean): Promise<void> {
    const { hold } = checkout;
    // The same event again, or another that says the same.
    if (!again) checkout.eventId = randomUUID();
    const event = { ...hold, id: checkout.eventId };
    switch (verb) {
      case 'claim':
        return desk.claim(hold);
      case 'release':
        return void (await desk.release(hold, 'held', 'released'));
      case 'expire':
        return void (await desk.release(hold, 'held', 'expired'));
      case 'reap':
        return void (await desk.release(hold, 'claimed', 'never_placed'));
      case 'commit':
        return desk.reservations.commit([event]);
      case 'undo':
        return desk.reservations.undo(event);
    }
  }

  async function adjust(model: Model, ids: string[], { product, quantity }: Line): Promise<void> {
    const expected = { quantity: model.onHand[product] ?? 0 };
    const change = { quantity, reason: null, actorId: randomUUID() };
    const allowed = quantity >= reservedOf(model, product);
    const refusal = await refusalOf(desk.inventory.adjust(ids[product] ?? '', change, expected));
    expect(refusal).toBe(allowed ? null : 'inventory.below_reserved');
    if (allowed) model.onHand[product] = quantity;
  }

  async function take(model: Model, ids: string[], next: Step): Promise<void> {
    if (next.does === 'reserve') return reserve(model, ids, next.lines);
    if (next.does === 'adjust') return adjust(model, ids, next.line);
    const checkout = model.checkouts[next.checkout % Math.max(1, model.checkouts.length)];
    if (!checkout) return;
    const known = next.again && (next.does === 'commit' || next.does === 'undo') && seen.has(checkout.eventId);
    await move(checkout, next.does, next.again);
    if (next.does === 'commit' || next.does === 'undo') seen.add(checkout.eventId);
    const before = checkout.status;
    if (!known) checkout.status = successor(before, next.does);
    if (checkout.status !== before) expect(RESERVATION.allows(before, checkout.status)).toBe(true);
    const sign = checkout.status === before ? 0 : { committed: -1, restocked: 1 }[String(checkout.status)];
    for (const { product, quantity } of checkout.lines) {
      model.onHand[product] = (model.onHand[product] ?? 0) + (sign ?? 0) * quantity;
    }
  }

  const seen = new Set<string>();
  const reached = new Set<ReservationStatus>();

  it('adds up: by counters, by ledger and by reservations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }), async (steps) => {
        const ids = await desk.products(...Array.from({ length: PRODUCTS }, () => UNITS));
        const model: Model = { onHand: ids.map(() => UNITS), checkouts: [] };
        for (const next of steps) {
          await take(model, ids, next);
          for (const [product, id] of ids.entries()) {
            const [onHand, reserved] = [model.onHand[product], reservedOf(model, product)];
            expect(await desk.counted(id)).toEqual({ quantity: onHand, ledger: onHand, reserved, live: reserved });
          }
          for (const { status } of model.checkouts) reached.add(status);
        }
      }),
      { numRuns: 20, examples: FAR.map((walk): [Step[]] => [walk]) },
    );
    // A walk that never came to a state has shown nothing of it.
    expect([...reached].sort()).toEqual([...RESERVATION_STATUSES].sort());
  }, 120_000);
});
