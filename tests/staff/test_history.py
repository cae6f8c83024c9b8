"""A citizen's courses on a time line, and the log of what was done."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from followup import errands, handling, notes
from followup.models import Attention, CitizenNote
from identity.models import StaffMember
from identity.roles import Role
from municipalities.models import Municipality
from notifications import reminders
from plans import correcting
from plans.course_line import CourseLine, Sort, course_line
from plans.models import EpisodeOfCare
from plans.time_scale import Scale
from questionnaires.services import save_answers
from staff.citizen_log import MOST, Act, log_of
from tests.conftest import copenhagen
from tests.factories import CitizenFactory, PlanFactory, StaffMemberFactory, assign, open_task, overdue_task
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

NOW = copenhagen("2026-11-26 10:00")


def page_of(client: Client, citizen: Citizen, query: str = "") -> str:
    answered = client.get(reverse("staff:history", args=[citizen.pk]) + query)
    assert answered.status_code == 200
    return str(answered.content.decode())


class TestLog:
    @pytest.fixture
    def life(self, citizen: Citizen, nurse: StaffMember, municipality: Municipality) -> None:
        """One of each thing that is done, an hour apart."""
        start = timezone.now() - timedelta(days=20)
        task = open_task(citizen, plan=PlanFactory(title="Hverdag", correction_days=3), by=nurse, at=start)
        answer(task, at=start + timedelta(hours=1))
        draft = correcting.begin(task=task, at=start + timedelta(hours=2))
        save_answers(response=draft, fields={"note": ["Rettet"]}, at=start + timedelta(hours=2))
        correcting.submit(task=task, at=start + timedelta(hours=3))
        now = timezone.now()
        reminders.send(task=overdue_task(citizen), by=nurse, at=now - timedelta(hours=5))
        in_force = Attention.objects.in_force().get()
        handling.handle(
            attention=in_force,
            by=nurse,
            at=now - timedelta(hours=4),
            note="Alt vel",
            municipality=municipality,
        )
        given: dict[str, Any] = {"citizen": citizen, "municipality": municipality, "by": nurse}
        notes.write_note(text="Talt med datteren", at=now - timedelta(hours=3), **given)
        errand = errands.ask(text="Ring igen", at=now - timedelta(hours=2), for_member=nurse, **given)
        errands.finish(errand=errand, by=nurse, at=now - timedelta(hours=1))

    def test_each_thing_that_was_done_stands_there_newest_first(
        self, life: None, citizen: Citizen, nurse: StaffMember, municipality: Municipality
    ) -> None:
        entries = log_of(citizen, municipality, timezone.now()).entries
        assert [entry.act for entry in entries[:5]] == [
            Act.DONE,
            Act.ASKED,
            Act.NOTE,
            Act.HANDLED,
            Act.MESSAGE,
        ]
        assert {entry.act for entry in entries} == set(Act)
        assert entries == tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))
        handled = entries[3]
        assert (handled.who, handled.about, handled.more) == (nurse.name, "Om din dag", "Alt vel")
        corrected = next(entry for entry in entries if entry.act == Act.CORRECTED)
        assert corrected.who == ""

    def test_the_page_says_it_in_words(self, life: None, citizen: Citizen, nurse_client: Client) -> None:
        page = page_of(nurse_client, citizen)
        for words in (
            "Plan tildelt: Hverdag", "Svar rettet af borgeren:", "Svar håndteret:", "Alt vel",
            "Note: Talt med datteren", "Opgave løst: Ring igen", "Sms:",
        ):  # fmt: skip
            assert words in page, words

    def test_who_may_see_no_answers_reads_no_note_on_one(
        self, life: None, citizen: Citizen, client_with: Callable[[Role], Client]
    ) -> None:
        page = page_of(client_with(Role.CITIZEN_ENROLLER), citizen)
        assert "Svar håndteret:" in page
        assert "Alt vel" not in page
        assert "/besvarelser/" not in page

    def test_twenty_at_a_time(self, citizen: Citizen, nurse: StaffMember, nurse_client: Client) -> None:
        own = {"citizen": citizen, "municipality": citizen.municipality, "written_by": nurse}
        CitizenNote.objects.bulk_create(
            CitizenNote(text=f"Nr. {n}", written_at=timezone.now() - timedelta(hours=n), **own)
            for n in range(45)
        )
        counted = lambda page: len(re.findall(r"Nr\. \d+", page))  # noqa: E731
        assert counted(page := page_of(nurse_client, citizen)) == 20
        assert "?log=40" in page
        assert counted(page := page_of(nurse_client, citizen, "?log=60")) == 45
        assert "Vis flere" not in page
        for nonsense in ("x", "-1", "9" * 30, "²"):
            assert counted(page_of(nurse_client, citizen, f"?log={nonsense}")) == 20
        assert log_of(citizen, citizen.municipality, timezone.now(), MOST).more == 0

    def test_another_municipalitys_doings_are_not_there(self, citizen: Citizen, nurse_client: Client) -> None:
        elsewhere = StaffMemberFactory()
        notes.write_note(
            citizen=citizen,
            municipality=elsewhere.municipality,
            text="Et andet sted",
            by=elsewhere,
            at=timezone.now(),
        )
        assert "Et andet sted" not in page_of(nurse_client, citizen)
        stranger = reverse("staff:history", args=[CitizenFactory().pk])
        assert nurse_client.get(stranger).status_code == 404


class TestTimeLine:
    def line(self, citizen: Citizen) -> CourseLine:
        return course_line(citizen, citizen.municipality, NOW)

    def test_it_has_twelve_months_behind_and_three_ahead(self, citizen: Citizen) -> None:
        line = self.line(citizen)
        assert (line.start, line.end) == (date(2025, 11, 1), date(2027, 2, 26))
        assert not line.courses
        assert [mark.text for mark in line.marks][:2] == ["nov 2025", "feb 2026"]

    def test_tasks_lie_where_they_were_answered_or_are_due(self, citizen: Citizen) -> None:
        with time_machine.travel(NOW, tick=False):
            care_plan = assign(
                citizen, plan=PlanFactory(weekly=6), at=NOW - timedelta(weeks=2), starts_on=date(2026, 11, 12)
            )
            first = care_plan.tasks.select_related("citizen", "activity__version").earliest("opens_at")
            answer(first, at=copenhagen("2026-11-14 09:00"))
            [course] = self.line(citizen).courses
        [row] = course.plans
        found = [(point.sort, point.day) for point in row.points]
        assert found[:3] == [
            (Sort.ANSWERED, date(2026, 11, 14)),
            (Sort.OVERDUE, date(2026, 11, 25)),
            (Sort.OPEN, date(2026, 11, 26)),
        ]
        assert {sort for sort, _day in found[3:]} == {Sort.COMING}
        scale = Scale(date(2025, 11, 1), date(2027, 2, 26))
        assert row.points[0].x == scale.x(date(2026, 11, 14))
        assert row.last == date(2026, 12, 23)

    def test_what_is_over_long_ago_is_not_drawn(self, citizen: Citizen) -> None:
        long_ago = NOW - timedelta(days=800)
        care_plan = assign(citizen, at=long_ago, starts_on=long_ago.date())
        EpisodeOfCare.objects.filter(pk=care_plan.episode_id).update(
            status="finished", started_on=long_ago.date(), ended_on=(long_ago + timedelta(days=90)).date()
        )
        assert not self.line(citizen).courses

    def test_a_long_course_begins_at_the_lines_beginning(self, citizen: Citizen) -> None:
        long_ago = NOW - timedelta(days=800)
        assign(citizen, at=long_ago, starts_on=long_ago.date())
        EpisodeOfCare.objects.update(started_on=long_ago.date())
        [course] = self.line(citizen).courses
        assert (course.x, course.width) == ("0.00%", "100.00%")
        assert course.plans == ()

    def test_the_same_stands_in_words(self, citizen: Citizen, nurse_client: Client) -> None:
        answer(open_task(citizen, plan=PlanFactory(title="Hverdag", weekly=3)), at=timezone.now())
        page = page_of(nurse_client, citizen)
        assert "course-answered" in page
        listed = page[page.index("Se det samme som liste") :]
        assert "Hverdag" in listed
        assert "besvaret" in listed
        assert "kommer" in listed
        assert " style=" not in page


def test_the_citizens_page_pulls_it_in_and_works_without_a_script(
    citizen: Citizen, nurse_client: Client
) -> None:
    address = reverse("staff:history", args=[citizen.pk])
    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()
    assert f'hx-get="{address}?side=' in page
    assert f'href="{address}"' in page
    part = nurse_client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="history"' in part


def test_it_asks_as_often_for_much_as_for_little(
    citizen: Citizen, nurse: StaffMember, nurse_client: Client
) -> None:
    def life(weeks: int) -> None:
        start = timezone.now() - timedelta(weeks=weeks + 2)
        tasks = list(
            assign(citizen, plan=PlanFactory(weekly=weeks + 3), at=start, by=nurse).tasks.order_by("opens_at")
        )
        for task in tasks[:weeks]:
            answer(task, at=task.opens_at + timedelta(days=1))
        reminders.send(task=tasks[weeks], by=nurse, at=timezone.now())

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(nurse_client, citizen)
        return len(asked)

    life(1)
    few = queries()
    for _ in range(3):
        life(4)
    assert queries() == few
