"""Moving every CPR number from former keys to the current ones, beside a system that goes on running.

Each batch is a short transaction over locked rows: stopped at any moment, it goes on where it stopped, and two at
the same time do no harm. Meanwhile a number is found and read under every key that is configured.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction

from citizens import cpr_sealing
from citizens.models import Citizen, CitizenQuerySet
from municipalities.scope import Scope, within

BATCH = 500
FIRST_ID = UUID(int=0)


@dataclass(slots=True)
class Rotated:
    """What a rotation, or a look at what one would find, came to. Problems name citizens' ids, never numbers."""

    moved: int = 0
    problems: list[str] = field(default_factory=list)


def rotate(citizens: CitizenQuerySet, *, batch: int = BATCH) -> Iterator[Rotated]:
    """Seal anew what is under former keys among `citizens`, `batch` rows a transaction; yields what each came to.

    A number that cannot be read, or that two citizens have, is left as it is and told of.
    """
    after = FIRST_ID
    while True:
        done = Rotated()
        with within(Scope.system()):
            # By id: two rotations never wait for each other crosswise, and what could not be moved is passed by.
            rows = list(
                citizens.under_former_keys().filter(pk__gt=after).order_by("pk").select_for_update()[:batch]
            )
            for citizen in rows:
                _move(citizen, done)
        if not rows:
            return
        after = rows[-1].pk
        yield done


def unreadable(citizens: CitizenQuerySet) -> list[str]:
    """What is wrong with the stored numbers of `citizens`: each is opened and compared with what it is found by."""
    problems = []
    for citizen in citizens.order_by("pk").only("cpr_sealed", "cpr_hash").iterator():
        try:
            if bytes(citizen.cpr_hash) not in cpr_sealing.lookup_values(citizen.cpr):
                problems.append(
                    f"The CPR number of citizen {citizen.pk} is not found by any configured hash key: "
                    "name the key of that time in CPR_FORMER_HASH_KEYS."
                )
        except cpr_sealing.Unreadable as problem:
            problems.append(str(problem))
    return problems


def _move(citizen: Citizen, done: Rotated) -> None:
    try:
        citizen.keep_cpr(citizen.cpr)
        with transaction.atomic():
            citizen.save(update_fields=["cpr_sealed", "cpr_hash"])
    except cpr_sealing.Unreadable as problem:
        done.problems.append(str(problem))
    except IntegrityError:
        done.problems.append(f"Another citizen has the same CPR number as citizen {citizen.pk}.")
    else:
        done.moved += 1
