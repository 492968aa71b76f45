#!/usr/bin/env bash
# A customer's way through a running shop with demo data, from outside: curl and jq, nothing else.
#   BASE_URL (https://localhost:8443)  MAIL_URL (http://localhost:4026/mail)  READY_SECONDS (300)
set -euo pipefail

BASE_URL="${BASE_URL:-https://localhost:8443}"
MAIL_URL="${MAIL_URL:-http://localhost:4026/mail}"
READY_SECONDS="${READY_SECONDS:-300}"
TOKEN=

say() { printf '%s\n' "$*" >&2; }
fail() { say "tour: $*"; exit 1; }

# call METHOD PATH [BODY]: prints the body, fails on an answer of 400 or more
call() {
  local arguments=(--insecure --silent --show-error --fail-with-body --max-time 30 --request "$1")
  [ -z "$TOKEN" ] || arguments+=(--header "Authorization: Bearer $TOKEN")
  [ "$1" != POST ] || arguments+=(--header "Idempotency-Key: $(new_key)")
  [ $# -lt 3 ] || arguments+=(--header 'Content-Type: application/json' --data "$3")
  curl "${arguments[@]}" "$BASE_URL$2"
}

new_key() { printf 'tour-%s-%s%s' "$$" "$RANDOM" "$RANDOM"; }

# eventually SECONDS WHAT COMMAND...: repeats the command until it succeeds
eventually() {
  local deadline=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "not in time: $what"
    sleep 1
  done
}

order_is_paid() {
  call GET "/v1/orders/$1" | jq --exit-status '(.status | IN("confirmed", "processing")) and .payment.status == "succeeded"'
}

mail_came() {
  curl --silent --fail "$MAIL_URL" |
    jq --exit-status --arg to "$1" 'any(.[]; .to == $to and (.subject | test("confirmation"; "i")))'
}

eventually "$READY_SECONDS" "$BASE_URL is ready" call GET /health/ready
say 'ready'

call GET /docs-json | jq --exit-status '.paths | length > 0' > /dev/null
if call GET /metrics > /dev/null 2>&1; then fail '/metrics is open to the outside'; fi

product=$(call GET '/v1/products?pageSize=100' | jq --raw-output 'first(.items[] | select(.stock.available > 3)).id')
[ -n "$product" ] || fail 'no product to buy: is there demo data?'
say "product $product"

email="$(new_key)@tradepost.example"
TOKEN=$(call POST /v1/auth/register "{\"email\":\"$email\",\"password\":\"$(new_key)-Aa1\",\"name\":\"Tour\"}" |
  jq --raw-output .accessToken)
address=$(call POST /v1/users/me/addresses \
  '{"street":"1 Market Street","city":"Springfield","state":"IL","zipCode":"62701","country":"US","isDefault":true}' |
  jq --raw-output .id)
call POST /v1/cart/items "{\"productId\":\"$product\",\"quantity\":2}" > /dev/null
checkout=$(call POST /v1/checkouts "{\"shippingAddressId\":\"$address\"}")
say "checkout $(jq --raw-output '.id + ", " + .totals.total.amount' <<< "$checkout")"

order=$(call POST /v1/orders "$(jq '{checkoutId: .id, payment: {provider: "sandbox", token: "tok_ok"}}' <<< "$checkout")" |
  jq --raw-output .id)
eventually 30 "order $order is paid" order_is_paid "$order"
say "order $order is paid"
call GET /v1/cart | jq --exit-status '.items == []' > /dev/null || fail 'the cart is not empty'
call GET "/v1/orders/$order/timeline" | jq --exit-status '.items | length > 0' > /dev/null
eventually 30 "the mail to $email" mail_came "$email"
say "mail to $email"
say 'The tour is done.'
