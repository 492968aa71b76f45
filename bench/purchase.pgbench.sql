-- The SQL of one purchase of two lines, as the servers send it, for pgbench: what PostgreSQL alone would need. A part for
-- each of the three databases; `bench_ids` numbers the customers, products, or made-up ids to draw from (:ids of them).

-- database: users
\set n random(1, :ids)
SELECT id AS customer, gen_random_uuid() AS first, gen_random_uuid() AS second, gen_random_uuid() AS bought,
  gen_random_uuid() AS noted FROM bench_ids WHERE n = :n \gset
-- Two lines into the cart.
WITH cart AS (
  INSERT INTO carts (id, user_id, version) VALUES (gen_random_uuid(), :customer::uuid, 1)
  ON CONFLICT (user_id) DO UPDATE SET version = carts.version + 1, updated_at = shop_now() RETURNING id
) INSERT INTO cart_items (cart_id, product_id, quantity) SELECT id, :first::uuid, 1 FROM cart;
WITH cart AS (
  INSERT INTO carts (id, user_id, version) VALUES (gen_random_uuid(), :customer::uuid, 1)
  ON CONFLICT (user_id) DO UPDATE SET version = carts.version + 1, updated_at = shop_now() RETURNING id
) INSERT INTO cart_items (cart_id, product_id, quantity) SELECT id, :second::uuid, 1 FROM cart;
-- The checkout reads the cart and the address.
SELECT carts.id, version, product_id, quantity FROM carts JOIN cart_items ON cart_id = carts.id WHERE user_id = :customer::uuid;
SELECT id, street, city, state, zip_code, country FROM addresses WHERE user_id = :customer::uuid;
-- What was ordered leaves the cart.
WITH fresh AS (
  INSERT INTO inbox (listener_group, event_id) VALUES ('bench-cart', :bought::uuid) RETURNING event_id
), cart AS (
  UPDATE carts SET version = version + 1, updated_at = shop_now() FROM fresh WHERE user_id = :customer::uuid RETURNING id
) DELETE FROM cart_items USING cart WHERE cart_id = cart.id AND product_id IN (:first::uuid, :second::uuid);
-- A mail: noted with its event, leased, sent.
BEGIN;
INSERT INTO inbox (listener_group, event_id) VALUES ('bench-mail', :bought::uuid);
INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, order_id, recipient, content, status)
VALUES (:noted::uuid, :bought::uuid, :bought::uuid, 'order_confirmed', 'email', :customer::uuid, :bought::uuid,
  'bench@example.com', '{"subject":"Your order","text":"Thank you"}', 'sending');
COMMIT;
UPDATE notifications SET tries = tries + 1, next_try_at = shop_now() WHERE id = :noted::uuid;
UPDATE notifications SET status = 'sent', sent_at = shop_now() WHERE id = :noted::uuid;

-- database: products
\set n random(1, :ids)
\set m 1 + :n % :ids
SELECT (SELECT id FROM bench_ids WHERE n = :n) AS first, (SELECT id FROM bench_ids WHERE n = :m) AS second,
  gen_random_uuid() AS checkout, gen_random_uuid() AS ordered, gen_random_uuid() AS customer \gset
-- The checkout reads prices and holds the stock.
BEGIN;
SELECT pg_advisory_xact_lock(hashtextextended('checkout ' || :customer::text, 0));
SELECT p.id, p.sku, p.name, p.price, coalesce(i.quantity - i.reserved_quantity, 0) AS available,
  p.deleted_at IS NULL AS on_sale
FROM products p LEFT JOIN inventory i ON i.product_id = p.id WHERE p.id IN (:first::uuid, :second::uuid);
SELECT id FROM checkouts WHERE user_id = :customer::uuid AND status = 'held' FOR UPDATE;
WITH locked AS (
  SELECT product_id FROM inventory WHERE product_id IN (:first::uuid, :second::uuid) ORDER BY product_id FOR UPDATE
), taken AS (
  UPDATE inventory SET reserved_quantity = reserved_quantity + 1, version = version + 1, updated_at = shop_now()
  FROM locked
  WHERE inventory.product_id = locked.product_id AND inventory.quantity - inventory.reserved_quantity >= 1
  RETURNING inventory.product_id
) INSERT INTO reservations (id, checkout_id, order_id, warehouse_id, product_id, quantity, expires_at)
SELECT gen_random_uuid(), :checkout::uuid, :ordered::uuid, '01900000-0000-7000-8000-000000000001', product_id, 1,
  shop_now() + interval '10 min' FROM taken;
INSERT INTO checkouts (id, user_id, order_id, cart_id, cart_version, lines, currency, subtotal_amount, discount_amount,
  shipping_amount, tax_amount, total_amount, shipping_address_id, shipping_address, shipping_method, expires_at)
VALUES (:checkout::uuid, :customer::uuid, :ordered::uuid, :ordered::uuid, 1, '[]', 'USD', 10, 0, 0, 0, 10, :ordered::uuid,
  '{}', 'standard', shop_now() + interval '10 min');
