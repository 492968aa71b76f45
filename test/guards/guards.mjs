// @ts-check
/** Every guard of a promise: the code that is it, what stands there without it, and the test that must then fail. */

/**
 * @typedef {{ what: string, file: string, code: string, without: string, test: string, inServers?: boolean }} Guard
 *   `code` stands exactly once in `file`; `inServers`: the test asks running servers, which must be built anew
 */

const LOCK_ORDER = 'test/integration/inventory/lock-order.spec.ts';
const STOCK_MODEL = 'test/integration/inventory/stock-model.spec.ts';
const CORRECTING = 'test/integration/inventory/correcting.spec.ts';
const PLACING_RACES = 'test/integration/checkout/placing-races.spec.ts';
const TRANSITIONS = 'test/integration/database/transitions.spec.ts';
const CONSTRAINTS = 'test/integration/database/constraints.spec.ts';
const SENT_TWICE = 'test/e2e/sent-twice.spec.ts';
const RELAY = 'test/integration/messaging/relay-failover.spec.ts';
const CIRCUIT = 'test/integration/payments/circuit.spec.ts';
const UNDOING = 'test/integration/payments/undoing.spec.ts';
const RECONCILIATION = 'test/integration/payments/reconciliation.spec.ts';
const SETTLING = 'test/integration/payments/settling.spec.ts';
const SIDE_BY_SIDE = 'test/integration/payments/side-by-side.spec.ts';
const MERGING = 'test/integration/cart/merging.spec.ts';
const SESSIONS = 'test/integration/auth/sessions.spec.ts';
const SECOND_FACTOR = 'test/integration/auth/second-factor.spec.ts';
const THROTTLING = 'test/integration/auth/throttling.spec.ts';
const FANNING_OUT = 'test/integration/webhooks/fanning-out.spec.ts';
const WEBHOOKS = 'test/integration/webhooks/sending.spec.ts';
const FILLING = 'test/integration/cache/filling.spec.ts';

/** @type {readonly Guard[]} */
const STOCK = [
  {
    what: 'no more is set aside than is there: the condition of the UPDATE',
    file: 'src/inventory/reservation.repository.ts',
    code: '         AND inventory.quantity - inventory.reserved_quantity >= line.quantity\n',
    without: '',
    test: STOCK_MODEL,
  },
  {
    what: 'no more is promised than is there: the CHECK of the database',
    file: 'migrations/products/1764000000000-catalogue.ts',
    code: 'CHECK (reserved_quantity >= 0 AND reserved_quantity <= quantity)',
    without: 'CHECK (reserved_quantity >= -1000000000)',
    test: CONSTRAINTS,
  },
  {
    what: 'stock is never counted below what is set aside',
    file: 'src/inventory/inventory.service.ts',
    code: '      if (change.quantity < before.reservedQuantity) throw belowReserved(before.reservedQuantity);\n',
    without: '',
    test: STOCK_MODEL,
  },
  {
    what: 'stock rows are locked in one order',
    file: 'src/inventory/reservation.repository.ts',
    code: 'WHERE product_id = ANY($1::uuid[])\n       ORDER BY product_id\n       FOR UPDATE',
    without: 'WHERE product_id = ANY($1::uuid[])\n       FOR UPDATE',
    test: LOCK_ORDER,
  },
  {
    what: 'stock rows are locked in one order by those who hold some too',
    file: 'src/inventory/reservation.repository.ts',
    code: 'WHERE product_id = ANY($6::uuid[]) ORDER BY product_id FOR UPDATE',
    without: 'WHERE product_id = ANY($6::uuid[]) FOR UPDATE',
    test: LOCK_ORDER,
  },
  {
    what: 'each change of stock is in the ledger',
    file: 'src/inventory/reservation.service.ts',
    code: 'this.reservations.recordMovements(tx, { warehouseId: DEFAULT_WAREHOUSE_ID, cause, sign }, movements);',
    without: '',
    test: STOCK_MODEL,
  },
  {
    what: 'the ledger is only added to',
    file: 'migrations/products/1764100000000-stock-ledger.ts',
    code: 'BEFORE UPDATE OR DELETE OR TRUNCATE ON',
    without: 'BEFORE TRUNCATE ON',
    test: CORRECTING,
  },
  {
    what: 'a reservation moves only along its table',
    file: 'src/inventory/reservation.service.ts',
    code: 'const lines = all.filter(({ status }) => status === from);',
    without: 'const lines = all;',
    test: STOCK_MODEL,
  },
  {
    what: 'an admin changes only the stock they saw: compare and set',
    file: 'src/inventory/inventory.service.ts',
    code: 'if (expected.quantity !== undefined && expected.quantity !== row.quantity) {',
    without: 'if (expected.quantity === -1) {',
    test: 'test/integration/inventory/adjusting.spec.ts',
    inServers: true,
  },
];

