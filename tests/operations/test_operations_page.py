"""The system administration follows the outbox and acts on it, and sees nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from identity.models import StaffMember
from identity.roles import Role
from municipalities.scope import Scope, within
from outbox import bookkeeping, dispatcher
from outbox.breaker import FAILURES_THAT_OPEN
from outbox.channels import ReceiverAway, Refused
from outbox.models import ChannelName, ChannelState, Delivery, Event, Intervention, ReceiverState
from tests import factories
from tests.conftest import staff_actor
from tests.outbox.test_dispatcher import Receiver, news, receiver

__all__ = ["receiver"]

pytestmark = pytest.mark.django_db

OPERATOR = frozenset({Role.INCIDENT_MANAGER})


@pytest.fixture
def operator() -> StaffMember:
    return factories.StaffMemberFactory(municipality=None, name="Ole Drift")


@pytest.fixture
def browser(operator: StaffMember, client_as: Callable[..., Client]) -> Client:
    return client_as(staff_actor(operator, OPERATOR))


def dead(receiver: Receiver, words: str) -> Delivery:
    delivery = news()
    receiver.answers = [Refused(words, sent="POST /QuestionnaireResponse")]
    dispatcher.deliver_due(receiver)
    return delivery


class TestWhoMaySeeIt:
    def test_a_municipalitys_own_operator_has_nothing_to_do_here(
        self, client_as: Callable[..., Client]
    ) -> None:
        member = factories.StaffMemberFactory()
        assert client_as(staff_actor(member, OPERATOR)).get("/drift/").status_code == 403

    def test_nor_has_another_role_of_the_administration(
        self, operator: StaffMember, client_as: Callable[..., Client]
    ) -> None:
        others = frozenset(Role) - OPERATOR
        assert client_as(staff_actor(operator, others)).get("/drift/").status_code == 403

    def test_the_database_gives_the_administration_figures_and_no_rows(self, receiver: Receiver) -> None:
        dead(receiver, "422: no")
        with within(Scope.national()):
            assert bookkeeping.standings(timezone.now())[0].dead == 1
            assert not Delivery.objects.exists()
            assert not Event.objects.exists()

    def test_its_view_has_no_citizen(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM outbox_bookkeeping LIMIT 0")
            columns = {column.name for column in cursor.description or ()}
        assert not columns & {"key", "subject_id", "subject_model", "event_id"}

    def test_a_municipality_sees_its_own_there_and_nobody_nothing(self, receiver: Receiver) -> None:
        delivery = news()
        with connection.cursor() as cursor:
            for scope, seen in [
                (Scope.municipality(delivery.municipality_id), 1),
                (Scope.municipality(factories.MunicipalityFactory().pk), 0),
                (None, 0),
            ]:
                with within(scope):
                    cursor.execute("SELECT count(*) FROM outbox_bookkeeping")
                    assert cursor.fetchone() == (seen,)


class TestThePage:
    def test_it_says_how_the_channels_stand(self, receiver: Receiver, browser: Client) -> None:
        news()
        dispatcher.deliver_due(receiver)
        page = browser.get("/drift/").content.decode()
        assert "Kører" in page
        assert "1 det seneste minut" in page

    def test_a_receiver_that_is_away_is_told_in_plain_words(
        self, receiver: Receiver, browser: Client
    ) -> None:
        for _ in range(FAILURES_THAT_OPEN):
            news()
        receiver.answers = [ReceiverAway("ingen forbindelse")] * FAILURES_THAT_OPEN
        dispatcher.deliver_due(receiver)
        page = browser.get("/drift/").content.decode()
        assert "Modtageren svarer ikke" in page
        assert "ingen forbindelse" in page
        assert "ingen forbindelse" in browser.get("/drift/fut/").content.decode()

    def test_a_part_that_is_away_is_named_and_the_rest_goes_on(
        self, receiver: Receiver, browser: Client
    ) -> None:
        receiver.goes_to = "careplan"
        for _ in range(FAILURES_THAT_OPEN):
            news()
        receiver.answers = [ReceiverAway("ingen forbindelse")] * FAILURES_THAT_OPEN
        dispatcher.deliver_due(receiver)
        for address in ("/drift/", "/drift/fut/"):
            page = " ".join(browser.get(address).content.decode().split())
            assert "Svarer delvist" in page
            assert "Det, der skal til careplan, venter. Resten bliver sendt." in page
            assert "Vi prøver med en enkelt igen" in page
            assert "ingen forbindelse" in page
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
            dispatcher.deliver_due(receiver)
            assert "Svarer delvist" not in browser.get("/drift/").content.decode()

    def test_what_fails_for_one_reason_is_one_line(self, receiver: Receiver, browser: Client) -> None:
        for words in ("422: Patient/123456 er død", "422: Patient/654321 er død", "409: findes"):
            dead(receiver, words)
        with within(Scope.national()):
            groups = {group.reason: group.count for group in bookkeeping.given_up(ChannelName.FUT)}
        assert groups == {"422: Patient/… er død": 2, "409: findes": 1}

    def test_a_dead_letter_shows_what_was_sent_and_answered_without_a_number(
        self, receiver: Receiver, browser: Client
    ) -> None:
        letter = dead(receiver, "422: kender ikke 010190-1234")
        page = browser.get("/drift/fut/").content.decode()
        assert "POST /QuestionnaireResponse" in page
        assert "kender ikke ••••••-••••" in page
        assert str(letter.key) not in page

    def test_no_id_of_the_platform_is_shown(self, receiver: Receiver, browser: Client) -> None:
        """It may be a citizen's there."""
        delivery = news()
        receiver.answers = [Refused("422: Patient/471199 unknown", sent=f"PUT /fhir/Patient/{delivery.key}")]
        dispatcher.deliver_due(receiver)
        page = browser.get("/drift/fut/").content.decode()
        assert "PUT /fhir/Patient/…" in page
        assert "422: Patient/… unknown" in page
        assert "471199" not in page

    def test_htmx_gets_the_part_that_changes(self, browser: Client) -> None:
        for address in ("/drift/", "/drift/nemsms/"):
            part = browser.get(address, headers={"HX-Request": "true"}).content.decode()
            assert "<html" not in part
            assert "Opgivet" in part

    def test_a_page_that_asks_by_itself_keeps_nobody_logged_in(
        self, operator: StaffMember, client_as: Callable[..., Client]
    ) -> None:
        browser = client_as(staff_actor(operator, OPERATOR))
        began = timezone.now()
        with time_machine.travel(began + timedelta(minutes=20), tick=False):
            browser.get("/drift/", headers={"HX-Request": "true", "X-By-Itself": "1"})
        with time_machine.travel(began + timedelta(minutes=31), tick=False):
            assert browser.get("/drift/").status_code == 302

    @pytest.mark.parametrize("address", ["/drift/fax/", "/drift/fax/pause/"])
    def test_another_channel_is_not_found(self, browser: Client, address: str) -> None:
        assert browser.get(address).status_code == 404


