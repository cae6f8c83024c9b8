"""Reading the access log: Danish days, groups a citizen can take in, and samples that can be drawn again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from identity import access_selectors
from identity.access_log import Action, Purpose, Use, What, record
from identity.access_selectors import Period, Seen, as_seen, entries_of, random_sample, uses_of_citizen
from identity.access_words import done, why
from identity.models import AccessEntry
from municipalities.models import Municipality
from tests.conftest import copenhagen, staff_actor
from tests.factories import MunicipalityFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db

CITIZEN = UUID("00000000-0000-4000-8000-000000000001")
ALL_OF_NOVEMBER = Period(first=date(2026, 11, 1), last=date(2026, 11, 30))


@pytest.fixture
def testby() -> Municipality:
    made: Municipality = MunicipalityFactory(name="Testby")
    return made


def use(
    municipality: Municipality, at: str, what: Use, *, unit: str = "Rehabilitering", by: str = "Mette"
) -> None:
    member = StaffMemberFactory(municipality=municipality, name=by)
    record(use=what, of=[CITIZEN], by=replace(staff_actor(member), context_name=unit), at=copenhagen(at))


def seen(citizen: UUID = CITIZEN) -> list[Seen]:
    return as_seen(uses_of_citizen(citizen))


def test_the_same_use_of_a_unit_on_a_day_is_one_line(testby: Municipality) -> None:
    for time in ("08:12", "14:30", "10:00"):
        use(testby, f"2026-11-20 {time}", Use(What.CITIZEN))

    [line] = seen()
    assert (line.day, line.times, line.latest) == (date(2026, 11, 20), 3, copenhagen("2026-11-20 14:30"))
    assert line.place == "Testby Kommune, Rehabilitering"
    assert str(line.done) == "Åbnede siden om dig med planer, opgaver og resultater"
    assert str(line.why) == "For at følge op på dit forløb"


def test_another_unit_purpose_or_day_is_a_line_of_its_own_newest_first(testby: Municipality) -> None:
    use(testby, "2026-11-20 08:00", Use(What.CITIZEN))
    use(testby, "2026-11-20 09:00", Use(What.CITIZEN), unit="Hjerte")
    use(testby, "2026-11-21 08:00", Use(What.RESPONSE))
    use(testby, "2026-11-20 10:00", Use(What.ACCESS_LOG, Action.LIST, Purpose.CONTROL))

    assert [(line.day.day, line.place, line.why) for line in seen()] == [
        (21, "Testby Kommune, Rehabilitering", "For at følge op på dit forløb"),
        (20, "Testby Kommune, Hjerte", "For at følge op på dit forløb"),
        (20, "Testby Kommune, Rehabilitering", "For at kontrollere, at ingen ser mere, end de må"),
        (20, "Testby Kommune, Rehabilitering", "For at følge op på dit forløb"),
    ]


def test_a_unit_that_is_the_municipality_itself_is_said_once(testby: Municipality) -> None:
    use(testby, "2026-11-20 08:00", Use(What.CITIZEN), unit="Testby Kommune")

    assert [line.place for line in seen()] == ["Testby Kommune"]


def test_no_employee_is_named_to_the_citizen(testby: Municipality) -> None:
    use(testby, "2026-11-20 08:00", Use(What.CITIZEN), by="Mette Kjærgaard")

    assert "Mette" not in str(seen())


def test_another_citizen_sees_nothing_of_it(testby: Municipality) -> None:
    use(testby, "2026-11-20 08:00", Use(What.CITIZEN))

    assert seen(uuid4()) == []


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-01 00:30", date(2026, 11, 1)),  # October still in UTC, and in October's table
        ("2026-10-31 23:59", date(2026, 10, 31)),
        ("2026-10-25 02:30", date(2026, 10, 25)),  # an hour that comes twice
        ("2026-07-01 01:30", date(2026, 7, 1)),  # two hours ahead of UTC
    ],
)
def test_a_day_is_a_day_in_denmark(testby: Municipality, at: str, day: date) -> None:
    use(testby, at, Use(What.CITIZEN))

    assert [line.day for line in seen()] == [day]
    assert entries_of(testby, Period(first=day, last=day)).count() == 1
    assert not entries_of(
        testby, Period(first=day - timedelta(days=1), last=day - timedelta(days=1))
    ).exists()


@pytest.mark.parametrize("what", What)
@pytest.mark.parametrize("action", Action)
def test_every_use_has_words_for_the_citizen(what: What, action: Action) -> None:
    assert str(done(what, action))


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_words_for_the_citizen(purpose: Purpose) -> None:
    assert str(why(purpose))


class TestSample:
    @pytest.fixture
    def hundred(self, testby: Municipality) -> Municipality:
        by = staff_actor(StaffMemberFactory(municipality=testby))
        for day in range(1, 21):
            at = datetime(2026, 11, day, 9, tzinfo=UTC)
            record(use=Use(What.OVERVIEW, Action.LIST), of=[uuid4() for _ in range(5)], by=by, at=at)
        return testby

    def draw(self, municipality: Municipality, seed: int, size: int = 10) -> list[int]:
        return [
            each.pk for each in random_sample(entries_of(municipality, ALL_OF_NOVEMBER), seed=seed, size=size)
        ]

    def test_the_same_number_draws_the_same(self, hundred: Municipality) -> None:
        assert self.draw(hundred, 4711) == self.draw(hundred, 4711)
        assert len(set(self.draw(hundred, 4711))) == 10

    def test_another_number_draws_others(self, hundred: Municipality) -> None:
        assert self.draw(hundred, 1) != self.draw(hundred, 2)

    def test_every_entry_can_be_drawn(self, hundred: Municipality) -> None:
        drawn = {entry for seed in range(80) for entry in self.draw(hundred, seed)}
        assert len(drawn) == AccessEntry.objects.count()

    def test_looking_at_a_sample_does_not_change_it(self, hundred: Municipality) -> None:
        before = self.draw(hundred, 4711)
        control = Use(What.ACCESS_LOG, Action.LIST, Purpose.CONTROL)
        by = staff_actor(StaffMemberFactory(municipality=hundred))
        record(use=control, of=[uuid4() for _ in range(50)], by=by, at=datetime(2026, 11, 20, tzinfo=UTC))

        assert self.draw(hundred, 4711) == before

    def test_only_the_period_and_the_municipality(self, hundred: Municipality) -> None:
        week = Period(first=date(2026, 11, 2), last=date(2026, 11, 3))
        drawn = random_sample(entries_of(hundred, week), seed=1, size=100)
        assert {entry.at.day for entry in drawn} == {2, 3}
        assert random_sample(entries_of(MunicipalityFactory(), ALL_OF_NOVEMBER), seed=1, size=100) == []


def test_employees_of_a_period_by_name(testby: Municipality) -> None:
    use(testby, "2026-11-20 08:00", Use(What.CITIZEN), by="Åse")
    use(testby, "2026-11-20 08:00", Use(What.CITIZEN), by="Bo")
    use(testby, "2026-10-20 08:00", Use(What.CITIZEN), by="Carl")

    employees = access_selectors.employees_in(entries_of(testby, ALL_OF_NOVEMBER))
    assert sorted(each.name for each in employees) == ["Bo", "Åse"]
