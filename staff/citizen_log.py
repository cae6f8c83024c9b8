"""What staff and the system have done for one citizen here, in the order it was done; not who has looked (that is
the access log).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, QuerySet, UUIDField, Value
from django.db.models.functions import Cast, Coalesce

from citizens.models import Citizen
from followup.models import Attention, CitizenNote, Errand
from municipalities.models import Municipality
from notifications import selectors as messages
from notifications.selectors import Fate
from plans.models import CarePlan
from questionnaires.models import Response

STEP = 20
MOST = 200


class Act(StrEnum):
    PLAN = "plan"
    MESSAGE = "message"
    HANDLED = "handled"
    NOTE = "note"
    ASKED = "asked"
    DONE = "done"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done: when, by whom ("" is the citizen or the system), and about what.

    `about` is a plan's or questionnaire's title or the words that were written, `more` what was added to it.
    """

    at: datetime
    act: Act
    who: str
    about: str
    more: str = ""
    response_id: UUID | None = None
    fate: Fate | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """The newest entries first. `more` is how many to ask for next; 0 where these are all."""

    entries: tuple[Entry, ...]
    more: int


def log_of(citizen: Citizen, municipality: Municipality, now: datetime, most: int = STEP) -> Log:
    """The newest `most` of what was done. Two queries."""
    own = {"citizen": citizen, "municipality": municipality}
    some = [
        Entry(at, Act(act), who, about, more, response)
        for at, act, who, about, more, response in _acts(own)[: most + 1]
    ]
    some += [
        Entry(
            at=message.requested_at,
            act=Act.MESSAGE,
            who=message.requested_by.name if message.requested_by else "",
            about=str(message.get_kind_display()),
            more=message.task.title if message.task else "",
            fate=messages.fate_of(message, now),
        )
        for message in messages.messages_to(citizen, municipality)[: most + 1]
    ]
    some.sort(key=lambda entry: entry.at, reverse=True)
    has_more = len(some) > most and most < MOST
    return Log(entries=tuple(some[:most]), more=min(most + STEP, MOST) if has_more else 0)


def _acts(own: dict[str, Any]) -> QuerySet[Any, tuple[Any, ...]]:
    """Rows of an Entry's first six facts, the newest first: one query over all tables but the messages'."""
    title = F("response__version__title")
    plans = _rows(CarePlan.objects.filter(**own), Act.PLAN, "assigned_at", "assigned_by", F("plan__title"))
    others = [
        _rows(
            Attention.objects.filter(**own).exclude(handled_at=None), Act.HANDLED, "handled_at", "handled_by",
            title, F("note"), F("response_id"),
        ),
        _rows(CitizenNote.objects.filter(**own), Act.NOTE, "written_at", "written_by", F("text")),
        _rows(
            Errand.objects.filter(**own), Act.ASKED, "asked_at", "asked_by", F("text"),
            Coalesce("for_member__name", "for_team__name"),
        ),
        _rows(
            Errand.objects.filter(**own).exclude(done_at=None), Act.DONE, "done_at", "done_by", F("text")
        ),
        _rows(
            Response.objects.in_force().filter(**own).exclude(replaces=None), Act.CORRECTED, "completed_at",
            "entered_by", F("version__title"), None, F("pk"),
        ),
    ]  # fmt: skip
    acts: QuerySet[Any, tuple[Any, ...]] = plans.union(*others, all=True)
    return acts.order_by("-log_at", "log_act", "log_about")


def _rows(
    rows: QuerySet[Any], act: Act, at: str, who: str, about: Any, more: Any = None, response: Any = None
) -> QuerySet[Any, tuple[Any, ...]]:
    described = rows.order_by().annotate(
        log_at=F(at),
        log_act=_text(Value(act.value)),
        log_who=_text(Coalesce(f"{who}__name", Value(""))),
        log_about=_text(about),
        log_more=_text(Value("") if more is None else more),
        log_response=Cast(Value(None) if response is None else response, UUIDField()),
    )
    names = ("log_at", "log_act", "log_who", "log_about", "log_more", "log_response")
    told: QuerySet[Any, tuple[Any, ...]] = described.values_list(*names)
    return told


def _text(value: Any) -> Cast:
    # PostgreSQL has to know what a parameter is, and each column of a union must be the same.
    return Cast(value, CharField())
