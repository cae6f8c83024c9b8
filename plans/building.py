"""A plan is built as a draft: its texts, and its activities in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kommunalpro.problems import Problem
from municipalities.models import Municipality
from plans.answer_conditions import AnswerCondition, problem_of
from plans.models import Activity, Plan
from plans.rhythm_columns import columns_of
from plans.schedule import AfterAnswer, Rhythm, Window
from plans.triggers import waits_for_itself
from questionnaires.definitions import definition_of
from questionnaires.models import PublicationStatus, QuestionnaireVersion


class PlanNotDraft(Problem):
    """Only a draft is changed: what is published never changes, and what is in review is being looked at."""

    code = "plan_not_draft"


class ActivityImpossible(Problem):
    """The plan cannot have such an activity."""

    code = "activity_impossible"


class ActivityIsFollowed(Problem):
    """Another activity waits for this one's answer."""

    code = "activity_is_followed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTexts:
    """What a plan is called and says to citizens, and what it allows them.

    The texts are what citizens read when they have answered; the screens' own words where they are empty.
    `correction_days`: how long citizens may correct what they have sent, 0 for not at all.
    """

    title: str
    description: str = ""
    what_happens_now: str = ""
    if_you_get_worse: str = ""
    citizens_see_scores: bool = False
    correction_days: int = 0

    def columns(self) -> dict[str, Any]:
        """Each under its column's name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityContent:
    """All there is to say of an activity but its place in the order.

    `after` and `condition` where the rhythm is AfterAnswer: the activity that is answered, and which answer (None is
    any). `most_reminders` and `reminder_gap` (days): what staff may send of reminders of one task; None and 0 set no
    limit.
    """

    version: QuestionnaireVersion
    rhythm: Rhythm
    window: Window
    title: str = ""
    for_whom: str = ""
    after: Activity | None = None
    condition: AnswerCondition | None = None
    most_reminders: int | None = None
    reminder_gap: int = 0

    def columns(self) -> dict[str, Any]:
        """Each under its column's name."""
        follows = isinstance(self.rhythm, AfterAnswer)
        return {
            "version": self.version,
            "title": self.title,
            "for_whom": self.for_whom,
            **columns_of(self.rhythm),
            "after": self.after if follows else None,
            "condition": self.condition.stored() if follows and self.condition is not None else None,
            "answer_days": self.window.answer_days,
            "moves": self.window.moves.value,
            "overlaps": self.window.overlaps,
            "most_reminders": self.most_reminders,
            "reminder_gap": self.reminder_gap,
        }


@transaction.atomic
def create_plan(
    *, texts: PlanTexts, owner: Municipality | None, activities: Sequence[ActivityContent] = ()
) -> Plan:
    """A draft of a new plan, with these activities in their order."""
    plan = Plan.objects.create(owner=owner, **texts.columns())
    for position, content in enumerate(activities):
        Activity.objects.create(plan=plan, position=position, **content.columns())
    return plan


@transaction.atomic
def change_texts(*, plan: Plan, texts: PlanTexts) -> Plan:
    """Put these texts in place of a draft's. Raises PlanNotDraft."""
    plan = locked_draft(plan)
    _write(plan, texts.columns())
    return plan


@transaction.atomic
def add_activity(*, plan: Plan, content: ActivityContent) -> Activity:
    """Add an activity at the end of a draft. Raises PlanNotDraft or ActivityImpossible."""
    plan = locked_draft(plan)
    _require_possible(plan, content)
    last = plan.activities.last()
    position = 0 if last is None else last.position + 1
    return Activity.objects.create(plan=plan, position=position, **content.columns())


@transaction.atomic
def change_activity(*, activity: Activity, content: ActivityContent) -> Activity:
    """Put `content` in place of what an activity of a draft says. Raises PlanNotDraft or ActivityImpossible."""
    plan = locked_draft(activity.plan)
    activity = plan.activities.get(pk=activity.pk)
    _require_possible(plan, content, instead_of=activity)
    _write(activity, content.columns())
    return activity


@transaction.atomic
def move_activity(*, activity: Activity, up: bool) -> None:
    """Let an activity of a draft change places with its neighbour; the first and the last stay. Raises PlanNotDraft."""
    plan = locked_draft(activity.plan)
    order = list(plan.activities.all())
    here = next(number for number, one in enumerate(order) if one.pk == activity.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    _number(order)


@transaction.atomic
def remove_activity(*, activity: Activity) -> None:
    """Take an activity out of a draft. Raises PlanNotDraft, or ActivityIsFollowed where another waits for it."""
    plan = locked_draft(activity.plan)
    if plan.activities.filter(after=activity).exists():
        raise ActivityIsFollowed(
            _("Et andet spørgeskema i planen venter på svaret på dette. Ændr eller fjern det først.")
        )
    plan.activities.filter(pk=activity.pk).delete()
    _number(list(plan.activities.all()))


def problems_of(plan: Plan) -> list[str]:
    """Why a draft cannot be published, in sentences; none if it can."""
    activities = list(plan.activities.select_related("version"))
    if not activities:
        return [_("Planen har ingen spørgeskemaer endnu.")]
    problems = []
    for activity in activities:
        name = {"title": activity.shown_title}
        if activity.version.is_withdrawn:
            problems.append(_("»%(title)s« er taget ud af brug. Vælg et andet spørgeskema.") % name)
        elif activity.version.status == PublicationStatus.RETIRED:
            problems.append(_("»%(title)s« findes i en nyere version. Vælg den i planen.") % name)
        elif activity.version.status != PublicationStatus.ACTIVE:
            problems.append(_("»%(title)s« er ikke udgivet. Udgiv spørgeskemaet først.") % name)
        condition = AnswerCondition.of(activity.condition)
        followed = next((one for one in activities if one.pk == activity.after_id), None)
        if condition and followed and problem_of(condition, definition_of(followed.version)):
            problems.append(
                _("»%(title)s« venter på et svar, som »%(other)s« ikke giver mere. Vælg svaret igen.")
                % {**name, "other": followed.shown_title}
            )
    if waits_for_itself({one.pk: one.after_id for one in activities}):
        problems.append(_("Spørgeskemaer i planen venter på hinanden, så de aldrig kommer."))
    return problems


def locked_draft(plan: Plan) -> Plan:
    """The plan as it stands, locked until the transaction ends. Raises PlanNotDraft."""
    plan = Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    if not plan.is_draft:
        raise PlanNotDraft(_("Kun en kladde kan ændres. Lav en ny version af planen for at ændre den."))
    return plan


def _write(row: Plan | Activity, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))


def _require_possible(plan: Plan, content: ActivityContent, instead_of: Activity | None = None) -> None:
    if not isinstance(content.rhythm, AfterAnswer):
        return
    if content.after is None or content.after.plan_id != plan.pk:
        raise ActivityImpossible(_("Vælg det spørgeskema i planen, som borgeren svarer på først."))
    if instead_of is not None:
        follows = {one.pk: one.after_id for one in plan.activities.all()}
        if waits_for_itself({**follows, instead_of.pk: content.after.pk}):
            raise ActivityImpossible(
                _("De to spørgeskemaer ville vente på hinanden. Vælg et andet, eller svaret kommer aldrig.")
            )
    if content.condition is not None and problem_of(content.condition, definition_of(content.after.version)):
        raise ActivityImpossible(_("Spørgeskemaet har ikke det svar. Vælg et spørgsmål og et svar igen."))


def _number(order: list[Activity]) -> None:
    for position, activity in enumerate(order):
        activity.position = position
    Activity.objects.bulk_update(order, ["position"])
