"""Writing the access log: who, from where, of whom, what, why, when."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import structlog
from django.db import IntegrityError

from identity.access_log import Action, NoMunicipality, Purpose, ReviewNotPossible, Use, What, record, review
from identity.actors import StaffActor
from identity.models import AccessEntry, AccessReview, StaffMember
from tests.conftest import staff_actor
from tests.factories import CitizenFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db

At = Callable[[str], AbstractContextManager[datetime]]
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def actor(nurse: StaffMember) -> StaffActor:
    return replace(
        staff_actor(nurse), organisation_unit="48df8b3d", care_team="95c7aef7", context_name="Rehabilitering"
    )


def test_an_entry_says_who_from_where_of_whom_what_why_and_when(actor: StaffActor) -> None:
    citizen, response = uuid4(), uuid4()
    with structlog.contextvars.bound_contextvars(request_id="abc-123"):
        record(use=Use(What.RESPONSE, subject_id=response), of=[citizen], by=actor, at=NOW)

    entry = AccessEntry.objects.get()
    assert (entry.at, entry.municipality_id, entry.citizen_id) == (NOW, actor.municipality_id, citizen)
    assert (entry.staff_id, entry.staff_name) == (actor.staff_id, actor.name)
    assert (entry.organisation_unit, entry.care_team, entry.unit_name) == (
        "48df8b3d",
        "95c7aef7",
        "Rehabilitering",
    )
    assert (entry.what, entry.action, entry.purpose) == (What.RESPONSE, Action.READ, Purpose.FOLLOW_UP)
    assert (entry.subject_id, entry.request_id) == (response, "abc-123")


def test_a_list_is_one_entry_a_citizen_in_one_statement(actor: StaffActor, django_assert_num_queries) -> None:
    one, other = uuid4(), uuid4()
    with django_assert_num_queries(1):
        assert record(use=Use(What.OVERVIEW, Action.LIST), of=[one, other, one], by=actor, at=NOW) == 2

    assert set(AccessEntry.objects.values_list("citizen_id", flat=True)) == {one, other}


def test_an_empty_list_is_no_entry(actor: StaffActor, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert record(use=Use(What.OVERVIEW, Action.LIST), of=[], by=actor, at=NOW) == 0


def test_a_search_that_found_nobody_is_an_entry_about_nobody(actor: StaffActor) -> None:
    record(use=Use(What.CITIZENS, Action.SEARCH, criterion="Holm"), of=[], by=actor, at=NOW)

    entry = AccessEntry.objects.get()
    assert (entry.citizen_id, entry.criterion) == (None, "Holm")


@pytest.mark.parametrize("number", ["610150-0001", "6101500001", "610150 0001"])
def test_no_entry_holds_a_cpr_number(actor: StaffActor, number: str) -> None:
    use = Use(
        What.CITIZENS,
        Action.SEARCH,
        Purpose.BREAK_THE_GLASS,
        criterion=f"Holm {number}",
        reason=f"{number} ringede",
    )
    record(use=use, of=[], by=actor, at=NOW)

    entry = AccessEntry.objects.get()
    assert entry.criterion == "Holm ••••••-••••"
    assert entry.reason == "••••••-•••• ringede"


def test_the_database_itself_takes_no_cpr_number_as_a_criterion(actor: StaffActor) -> None:
    record(use=Use(What.CITIZENS, Action.SEARCH), of=[], by=actor, at=NOW)
    entry = AccessEntry.objects.get()
    entry.pk, entry.criterion = None, "610150-0001"
    with pytest.raises(IntegrityError, match="criterion_holds_no_cpr_number"):
        entry.save(force_insert=True)


def test_a_broken_glass_without_a_reason_is_refused(actor: StaffActor) -> None:
    with pytest.raises(IntegrityError, match="broken_glass_has_a_reason"):
        record(use=Use(What.CITIZEN, purpose=Purpose.BREAK_THE_GLASS), of=[uuid4()], by=actor, at=NOW)


def test_who_belongs_to_no_municipality_is_shown_nobody() -> None:
    national = staff_actor(StaffMemberFactory(municipality=None))
    with pytest.raises(NoMunicipality):
        record(use=Use(What.CITIZEN), of=[uuid4()], by=national, at=NOW)


def test_an_entry_outlives_the_citizen_and_the_employee(actor: StaffActor, nurse: StaffMember) -> None:
    citizen = CitizenFactory(municipality=nurse.municipality)
    record(use=Use(What.CITIZEN), of=[citizen.pk], by=actor, at=NOW)
    was = citizen.pk

    citizen.delete()
    nurse.delete()

    assert AccessEntry.objects.get(citizen_id=was).staff_name == actor.name


class TestReview:
    @pytest.fixture
    def entry(self, actor: StaffActor) -> AccessEntry:
        record(use=Use(What.CITIZEN), of=[uuid4()], by=actor, at=NOW)
        return AccessEntry.objects.get()

    @pytest.fixture
    def controller(self, nurse: StaffMember) -> StaffActor:
        return staff_actor(StaffMemberFactory(municipality=nurse.municipality))

    def test_the_newest_decision_counts_and_the_first_stays(
        self, entry: AccessEntry, controller: StaffActor
    ) -> None:
        review(
            entry=entry,
            outcome=AccessReview.Outcome.FOLLOW_UP,
            note="Spørg lederen.",
            by=controller,
            at=NOW,
        )
        review(entry=entry, outcome=AccessReview.Outcome.IN_ORDER, note="", by=controller, at=NOW)

        decided = AccessReview.objects.order_by("pk").values_list("outcome", "note", "staff_name")
        assert list(decided) == [
            ("follow_up", "Spørg lederen.", controller.name),
            ("in_order", "", controller.name),
        ]

    def test_following_up_needs_words(self, entry: AccessEntry, controller: StaffActor) -> None:
        with pytest.raises(ReviewNotPossible, match="Skriv, hvad der skal følges op på"):
            review(entry=entry, outcome=AccessReview.Outcome.FOLLOW_UP, note=" ", by=controller, at=NOW)

    def test_nobody_decides_about_their_own_reading(self, entry: AccessEntry, actor: StaffActor) -> None:
        with pytest.raises(ReviewNotPossible, match="dit eget opslag"):
            review(entry=entry, outcome=AccessReview.Outcome.IN_ORDER, note="", by=actor, at=NOW)