/** @type {readonly Guard[]} */
const PLACING = [
  {
    what: 'one order for a checkout: the placement decides',
    file: 'src/orders/placement.repository.ts',
    code: 'ON CONFLICT DO NOTHING\n       RETURNING checkout_id',
    without: 'ON CONFLICT (checkout_id) DO UPDATE SET status = excluded.status\n       RETURNING checkout_id',
    test: SENT_TWICE,
    inServers: true,
  },
  {
    what: 'one live order for a cart version, in two tabs too: the unique index',
    file: 'migrations/orders/1764000000000-orders.ts',
    code: 'CREATE UNIQUE INDEX placements_one_order_a_cart_version_idx',
    without: 'CREATE INDEX placements_one_order_a_cart_version_idx',
    test: PLACING_RACES,
  },
  {
    what: 'the tombstone is written before stock is given back',
    file: 'src/checkout/place-order.service.ts',
    code: '    if (!(await this.placements.bury({ checkoutId: checkout.id, orderId: checkout.orderId }))) return false;\n',
    without: '',
    test: PLACING_RACES,
  },
  {
    what: 'what has a tombstone is never placed',
    file: 'src/orders/placement.service.ts',
    code: "? { decided: 'tombstone' }",
    without: "? { decided: 'now' }",
    test: PLACING_RACES,
  },
  {
    what: 'the same Idempotency-Key gives the stored answer',
    file: 'src/http/idempotency/idempotency.service.ts',
    code: 'if (!stored?.fresh) return null;',
    without: "if (!stored?.fresh || stored.request_hash !== '') return null;",
    test: SENT_TWICE,
    inServers: true,
  },
  {
    what: 'a key with another body is refused',
    file: 'src/http/idempotency/idempotency.service.ts',
    code: 'stored.request_hash !== request.requestHash',
    without: 'stored.request_hash === null',
    test: SENT_TWICE,
    inServers: true,
  },
  {
    what: 'two requests with one key take turns',
    file: 'src/http/idempotency/idempotency.service.ts',
    code: 'Promise.all([this.takeTurn(tx, request), ',
    without: "Promise.all([request.key === '' && this.takeTurn(tx, request), ",
    test: SENT_TWICE,
    inServers: true,
  },
];

/** What the databases refuse whatever the code does. @type {readonly Guard[]} */
const CONSTRAINTS_ALONE = [
  {
    what: 'one placement a checkout: the primary key',
    file: 'migrations/orders/1764000000000-orders.ts',
    code: 'CONSTRAINT placements_pkey PRIMARY KEY (checkout_id),',
    without: 'CONSTRAINT placements_pkey PRIMARY KEY (checkout_id, cart_version),',
    test: CONSTRAINTS,
  },
  {
    what: 'one open checkout a customer: the unique index',
    file: 'migrations/products/1764000000000-catalogue.ts',
    code: 'CREATE UNIQUE INDEX checkouts_one_held_idx',
    without: 'CREATE INDEX checkouts_one_held_idx',
    test: CONSTRAINTS,
  },
  {
    what: 'one payment an order: the unique key',
    file: 'migrations/orders/1764000000000-orders.ts',
    code: '      CONSTRAINT payments_order_id_key UNIQUE (order_id),\n',
    without: '',
    test: CONSTRAINTS,
  },
  {
    what: 'never more refunded than was paid: the CHECK',
    file: 'migrations/orders/1764000000000-orders.ts',
    code: 'CHECK (refunded_amount >= 0 AND refunded_amount <= amount)',
    without: 'CHECK (refunded_amount >= 0)',
    test: CONSTRAINTS,
  },
  {
    what: 'one refund of a payment for a cause: the unique key',
    file: 'migrations/orders/1764000000000-orders.ts',
    code: '      CONSTRAINT refunds_cause_key UNIQUE (payment_id, cause),\n',
    without: '',
    test: CONSTRAINTS,
  },
];

