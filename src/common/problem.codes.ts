/** What a `code` of a problem document says, wherever it is met. */
export interface ProblemKind {
  /** The same in every answer with this code, as RFC 9457 has it. */
  title: string;
  status: number;
  /** What happened, and what the caller can do about it. */
  meaning: string;
}

const kind = (status: number, title: string, meaning: string): ProblemKind => ({ status, title, meaning });

/**
 * Every code that this shop answers errors with, Nginx included; published at `/docs/errors`. A code keeps its meaning
 * for good: another meaning is another code. `test/architecture/problems.spec.ts` holds it against what is thrown.
 */
export const PROBLEMS: Readonly<Record<string, ProblemKind>> = {
  // Of requests, whatever they ask for.
  bad_request: kind(400, 'Unreadable request', 'The request line, a header or the address cannot be read as HTTP.'),
  validation_failed: kind(
    400,
    'Invalid request',
    'The body, a parameter or a header is not as documented. `errors` names each: `pointer` in the body, `parameter` elsewhere.',
  ),
  request_refused: kind(400, 'Request refused', 'The request cannot be answered as it is; `detail` says why.'),
  unauthenticated: kind(401, 'Not signed in', 'There is no valid access token. Sign in, or refresh the token.'),
  forbidden: kind(403, 'Not allowed', 'The account is known, and may not do this.'),
  not_found: kind(404, 'Nothing here', 'There is no route at this address.'),
  method_not_allowed: kind(405, 'Method not allowed', 'This address does not take this method.'),
  request_timeout: kind(408, 'Request too slow', 'The request did not arrive in time. Send it again.'),
  body_too_large: kind(413, 'Body too large', 'The body is larger than this route takes.'),
  uri_too_long: kind(414, 'Address too long', 'The address, with its query, is longer than the shop reads.'),
  unsupported_media_type: kind(
    415,
    'Unsupported media type',
    'The `Content-Type` is none that this route takes; most take `application/json`.',
  ),
  range_not_satisfiable: kind(416, 'No such range', 'The file is shorter than the `Range` asked for.'),
  headers_too_large: kind(431, 'Headers too large', 'The headers are larger than the shop reads.'),
  rate_limited: kind(429, 'Too many requests', 'Ask again after the seconds in `Retry-After`.'),
  internal_error: kind(500, 'Internal error', 'A fault of the shop. Tell its people the `requestId`.'),
  service_unavailable: kind(
    503,
    'Not available',
    'A part of the shop does not answer; nothing was lost. Try again after `Retry-After`. Nginx says the same with 502 and 504.',
  ),

  // Of headers that several routes take.
  precondition_failed: kind(412, 'Changed meanwhile', 'It is not the version that `If-Match` names. Read it again.'),
  precondition_required: kind(428, 'Version missing', 'Say which version was seen: send its `ETag` as `If-Match`.'),
  'idempotency.in_progress': kind(409, 'Still running', 'The first request with this `Idempotency-Key` still runs.'),
  'idempotency.key_reused': kind(422, 'Key used twice', 'This `Idempotency-Key` came with another body before.'),

  // Accounts.
  'auth.wrong_credentials': kind(401, 'Wrong credentials', 'Email or password is wrong.'),
  'auth.invalid_refresh_token': kind(401, 'Invalid refresh token', 'It was used, is too old or was never given out.'),
  'auth.session_not_found': kind(404, 'No such session', 'The user has no session with this id.'),
  'auth.invalid_token': kind(400, 'Invalid token', 'The mailed token was used, is too old or was never given out.'),
  'auth.too_many_attempts': kind(
    429,
    'Too many attempts',
    'Wait for `Retry-After` seconds; more attempts wait longer.',
  ),
  'auth.second_factor_required': kind(
    401,
    'Second factor required',
    'The password is right; send a code with `challengeToken` to `/v1/auth/login/second-factor`.',
  ),
  'auth.invalid_challenge': kind(401, 'Invalid challenge', 'Sign in with the password again.'),
  'auth.wrong_code': kind(403, 'Wrong code', 'The code is wrong, or was used before.'),
  'auth.wrong_password': kind(403, 'Wrong password', 'The password that has to confirm this is wrong.'),
  'auth.second_factor_not_found': kind(404, 'No second factor', 'None was begun, or it is not on.'),
  'auth.second_factor_is_on': kind(409, 'Second factor is on', 'Take the one that is on away first.'),
  'auth.second_factor_unreadable': kind(
    503,
    'Second factor unreadable',
    'The shop cannot read what it keeps of the second factor. A recovery code signs in; tell its people the `requestId`.',
  ),
  'auth.second_factor_enrolment_required': kind(
    403,
    'Second factor missing',
    'Admins need a second factor here: get one at `/v1/auth/two-factor`.',
  ),
  'auth.email_taken': kind(409, 'Email taken', 'There is an account with this email.'),
  'user.not_found': kind(404, 'No such user', 'The account does not exist.'),
  'erasure.open_orders': kind(
    409,
    'Unfinished orders',
    'The account has orders that are not finished: `orderIds`. Cancel them, or wait for them to arrive.',
  ),
  'erasure.staff_account': kind(409, 'Account of staff', 'Staff can not erase their account; a customer can.'),
  'address.not_found': kind(404, 'No such address', 'The customer has no address with this id.'),
  'address.default_required': kind(409, 'Default address required', 'Make another address the default instead.'),

  // Catalogue.
  'product.not_found': kind(404, 'No such product', 'No product has this id or slug.'),
  'product.sku_taken': kind(409, 'SKU taken', 'Another product has this SKU.'),
  'product.deleted': kind(409, 'Product off sale', 'The product was taken off sale. Restore it first.'),
  'product.has_images': kind(409, 'Product has images', 'Its image is the first of its images: change their order.'),
  slug_taken: kind(409, 'Slug taken', 'Another product or category has this slug.'),
  'category.not_found': kind(404, 'No such category', 'No category has this id or slug.'),
  'category.cycle': kind(409, 'Category in itself', 'A category cannot be moved into itself or below.'),
  'category.not_empty': kind(409, 'Category not empty', 'Move its categories and products first.'),
  'category.too_deep': kind(409, 'Category too deep', 'Categories hang only so deep.'),
  'image.not_found': kind(404, 'No such image', 'The product has no such image.'),
  'image.type': kind(415, 'No image', 'Only JPEG, PNG and WebP are taken, by what the file holds.'),
  'image.broken': kind(422, 'Broken image', 'The file cannot be read as an image.'),
  'image.too_large': kind(422, 'Image too large', 'The picture has more pixels than the shop takes.'),
  'image.too_many': kind(409, 'Too many images', 'The product has as many images as it may.'),
  'image.others': kind(409, 'Other images', 'Name each image of the product, once.'),
  'import.not_found': kind(404, 'No such import', 'There is no import with this id.'),
  'import.encoding': kind(400, 'Not UTF-8', 'The file is not UTF-8.'),
  'import.malformed': kind(400, 'No CSV', 'The file is no CSV from `line` on.'),
  'import.columns': kind(400, 'Wrong columns', 'A column is missing, unknown or there twice.'),

  // Stock.
  'inventory.changed': kind(409, 'Stock changed', 'The quantity is not `expectedQuantity`. Read it again.'),
  'inventory.below_reserved': kind(409, 'Set aside', 'So few would not do for what is set aside for customers.'),
  'inventory.over_promised': kind(409, 'Over-promised', 'More is set aside than there is: a case for people.'),

  // Cart, checkout, orders.
  'cart.invalid_token': kind(401, 'Invalid cart token', 'The token of a guest’s cart is not valid, or not any more.'),
  'cart.item_not_found': kind(404, 'Not in the cart', 'The product is not in the cart.'),
  'cart.too_many_items': kind(409, 'Cart full', 'The cart holds as many different products as it may.'),
  'cart.quantity_too_high': kind(409, 'Quantity too high', 'The cart holds as many of this product as it may.'),
  'checkout.not_found': kind(404, 'No such checkout', 'The customer has no checkout with this id.'),
  'checkout.cart_empty': kind(409, 'Cart empty', 'There is nothing in the cart to check out.'),
  'checkout.product_unavailable': kind(409, 'No longer sold', 'Products in the cart are off sale; `items` names them.'),
  'checkout.total_too_large': kind(409, 'Total too large', 'One order may not cost as much.'),
  'checkout.out_of_stock': kind(
    409,
    'Out of stock',
    '`items` says of which products too little is there, and how much.',
  ),
  'checkout.expired': kind(409, 'Checkout ran out', 'Its stock was given back. Check out again.'),
  'checkout.used': kind(409, 'Checkout used', 'This checkout was placed before; `orderId` is its order.'),
  'checkout.total_changed': kind(409, 'Total changed', 'The total is not `expectedTotal`. Show it to the customer.'),
  'order.not_found': kind(404, 'No such order', 'There is no such order, or it is someone else’s.'),
  'order.cart_already_ordered': kind(409, 'Ordered already', 'This cart was ordered before.'),
  'order.cannot_be_cancelled': kind(409, 'Cannot be cancelled', 'The order is too far on; `currentStatus` says where.'),
  'order.cannot_be_shipped': kind(
    409,
    'Cannot be shipped',
    'The order is not ready or past it; `currentStatus` says where.',
  ),
  'order.cannot_be_delivered': kind(
    409,
    'Cannot be delivered',
    'The order is not on its way; `currentStatus` says where.',
  ),
  'stream.too_many': kind(429, 'Too many streams', 'Close a stream of this customer first.'),

  // Payments.
  'payment.nothing_to_pay': kind(409, 'Nothing to pay', 'An order of nothing cannot be paid.'),
  'refund.exceeds_payment': kind(409, 'More than paid', 'More than what is left of the payment cannot be refunded.'),
  'webhook.signature_invalid': kind(401, 'Invalid signature', 'The webhook is not signed with the shared secret.'),
  'webhook.not_found': kind(404, 'No such webhook', 'There is no webhook with this id.'),
  'webhook.delivery_not_found': kind(404, 'No such delivery', 'The webhook has no delivery with this id.'),
  'webhook.url_refused': kind(422, 'Address refused', 'Webhooks are sent over https to public addresses only.'),
  'webhook.disabled': kind(409, 'Webhook disabled', 'Nothing is sent to a disabled webhook. Enable it first.'),
  'webhook.provider_unknown': kind(404, 'Unknown provider', 'There is no such payment provider.'),

  // Operations.
  'api_key.not_found': kind(404, 'No such API key', 'There is no API key with this id.'),
  'dead_letter.not_found': kind(404, 'No such dead letter', 'There is no dead letter with this id.'),
  'dead_letter.cannot_be_redriving': kind(
    409,
    'Cannot be redriven',
    'It was discarded or redriven; see `currentStatus`.',
  ),
  'dead_letter.cannot_be_discarded': kind(
    409,
    'Cannot be discarded',
    'It was discarded or redriven; see `currentStatus`.',
  ),
};
