"""The morning's numbers: on the bell's page, and as an e-mail to those who have asked for it.

The e-mail says numbers and where to log in, nothing of anybody: it passes servers that are not ours. It goes once a
day to each, also where the task runs twice: the row that remembers the day is locked until the mail server has taken
the mail. A server that answers nobody is tried again at the next run.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from smtplib import SMTPException
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from followup.desk import stop_token
from followup.errands import SEEN_WITHIN
from followup.models import DeskSettings
from followup.selectors import MOST_COUNTED, Whose, answers_of
from followup.teams import ALL_TEAMS, Teams
from municipalities.scope import Scope, within
from plans import overdue, selectors
from plans.schedule import DANISH_TIME
from plans.working_days import is_working_day, working_day_until

log = structlog.get_logger(__name__)

AT = time(7)
"""When it goes, on a clock in Denmark; the schedule of the task (settings) begins then."""

MOST_FAILURES = 3
"""After so many that failed one after another the server is down, and nobody waits for it any longer."""


@dataclass(frozen=True, slots=True)
class Morning:
    """`new` and `marked` answers that came since `since` and nobody has handled; citizens `overdue` and `silent` now.

    As many as `MOST_COUNTED`, or one more for “more than that”.
    """

    since: datetime
    new: int
    marked: int
    overdue: int
    silent: int


def morning_of(whose: Whose, now: datetime) -> Morning:
    """The numbers of some teams' citizens. Four queries."""
    since = last_morning(now)
    new = answers_of(whose).filter(answered_at__gt=since, handled_at=None)
    return Morning(
        since=since,
        new=selectors.count_at_most(new),
        marked=selectors.count_at_most(new.marked()),
        overdue=selectors.count_at_most(overdue.overdue_citizens(whose, now)),
        silent=selectors.count_at_most(overdue.silent_citizens(whose, now)),
    )


def last_morning(now: datetime) -> datetime:
    """The time of the e-mail on the working day before today's."""
    today = now.astimezone(DANISH_TIME).date()
    return datetime.combine(working_day_until(today - timedelta(days=1)), AT, tzinfo=DANISH_TIME)


# --- the e-mail -----------------------------------------------------------------------------------------


def send_digests(*, at: datetime) -> int:
    """Send today's to each who has not had it; how many went. Nothing on days when nobody is at work."""
    today = at.astimezone(DANISH_TIME).date()
    if not settings.EMAIL_IS_SENT or not is_working_day(today):
        return 0
    with within(Scope.system()):
        due = list(_due(today, at).values_list("pk", "municipality_id"))
    sent = failures = 0
    for staff_id, municipality_id in due:
        try:
            with within(Scope.municipality(municipality_id)):
                sent += _send_one(staff_id, today=today, at=at)
        except (SMTPException, OSError) as error:
            # Neither the address nor what the server said about it belongs in a log.
            log.warning("digest_not_sent", staff_id=str(staff_id), problem=type(error).__name__)
            failures += 1
            if failures == MOST_FAILURES:
                log.error("digests_given_up", waiting=len(due) - sent)
                break
        else:
            failures = 0
    return sent


def _due(today: date, at: datetime) -> QuerySet[DeskSettings]:
    """Who has asked for it and not had today's. Who has not logged in for long works here no more."""
    asked = DeskSettings.objects.exclude(digest_to="").filter(
        staff_member__last_login_at__gt=at - SEEN_WITHIN
    )
    return asked.filter(Q(digest_sent_on=None) | Q(digest_sent_on__lt=today)).order_by("pk")


def _send_one(staff_id: UUID, *, today: date, at: datetime) -> bool:
    """Whether it went; another run may have it in hand. Raises what the mail server's connection raises."""
    row = _due(today, at).select_for_update(skip_locked=True, of=("self",))
    desk = row.select_related("municipality").filter(pk=staff_id).first()
    if desk is None:
        return False
    teams = ALL_TEAMS if desk.digest_team_id is None else Teams(ids=(desk.digest_team_id,))
    desk.digest_sent_on = today
    desk.save(update_fields=["digest_sent_on"])
    letter(desk, morning_of(Whose(municipality=desk.municipality, teams=teams), at)).send()
    return True


def letter(desk: DeskSettings, morning: Morning) -> EmailMessage:
    """The e-mail, in Danish whatever the employee reads here: numbers and addresses, nothing of anybody."""
    stop = settings.PUBLIC_URL + reverse("staff:unsubscribe", args=[stop_token(desk)])
    with translation.override("da"):
        counted = {
            name: _("flere end %(most)d") % {"most": MOST_COUNTED} if number > MOST_COUNTED else str(number)
            for name in ("new", "marked", "overdue", "silent")
            for number in (getattr(morning, name),)
        }
        facts = {**counted, "morning": morning, "stop": stop}
        facts["address"] = settings.PUBLIC_URL + reverse("staff:overview")
        return EmailMessage(
            subject=_("Kommunal PRO: dagens tal"),
            body=render_to_string("notifications/digest.txt", facts),
            to=[desk.digest_to],
            headers={"List-Unsubscribe": f"<{stop}>", "Auto-Submitted": "auto-generated"},
        )
