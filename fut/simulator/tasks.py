"""Tasks: what their restriction categories may be."""

from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.outcomes import broken_rule

Json = dict[str, Any]


def check(task: Json) -> None:
    """`None` stands alone."""
    codes = [
        code.lower()
        for extension in extensions(task, t.EXT_RESTRICTION_CATEGORY)
        for code in values_at(extension, "valueCodeableConcept.coding.code")
    ]
    if "none" in codes and len(codes) > 1:
        raise broken_rule(
            "TASK_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED",
            "Restriction category 'None' can't be combined with others",
        )
