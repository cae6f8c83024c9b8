"""The list of tasks: one obvious next step, and how long each takes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from citizens import selectors
from citizens.models import Citizen
from identity.actors import CitizenActor
from municipalities.scope import Scope, within
from plans import services as plans
from plans.models import Task
from questionnaires import answer_times
from questionnaires.models import AnswerTime, QuestionnaireVersion, Response
from questionnaires.services import save_answers
from questionnaires.tasks import measure_answer_times
from tests import factories

pytestmark = pytest.mark.django_db


def listed(client_as: Callable[[CitizenActor], Client], citizen: Citizen) -> str:
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    page: str = client.get("/borger/").content.decode()
    return page.partition("<h1>")[2].partition("</main>")[0]


def begin(task: Task) -> None:
    response = plans.begin_task(task=task, at=timezone.now())
    save_answers(response=response, fields={"pain": ["true"]}, at=timezone.now())


def answered(
    version: QuestionnaireVersion, *, seconds: int, times: int, citizen: Citizen | None = None
) -> None:
    now = timezone.now()
    for _ in range(times):
        whose = citizen or factories.CitizenFactory()
        Response.objects.create(
            citizen=whose,
            municipality=whose.municipality,
            version=version,
            status=Response.Status.COMPLETED,
            started_at=now - timedelta(seconds=seconds),
            saved_at=now,
            completed_at=now,
        )


def test_the_most_urgent_comes_first_and_says_why(client_as: Callable[[CitizenActor], Client]) -> None:
    citizen = factories.CitizenFactory()
    factories.open_task(citizen, plan=factories.PlanFactory())
    late = factories.overdue_task(citizen)

    page = listed(client_as, citizen)

    assert "Du har 2 opgaver, du kan svare på nu." in page
    assert "En af dem er over fristen. Begynd med den." in page
    assert page.count("button-primary") == 1
    assert (
        page.index("button-primary")
        < page.index(f"/borger/opgave/{late.pk}/")
        < page.index("button-secondary")
    )


def test_what_is_half_done_comes_before_what_is_due_the_same_day() -> None:
    citizen = factories.CitizenFactory()
    factories.open_task(citizen)
    half_done = max(
        (factories.open_task(citizen, plan=factories.PlanFactory()) for _ in range(2)),
        key=lambda task: task.pk,
    )
    begin(half_done)
    overview = selectors.task_overview(citizen_id=citizen.pk, now=timezone.now())
    assert overview.next_step is not None
    assert overview.next_step.task == half_done


def test_what_is_half_done_says_how_much_is_left(client_as: Callable[[CitizenActor], Client]) -> None:
    citizen = factories.CitizenFactory()
    begin(factories.open_task(citizen))
    page = listed(client_as, citizen)
    assert "Du er i gang" in page
    assert "Der er cirka 1 minut tilbage." in page
    assert "Fortsæt" in page


def test_with_nothing_to_do_the_page_says_so(client_as: Callable[[CitizenActor], Client]) -> None:
    assert "Du har ingen opgaver lige nu" in listed(client_as, factories.CitizenFactory())


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 1), (80, 1), (100, 2), (600, 10), (660, 10), (770, 15), (3600, 60)]
)
def test_minutes_are_said_roughly(seconds: int, minutes: int) -> None:
    assert selectors.rounded_minutes(seconds) == minutes


def test_real_answer_times_say_how_long_it_takes(client_as: Callable[[CitizenActor], Client]) -> None:
    task = factories.open_task()
    assert "Det tager cirka 1 minut." in listed(client_as, task.citizen)
    answered(task.activity.version, seconds=6 * 60, times=answer_times.FEWEST_CITIZENS)
    # Whoever went away from it in between moves nothing.
    answered(task.activity.version, seconds=5 * 60 * 60, times=answer_times.FEWEST_CITIZENS + 2)

    measure_answer_times()

    assert "Det tager cirka 6 minutter." in listed(client_as, task.citizen)


def test_a_few_citizens_give_no_figure_however_often_they_answer() -> None:
    version = factories.QuestionnaireVersionFactory()
    answered(version, seconds=60, times=answer_times.FEWEST_CITIZENS - 1)
    answered(version, seconds=60, times=5, citizen=Response.objects.earliest("pk").citizen)
    assert answer_times.measure(at=timezone.now()) == 0
    answered(version, seconds=60, times=1)
    assert answer_times.measure(at=timezone.now()) == 1
    # A year later none of them counts any more.
    assert answer_times.measure(at=timezone.now() + timedelta(days=366)) == 0
    assert not AnswerTime.objects.exists()


def test_citizens_read_the_figure_and_cannot_write_it() -> None:
    answered(factories.QuestionnaireVersionFactory(), seconds=60, times=answer_times.FEWEST_CITIZENS)
    answer_times.measure(at=timezone.now())
    with within(Scope.citizen(factories.CitizenFactory().pk)):
        assert AnswerTime.objects.get().seconds == 60
        assert AnswerTime.objects.update(seconds=1) == 0


def test_the_list_takes_as_many_queries_for_many_tasks_as_for_one(
    client_as: Callable[[CitizenActor], Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    citizen = factories.CitizenFactory()
    factories.open_task(citizen)
    now = timezone.now()
    selectors.task_overview(citizen_id=citizen.pk, now=now)
    with django_assert_max_num_queries(1):  # type: ignore[attr-defined]
        selectors.task_overview(citizen_id=citizen.pk, now=now)
    for _ in range(5):
        factories.open_task(citizen, plan=factories.PlanFactory())
    # A version's questions are compiled once a process, and that reads them.
    selectors.task_overview(citizen_id=citizen.pk, now=now)
    with django_assert_max_num_queries(1):  # type: ignore[attr-defined]
        assert len(selectors.task_overview(citizen_id=citizen.pk, now=now).available) == 6
