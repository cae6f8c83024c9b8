"""Nobody tries too often: counted for the person where one is known, else for the network they come from."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory

from identity import rate_limits
from identity.rate_limits import RULES, Action, network_of
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted_before() -> None:
    rate_limits.forget_everything()


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything may be done twice an hour."""
    for action in Action:
        monkeypatch.setitem(RULES, action, rate_limits.rule("2/hour"))


SEARCH = "/medarbejder/borgere/"


@pytest.mark.usefixtures("twice")
def test_the_third_search_waits_and_says_for_how_long(nurse_client: Client) -> None:
    for _ in range(2):
        assert nurse_client.post(SEARCH, {"text": "Testesen"}).status_code == 200
    refused = nurse_client.post(SEARCH, {"text": "Testesen"})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    page = refused.content.decode()
    assert "Vent" in page
    assert "Testesen" not in page
    # Reading on is no search.
    assert nurse_client.get(SEARCH).status_code == 200


@pytest.mark.usefixtures("twice")
def test_numbers_and_names_count_together(nurse_client: Client) -> None:
    answers = [
        nurse_client.post(SEARCH, {"text": text}).status_code
        for text in ("6101500001", "Testesen", "6101500002")
    ]
    assert answers == [200, 200, 429]


@pytest.mark.usefixtures("twice")
def test_colleagues_behind_one_address_do_not_use_up_each_others(client_as: Callable[..., Client]) -> None:
    municipality = factories.MunicipalityFactory()
    for _ in range(3):
        member = factories.StaffMemberFactory(municipality=municipality)
        assert client_as(staff_actor(member)).post(SEARCH, {"text": "Testesen"}).status_code == 200


@pytest.mark.usefixtures("twice")
def test_a_new_session_is_no_new_person(client_as: Callable[..., Client]) -> None:
    member = factories.StaffMemberFactory()
    answers = [
        client_as(staff_actor(member)).post(SEARCH, {"text": "Testesen"}).status_code for _ in range(3)
    ]
    assert answers == [200, 200, 429]


@pytest.mark.usefixtures("twice")
def test_htmx_gets_the_sentence_too(nurse_client: Client) -> None:
    for _ in range(3):
        answer = nurse_client.post(SEARCH, {"text": "Testesen"}, headers={"HX-Request": "true"})
    assert answer.status_code == 429
    assert b"data-problem" in answer.content


@pytest.mark.usefixtures("twice")
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/login/staff/"),
        ("get", "/login/citizen/callback/?error=access_denied"),
        ("post", "/login/staff/back-channel-logout/"),
        ("get", "/login/staff/front-channel-logout/"),
    ],
)
def test_logins_of_nobody_are_counted_by_network(method: str, address: str) -> None:
    def ask(network: str) -> int:
        return int(getattr(Client(REMOTE_ADDR=network), method)(address).status_code)

    assert ask("203.0.113.7") != 429
    assert ask("203.0.113.7") != 429
    assert ask("203.0.113.7") == 429
    assert ask("203.0.113.8") != 429


@pytest.mark.usefixtures("twice")
@pytest.mark.parametrize("address", ["/kam/spoergeskemaer/importer/", "/login/test/"])
def test_what_costs_work_is_counted_for_the_administrator(
    address: str, client_as: Callable[..., Client]
) -> None:
    client = client_as(staff_actor(factories.StaffMemberFactory(), ADMINISTRATOR_ROLES))
    answers = [client.post(address, {"x": "y"}).status_code for _ in range(3)]
    assert answers == [422, 422, 429]
    assert client.get(address).status_code == 200


def test_the_search_goes_on_while_redis_is_away(
    nurse_client: Client, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert nurse_client.post(SEARCH, {"text": "Testesen"}).status_code == 200
    assert "rate_limits.not_counted" in caplog.text
    assert "Testesen" not in caplog.text


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "network"),
    [
        (0, "203.0.113.7", None, "203.0.113.7"),
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (1, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        # What the visitor wrote stands to the left of what our proxy added.
        (1, "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "10.0.0.1", "198.51.100.1", "10.0.0.1"),
        (1, "10.0.0.1", None, "10.0.0.1"),
        (1, "10.0.0.1", "unknown", "10.0.0.1"),
        (1, "10.0.0.1", "198.51.100.1\r\nX: y", "10.0.0.1"),
        (1, "10.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "10.0.0.1", "[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        (1, "10.0.0.1", "198.51.100.1:51234", "198.51.100.1"),
        (0, "::ffff:203.0.113.7", None, "203.0.113.7"),
        (0, "", None, "unknown"),
    ],
)
def test_whose_network(
    proxies: int, peer: str, forwarded: str | None, network: str, settings: LazySettings
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert network_of(RequestFactory(REMOTE_ADDR=peer).get("/", headers=headers)) == network


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "et minut"), (60, "et minut"), (90, "2 minutter"), (3000, "50 minutter"), (7201, "3 timer")],
)
def test_how_long_in_words(seconds: int, words: str) -> None:
    assert words in rate_limits.TooManyRequests(seconds).sentence


def test_nobody_can_walk_through_the_cpr_register() -> None:
    """The most that one login can look up in a day, beside the 366 × 100 × 500 numbers there can be."""
    assert min(each.amount * 86400 / each.get_expiry() for each in RULES[Action.CITIZEN_SEARCH]) <= 500