/** @type {readonly Guard[]} */
const STATES = [
  {
    what: 'an order moves only along its table',
    file: 'src/orders/orders.repository.ts',
    code: 'AND status = ANY($5::text[])',
    without: 'AND $5::text[] IS NOT NULL',
    test: TRANSITIONS,
  },
  {
    what: 'a payment moves only along its table',
    file: 'src/payments/payments.repository.ts',
    code: 'AND status = ANY($6::text[])',
    without: 'AND $6::text[] IS NOT NULL',
    test: TRANSITIONS,
  },
  {
    what: 'many payments at once move only along their table',
    file: 'src/payments/payments.repository.ts',
    code: 'WHERE payments.id = charge.payment_id AND status = ANY($3::text[])',
    without: 'WHERE payments.id = charge.payment_id AND $3::text[] IS NOT NULL',
    test: TRANSITIONS,
  },
  {
    what: 'many orders at once move only along their table',
    file: 'src/orders/orders.repository.ts',
    code: 'WHERE id = ANY($1::uuid[]) AND status = ANY($3::text[])',
    without: 'WHERE id = ANY($1::uuid[]) AND $3::text[] IS NOT NULL',
    test: TRANSITIONS,
  },
];

/** @type {readonly Guard[]} */
const MESSAGES = [
  {
    what: 'an event has its effect once: the inbox',
    file: 'src/messaging/inbox/inbox.service.ts',
    code: '[{ id: eventId }])).length > 0',
    without: '[{ id: eventId }])).length >= 0',
    test: 'test/integration/messaging/inbox.spec.ts',
  },
  {
    what: 'one relay an outbox: the lock',
    file: 'src/messaging/outbox/relay.session.ts',
    code: 'if (row?.held !== true) return null;',
    without: '',
    test: RELAY,
  },
  {
    what: 'a frozen relay lets go of the lock: the silence the server bears',
    file: 'src/messaging/outbox/relay.session.ts',
    code: "set_config('idle_session_timeout', $1, false)",
    without: "set_config('idle_session_timeout', CASE WHEN $1::text IS NULL THEN '1' ELSE '0' END, false)",
    test: RELAY,
    inServers: true,
  },
  {
    what: 'a part that is down is no poison: the event waits',
    file: 'src/messaging/kafka/group.listener.ts',
    code: 'if (this.group.raw || isInfrastructureError(error)) {',
    without: 'if (this.group.raw) {',
    test: 'test/integration/messaging/groups.spec.ts',
  },
];

/** @type {readonly Guard[]} */
const PAYMENTS = [
  {
    what: 'nothing is tried while the provider is down: the circuit',
    file: 'src/payments/charge.worker.ts',
    code: 'if (free <= 0 || !(await this.provider.answers())) return;',
    without: 'if (free <= 0) return;',
    test: CIRCUIT,
  },
  {
    what: 'a charge on its way has one worker: the lease',
    file: 'src/payments/payments.repository.ts',
    code: 'next_try_at = shop_now() + make_interval(secs => $2),\n             version',
    without: 'next_try_at = shop_now() + make_interval(secs => $2 * 0),\n             version',
    test: SIDE_BY_SIDE,
  },
  {
    what: 'after a killed worker the provider is asked before it is told to charge',
    file: 'src/payments/charge.worker.ts',
    code: "if (payment.before !== 'initiated') {",
    without: "if (payment.before === 'unknown') {",
    test: SIDE_BY_SIDE,
  },
  {
    what: 'only what waits for its charge is settled with others',
    file: 'src/payments/settlement.service.ts',
    code: "order?.status === 'pending' && payment && ",
    without: 'order && payment && ',
    test: SETTLING,
  },
  {
    what: 'a charge that is not as agreed is settled by itself',
    file: 'src/payments/settlement.service.ts',
    code: ' && isAsAgreed(charge, payment)',
    without: '',
    test: SETTLING,
  },
  {
    what: 'a charge that cannot be kept fails by itself',
    file: 'src/payments/settlement.service.ts',
    code: '      return tries.map(() => false);\n',
    without: '      throw error;\n',
    test: SETTLING,
  },
  {
    what: 'two answers about one payment count once',
    file: 'src/payments/settlement.service.ts',
    code: 'moved.delete(payment.id)',
    without: 'moved.has(payment.id)',
    test: SETTLING,
  },
  {
    what: 'a message of the provider is only kept where its payment knows the charge',
    file: 'src/payments/provider-events.repository.ts',
    code: 'WHERE id = $5 AND charge_id = $6',
    without: 'WHERE id = $5 AND $6::text IS NOT NULL',
    test: 'test/integration/payments/webhooks.spec.ts',
    inServers: true,
  },
  {
    what: 'money goes back for a cancelled order only',
    file: 'src/payments/payments.service.ts',
    code: "if (status !== 'cancelled') {",
    without: 'if (status === null) {',
    test: UNDOING,
  },
  {
    what: 'a difference with the provider is looked at twice',
    file: 'src/payments/reconciliation.service.ts',
    code: 'const { charges, unreadable } = await this.provider.chargesOf(key);',
    without: 'const { charges, unreadable } = { charges: Array<ProviderCharge>(), unreadable: 0 };',
    test: RECONCILIATION,
  },
];

