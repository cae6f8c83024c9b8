"""Consents: who may record which (the guide's remarks on operations)."""

from typing import Any

from fut import terminology as t
from fut.profiles import values_at
from fut.simulator.callers import Caller
from fut.simulator.outcomes import Refusal

Json = dict[str, Any]


def check_policy(caller: Caller, consent: Json) -> None:
    """That citizens may see what triage found is for staff to say."""
    if caller.user_type == "PATIENT" and t.DISPLAY_TRIAGE_RESULT in values_at(consent, "policy.uri"):
        raise Refusal(
            403,
            [f"Operation not allowed for user type: {caller.user_type}"],
            code="SECURITY_OPERATION_NOT_ALLOWED_FOR_USER_TYPE",
            issue_type="forbidden",
        )
