"""Answers given on paper, by telephone or at a meeting: entered by staff in their municipality's scope."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from identity.models import StaffMember
from municipalities.scope import Scope, within
from outbox.models import Event
from plans import registering
from plans import services as plans
from plans.models import Task
from plans.registering import Begun
from questionnaires.definitions import definition_of
from questionnaires.models import Response, Score
from questionnaires.services import Given, ResponseIncomplete, save_answers
from tests import factories
from tests.conftest import copenhagen

pytestmark = pytest.mark.django_db

Mode = Response.Mode
EXAMPLES = Path(__file__).parents[2] / "kommunalpro" / "demo" / "questionnaires"
OPENED, NOW = copenhagen("2026-11-23 08:00"), copenhagen("2026-11-25 10:00")


@pytest.fixture
def task() -> Task:
    return factories.open_task(at=OPENED)


@pytest.fixture
def nurse(task: Task) -> StaffMember:
    made: StaffMember = factories.StaffMemberFactory(municipality=task.municipality)
    return made


def fresh(task: Task) -> Task:
    return Task.objects.with_questionnaire().get(pk=task.pk)


def begin(task: Task, by: StaffMember, *, mode: Mode = Mode.PAPER, on: date = date(2026, 11, 24)) -> Response:
    with within(Scope.municipality(task.municipality_id)):
        return registering.begin(task=task, given=Given(mode=mode, on=on, entered_by=by), at=NOW)


def submit(task: Task, by: StaffMember, at: datetime = NOW) -> Task:
    with within(Scope.municipality(task.municipality_id)):
        return registering.submit(task=task, by=by, at=at)


def enter(task: Task, by: StaffMember, **fields: list[str]) -> Response:
    response = begin(task, by)
    with within(Scope.municipality(task.municipality_id)):
        save_answers(response=response, fields=fields or {"pain": ["false"]}, at=NOW + timedelta(minutes=1))
    return response


def test_what_was_entered_is_kept_with_how_when_and_by_whom(task: Task, nurse: StaffMember) -> None:
    response = enter(task, nurse)

    done = submit(task, nurse, NOW + timedelta(minutes=5))

    response.refresh_from_db()
    assert done.status == Task.Status.COMPLETED
    assert (response.mode, response.given_on, response.entered_by) == (Mode.PAPER, date(2026, 11, 24), nurse)
    assert response.completed_at == NOW + timedelta(minutes=5)
    assert Event.objects.filter(name="response.completed", subject_id=response.pk).count() == 1


def test_it_stands_in_the_name_of_the_one_who_submits(task: Task, nurse: StaffMember) -> None:
    colleague = factories.StaffMemberFactory(municipality=task.municipality)
    response = enter(task, nurse)

    submit(task, colleague)

    response.refresh_from_db()
    assert response.entered_by == colleague


def test_what_was_entered_scores_as_the_citizens_own_answers_do(nurse: StaffMember) -> None:
    source = json.loads((EXAMPLES / "trivsel-5.json").read_text())
    version = factories.QuestionnaireVersionFactory(source=source, title=source["title"])
    citizen = factories.CitizenFactory(municipality=nurse.municipality)
    task = factories.open_task(citizen, plan=factories.PlanFactory(weekly__version=version), at=OPENED)
    definition = definition_of(version)
    asked = [item for page in definition.pages for item in page.walk() if item.is_asked]
    assert len(asked) == 5

    response = enter(task, nurse, **{item.link_id: [item.options[0].key] for item in asked})
    submit(task, nurse)

    with within(Scope.municipality(task.municipality_id)):
        (kept,) = Score.objects.filter(response=response)
    assert [kept.value, kept.minimum, kept.maximum] == [100, 0, 100]


def test_submitting_twice_is_as_once(task: Task, nurse: StaffMember) -> None:
    enter(task, nurse)
    assert submit(task, nurse).response_id == submit(task, nurse).response_id
    assert Event.objects.filter(name="response.completed").count() == 1


def test_what_is_missing_stops_it_and_names_nobody(task: Task, nurse: StaffMember) -> None:
    colleague = factories.StaffMemberFactory(municipality=task.municipality)
    response = begin(task, nurse)
    with pytest.raises(ResponseIncomplete):
        submit(task, colleague)
    response.refresh_from_db()
    assert (response.status, response.entered_by) == (Response.Status.IN_PROGRESS, nurse)


@pytest.mark.parametrize(
    ("on", "says"),
    [(date(2026, 11, 26), "fremtiden"), (date(2026, 11, 22), "åbnede først 23-11-2026")],
    ids=["tomorrow", "before it opened"],
)
def test_the_day_is_one_on_which_it_can_have_been(
    task: Task, nurse: StaffMember, on: date, says: str
) -> None:
    with pytest.raises(registering.DayNotPossible, match=says):
        begin(task, nurse, on=on)
    assert fresh(task).response_id is None


@pytest.mark.parametrize("on", [date(2026, 11, 23), date(2026, 11, 25)], ids=["first day", "today"])
def test_the_first_day_and_today_are_possible(task: Task, nurse: StaffMember, on: date) -> None:
    assert begin(task, nurse, on=on).given_on == on


@pytest.mark.parametrize(("status", "says"), [("completed", "er besvaret"), ("cancelled", "aflyst")])
def test_a_task_that_is_over_takes_none(task: Task, nurse: StaffMember, status: str, says: str) -> None:
    enter(task, nurse)
    submit(task, nurse)
    Task.objects.filter(pk=task.pk).update(status=status)
    with pytest.raises(plans.TaskNotOpen, match=says):
        begin(task, nurse)


def test_a_task_that_opens_later_takes_none(nurse: StaffMember) -> None:
    coming = factories.open_task(at=NOW, starts_on=date(2026, 12, 1))
    with pytest.raises(plans.TaskNotOpen, match="ikke åbnet"):
        begin(coming, nurse)


def test_how_it_was_given_can_be_put_right_while_it_is_a_draft(task: Task, nurse: StaffMember) -> None:
    response = enter(task, nurse)
    again = begin(task, nurse, mode=Mode.TELEPHONE, on=date(2026, 11, 25))
    assert again == response
    assert (again.mode, again.given_on) == (Mode.TELEPHONE, date(2026, 11, 25))
    assert again.document == Response.objects.get(pk=response.pk).document


class TestTwoWhoAnswer:
    def test_who_has_begun(self, task: Task, nurse: StaffMember) -> None:
        def begun() -> Begun:
            with within(Scope.municipality(task.municipality_id)):
                return registering.begun_by(fresh(task))

        assert begun() == Begun.NOBODY
        own = plans.begin_task(task=task, at=NOW)
        assert begun() == Begun.CITIZEN_UNTOUCHED
        save_answers(response=own, fields={"pain": ["true"]}, at=NOW + timedelta(minutes=1))
        assert begun() == Begun.CITIZEN

    def test_what_the_citizen_has_answered_stays_and_staff_are_told(
        self, task: Task, nurse: StaffMember
    ) -> None:
        own = plans.begin_task(task=task, at=NOW)
        save_answers(response=own, fields={"pain": ["true"]}, at=NOW + timedelta(minutes=1))
        before = Response.objects.get(pk=own.pk).document
        with pytest.raises(registering.CitizenHasBegun):
            begin(task, nurse)
        own.refresh_from_db()
        assert (own.mode, own.document) == (Mode.OWN, before)

    def test_a_draft_without_an_answer_gives_way(self, task: Task, nurse: StaffMember) -> None:
        plans.begin_task(task=task, at=NOW)
        response = enter(task, nurse)
        assert submit(task, nurse).response_id == response.pk
        assert Response.objects.get().mode == Mode.PAPER

    def test_the_citizen_is_told_that_it_is_being_entered(self, task: Task, nurse: StaffMember) -> None:
        response = enter(task, nurse)
        with within(Scope.citizen(task.citizen_id)):
            for act in (plans.begin_task, plans.submit_task):
                with pytest.raises(plans.AnswersBeingEntered, match="skrive dine svar ind"):
                    act(task=fresh(task), at=NOW)
        response.refresh_from_db()
        assert response.status == Response.Status.IN_PROGRESS

    def test_what_is_thrown_away_leaves_the_task_to_the_citizen(self, task: Task, nurse: StaffMember) -> None:
        enter(task, nurse)
        with within(Scope.municipality(task.municipality_id)):
            for _ in range(2):
                registering.discard(task=task)
        assert not Response.objects.exists()
        with pytest.raises(registering.NothingEntered):
            submit(task, nurse)
        assert plans.begin_task(task=task, at=NOW).mode == Mode.OWN

    def test_what_was_submitted_is_not_thrown_away(self, task: Task, nurse: StaffMember) -> None:
        enter(task, nurse)
        submit(task, nurse)
        with within(Scope.municipality(task.municipality_id)):
            registering.discard(task=task)
        assert Response.objects.get().is_completed


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [
            {"mode": "telephone"},
            {"given_on": date(2026, 11, 23)},
            {"mode": "own", "entered_by": None, "given_on": None},
        ],
        ids=str,
    )
    def test_how_it_was_given_stays_once_it_is_sent(
        self, task: Task, nurse: StaffMember, change: dict[str, object]
    ) -> None:
        enter(task, nurse)
        submit(task, nurse)
        with pytest.raises(IntegrityError, match="is not changed"), transaction.atomic():
            Response.objects.update(**change)

    @pytest.mark.parametrize(
        ("change", "name"),
        [
            ({"entered_by": None}, "who_entered_it_is_known"),
            ({"given_on": None}, "registered_response_has_its_day"),
            ({"mode": "letter"}, "is_known|is not changed"),
        ],
    )
    def test_a_registered_draft_has_all_of_it(
        self, task: Task, nurse: StaffMember, change: dict[str, object], name: str
    ) -> None:
        enter(task, nurse)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Response.objects.update(**change)

    def test_what_the_citizen_has_answered_becomes_nobody_elses(self, task: Task, nurse: StaffMember) -> None:
        own = plans.begin_task(task=task, at=NOW)
        save_answers(response=own, fields={"pain": ["true"]}, at=NOW + timedelta(minutes=1))
        with pytest.raises(IntegrityError, match="is not changed"), transaction.atomic():
            Response.objects.update(mode="paper", entered_by=nurse, given_on=date(2026, 11, 24))

    def test_own_answers_name_no_employee(self, task: Task, nurse: StaffMember) -> None:
        plans.begin_task(task=task, at=NOW)
        with pytest.raises(IntegrityError, match="who_entered_it_is_known"), transaction.atomic():
            Response.objects.update(entered_by=nurse)


class TestTheWalls:
    def test_staff_do_not_see_or_touch_what_a_citizen_has_begun(self, task: Task, nurse: StaffMember) -> None:
        plans.begin_task(task=task, at=NOW)
        with within(Scope.municipality(task.municipality_id)):
            assert not Response.objects.exists()
            assert not Response.objects.update(document={})
            assert not Response.objects.all()._raw_delete("default")

    def test_a_citizen_reads_what_is_being_entered_and_writes_none_of_it(
        self, task: Task, nurse: StaffMember
    ) -> None:
        enter(task, nurse)
        with within(Scope.citizen(task.citizen_id)):
            assert Response.objects.count() == 1
            assert not Response.objects.update(document={})
            assert not Response.objects.all()._raw_delete("default")

    def test_a_citizen_enters_nothing_in_the_name_of_staff(self, task: Task, nurse: StaffMember) -> None:
        given = Given(mode=Mode.PAPER, on=date(2026, 11, 24), entered_by=nurse)
        with within(Scope.citizen(task.citizen_id)), pytest.raises(DatabaseError, match="row-level security"):
            registering.begin(task=task, given=given, at=NOW)

    def test_another_municipality_sees_nothing_of_it(self, task: Task, nurse: StaffMember) -> None:
        enter(task, nurse)
        with within(Scope.municipality(factories.MunicipalityFactory().pk)):
            assert not Response.objects.exists()

    def test_staff_give_scores_to_what_they_entered_and_to_nothing_else(
        self, task: Task, nurse: StaffMember
    ) -> None:
        entered = enter(task, nurse)
        other = factories.open_task(task.citizen, at=OPENED)
        own = plans.begin_task(task=other, at=NOW)
        with within(Scope.municipality(task.municipality_id)):
            score(entered)
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                score(own)


def score(response: Response) -> Score:
    return Score.objects.create(
        response=response,
        municipality_id=response.municipality_id,
        citizen_id=response.citizen_id,
        link_id="sum",
        name="I alt",
        value=1,
    )