INSERT INTO idempotency_keys (scope, key, request_hash, response)
VALUES ('bench', :checkout::text, repeat('0', 64), '{}');
COMMIT;
-- The order claims it.
BEGIN;
UPDATE checkouts SET status = 'claimed', claimed_at = shop_now(), updated_at = shop_now() WHERE id = :checkout::uuid;
UPDATE reservations SET status = 'claimed', updated_at = shop_now() WHERE checkout_id = :checkout::uuid;
COMMIT;
-- Paid: the stock is gone.
BEGIN;
INSERT INTO inbox (listener_group, event_id) VALUES ('bench-stock', :ordered::uuid);
SELECT product_id, status FROM reservations WHERE checkout_id = :checkout::uuid ORDER BY product_id FOR UPDATE;
SELECT product_id FROM inventory WHERE product_id IN (:first::uuid, :second::uuid) ORDER BY product_id FOR UPDATE;
UPDATE reservations SET status = 'committed', updated_at = shop_now() WHERE checkout_id = :checkout::uuid;
UPDATE inventory SET reserved_quantity = reserved_quantity - 1, quantity = quantity - 1, version = version + 1,
  updated_at = shop_now() WHERE product_id IN (:first::uuid, :second::uuid);
INSERT INTO stock_movements (product_id, warehouse_id, delta, cause, order_id)
SELECT product_id, '01900000-0000-7000-8000-000000000001', -1, 'order', :ordered::uuid
FROM unnest(ARRAY[:first, :second]::uuid[]) AS product_id;
INSERT INTO outbox (event_id, topic, key, type, subject, order_id, traceparent, schema_version, data, published_at)
VALUES (gen_random_uuid(), 'bench', 'bench', 'bench', :ordered::uuid, :ordered::uuid, 'bench', 1, '{}', shop_now());
COMMIT;

-- database: orders
SELECT gen_random_uuid() AS checkout, gen_random_uuid() AS ordered, gen_random_uuid() AS customer,
  gen_random_uuid() AS payment, gen_random_uuid() AS product \gset
SELECT response FROM idempotency_keys WHERE scope = 'bench' AND key = :checkout::text;
-- The order is placed.
BEGIN;
INSERT INTO placements (checkout_id, order_id, cart_id, cart_version, status)
VALUES (:checkout::uuid, :ordered::uuid, :ordered::uuid, 1, 'live');
WITH placed AS (
  INSERT INTO orders (id, number, user_id, total_amount, subtotal_amount, shipping_address_id, shipping_address,
    shipping_method, payment_id, checkout_id)
  VALUES (:ordered::uuid, 'TP-' || nextval('order_numbers'), :customer::uuid, 10, 10, :ordered::uuid, '{}', 'standard',
    :payment::uuid, :checkout::uuid)
  RETURNING id
) INSERT INTO order_items (id, order_id, line, product_id, sku, name, quantity, price_at_purchase)
SELECT gen_random_uuid(), placed.id, line, :product::uuid, 'BENCH', 'Bench', 1, 5
FROM placed, generate_series(1, 2) AS line;
INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent, status, next_try_at)
VALUES (:payment::uuid, :ordered::uuid, :customer::uuid, 'sandbox', 'tok_ok', 10, 'bench', 'initiated',
  shop_now() + interval '1 day');
INSERT INTO outbox (event_id, topic, key, type, subject, order_id, traceparent, schema_version, data, published_at)
SELECT gen_random_uuid(), 'bench', 'bench', 'bench', :ordered::uuid, :ordered::uuid, 'bench', 1, '{}', shop_now()
FROM generate_series(1, 2);
INSERT INTO idempotency_keys (scope, key, request_hash, response)
VALUES ('bench', :checkout::text, repeat('0', 64), '{}');
COMMIT;
-- It is charged.
BEGIN;
UPDATE payments SET status = 'charging', tries = tries + 1, next_try_at = shop_now() + interval '1 day',
  version = version + 1 WHERE id = :payment::uuid;
INSERT INTO payment_attempts (payment_id, kind) VALUES (:payment::uuid, 'charge');
COMMIT;
BEGIN;
UPDATE payments SET status = 'succeeded', charge_id = 'bench', version = version + 1, updated_at = shop_now()
WHERE id = :payment::uuid;
UPDATE payment_attempts SET outcome = 'succeeded', finished_at = shop_now() WHERE payment_id = :payment::uuid;
INSERT INTO outbox (event_id, topic, key, type, subject, order_id, traceparent, schema_version, data, published_at)
VALUES (gen_random_uuid(), 'bench', 'bench', 'bench', :ordered::uuid, :ordered::uuid, 'bench', 1, '{}', shop_now());
COMMIT;
-- It is confirmed.
BEGIN;
INSERT INTO inbox (listener_group, event_id) VALUES ('bench-orders', :payment::uuid);
SELECT id, status FROM orders WHERE id = :ordered::uuid FOR UPDATE;
UPDATE orders SET status = 'confirmed', version = version + 1, updated_at = shop_now() WHERE id = :ordered::uuid;
INSERT INTO outbox (event_id, topic, key, type, subject, order_id, traceparent, schema_version, data, published_at)
VALUES (gen_random_uuid(), 'bench', 'bench', 'bench', :ordered::uuid, :ordered::uuid, 'bench', 1, '{}', shop_now());
COMMIT;
SELECT id, status, total_amount FROM orders WHERE id = :ordered::uuid;
