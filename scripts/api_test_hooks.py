"""Schemathesis hooks of scripts/api-test."""

import schemathesis

MAX_GRACE_SECONDS = 3
MAX_I32 = 2**31 - 1


@schemathesis.hook
def before_call(context, case, kwargs):
    """Shortens valid grace periods: with a signal that a container ignores, a stop lasts that long."""
    body = case.body
    if not isinstance(body, dict):
        return
    seconds = body.get("timeoutSeconds")
    if type(seconds) is int and MAX_GRACE_SECONDS < seconds <= MAX_I32:
        case.body = {**body, "timeoutSeconds": seconds % (MAX_GRACE_SECONDS + 1)}