/** @type {readonly Guard[]} */
const CHECKS = [
  {
    what: 'a crowd before a small pool waits its turn',
    file: 'src/database/waiting-line.ts',
    code: 'return (line.places.isLocked() ? line.patient : line.places).runExclusive(work);',
    without: 'return work();',
    test: 'test/integration/database/waiting-line.spec.ts',
  },
  {
    what: 'a database that was not there since the start is down, and no mistake of ours',
    file: 'src/database/pooled.connection.ts',
    code: "  if (!pool && !isInitialized) throw new UnavailableError('A database');\n",
    without: '',
    test: 'test/integration/database/infrastructure-errors.spec.ts',
  },
  {
    what: 'what a transaction leaves for its end, its events too, is sent before its COMMIT',
    file: 'src/database/sql.ts',
    code: 'transaction?.client ?? pooledConnection(await',
    without: 'pooledConnection(await',
    test: 'test/integration/database/sent-together.spec.ts',
  },
  {
    what: 'a transaction that PostgreSQL rolled back is not said to be kept',
    file: 'src/database/sql.ts',
    code: "if ((await ended).command !== 'COMMIT') throw",
    without: "if ((await ended).command === '') throw",
    test: 'test/integration/database/sent-together.spec.ts',
  },
  {
    what: 'a batch that holds an event twice has its effect once',
    file: 'src/messaging/inbox/inbox.service.ts',
    code: 'events.filter((event) => fresh.delete(event.id))',
    without: 'events.filter((event) => fresh.has(event.id))',
    test: 'test/integration/messaging/inbox.spec.ts',
  },
  {
    what: 'a connection that fell silent leaves the pool',
    file: 'src/database/sql.ts',
    code: "if (saysNothing(error)) void client.end().catch(ignore);\n      else await client.query('ROLLBACK')",
    without: "await client.query('ROLLBACK')",
    test: 'test/integration/database/silent-server.spec.ts',
  },
  {
    what: 'unpublished events are never swept',
    file: 'src/background.jobs.ts',
    code: 'WHERE published_at < shop_now() - make_interval(days => $1)',
    without: 'WHERE occurred_at < shop_now() - make_interval(days => $1)',
    test: 'test/integration/messaging/kept-events.spec.ts',
  },
  {
    what: 'a dead letter is sent by one sender',
    file: 'src/dead-letters/redrives.repository.ts',
    code: '         FOR UPDATE SKIP LOCKED\n',
    without: '',
    test: 'test/integration/dead-letters/redriving.spec.ts',
  },
  {
    what: 'a breach is told of when two readings show it',
    file: 'src/consistency/consistency.service.ts',
    code: 'second.filter((finding) => first.some((before) => sameBreach(before, finding)))',
    without: 'second.filter((finding) => first.length >= 0 || first.some((before) => sameBreach(before, finding)))',
    test: 'src/consistency/consistency.service.spec.ts',
  },
];

