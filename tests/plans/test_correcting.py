"""Correcting what was sent: how long, what takes whose place, and what stays as it was."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from followup.selectors import Whose, answers_of
from followup.teams import ALL_TEAMS
from outbox.models import Event, EventName
from plans import correcting, selectors
from plans import services as plans
from plans.correction_time import GRACE
from plans.models import CarePlan, Plan, Task
from questionnaires import services as questionnaires
from questionnaires.models import PublicationStatus, Response
from tests import factories

pytestmark = pytest.mark.django_db

DAYS = 3


def answered(*, at: datetime | None = None, days: int = DAYS, **plan: Any) -> Task:
    """A task whose answer says that there is no pain, and a note."""
    at = at or timezone.now()
    task = factories.open_task(plan=factories.PlanFactory(correction_days=days, **plan), at=at)
    return submit(task, at, pain=["false"], note=["Som sædvanlig"])


def submit(task: Task, at: datetime, **fields: list[str]) -> Task:
    response = plans.begin_task(task=task, at=at)
    questionnaires.save_answers(response=response, fields=fields, at=at)
    return plans.submit_task(task=task, at=at)


def corrected(task: Task, at: datetime, note: str = "Det var ikke sandt") -> Task:
    draft = correcting.begin(task=task, at=at)
    questionnaires.save_answers(response=draft, fields={"note": [note]}, at=at)
    return correcting.submit(task=task, at=at)


def note_of(response: Response | None) -> str:
    assert response is not None
    items = {one["linkId"]: one for one in response.document["item"][0]["item"]}
    return str(items["note"]["answer"][0]["valueString"])


def test_a_correction_takes_the_place_of_the_answer_which_stays_as_it_was() -> None:
    now = timezone.now()
    task = answered(at=now)
    former = task.response
    assert former is not None

    draft = correcting.begin(task=task, at=now + timedelta(hours=1))
    assert note_of(draft) == "Som sædvanlig", "it begins with what was sent"
    task.refresh_from_db()
    assert task.response_id == former.pk, "until it is sent the answer is as it was"
    questionnaires.save_answers(response=draft, fields={"note": ["Værre"]}, at=now + timedelta(hours=1))
    task = correcting.submit(task=task, at=now + timedelta(hours=1))

    assert task.response_id == draft.pk
    assert note_of(task.response) == "Værre"
    former.refresh_from_db()
    assert note_of(former) == "Som sædvanlig"
    assert list(Response.objects.in_force()) == [draft]
    assert list(Response.objects.former()) == [former]
    assert correcting.editions(draft) == [former]
    assert correcting.in_force_instead_of(former) == draft
    assert task.status == Task.Status.COMPLETED


def test_the_news_of_it_come_in_order() -> None:
    now = timezone.now()
    task = answered(at=now)
    former = task.response_id
    task = corrected(task, now)
    told = Event.objects.filter(name__startswith="response").order_by("pk")
    assert list(told.values_list("name", "subject_id")) == [
        (EventName.RESPONSE_COMPLETED, former),
        (EventName.RESPONSE_COMPLETED, task.response_id),
        (EventName.RESPONSE_CORRECTED, former),
    ]


@pytest.mark.parametrize(
    ("days", "later", "begins"),
    [
        (0, timedelta(0), False),
        (DAYS, timedelta(days=DAYS) - timedelta(seconds=1), True),
        (DAYS, timedelta(days=DAYS), False),
    ],
    ids=["not allowed", "the last second", "too late"],
)
def test_a_correction_is_begun_within_the_days_of_the_plan(days: int, later: timedelta, begins: bool) -> None:
    now = timezone.now()
    task = answered(at=now, days=days)
    if begins:
        correcting.begin(task=task, at=now + later)
    else:
        with pytest.raises(correcting.NotCorrectable):
            correcting.begin(task=task, at=now + later)
    assert Response.objects.filter(replaces__isnull=False).exists() is begins


@pytest.mark.parametrize(
    ("after_the_end", "is_sent"),
    [(GRACE - timedelta(seconds=1), True), (GRACE, False)],
    ids=["within the grace", "after it"],
)
def test_what_was_begun_in_time_can_be_sent_for_an_hour_more(after_the_end: timedelta, is_sent: bool) -> None:
    now = timezone.now()
    task = answered(at=now)
    former = task.response_id
    end = now + timedelta(days=DAYS)
    draft = correcting.begin(task=task, at=end - timedelta(minutes=1))
    questionnaires.save_answers(response=draft, fields={"note": ["Nyt"]}, at=end)
    if is_sent:
        assert correcting.submit(task=task, at=end + after_the_end).response_id == draft.pk
        return
    with pytest.raises(correcting.NotCorrectable, match="Tiden til at rette svaret er gået"):
        correcting.submit(task=task, at=end + after_the_end)
    task.refresh_from_db()
    assert task.response_id == former
    state = correcting.correcting(task, end + after_the_end)
    assert state.came_too_late
    assert correcting.draft_to_go_on_with(task, end + after_the_end) is None


def test_correcting_again_begins_no_new_time() -> None:
    now = timezone.now()
    task = corrected(answered(at=now), now + timedelta(days=2))
    assert correcting.correcting(task, now).until == now + timedelta(days=DAYS)
    task = corrected(task, now + timedelta(days=2, hours=1), "Og en gang til")
    assert task.response is not None
    assert len(correcting.editions(task.response)) == 2
    with pytest.raises(correcting.NotCorrectable):
        correcting.begin(task=task, at=now + timedelta(days=DAYS))


def test_beginning_twice_is_beginning_once_and_sending_twice_sending_once() -> None:
    now = timezone.now()
    task = answered(at=now)
    first = correcting.begin(task=task, at=now)
    assert correcting.begin(task=task, at=now) == first
    questionnaires.save_answers(response=first, fields={"note": ["Nyt"]}, at=now)
    correcting.submit(task=task, at=now)
    assert correcting.submit(task=task, at=now).response_id == first.pk
    assert Event.objects.filter(name=EventName.RESPONSE_CORRECTED).count() == 1


def test_what_another_tab_has_changed_is_looked_at_before_it_is_sent() -> None:
    now = timezone.now()
    task = answered(at=now)
    draft = correcting.begin(task=task, at=now)
    seen = draft.fingerprint
    questionnaires.save_answers(response=draft, fields={"note": ["I et andet vindue"]}, at=now)
    with pytest.raises(questionnaires.AnswersChanged):
        correcting.submit(task=task, at=now, seen=seen)


def test_a_correction_that_says_nothing_new_is_not_sent() -> None:
    now = timezone.now()
    task = answered(at=now)
    draft = correcting.begin(task=task, at=now)
    with pytest.raises(correcting.NothingCorrected):
        correcting.submit(task=task, at=now)
    draft.refresh_from_db()
    assert draft.status == Response.Status.IN_PROGRESS


def test_a_correction_that_lacks_an_answer_is_not_sent() -> None:
    now = timezone.now()
    task = answered(at=now)
    draft = correcting.begin(task=task, at=now)
    questionnaires.save_answers(response=draft, fields={"pain": ["true"]}, at=now)
    with pytest.raises(questionnaires.ResponseIncomplete):
        correcting.submit(task=task, at=now)


def test_dropping_it_leaves_all_as_it_was() -> None:
    now = timezone.now()
    task = answered(at=now)
    former = task.response_id
    draft = correcting.begin(task=task, at=now)
    questionnaires.save_answers(response=draft, fields={"note": ["Nyt"]}, at=now)
    correcting.drop(task=task)
    correcting.drop(task=task)
    task.refresh_from_db()
    assert task.response_id == former
    assert Response.objects.get().pk == former
    assert note_of(correcting.begin(task=task, at=now)) == "Som sædvanlig", "and it can be begun anew"


def test_dropping_touches_no_answer_of_an_open_task() -> None:
    now = timezone.now()
    task = factories.open_task(at=now)
    plans.begin_task(task=task, at=now)
    correcting.drop(task=task)
    assert Response.objects.count() == 1
    with pytest.raises(correcting.NotCorrectable, match="ikke sendt svar"):
        correcting.begin(task=task, at=now)


def test_dropping_for_a_task_that_was_not_begun_leaves_other_drafts_alone() -> None:
    now = timezone.now()
    task = factories.open_task(at=now)
    other = factories.open_task(task.citizen, at=now)
    plans.begin_task(task=other, at=now)
    correcting.drop(task=task)
    assert correcting.correcting(task, now).draft is None
    assert Response.objects.count() == 1


def test_a_questionnaire_that_was_retired_meanwhile_is_corrected_as_it_was_asked() -> None:
    now = timezone.now()
    task = answered(at=now)
    assert task.response is not None
    version = task.response.version
    type(version).objects.filter(pk=version.pk).update(status=PublicationStatus.RETIRED)
    task = corrected(task, now)
    assert task.response is not None
    assert task.response.version_id == version.pk


def test_a_plan_goes_on_while_its_answer_can_be_corrected_and_ends_the_night_after() -> None:
    now = timezone.now()
    task = answered(at=now)
    end = now + timedelta(days=DAYS)
    care_plan = CarePlan.objects.get()
    assert care_plan.status == CarePlan.Status.ACTIVE
    plans.end_what_is_over(at=end)
    care_plan.refresh_from_db()
    assert care_plan.status == CarePlan.Status.ACTIVE, "one that was begun in time may still be sent"
    plans.end_what_is_over(at=end + GRACE)
    care_plan.refresh_from_db()
    assert care_plan.status == CarePlan.Status.COMPLETED
    assert Event.objects.filter(name=EventName.CARE_PLAN_ENDED).count() == 1
    del task


def test_a_plan_that_was_stopped_meanwhile_takes_no_correction() -> None:
    now = timezone.now()
    task = answered(at=now, weekly=3)
    correcting.begin(task=task, at=now)
    plans.revoke_care_plan(care_plan=task.care_plan, at=now)
    task = Task.objects.get(pk=task.pk)
    with pytest.raises(correcting.NotCorrectable, match="Planen er afsluttet"):
        correcting.submit(task=task, at=now)
    assert correcting.correcting(task, now).came_too_late


def test_a_plan_that_waits_only_for_corrections_gives_way_to_the_next() -> None:
    now = timezone.now()
    task = answered(at=now)
    citizen = task.citizen
    again = factories.assign(citizen, plan=task.care_plan.plan, at=now)
    assert set(CarePlan.objects.values_list("status", flat=True)) == {"completed", "active"}
    assert again.status == CarePlan.Status.ACTIVE
    with pytest.raises(plans.PlanAlreadyAssigned):
        factories.assign(citizen, plan=task.care_plan.plan, at=now)


def test_a_course_whose_plans_only_wait_for_corrections_can_be_ended() -> None:
    now = timezone.now()
    task = answered(at=now)
    episode = plans.finish_episode(episode=task.care_plan.episode, at=now)
    assert episode.status == "finished"
    assert CarePlan.objects.get().status == CarePlan.Status.COMPLETED


def test_what_staff_entered_is_not_the_citizens_to_correct() -> None:
    now = timezone.now()
    task = answered(at=now)
    assert task.response is not None
    task.response.mode = Response.Mode.PAPER
    assert correcting.correcting(task, now).until is None


def test_how_long_is_as_fixed_as_the_rest_of_a_published_plan() -> None:
    plan = factories.PlanFactory(correction_days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(correction_days=2)


@pytest.mark.parametrize("what", ["citizen", "version", "draft", "twice"])
def test_the_database_holds_what_corrects_what(what: str) -> None:
    now = timezone.now()
    task = answered(at=now)
    former = task.response
    assert former is not None
    made: dict[str, Any] = {
        "citizen_id": former.citizen_id,
        "municipality_id": former.municipality_id,
        "version_id": former.version_id,
        "started_at": now,
        "saved_at": now,
        "replaces": former,
    }
    match what:
        case "citizen":
            made["citizen_id"] = factories.CitizenFactory(municipality=former.municipality).pk
        case "version":
            made["version_id"] = factories.QuestionnaireVersionFactory().pk
        case "draft":
            made["replaces"] = correcting.begin(task=task, at=now)
        case "twice":
            correcting.begin(task=task, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        _create_at_once(made)


def _create_at_once(made: dict[str, Any]) -> None:
    """With the constraints looked at now, not when the test is over."""
    Response.objects.create(**made)
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_which_answer_is_corrected_never_changes() -> None:
    task = answered()
    draft = correcting.begin(task=task, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.filter(pk=draft.pk).update(replaces=None)


def test_lists_and_figures_take_the_answer_in_force() -> None:
    now = timezone.now()
    task = corrected(answered(at=now), now + timedelta(minutes=1))
    municipality = task.citizen.municipality
    assert list(selectors.responses_seen_by(municipality)) == [task.response]
    listed = answers_of(Whose(municipality=municipality, teams=ALL_TEAMS))
    assert [one.response for one in listed] == [task.response]
    [citizen] = selectors.citizens_in_care(municipality, now)
    assert task.response is not None
    assert citizen.answered_at == task.response.completed_at  # type: ignore[attr-defined]  # annotated
    assert selectors.care_plans_of(task.citizen, municipality, now)[0].answered == 1
