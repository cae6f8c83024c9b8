"""The access log in MinLog2's words, and the command that writes a period of it."""

import io
import json
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from citizens.models import Citizen
from identity import minlog
from identity.access_log import Action, Use, What, record
from identity.access_selectors import Period, logged_uses
from identity.minlog import LoggedUse
from municipalities.models import Municipality
from tests.conftest import copenhagen, staff_actor
from tests.factories import CitizenFactory, MunicipalityFactory, StaffMemberFactory

USE = LoggedUse(
    entry_id=7,
    at=copenhagen("2026-11-20 10:15"),
    cpr="6101500001",
    municipality_cvr="91000000",
    municipality_name="Testby Kommune",
    unit_name="Rehabilitering",
    staff_name="Mette Kjærgaard",
    what=What.RESPONSE,
    action=Action.READ,
    purpose="follow_up",
    request_id="abc",
)


def test_a_use_in_minlogs_words() -> None:
    assert minlog.registration(USE) == {
        "citizen": {"source": "CPR", "value": "6101500001"},
        "Destination": {
            "SystemName": "Kommunal PRO",
            "Activity": "Læste svar, du har sendt",
            "Reason": "For at følge op på dit forløb",
            "FromDateTime": "2026-11-20T10:15:00+01:00",
            "ToDateTime": "2026-11-20T10:15:00+01:00",
            "OrganisationId": {"source": "CVR", "value": "91000000"},
            "OrganisationName": "Testby Kommune, Rehabilitering",
            "UserPersonName": "Mette Kjærgaard",
            "CorrelationId": "abc",
        },
    }


@pytest.fixture
def testby(db: None) -> Municipality:
    made: Municipality = MunicipalityFactory(code="9991", name="Testby", cvr="91000000")
    return made


@pytest.fixture
def citizen(testby: Municipality) -> Citizen:
    made: Citizen = CitizenFactory(municipality=testby)
    return made


def enter(citizen: Citizen, day: int, *more) -> None:
    by = staff_actor(StaffMemberFactory(municipality=citizen.municipality, name="Mette"))
    record(use=Use(What.CITIZEN), of=[citizen.pk, *more], by=by, at=datetime(2026, 11, day, 9, tzinfo=UTC))


NOVEMBER = Period(first=date(2026, 11, 1), last=date(2026, 11, 30))


def test_a_period_oldest_first_without_those_who_are_here_no_longer(citizen: Citizen) -> None:
    enter(citizen, 20, uuid4())
    enter(citizen, 10)
    enter(CitizenFactory(), 15)

    uses = list(logged_uses(citizen.municipality, NOVEMBER))

    assert [(use.at.day, use.cpr) for use in uses] == [(10, citizen.cpr), (20, citizen.cpr)]


def test_searches_that_found_nobody_are_left_out(citizen: Citizen) -> None:
    by = staff_actor(StaffMemberFactory(municipality=citizen.municipality))
    record(use=Use(What.CITIZENS, Action.SEARCH), of=[], by=by, at=datetime(2026, 11, 2, tzinfo=UTC))

    assert list(logged_uses(citizen.municipality, NOVEMBER)) == []


def export(*arguments: str) -> tuple[list[dict[str, object]], str]:
    out, said = io.StringIO(), io.StringIO()
    call_command("access_log", "export", *arguments, stdout=out, stderr=said)
    return [json.loads(line) for line in out.getvalue().splitlines()], said.getvalue()


def test_the_command_writes_one_use_a_line(citizen: Citizen) -> None:
    enter(citizen, 10)
    enter(citizen, 30)

    lines, said = export("--municipality", "9991", "--from", "2026-11-01", "--to", "2026-11-29")

    assert [line["citizen"] for line in lines] == [{"source": "CPR", "value": citizen.cpr}]
    assert "1 uses written" in said
    assert citizen.cpr not in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--municipality", "0000", "--from", "2026-11-01", "--to", "2026-11-30"), "no municipality 0000"),
        (("--municipality", "9991", "--from", "2026-12-01", "--to", "2026-11-30"), "comes after"),
    ],
)
def test_the_command_says_what_is_wrong(testby: Municipality, arguments, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        export(*arguments)


def test_months_by_hand(db: None) -> None:
    out = io.StringIO()
    call_command("access_log", "months", stdout=out)
    assert out.getvalue() == "Made: none. Dropped: none.\n"
