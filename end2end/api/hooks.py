"""What the test of the contract adds to Schemathesis."""

import itertools
import json
import os

import requests
import schemathesis

ADDRESSES = itertools.count(1)


def elsewhere():
    """An address that nobody asked from before, as a trusted proxy tells it: the limits per address let it through, and
    their 429 does not hide every other answer."""
    number = next(ADDRESSES)
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers = {**(case.headers or {}), **elsewhere()}


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    # What is to be refused may not be a text at all.
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook.apply_to(path="/api/v1/users/import")
def map_body(context, body):
    """An import is a JSON document a line, which no schema says. Any text becomes a name in one, and a line that is none."""
    if not isinstance(body, str):
        return body
    return "\n".join([json.dumps({"email": "somebody@example.org", "username": body}), body])


if "ROOST_LOGIN" in os.environ:

    # Some requests end the very session they are made with. After a 401 this is asked for another.
    @schemathesis.auth()
    class Session:
        def get(self, case, context):
            body = {"login": os.environ["ROOST_LOGIN"], "password": os.environ["ROOST_PASSWORD"], "session": "token"}
            answer = requests.post(os.environ["ROOST_URL"] + "/api/v1/session", json=body, headers=elsewhere(), timeout=30)
            answer.raise_for_status()
            return answer.json()["access_token"]

        def set(self, case, data, context):
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