/** @type {readonly Guard[]} */
const CATALOGUE = [
  {
    what: 'no two moves make a ring of categories: the lock of the tree',
    file: 'src/products/category-editing.service.ts',
    code: '      if (change.parentId !== undefined) await this.repository.lockTree(tx);\n',
    without: '',
    test: 'test/integration/products/categories.spec.ts',
    inServers: true,
  },
  {
    what: 'staff change only the product they saw: If-Match',
    file: 'src/http/if-match.header.ts',
    code: 'if (versions === null || versions.includes(String(version))) return;',
    without: 'if (versions === null || version > 0) return;',
    test: 'test/integration/products/editing.spec.ts',
    inServers: true,
  },
  {
    what: 'an import is one worker’s at a time: the lock of its row',
    file: 'src/product-imports/imports.repository.ts',
    code: '\n       FOR UPDATE SKIP LOCKED',
    without: '',
    test: 'test/integration/product-imports/large-file.spec.ts',
    inServers: true,
  },
  {
    what: 'a worker killed after the commit of a chunk leaves no old page: the mark before it',
    file: 'src/product-imports/import.worker.ts',
    code: 'changes.push(await this.bulk.beginChange(touched));',
    without: 'changes.push(() => this.bulk.beginChange(touched).then((end) => end()));',
    test: 'test/integration/product-imports/importing.spec.ts',
    inServers: true,
  },
  {
    what: 'an import that is queued stays, though the answer to its commit was lost',
    file: 'src/product-imports/imports.repository.ts',
    code: "DELETE FROM import_jobs WHERE id = $1 AND state = 'receiving'",
    without: 'DELETE FROM import_jobs WHERE id = $1',
    test: 'test/integration/product-imports/sweeping.spec.ts',
  },
  {
    what: 'what a savepoint takes back is not told of',
    file: 'src/messaging/outbox/outbox.service.ts',
    code: 'splice(told);',
    without: 'splice(told + 1_000_000);',
    test: 'test/integration/product-imports/importing.spec.ts',
    inServers: true,
  },
  {
    what: 'an import never counts stock below what is set aside',
    file: 'src/product-imports/batch.service.ts',
    code: 'if (row.quantity >= level.reservedQuantity) return null;',
    without: 'if (row.quantity >= 0) return null;',
    test: 'test/integration/product-imports/importing.spec.ts',
    inServers: true,
  },
  {
    what: 'pixels are counted before they are unpacked',
    file: 'src/images/image-encoding.service.ts',
    code: 'if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) throw imageTooLarge(MAX_PIXELS, MAX_SIDE);',
    without: 'if (width * height < 1) throw imageTooLarge(MAX_PIXELS, MAX_SIDE);',
    test: 'test/integration/images/images.spec.ts',
    inServers: true,
  },
];

/** The cache never shows what was. @type {readonly Guard[]} */
const CACHED = [
  {
    what: 'what was read before a change is not cached after it: the lease',
    file: 'src/cache/cache.scripts.ts',
    code: "    if redis.call('GET', lease) ~= token then return 0 end\n",
    without: '',
    test: FILLING,
  },
  {
    what: 'a change takes the lease away with the entry',
    file: 'src/cache/cache.service.ts',
    code: 'this.client.store.mdel(...names)',
    without: 'this.client.store.mdel(...keys)',
    test: FILLING,
  },
  {
    what: 'nobody fills what is being changed',
    file: 'src/cache/cache.scripts.ts',
    code: "then return { 'changing' } end",
    without: "then return { 'busy' } end",
    test: FILLING,
  },
  {
    what: 'a page at rest is told that stock changed',
    file: 'src/inventory/inventory.service.ts',
    code: 'return [CACHE.stockGeneration.key(), ...',
    without: 'return [...',
    test: 'test/integration/products/pages-at-rest.spec.ts',
    inServers: true,
  },
  {
    what: 'a page is at rest in a generation of the stock, not while there is none',
    file: 'src/products/catalogue-pages.service.ts',
    code: 'seen.stockGeneration !== null && ',
    without: '',
    test: 'test/integration/products/pages-at-rest.spec.ts',
    inServers: true,
  },
  {
    what: 'an older removal that comes late leaves the mark of a later one',
    file: 'src/cache/cache.scripts.ts',
    code: '  if dropped and tonumber(dropped) > tonumber(version) then version = dropped end\n',
    without: '',
    test: 'test/integration/cache/versioned-cache.spec.ts',
  },
  {
    what: 'what Redis answered while the process was busy is in time',
    file: 'src/cache/redis.client.ts',
    code: 'limit = setTimeout(() => setImmediate(tooLate), this.limitMs / 2);',
    without: 'tooLate();',
    test: 'test/integration/cache/outage.spec.ts',
  },
  {
    what: 'Redis that takes no writes is not read from',
    file: 'src/cache/redis.client.ts',
    code: "isInfrastructureError(error) ? 'unable' : 'refused'",
    without: "'refused'",
    test: 'test/integration/cache/outage.spec.ts',
  },
  {
    what: 'Redis is used again only when it takes writes',
    file: 'src/cache/redis.client.ts',
    code: "redis.del('probe')",
    without: 'redis.ping()',
    test: 'test/integration/cache/outage.spec.ts',
  },
  {
    what: 'Redis is told of what it missed before it is used again',
    file: 'src/cache/redis.client.ts',
    code: 'of [...this.owed]) {',
    without: 'of [...this.owed].slice(this.owed.size)) {',
    test: 'test/integration/cache/outage.spec.ts',
  },
];

