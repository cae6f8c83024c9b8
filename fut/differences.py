"""What we say of an episode against what the platform says: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from fut.mapping.endings import GOING_ON
from fut.mapping.reading import Found


class Kind(StrEnum):
    """`MISSING` and `LAGGING` can be mended by telling again; at the others a person must look."""

    MISSING = "missing there"
    LAGGING = "still going on there"
    DOUBLE = "there twice"
    CONFLICT = "otherwise there"
    UNKNOWN = "unknown here"
    UNREADABLE = "not to be read there"


MENDABLE = frozenset({Kind.MISSING, Kind.LAGGING})


@dataclass(frozen=True, slots=True)
class Expected:
    """What is ours and was told: `status` as it is here."""

    resource_type: str
    our_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` and `theirs` are statuses; `url` where it stands there, if it does."""

    kind: Kind
    resource_type: str
    our_id: UUID | None
    ours: str = ""
    theirs: str = ""
    url: str = ""


def differences(expected: Iterable[Expected], found: Iterable[Found]) -> list[Difference]:
    """Each difference once, what we expect first; nothing where both say the same."""
    there: dict[tuple[str, UUID | None], list[Found]] = {}
    for one in found:
        there.setdefault((one.resource_type, one.our_id), []).append(one)
    told = [_of(ours, there.pop((ours.resource_type, ours.our_id), [])) for ours in expected]
    strangers = [
        Difference(Kind.UNKNOWN, one.resource_type, one.our_id, "", one.status, one.url)
        for several in there.values()
        for one in several
    ]
    return [difference for difference in told if difference] + strangers


def _of(ours: Expected, theirs: list[Found]) -> Difference | None:
    if not theirs:
        return Difference(Kind.MISSING, ours.resource_type, ours.our_id, ours.status)
    first = theirs[0]
    if len(theirs) > 1:
        kind = Kind.DOUBLE
    elif first.status == ours.status:
        return None
    elif first.status in GOING_ON and ours.status not in GOING_ON:
        kind = Kind.LAGGING
    else:
        kind = Kind.CONFLICT
    return Difference(kind, ours.resource_type, ours.our_id, ours.status, first.status, first.url)
