"""What the contract's test adds to Schemathesis: each request comes from an address of its own, as far as a trusted proxy
tells it, so that the limits per address let it through and their 429 does not hide every other answer."""

import itertools

import schemathesis

ADDRESSES = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(ADDRESSES)
    case.headers = case.headers or {}
    case.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