/** @type {readonly Guard[]} */
const CARTS = [
  {
    what: 'lines of an order leave a cart as they are by then, not as they were',
    file: 'src/cart/cart.queries.ts',
    code: '    WHERE cart_items.cart_id = cart.id AND cart_items.product_id = ordered.product_id\n    RETURNING',
    without:
      '    WHERE cart_items.cart_id = cart.id AND cart_items.product_id = ordered.product_id\n' +
      '      AND cart_items.quantity <= ordered.quantity\n    RETURNING',
    test: 'test/integration/cart/clearing.spec.ts',
  },
  {
    what: 'the lines of an order leave their cart once: the claim of its checkout',
    file: 'src/cart/cart.queries.ts',
    code: '    FROM fresh\n    WHERE user_id = $3',
    without: '    WHERE user_id = $3',
    test: 'test/integration/cart/clearing.spec.ts',
  },
  {
    what: "a guest's cart goes to one of two who sign in with its token at once: it is locked first",
    file: 'src/cart/guest-carts.repository.ts',
    code: 'WHERE guest_id = $1 FOR UPDATE`',
    without: 'WHERE guest_id = $1`',
    test: MERGING,
    inServers: true,
  },
  {
    what: "a guest's cart is merged once: it is gone afterwards",
    file: 'src/cart/guest-carts.service.ts',
    code: ', this.guests.remove(tx, from)]',
    without: ']',
    test: MERGING,
    inServers: true,
  },
];

/** @type {readonly Guard[]} */
const ACCESS = [
  {
    what: 'a route that states no permission is open to nobody',
    file: 'src/auth/permissions.guard.ts',
    code: "    if (permission === 'unstated') throw forbidden();\n",
    without: "    if (permission === 'unstated') return true;\n",
    test: 'src/auth/permissions.guard.spec.ts',
  },
  {
    what: 'a role may do what it is granted, and nothing else',
    file: 'src/auth/permissions.guard.ts',
    code: '    if (!may(user, permission)) throw forbidden();\n',
    without: '',
    test: 'test/integration/auth/permissions.spec.ts',
    inServers: true,
  },
  {
    what: 'a revoked API key is refused',
    file: 'src/api-keys/api-keys.repository.ts',
    code: ' AND revoked_at IS NULL AND coalesce',
    without: ' AND coalesce',
    test: 'test/integration/api-keys/api-keys.spec.ts',
    inServers: true,
  },
  {
    what: 'a server that is stopped leaves also a group that keeps it waiting',
    file: 'src/messaging/kafka/groups.departure.ts',
    code: '=== clientId);',
    without: "=== clientId + '?');",
    test: 'test/integration/messaging/leaving.spec.ts',
    inServers: true,
  },
  {
    what: 'those who seal the audit trail take turns: one chain',
    file: 'src/audit/audit-chain.service.ts',
    code: '      await this.seals.lockChain(tx);\n',
    without: '',
    test: 'test/integration/audit/chain.spec.ts',
  },
];

/** @type {readonly Guard[]} */
const ACCOUNTS = [
  {
    what: 'a refresh token that was exchanged, shown again, ends its session',
    file: 'src/auth/sessions.service.ts',
    code: '      await this.sessions.revoke(tx, spent.sessionId);\n',
    without: '',
    test: SESSIONS,
    inServers: true,
  },
  {
    what: 'two tabs that refresh at once stay signed in',
    file: 'src/auth/sessions.service.ts',
    code: 'if (!spent || spent.justSpent) return',
    without: 'if (!spent) return',
    test: SESSIONS,
    inServers: true,
  },
  {
    what: "nobody ends someone else's session",
    file: 'src/auth/sessions.repository.ts',
    code: 'WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL',
    without: 'WHERE id = $1 AND $2::uuid IS NOT NULL AND revoked_at IS NULL',
    test: SESSIONS,
    inServers: true,
  },
  {
    what: 'a mailed token is used once: the condition of the UPDATE',
    file: 'src/auth/account-tokens.repository.ts',
    code: 'AND used_at IS NULL AND expires_at > shop_now()\n       RETURNING',
    without: 'AND expires_at > shop_now()\n       RETURNING',
    test: 'test/integration/auth/recovery.spec.ts',
    inServers: true,
  },
  {
    what: 'a second factor older than the proof of its mailbox goes with a reset',
    file: 'src/auth/second-factors.repository.ts',
    code: ' OR second_factors.created_at < users.email_verified_at)',
    without: ')',
    test: SECOND_FACTOR,
    inServers: true,
  },
  {
    what: 'a known password gives guesses at codes no new start',
    file: 'src/auth/sign-in-throttle.service.ts',
    code: "return this.attempts.giveBack('proof', userId);",
    without: "return this.attempts.forget('proof', userId);",
    test: SECOND_FACTOR,
    inServers: true,
  },
  {
    what: 'a code of the authenticator app is taken once',
    file: 'src/auth/second-factors.repository.ts',
    code: ' AND last_step < $2',
    without: '',
    test: SECOND_FACTOR,
    inServers: true,
  },
  {
    what: 'a recovery code is taken once',
    file: 'src/auth/second-factors.repository.ts',
    code: 'WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL',
    without: 'WHERE user_id = $1 AND code_hash = $2',
    test: SECOND_FACTOR,
    inServers: true,
  },
  {
    what: 'an admin without a second factor can only get one, where it is required',
    file: 'src/auth/session.guard.ts',
    code: '    if (user.mustEnrol && !takesUnenrolled) throw enrolmentRequired();\n',
    without: '',
    test: SECOND_FACTOR,
    inServers: true,
  },
  {
    what: 'who guesses waits, longer each time',
    file: 'src/auth/attempts.service.ts',
    code: '    if at + pause > now then return at + pause - now end\n',
    without: '',
    test: THROTTLING,
    inServers: true,
  },
  {
    what: "others' attempts do not lock an owner out where they signed in before",
    file: 'src/auth/sign-in-throttle.service.ts',
    code: '    if (await this.sessions.isKnownPlace(account, sender.ipPrefix)) return false;\n',
    without: '',
    test: THROTTLING,
    inServers: true,
  },
  {
    what: 'a token that names a key which is none of ours is refused',
    file: 'src/common/signing-keys.ts',
    code: '(this.byKid.get(kid) ?? null)',
    without: '(this.byKid.get(kid) ?? this.newest.key)',
    test: 'test/integration/auth/signing-keys.spec.ts',
    inServers: true,
  },
];

