"""What staff read of the text messages: which there were, and how each went in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.models import Citizen
from kommunalpro.compiled_queries import CompiledQuery, padded
from municipalities.models import Municipality
from notifications import texts
from notifications.models import Message
from notifications.states import Status
from plans.models import CarePlan, Task


@dataclass(frozen=True, slots=True)
class Fate:
    """How a message went. `kind` is one of the status component's kinds; `text` is the sentence beside it.

    `advice` says what to do instead, `reason` repeats NemSMS's own words; both may be empty.
    """

    message: Message
    kind: str
    text: str
    advice: str = ""
    reason: str = ""

    @property
    def message_text(self) -> str:
        """The fixed text that the citizen gets."""
        return texts.text_of(self.message.kind)


def fate_of(message: Message, now: datetime) -> Fate:
    """What became of `message`, said as of `now`.

    Needs `message.delivery` and `message.collapsed_into.delivery` (a query more for each that is not fetched).
    """
    if message.collapsed_into is not None:
        other = fate_of(message.collapsed_into, now)
        text = _("Samlet i én besked med en anden. %(fate)s") % {"fate": other.text}
        return Fate(message=message, kind=other.kind, text=text, advice=other.advice, reason=other.reason)
    kind, text = _fate(message, now)
    failed = message.status == Status.FAILED
    return Fate(
        message=message,
        kind=kind,
        text=text,
        advice=str(_ADVICE.get(Status(message.status), "")),
        reason=message.reason if failed else "",
    )


_ADVICE = {
    Status.NOT_ENROLLED: gettext_lazy("Ring til borgeren, eller tal om det ved næste møde."),
    Status.FAILED: gettext_lazy("Ring til borgeren."),
}


def _fate(message: Message, now: datetime) -> tuple[str, str]:
    when = {"when": stamp(message.sent_at or message.status_at or now)}
    match Status(message.status):
        case Status.QUEUED | Status.HELD:
            return "waiting", _pending(message, now)
        case Status.SENT:
            return "done", _("Sendt %(when)s") % when
        case Status.RECEIVED:
            return "done", _("Sendt %(when)s, modtaget af NemSMS") % when
        case Status.DELIVERED:
            return "done", _("Sendt %(when)s og leveret") % when
        case Status.FAILED if message.sent_at is not None:
            return "failed", _("Sendt %(when)s, men ikke leveret") % when
        case Status.FAILED:
            return "failed", _("Kunne ikke sendes")
        case Status.NOT_ENROLLED:
            return "failed", _("Ikke sendt: borgeren er ikke tilmeldt NemSMS")
        case Status.ANSWERED:
            return "neutral", _("Ikke sendt: borgeren havde allerede svaret")
        case Status.CALLED_OFF:
            return "neutral", _("Ikke sendt: opgaven er ikke åben længere")
        case Status.COLLAPSED:
            return "neutral", _("Samlet i én besked med en anden.")


def _pending(message: Message, now: datetime) -> str:
    delivery = message.delivery
    # The delivery's own time is the newer one: it moves when an attempt failed.
    leaves_at = delivery.due_at if delivery is not None else message.leaves_at
    if delivery is not None and delivery.last_problem:
        return _("Forsinket: prøves igen %(when)s") % {"when": soon(max(leaves_at, now), now)}
    if leaves_at <= now:
        return _("På vej: sendes nu")
    return _("Venter: sendes %(when)s") % {"when": soon(leaves_at, now)}


def stamp(moment: datetime) -> str:
    """“23-11-2026 kl. 10.12”, Danish clock."""
    there = timezone.localtime(moment)
    return _("%(date)s kl. %(time)s") % {
        "date": date_format(there, "SHORT_DATE_FORMAT"),
        "time": date_format(there, "TIME_FORMAT"),
    }


def soon(moment: datetime, now: datetime) -> str:
    """A coming moment as people say it: “i dag kl. 08.00”, “tirsdag kl. 08.00”, or with its date."""
    there, here = timezone.localtime(moment), timezone.localtime(now)
    days = (there.date() - here.date()).days
    if days == 0:
        day = _("i dag")
    elif days == 1:
        day = _("i morgen")
    elif timedelta(days=days) < timedelta(weeks=1):
        day = date_format(there, "l").lower()
    else:
        day = date_format(there, "SHORT_DATE_FORMAT")
    return _("%(date)s kl. %(time)s") % {"date": day, "time": date_format(there, "TIME_FORMAT")}


def messages_to(citizen: Citizen, municipality: Municipality) -> QuerySet[Message]:
    """The citizen's messages on behalf of this municipality, the newest first."""
    return (
        Message.objects.filter(citizen=citizen, municipality=municipality)
        .select_related("delivery", "collapsed_into__delivery", "requested_by", "task__activity__version")
        .defer("task__activity__version__source")
        .order_by("-requested_at", "-pk")
    )


_REMINDERS = CompiledQuery(
    lambda task_ids: (
        Message.objects.filter(task__in=task_ids, kind=Message.Kind.REMINDER)
        .select_related("delivery", "collapsed_into__delivery")
        .order_by("-requested_at", "-pk")
    )
)


def reminders_of(tasks: Iterable[Task]) -> dict[UUID, list[Message]]:
    """The reminders of each task, the newest first, in one query for all."""
    found: dict[UUID, list[Message]] = {}
    for message in _REMINDERS.all(task_ids=padded([task.pk for task in tasks], 50)):
        if message.task_id is not None:
            found.setdefault(message.task_id, []).append(message)
    return found


def message_about(care_plan: CarePlan) -> Message | None:
    """The message that told of an assigned plan; None where the citizen gets none."""
    return (
        Message.objects.filter(kind=Message.Kind.TASK, care_plan=care_plan).select_related("delivery").first()
    )
