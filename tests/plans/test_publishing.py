"""A plan's life, and how a draft is built."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from identity.models import StaffMember
from plans import building, publishing
from plans import services as plans
from plans.answer_conditions import AnswerCondition
from plans.building import ActivityContent, PlanTexts
from plans.models import Plan
from plans.schedule import AfterAnswer, Every, Length, Once, Times, Unit, Window
from questionnaires.engine import Operator
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests import factories

pytestmark = pytest.mark.django_db

PAIN = AnswerCondition("pain", Operator.EQUALS, {"valueBoolean": True})


def content(**more: Any) -> ActivityContent:
    said: dict[str, Any] = {
        "version": factories.QuestionnaireVersionFactory(),
        "rhythm": Once(),
        "window": Window(7),
        **more,
    }
    return ActivityContent(**said)


@pytest.fixture
def draft() -> Plan:
    """A draft of three: once, what follows it, every week."""
    plan = building.create_plan(texts=PlanTexts(title="Efter operationen"), owner=None)
    first = building.add_activity(plan=plan, content=content(title="Først"))
    building.add_activity(
        plan=plan, content=content(title="Opfølgning", rhythm=AfterAnswer(1), after=first, condition=PAIN)
    )
    every_week = Every(Length(1, Unit.WEEKS), Times(4))
    building.add_activity(plan=plan, content=content(title="Hver uge", rhythm=every_week))
    return plan


def titles(plan: Plan) -> list[str]:
    return [activity.title for activity in plan.activities.all()]


def test_activities_are_moved_and_taken_out(draft: Plan) -> None:
    first, following, weekly = draft.activities.all()
    building.move_activity(activity=weekly, up=True)
    assert titles(draft) == ["Først", "Hver uge", "Opfølgning"]
    building.move_activity(activity=first, up=True)
    building.move_activity(activity=following, up=False)
    assert titles(draft) == ["Først", "Hver uge", "Opfølgning"]

    with pytest.raises(building.ActivityIsFollowed):
        building.remove_activity(activity=first)
    building.remove_activity(activity=following)
    building.remove_activity(activity=first)
    assert titles(draft) == ["Hver uge"]
    assert draft.activities.get().position == 0


def test_activities_never_wait_for_each_other(draft: Plan) -> None:
    first, following, _weekly = draft.activities.all()
    for after in (following, first):
        with pytest.raises(building.ActivityImpossible, match="vente på hinanden"):
            building.change_activity(activity=first, content=content(rhythm=AfterAnswer(1), after=after))


def test_what_follows_an_answer_follows_one_that_can_be_given(draft: Plan) -> None:
    first = draft.activities.all()[0]
    elsewhere = factories.PlanFactory().activities.get()
    gone = AnswerCondition("gone", Operator.EQUALS, {"valueBoolean": True})
    for more in ({"after": None}, {"after": elsewhere}, {"after": first, "condition": gone}):
        with pytest.raises(building.ActivityImpossible):
            building.add_activity(plan=draft, content=content(rhythm=AfterAnswer(1), **more))


def test_a_draft_is_looked_through_published_and_goes_out_of_use(draft: Plan, nurse: StaffMember) -> None:
    publishing.send_to_review(plan=draft)
    with pytest.raises(building.PlanNotDraft):
        building.change_texts(plan=draft, texts=PlanTexts(title="Andet"))
    publishing.send_back(plan=draft)
    building.change_texts(plan=draft, texts=PlanTexts(title="Andet"))
    publishing.send_to_review(plan=draft)
    published = publishing.publish_plan(plan=draft, by=nurse, at=timezone.now())
    assert (published.title, published.status, published.published_by) == ("Andet", "active", nurse)

    for refused in (publishing.send_back, publishing.send_to_review):
        with pytest.raises((publishing.PlanAlreadyPublished, building.PlanNotDraft)):
            refused(plan=published)
    retired = publishing.retire_plan(plan=published)
    assert publishing.retire_plan(plan=retired).is_retired
    with pytest.raises(plans.PlanNotActive, match="udgået"):
        factories.assign(plan=retired)


def test_a_draft_is_not_retired_or_made_anew(draft: Plan) -> None:
    for refused in (publishing.retire_plan, publishing.new_version):
        with pytest.raises(publishing.PlanNotPublished):
            refused(plan=draft)


def test_an_empty_plan_is_not_published(nurse: StaffMember) -> None:
    plan = building.create_plan(texts=PlanTexts(title="Tom"), owner=None)
    with pytest.raises(publishing.PlanNotReady, match="ingen spørgeskemaer"):
        publishing.publish_plan(plan=plan, by=nurse, at=timezone.now())


def test_a_new_version_takes_the_place_of_the_former(draft: Plan, nurse: StaffMember) -> None:
    first = publishing.publish_plan(plan=draft, by=nurse, at=timezone.now())
    going_on = factories.assign(plan=first, starts_on=date(2026, 11, 24))
    older = first.activities.all()[2].version
    QuestionnaireVersion.objects.filter(pk=older.pk).update(status=PublicationStatus.RETIRED)
    newer = factories.QuestionnaireVersionFactory(questionnaire=older.questionnaire, number=2)

    second = publishing.new_version(plan=first)
    assert (second.line, second.version, second.status) == (first.line, 2, "draft")
    assert titles(second) == titles(first)
    made_first, following, weekly = second.activities.all()
    assert (following.after, following.condition) == (made_first, PAIN.stored())
    assert weekly.version == newer
    with pytest.raises(publishing.DraftUnderWay):
        publishing.new_version(plan=first)

    publishing.publish_plan(plan=second, by=nurse, at=timezone.now())
    first.refresh_from_db()
    assert first.is_retired
    going_on.refresh_from_db()
    assert (going_on.plan, going_on.status) == (first, "active")
    third = publishing.new_version(plan=first)
    assert third.version == 3


def test_a_municipality_copies_a_national_plan(draft: Plan, nurse: StaffMember) -> None:
    municipality = factories.MunicipalityFactory()
    with pytest.raises(publishing.PlanNotPublished):
        publishing.copy_national(plan=draft, owner=municipality)
    national = publishing.publish_plan(plan=draft, by=nurse, at=timezone.now())
    copy = publishing.copy_national(plan=national, owner=municipality)
    assert (copy.owner, copy.version, copy.copied_from) == (municipality, 1, national)
    assert copy.line != national.line
    assert titles(copy) == titles(national)


def test_a_condition_that_a_newer_form_cannot_meet_keeps_a_plan_from_being_published(
    draft: Plan, nurse: StaffMember
) -> None:
    first = draft.activities.all()[0]
    source = factories.questionnaire_source()
    source["item"][0]["item"] = source["item"][0]["item"][2:]
    other = factories.QuestionnaireVersionFactory(source=source)
    building.change_activity(activity=first, content=content(version=other, title="Først"))
    with pytest.raises(publishing.PlanNotReady, match="Vælg svaret igen"):
        publishing.publish_plan(plan=draft, by=nurse, at=timezone.now())