/** @type {readonly Guard[]} */
const OUTGOING = [
  {
    what: 'an event that Kafka delivers twice is one delivery: the inbox and the unique key, of which either would do',
    file: 'src/webhooks/fan-out.repository.ts',
    code: 'ON CONFLICT (endpoint_id, event_id) DO NOTHING',
    without: '',
    test: FANNING_OUT,
  },
  {
    what: 'what happened before an endpoint listens is none of its',
    file: 'src/webhooks/fan-out.repository.ts',
    code: 'AND endpoint.listens_from <= event.time',
    without: '',
    test: FANNING_OUT,
  },
  {
    what: 'a delivery is leased to one worker',
    file: 'src/webhooks/sending.repository.ts',
    code: 'next_try_at = shop_now() + make_interval(secs => $1),',
    without: 'next_try_at = next_try_at + make_interval(secs => $1 * 0),',
    test: WEBHOOKS,
  },
  {
    what: 'who lost the lease of a delivery does not end its endpoint',
    file: 'src/webhooks/delivery.worker.ts',
    code: 'if (held && gone)',
    without: 'if (gone)',
    test: WEBHOOKS,
  },
  {
    what: 'a slow receiver gets no more at once than its share',
    file: 'src/webhooks/sending.repository.ts',
    code: 'greatest($3::integer - coalesce(busy.calls, 0), 0)',
    without: 'greatest($3::integer - 0 * coalesce(busy.calls, 0), 0)',
    test: WEBHOOKS,
  },
  {
    what: 'a disabled endpoint is sent nothing',
    file: 'src/webhooks/sending.repository.ts',
    code: '         WHERE endpoint.disabled_at IS NULL\n         ORDER BY candidate.next_try_at',
    without: '         ORDER BY candidate.next_try_at',
    test: WEBHOOKS,
  },
  {
    what: 'a name is looked at when it is connected to',
    file: 'src/webhooks/webhook.sender.ts',
    code: 'lookup: addresses.lookup, ',
    without: '',
    test: 'test/integration/webhooks/addresses.spec.ts',
  },
  {
    what: 'an address that is not public is refused, in whatever form',
    file: 'src/webhooks/address.policy.ts',
    code: "  if (address.range() !== 'unicast') return false;\n",
    without: '',
    test: 'test/integration/webhooks/addresses.spec.ts',
  },
];

/** @type {readonly Guard[]} */
const REQUESTS = [
  {
    what: 'fields that nobody asked for are refused',
    file: 'src/http/validation.ts',
    code: '  forbidNonWhitelisted: true,\n',
    without: '',
    test: 'test/e2e/extra-fields.spec.ts',
    inServers: true,
  },
  {
    what: 'a body is no deeper than what checks it can go',
    file: 'src/http/validation.ts',
    code: '    if (level >= MOST_LEVELS) return true;\n',
    without: '',
    test: 'test/e2e/oversized.spec.ts',
    inServers: true,
  },
  {
    what: 'packed bodies are not unpacked',
    file: 'src/http/uploads.ts',
    code: '!/^(identity)?$/i.test(coding)',
    without: 'false',
    test: 'test/e2e/oversized.spec.ts',
    inServers: true,
  },
  {
    what: 'a method that an address does not take is told from an address that is not there',
    file: 'src/http/allowed-methods.ts',
    code: 'if (!request.is404) return done();',
    without: 'if (request.id) return done();',
    test: 'test/e2e/forged-headers.spec.ts',
    inServers: true,
  },
];

