"""The day's numbers by e-mail: numbers alone, once a day, and a mail server that fails is tried again."""

import re
import smtplib
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client

from citizens.models import Citizen
from followup.models import Attention, DeskSettings
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from notifications import digest
from tests.conftest import copenhagen
from tests.factories import (
    CareTeamFactory,
    CitizenFactory,
    MunicipalityFactory,
    StaffMemberFactory,
    open_task,
)
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

TUESDAY = copenhagen("2026-11-24 07:00")


class Failing(EmailBackend):
    """A mail server that refuses one address, or everybody; what it was asked stands in `asked`."""

    refused: str = ""
    asked: list[str] = []

    def send_messages(self, messages: Any) -> int:
        to = messages[0].to[0]
        self.asked.append(to)
        if re.search(self.refused, to):
            raise smtplib.SMTPRecipientsRefused({to: (550, b"no such user 010150-1234")})
        return super().send_messages(messages)


@pytest.fixture
def failing(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> type[Failing]:
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    monkeypatch.setattr(Failing, "asked", [])
    return Failing


@pytest.fixture
def municipality() -> Municipality:
    made: Municipality = MunicipalityFactory()
    CareTeamFactory(municipality=made, name="Rehabilitering")
    return made


def subscriber(municipality: Municipality, to: str = "anna@kommune.dk", **more: Any) -> DeskSettings:
    member = StaffMemberFactory(municipality=municipality, last_login_at=TUESDAY - timedelta(days=1))
    return DeskSettings.objects.create(staff_member=member, municipality=municipality, digest_to=to, **more)


def answered(citizen: Citizen, at: str, **marks: Any) -> None:
    made = answer(open_task(citizen, at=copenhagen("2026-11-20 12:00")), at=copenhagen(at))
    Attention.objects.filter(pk=made.pk).update(**marks)


def test_it_says_numbers_and_nothing_of_anybody(municipality: Municipality) -> None:
    desk = subscriber(municipality)
    citizen = CitizenFactory(municipality=municipality, given_name="Kirsten", family_name="Holm")
    answered(citizen, "2026-11-23 06:59")
    answered(citizen, "2026-11-23 07:01")
    answered(citizen, "2026-11-23 21:00", colour="red")
    answered(citizen, "2026-11-23 22:00", handled_at=TUESDAY, handled_by=desk.staff_member)
    assert digest.send_digests(at=TUESDAY) == 1

    [letter] = mail.outbox
    assert letter.to == ["anna@kommune.dk"]
    body = str(letter.body)
    assert "Siden mandag den 23. november kl. 7:\n- Nye svar: 2\n- Heraf markerede: 1\n" in body
    assert "Borgere over fristen: 0\n- Tavse borgere: 0\n" in body
    assert f"{settings.PUBLIC_URL}/medarbejder/\n" in body
    said = f"{letter.subject}{body}{letter.extra_headers}"
    for secret in (citizen.cpr, citizen.cpr[:6], "Kirsten", "Holm", "Om din dag", desk.staff_member.name):
        assert secret not in said
    assert str(citizen.pk) not in said


def test_its_link_stops_it(municipality: Municipality) -> None:
    subscriber(municipality)
    digest.send_digests(at=TUESDAY)
    [stop] = re.findall(r"https?://\S+/afmeld/\S+", str(mail.outbox[0].body))
    Client().post(stop.removeprefix(settings.PUBLIC_URL))
    assert digest.send_digests(at=TUESDAY + timedelta(days=1)) == 0


def test_after_a_weekend_it_counts_from_friday() -> None:
    assert digest.last_morning(copenhagen("2026-11-23 07:00")) == copenhagen("2026-11-20 07:00")
    # Maundy Thursday, Good Friday and Easter Monday 2026.
    assert digest.last_morning(copenhagen("2026-04-07 07:00")) == copenhagen("2026-04-01 07:00")


@pytest.mark.parametrize(
    "day", ["2026-11-22", "2026-12-24", "2026-04-06"], ids=["Sunday", "Christmas", "Easter"]
)
def test_not_on_days_when_nobody_is_at_work(municipality: Municipality, day: str) -> None:
    subscriber(municipality)
    assert digest.send_digests(at=copenhagen(f"{day} 07:00")) == 0
    assert not mail.outbox


def test_once_a_day_however_often_the_task_runs(municipality: Municipality) -> None:
    subscriber(municipality)
    for minutes in (0, 0, 15):
        digest.send_digests(at=TUESDAY + timedelta(minutes=minutes))
    assert len(mail.outbox) == 1
    digest.send_digests(at=TUESDAY + timedelta(days=1))
    assert len(mail.outbox) == 2


def test_each_gets_the_figures_of_their_own_team_and_municipality(municipality: Municipality) -> None:
    team = municipality.care_teams.get()
    other = CareTeamFactory(municipality=municipality, name="Øvrige")
    answered(CitizenFactory(municipality=municipality), "2026-11-23 12:00")
    elsewhere = MunicipalityFactory()
    CareTeamFactory(municipality=elsewhere)
    for to, where, chosen in (
        ("own@k.dk", municipality, team),
        ("other@k.dk", municipality, other),
        ("all@k.dk", municipality, None),
        ("elsewhere@k.dk", elsewhere, None),
    ):
        subscriber(where, to, digest_team=chosen)
    digest.send_digests(at=TUESDAY)
    found = {each.to[0]: re.findall(r"Nye svar: (\d+)", str(each.body))[0] for each in mail.outbox}
    assert found == {"own@k.dk": "1", "other@k.dk": "0", "all@k.dk": "1", "elsewhere@k.dk": "0"}


def test_who_has_not_logged_in_for_long_gets_none(municipality: Municipality) -> None:
    desk = subscriber(municipality)
    member = desk.staff_member
    member.last_login_at = TUESDAY - timedelta(days=181)
    member.save()
    assert digest.send_digests(at=TUESDAY) == 0


def test_without_a_mail_server_nothing_is_tried(municipality: Municipality, settings: LazySettings) -> None:
    subscriber(municipality)
    settings.EMAIL_IS_SENT = False
    assert digest.send_digests(at=TUESDAY) == 0
    assert DeskSettings.objects.get().digest_sent_on is None


class TestFailures:
    def test_one_address_that_is_refused_holds_nobody_up_and_is_tried_again(
        self, municipality: Municipality, failing: type[Failing], monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:  # fmt: skip
        for to in ("a@k.dk", "gone@k.dk", "b@k.dk"):
            subscriber(municipality, to)
        monkeypatch.setattr(failing, "refused", "gone")
        assert digest.send_digests(at=TUESDAY) == 2
        assert {each.to[0] for each in mail.outbox} == {"a@k.dk", "b@k.dk"}
        assert "digest_not_sent" in caplog.text
        assert "gone@k.dk" not in caplog.text
        assert "010150" not in caplog.text
        monkeypatch.setattr(failing, "refused", "nobody at all")
        assert digest.send_digests(at=TUESDAY + timedelta(minutes=15)) == 1
        assert DeskSettings.objects.filter(digest_sent_on=date(2026, 11, 24)).count() == 3

    def test_a_server_that_is_down_is_not_asked_for_everybody(
        self, municipality: Municipality, failing: type[Failing], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(10):
            subscriber(municipality, f"{number}@k.dk")
        monkeypatch.setattr(failing, "refused", "k.dk")
        assert digest.send_digests(at=TUESDAY) == 0
        assert len(failing.asked) == digest.MOST_FAILURES
        monkeypatch.setattr(failing, "refused", "nobody at all")
        assert digest.send_digests(at=TUESDAY + timedelta(minutes=15)) == 10


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber(municipality)
    both_have_looked = threading.Barrier(2, timeout=60)
    first = digest._send_one

    def send_together(*args: Any, **more: Any) -> bool:
        both_have_looked.wait()
        return first(*args, **more)

    monkeypatch.setattr(digest, "_send_one", send_together)
    sent: list[int] = []

    def work() -> None:
        try:
            with within(Scope.system()):
                pass
            sent.append(digest.send_digests(at=TUESDAY))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == [0, 1]
    assert len(mail.outbox) == 1
