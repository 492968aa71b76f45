"""Who Schemathesis is while it asks: an account that signs in, and signs in anew where a case ended its session."""

import base64
import os
import threading
import uuid
from datetime import datetime

import requests
import schemathesis
from hypothesis import strategies as st

BASE_URL = os.environ["FUZZ_BASE_URL"]
ROLE = os.environ["FUZZ_ROLE"]
PASSWORD = "correct horse battery"

# Each of these ends the session it is asked with, or makes the account ask for more at its next login.
ENDS_THE_SESSION = {
    "POST /v1/auth/logout",
    "DELETE /v1/auth/sessions/{id}",
    "POST /v1/auth/two-factor",
    "DELETE /v1/users/me",
}


def post(path, body, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.post(
        BASE_URL + path, json=body, headers=headers, timeout=30, verify=os.environ["REQUESTS_CA_BUNDLE"]
    )
    answer.raise_for_status()
    return answer.json()


def sign_in():
    if ROLE == "admin":
        admin = {"email": os.environ["FUZZ_ADMIN_EMAIL"], "password": os.environ["FUZZ_ADMIN_PASSWORD"]}
        return post("/v1/auth/login", admin)["accessToken"]
    email = f"fuzz-{uuid.uuid4()}@example.com"
    token = post("/v1/auth/register", {"email": email, "password": PASSWORD, "name": "Ada Example"})["accessToken"]
    address = {"street": "1 Main St", "city": "Springfield", "state": "IL", "zipCode": "62701", "country": "US"}
    post("/v1/users/me/addresses", address, token)
    return token


class Account:
    """One session for all cases, but for those that end it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.token = None

    def get(self, case, context):
        if context.operation.label in ENDS_THE_SESSION:
            return sign_in()
        with self.lock:
            if self.token is None:
                self.token = sign_in()
            return self.token

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

    def ended(self, token):
        with self.lock:
            if self.token == token:
                self.token = None


ACCOUNT = Account()


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    def get(self, case, context):
        return ACCOUNT.get(case, context)

    def set(self, case, data, context):
        ACCOUNT.set(case, data, context)


@schemathesis.hook
def after_call(context, case, response):
    sent = response.request.headers.get("Authorization", "")
    if response.status_code == 401 and sent.startswith("Bearer "):
        ACCOUNT.ended(sent.removeprefix("Bearer "))


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# What `nextCursor` may hold: a list goes on after a row of that time and id.
schemathesis.openapi.format(
    "cursor",
    st.builds(
        lambda at, row: encoded(f"{at:%Y-%m-%dT%H:%M:%S.000Z}|{row}"),
        st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)),
        st.uuids(version=4),
    ),
)

# Lists whose rows are numbered go on after a number.
NUMBERED = {
    "GET /v1/admin/audit-log",
    "GET /v1/admin/imports/{id}/errors",
    "GET /v1/admin/products/{id}/price-history",
}


def is_ours(cursor):
    try:
        return "|" in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (TypeError, ValueError):
        return False


def number(value):
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


@schemathesis.hook
def before_call(context, case, kwargs):
    """What no schema can say of a request that is otherwise as documented."""
    query, headers = case.query or {}, case.headers or {}
    if case.operation.label in NUMBERED and is_ours(query.get("cursor")):
        case.query = {**query, "cursor": encoded("7")}
    # A key is for one request; the same one with another body is refused.
    if 0 < len(str(headers.get("Idempotency-Key", ""))) <= 255:
        case.headers = {**headers, "Idempotency-Key": str(uuid.uuid4())}
    # Ten times the same letter is as documented, and among the most common passwords.
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("password"), str) and 10 <= len(body["password"]) <= 128:
        case.body = {**body, "password": f"a seldom one {uuid.uuid4()}"}
    page, size = number(query.get("page")), number(query.get("pageSize", 20))
    if page and size and size <= 100 and page * size > 10_000:
        case.query = {**query, "page": 10_000 // size}