/** @type {readonly Guard[]} */
const PRIVACY = [
  {
    what: 'an erased account is not changed by who waited for it',
    file: 'src/users/users.repository.ts',
    code: "const THERE = 'erased_at IS NULL';",
    without: "const THERE = 'true';",
    test: 'test/integration/privacy/erasing.spec.ts',
    inServers: true,
  },
  {
    what: 'an erasure goes through the archive',
    file: 'src/privacy/erasure.service.ts',
    code: '        await this.history.erase(userId, await this.orders.liveOf(userId));\n',
    without: '',
    test: 'test/e2e/erasure.spec.ts',
    inServers: true,
  },
  {
    what: 'an erasure takes stored answers away',
    file: 'src/http/idempotency/idempotency.service.ts',
    code: 'WHERE starts_with(scope, $1)',
    without: 'WHERE false AND starts_with(scope, $1)',
    test: 'test/e2e/erasure.spec.ts',
    inServers: true,
  },
];

/** @type {readonly Guard[]} */
const EDGES = [
  {
    what: 'a limit is kept while Redis is away',
    file: 'src/http/rate-limit/redis-throttler.storage.ts',
    code: 'counted ?? this.countHere(key, ttlMs)',
    without: 'counted ?? [1, ttlMs]',
    test: 'test/integration/http/rate-limits.spec.ts',
    inServers: true,
  },
  {
    what: 'pages of origins that are not listed are not let in',
    file: 'src/http/cross-origin.ts',
    code: '    origin: origins,\n',
    without: '    origin: true,\n',
    test: 'test/integration/http/hardening.spec.ts',
    inServers: true,
  },
  {
    what: 'no megabyte of tags keeps a worker busy',
    file: 'src/common/plain-text.ts',
    code: 'MOST_CLEANED = 20_000;',
    without: 'MOST_CLEANED = 20_000_000;',
    test: 'test/e2e/odd-input.spec.ts',
    inServers: true,
  },
  {
    what: 'stored text is without markup',
    file: 'src/common/plain-text.ts',
    code: '|| text.length > MOST_CLEANED) return text;',
    without: '|| text.length <= MOST_CLEANED) return text;',
    test: 'test/architecture/stored-text.spec.ts',
    inServers: true,
  },
  {
    what: 'a transaction fails by what failed first',
    file: 'src/database/sql.ts',
    code: 'throw followsFailure(error) ? (transaction.failure ?? error) : error;',
    without: 'throw error;',
    test: 'test/integration/database/sent-together.spec.ts',
  },
  {
    what: 'a case of reconciliation stays open until it is none',
    file: 'src/payments/reconciliation.service.ts',
    code: 'this.compare(since, this.open)',
    without: 'this.compare(since)',
    test: 'test/integration/payments/reconciliation.spec.ts',
  },
  {
    what: 'cases that are known keep nothing new from being healed',
    file: 'src/payments/reconciliation.service.ts',
    code: ' && !again.has(key)) suspects.add(key)',
    without: ') suspects.add(key)',
    test: 'test/integration/payments/reconciliation.spec.ts',
  },
  {
    what: 'reconciliation ends where the books are those of others',
    file: 'src/payments/reconciliation.service.ts',
    code: '.slice(0, MOST_SUSPECTS)',
    without: '',
    test: 'test/integration/payments/reconciliation.spec.ts',
  },
  {
    what: 'payments whose charge was met are not kept in memory',
    file: 'src/payments/taken-payments.reader.ts',
    code: '    this.withoutCharge.delete(id);\n',
    without: '',
    test: 'test/integration/payments/reconciliation.spec.ts',
  },
];

/** @type {readonly Guard[]} */
export const GUARDS = [
  ...STOCK,
  ...PLACING,
  ...CONSTRAINTS_ALONE,
  ...STATES,
  ...MESSAGES,
  ...PAYMENTS,
  ...CHECKS,
  ...CATALOGUE,
  ...CACHED,
  ...CARTS,
  ...ACCESS,
  ...ACCOUNTS,
  ...OUTGOING,
  ...REQUESTS,
  ...PRIVACY,
  ...EDGES,
];
