"""Why a reminder is not sent, and what staff can do instead: the one place that says it, before and when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models import Message
from notifications.states import ON_ITS_WAY
from plans.models import Activity, Task


class Kind(StrEnum):
    """What stands in the way."""

    ANSWERED = "answered"
    CALLED_OFF = "called_off"
    PAUSED = "paused"
    NOT_YET = "not_yet"
    ENOUGH = "enough"
    MOST = "most"
    GAP = "gap"
    OUTSIDE_NEMSMS = "outside_nemsms"
    OTHER_TEAM = "other_team"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`sentence` says why; `instead` what to do, empty where there is nothing to do."""

    kind: Kind
    sentence: str
    instead: str = ""

    @property
    def is_to_be_called(self) -> bool:
        """Whether the citizen is still to be reached, in another way than by a text message."""
        return self.kind in {Kind.MOST, Kind.GAP, Kind.OUTSIDE_NEMSMS}


def obstacle_of(task: Task, earlier: Sequence[Message], at: datetime) -> Obstacle | None:
    """What stands in the way of reminding of `task` now, with its `earlier` reminders; None where nothing does.

    Needs the task's citizen and activity, and each message's `collapsed_into`.
    """
    if task.status == Task.Status.COMPLETED:
        sentence = _("Spørgeskemaet er allerede besvaret, så der er ikke noget at minde om.")
        return Obstacle(Kind.ANSWERED, sentence)
    if task.status == Task.Status.PAUSED:
        return Obstacle(Kind.PAUSED, _("Planen er på pause, så der skal ikke mindes om spørgeskemaet."))
    if not task.is_open:
        return Obstacle(Kind.CALLED_OFF, _("Opgaven er aflyst, så der er ikke noget at minde om."))
    if task.opens_at > at:
        sentence = _("Borgeren kan ikke svare endnu, så der er ikke noget at minde om.")
        return Obstacle(Kind.NOT_YET, sentence)
    enough = next((message for message in earlier if message.is_enough(at)), None)
    if enough is not None:
        sentence = (
            _("En påmindelse venter allerede på at blive sendt.")
            if enough.carrier.is_waiting
            else _("Borgeren fik en påmindelse inden for det seneste døgn.")
        )
        return Obstacle(Kind.ENOUGH, sentence, _("Giv borgeren lidt tid til at svare."))
    return _limit_of_plan(task.activity, _sent(earlier), at) or _outside_nemsms(task)


def of_another_team() -> Obstacle:
    """The citizen is followed by others than whoever reminds many: a reason is asked for one at a time."""
    return Obstacle(
        Kind.OTHER_TEAM,
        _("Borgeren følges af et andet team."),
        _("Bed teamet om det, eller åbn borgeren, og skriv hvorfor."),
    )


def _sent(reminders: Sequence[Message]) -> list[datetime]:
    """When those were asked for that wait, are on their way or have come."""
    return [
        message.requested_at
        for message in reminders
        if message.carrier.is_waiting or message.carrier.status in ON_ITS_WAY
    ]


def _limit_of_plan(activity: Activity, sent: Sequence[datetime], at: datetime) -> Obstacle | None:
    most, gap = activity.most_reminders, activity.reminder_gap
    if most is not None and len(sent) >= most:
        sentence = ngettext(
            "Planen tillader højst %(number)s påmindelse om hvert spørgeskema. Ring til borgeren i stedet.",
            "Planen tillader højst %(number)s påmindelser om hvert spørgeskema. Ring til borgeren i stedet.",
            most,
        )
        return Obstacle(Kind.MOST, sentence % {"number": most})
    if sent and max(sent) + timedelta(days=gap) > at:
        sentence = ngettext(
            "Planen siger, at der skal gå mindst %(days)s dag mellem påmindelser.",
            "Planen siger, at der skal gå mindst %(days)s dage mellem påmindelser.",
            gap,
        )
        return Obstacle(Kind.GAP, sentence % {"days": gap}, _("Vent, eller ring til borgeren."))
    return None


def _outside_nemsms(task: Task) -> Obstacle | None:
    citizen = task.citizen
    if not citizen.is_outside_nemsms or citizen.nemsms_asked_at is None:
        return None
    day = date_format(timezone.localdate(citizen.nemsms_asked_at), "SHORT_DATE_FORMAT")
    return Obstacle(
        Kind.OUTSIDE_NEMSMS,
        _("Borgeren var ikke tilmeldt NemSMS, da vi sidst spurgte (%(day)s).") % {"day": day},
        _("Ring til borgeren, eller tal om det ved næste møde."),
    )
