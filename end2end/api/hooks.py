"""What the test of the contract adds to Schemathesis."""

import itertools
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