class TestActing:
    def test_a_pause_says_who_and_why_and_nothing_leaves(
        self, receiver: Receiver, browser: Client, operator: StaffMember
    ) -> None:
        assert browser.post("/drift/fut/pause/", {"reason": ""}).status_code == 422
        browser.post("/drift/fut/pause/", {"reason": "FUT flytter"})
        news()
        assert dispatcher.deliver_due(receiver) == 0
        page = browser.get("/drift/").content.decode()
        assert "af Ole Drift: FUT flytter" in page
        browser.post("/drift/fut/fortsaet/")
        assert dispatcher.deliver_due(receiver) == 1
        acts = Intervention.objects.order_by("pk").values_list("act", "by_id", "reason")
        assert list(acts) == [("pause", operator.pk, "FUT flytter"), ("resume", operator.pk, "")]

    def test_one_is_sent_again_and_the_others_stay(self, receiver: Receiver, browser: Client) -> None:
        first, second = dead(receiver, "422: no"), dead(receiver, "422: no")
        browser.post("/drift/fut/send-igen/", {"delivery": first.pk})
        assert dict(Delivery.objects.values_list("pk", "state")) == {
            first.pk: Delivery.State.WAITING,
            second.pk: Delivery.State.DEAD,
        }

    def test_all_of_a_reason_are_sent_again_over_all_municipalities(
        self, receiver: Receiver, browser: Client
    ) -> None:
        alike = [dead(receiver, "422: no").pk, dead(receiver, "422: no").pk]
        other = dead(receiver, "409: there").pk
        browser.post("/drift/fut/send-igen/", {"reason": "422: no"})
        dispatcher.deliver_due(receiver)
        assert receiver.received == alike
        assert Delivery.objects.get(pk=other).state == Delivery.State.DEAD
        assert Intervention.objects.get().count == 2

    @pytest.mark.parametrize("sent", [{}, {"delivery": "x"}, {"delivery": "9" * 40}])
    def test_what_is_not_there_is_not_sent(self, browser: Client, sent: dict[str, str]) -> None:
        assert browser.post("/drift/fut/send-igen/", sent).status_code in {302, 404}
        assert not Intervention.objects.exists()


class TestMetrics:
    def test_without_the_token_there_is_no_such_page(self, client: Client, settings: object) -> None:
        assert client.get("/metrics").status_code == 404
        settings.METRICS_TOKEN = "long and secret"  # type: ignore[attr-defined]
        assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404

    def test_the_figures_of_the_page_as_numbers(
        self, client: Client, settings: object, receiver: Receiver
    ) -> None:
        settings.METRICS_TOKEN = "long and secret"  # type: ignore[attr-defined]
        delivery = dead(receiver, "422: no")
        ChannelState.objects.update_or_create(
            channel="nemsms", defaults={"held_until": timezone.now() + timedelta(minutes=1)}
        )
        ReceiverState.objects.create(
            channel="fut", receiver="careplan", failures=5, openings=1, open_until=timezone.now()
        )
        ReceiverState.objects.create(channel="fut", receiver="measurement")
        answer = client.get("/metrics", headers={"Authorization": "Bearer long and secret"})
        said = answer.content.decode()
        assert answer.status_code == 200
        assert 'kommunalpro_outbox_dead{channel="fut"} 1.0' in said
        assert 'kommunalpro_outbox_held{channel="nemsms"} 1.0' in said
        assert 'kommunalpro_outbox_receiver_breaker_open{channel="fut",receiver="careplan"} 1.0' in said
        assert 'kommunalpro_outbox_receiver_breaker_open{channel="fut",receiver="measurement"} 0.0' in said
        assert str(delivery.key) not in said
