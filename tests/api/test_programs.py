"""A script with a key: from files to published questionnaires; and each way in which it is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from identity import rate_limits
from identity.models import ProgramKey
from identity.programs import make_key, revoke_key
from identity.rate_limits import RULES, Action
from questionnaires import building, reviewing
from questionnaires.decision_support import switch_on
from questionnaires.drafting import change_draft
from questionnaires.events import events_of
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from questionnaires.publishing import publish_questionnaire
from questionnaires.reviewing import AnotherPersonNeeded
from tests import factories
from tests.api.test_api import is_problem
from tests.api.test_questionnaire_changes import LIST, TWICE, VALIDATE, publish, send
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.every_address import patterns
from tests.questionnaires.test_life_cycle import with_colours
from tests.questionnaires.transfer.files import simple

pytestmark = pytest.mark.django_db

SECRET = "kpro_" + "s" * 43


def with_key(secret: str = SECRET, **more: Any) -> Client:
    """A program as it asks: a key, no cookie, and CSRF checked as for everybody."""
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"}, **more)


@pytest.fixture
def key() -> ProgramKey:
    made: ProgramKey = factories.ProgramKeyFactory(secret=SECRET, name="Udgivelse fra Git")
    return made


def review(client: Client, stored: Any, comment: str = "") -> Any:
    address = f"{stored['Location'].removeprefix('http://testserver')}/review"
    return client.post(address, {"etag": stored["ETag"], "comment": comment}, content_type="application/json")


# --- the main job -----------------------------------------------------------------------------------


def test_a_script_checks_stores_sends_to_review_and_publishes_what_is_in_a_repository() -> None:
    """As an administrator begins it: the key is made, and everything else is the program's."""
    municipality = factories.MunicipalityFactory()
    maker = factories.StaffMemberFactory(municipality=municipality, name="Birgitte Hedegård")
    new = make_key(
        name="Udgivelse fra Git", may_edit=True, may_publish=True, lives=timedelta(days=90),
        by=staff_actor(maker, ADMINISTRATOR_ROLES), at=timezone.now(),
    )  # fmt: skip
    script = with_key(new.secret)

    me = script.get("/api/v1/me").json()
    assert (me["kind"], me["name"], me["municipality"]["code"]) == (
        "program",
        "Udgivelse fra Git",
        municipality.code,
    )
    assert me["roles"] == []
    assert {each["code"] for each in me["permissions"]} == {
        "see_kam", "edit_questionnaire", "publish_questionnaire",
    }  # fmt: skip
    assert 89 * 86400 < me["session"]["seconds_left"] <= 90 * 86400

    outcome = send(script, simple(title="Om søvn"), to=VALIDATE).json()
    assert "error" not in {issue["severity"] for issue in outcome["issue"]}
    stored = send(script, simple(title="Om søvn"))
    assert (stored.status_code, stored.json()["status"]) == (201, "draft")
    assert send(script, simple(title="Om søvn")).status_code == 200
    in_review = review(script, stored, "Fra commit 3f2a")
    assert (in_review.status_code, in_review.json()["status"]) == (200, "draft")
    assert is_problem(send(script, simple(title="Om lidt")), 422, "questionnaire_refused")
    published = publish(script, stored)
    assert (published.status_code, published.json()["status"]) == (200, "active")

    version = QuestionnaireVersion.objects.get()
    assert version.questionnaire.owner == municipality
    assert version.published_by == version.edited_by == new.key.member
    history = [(event.kind, event.by and event.by.shown_name, event.comment) for event in events_of(version)]
    program = "Udgivelse fra Git (program)"
    assert history == [
        ("published", program, ""),
        ("sent-to-review", program, "Fra commit 3f2a"),
        ("sent-in", program, ""),
    ]


def test_people_read_on_the_page_which_program_it_was(
    key: ProgramKey, client_as: Callable[..., Client]
) -> None:
    stored = send(with_key(), simple(title="Om søvn"))
    publish(with_key(), stored)
    colleague = factories.StaffMemberFactory(municipality=key.municipality)
    version = QuestionnaireVersion.objects.get()
    page = client_as(staff_actor(colleague, ADMINISTRATOR_ROLES)).get(f"/kam/spoergeskemaer/{version.pk}/")
    assert page.content.decode().count("Udgivelse fra Git (program)") >= 3


def test_a_national_key_makes_national_questionnaires() -> None:
    factories.ProgramKeyFactory(secret=SECRET, municipality=None)
    stored = send(with_key(), simple())
    assert publish(with_key(), stored).status_code == 200
    assert QuestionnaireVersion.objects.get().questionnaire.owner is None
    assert with_key().get("/api/v1/me").json()["municipality"] is None


# --- each way in which it is refused ----------------------------------------------------------------


def is_refused(answer: Any, code: str) -> bool:
    asks = 'Bearer realm="Kommunal PRO", error="invalid_token"'
    return is_problem(answer, 401, code) and answer["WWW-Authenticate"] == asks


@pytest.mark.parametrize(
    "sent",
    [
        "kpro_wrong",
        "",
        "x",
        SECRET[:-1],
        SECRET + "x",
        SECRET + " x",
        SECRET.upper(),
        "kpro_æ",
        '"',
        "é" * 300,
    ],
)
def test_a_wrong_key_is_told_what_to_look_for(sent: str, key: ProgramKey) -> None:
    answer = with_key(sent).get(LIST)
    assert is_refused(answer, "key_unknown")
    assert "Authorization: Bearer kpro_" in answer.json()["detail"]
    assert SECRET not in answer.content.decode()


def test_an_expired_key_is_told_so(client: Client) -> None:
    long_ago = timezone.now() - timedelta(days=100)
    factories.ProgramKeyFactory(secret=SECRET, made_at=long_ago)
    answer = with_key().get(LIST)
    assert is_refused(answer, "key_expired")
    assert "Bed en administrator i KAM" in answer.json()["detail"]


def test_a_revoked_key_is_told_so(key: ProgramKey) -> None:
    assert with_key().get(LIST).status_code == 200
    revoke_key(key=key, by=key.made_by, at=timezone.now())
    assert is_refused(with_key().get(LIST), "key_revoked")
    assert is_refused(send(with_key(), simple()), "key_revoked")
    assert not QuestionnaireVersion.objects.exists()


def test_who_cannot_read_danish_is_told_in_english(key: ProgramKey) -> None:
    answer = with_key("kpro_wrong").get(LIST, headers={"Accept-Language": "en"})
    assert "key" in answer.json()["detail"]


def test_a_refused_key_beside_a_session_is_refused(key: ProgramKey, client_as: Callable[..., Client]) -> None:
    """Nobody acts as somebody else than they think."""
    browser = client_as(staff_actor(key.made_by, ADMINISTRATOR_ROLES))
    assert is_refused(browser.get(LIST, headers={"Authorization": "Bearer kpro_wrong"}), "key_unknown")
    both = browser.get("/api/v1/me", headers={"Authorization": f"bearer {SECRET}"})
    assert both.json()["kind"] == "program"
    assert browser.get("/api/v1/me").json()["kind"] == "staff"
    assert browser.get("/api/v1/me", headers={"Authorization": "Basic eDp4"}).json()["kind"] == "staff"


def test_a_key_gives_its_rights_and_no_more() -> None:
    factories.ProgramKeyFactory(secret=SECRET, may_edit=False, may_publish=False)
    answer = send(with_key(), simple())
    assert is_problem(answer, 403, "permission_denied")
    assert answer["WWW-Authenticate"] == 'Bearer realm="Kommunal PRO", error="insufficient_scope"'
    assert "udarbejde spørgeskemaer" in answer.json()["detail"]
    assert with_key().get(LIST).status_code == 200
    factories.ProgramKeyFactory(secret="kpro_writes", may_publish=False)
    stored = send(with_key("kpro_writes"), simple())
    assert stored.status_code == 201
    assert is_problem(publish(with_key("kpro_writes"), stored), 403, "permission_denied")
    assert review(with_key("kpro_writes"), stored).status_code == 200


def test_another_municipalitys_is_not_there(key: ProgramKey) -> None:
    factories.ProgramKeyFactory(secret="kpro_other")
    stored = send(with_key("kpro_other"), simple())
    address = stored["Location"]
    assert is_problem(with_key().get(address), 404, "not_found")
    assert is_problem(publish(with_key(), stored), 404, "not_found")
    assert is_problem(review(with_key(), stored), 404, "not_found")
    assert is_problem(send(with_key(), simple(title="x")), 422, "questionnaire_refused")
    assert with_key().get(LIST, {"status": "draft"}).json()["total"] == 0
    assert QuestionnaireVersion.objects.get().status == PublicationStatus.DRAFT


def test_what_the_engine_refuses_it_refuses_to_a_program_too(key: ProgramKey) -> None:
    assert is_problem(send(with_key(), TWICE), 422, "questionnaire_refused")
    stored = send(with_key(), simple())
    assert is_problem(publish(with_key(), stored, etag="x"), 409, "draft_changed")
    instrument = QuestionnaireVersion.objects.get().questionnaire
    instrument.permission_needed, instrument.licence = True, "Kun med tilladelse"
    instrument.save()
    assert is_problem(publish(with_key(), stored), 409, "permission_not_confirmed")


def test_a_program_takes_nobodys_work_and_publishes_nothing_that_fails_a_test(key: ProgramKey) -> None:
    stored = send(with_key(), simple())
    version = the_version()
    colleague = factories.StaffMemberFactory(municipality=key.municipality, name="Bo Bygger")
    building.take(version=version, by=colleague, at=timezone.now())
    refused = send(with_key(), simple(title="Andet"))
    assert is_problem(refused, 422, "questionnaire_refused")
    assert "Bo Bygger" in refused.json()["detail"]
    building.give_up(version=version, by=colleague)
    factories.QuestionnaireTestFactory(
        questionnaire=version.questionnaire, answers=[], expected_hidden=["a"], names={"a": "Spørgsmål"}
    )
    assert is_problem(publish(with_key(), stored), 409, "questionnaire_tests_fail")


def test_no_secret_stands_in_the_log_and_a_refusal_does(
    key: ProgramKey, caplog: pytest.LogCaptureFixture
) -> None:
    revoke_key(key=key, by=key.made_by, at=timezone.now())
    with caplog.at_level("DEBUG"):
        with_key().get(LIST)
        with_key("kpro_wrong-secret").get(LIST)
    assert "key_revoked" in caplog.text
    assert str(key.pk) in caplog.text
    assert "key_unknown" in caplog.text
    assert SECRET not in caplog.text
    assert "wrong-secret" not in caplog.text


def test_many_wrong_keys_wait_and_a_right_one_does_not(
    key: ProgramKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate_limits.forget_everything()
    monkeypatch.setitem(RULES, Action.KEY_REFUSED, rate_limits.rule("2/hour"))
    answers = [with_key("kpro_wrong").get(LIST) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert is_problem(answers[-1], 429, "too_many_requests")
    assert int(answers[-1]["Retry-After"]) > 0
    assert with_key().get(LIST).status_code == 200


def test_each_program_is_counted_for_itself(key: ProgramKey, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.ProgramKeyFactory(secret="kpro_other")
    monkeypatch.setitem(RULES, Action.API, rate_limits.rule("2/hour"))
    assert [with_key().get(LIST).status_code for _ in range(3)] == [200, 200, 429]
    assert with_key("kpro_other").get(LIST).status_code == 200


def test_no_page_and_no_other_address_lets_a_program_in(key: ProgramKey) -> None:
    """Only what is named here: a new address lets in none before somebody says so."""
    open_to_it = {
        "api:me", "api:questionnaires", "api:questionnaire", "api:questionnaire_by_canonical",
        "api:questionnaire_validation", "api:questionnaire_review", "api:questionnaire_publication",
    }  # fmt: skip
    open_to_all = {"api:health", "api:readiness", "api:schema"}
    for pattern in patterns():
        if pattern.name in open_to_it | open_to_all or "callback" in pattern.name:
            continue
        for address in pattern.addresses():
            with_it, without = with_key().get(address), Client().get(address)
            assert with_it.status_code == without.status_code, pattern.name
            assert "Udgivelse fra Git" not in getattr(with_it, "content", b"").decode(errors="replace")


def test_a_monitor_may_send_whatever_it_sends(key: ProgramKey) -> None:
    assert with_key("whatever").get("/api/v1/health").status_code == 200
    assert with_key("whatever").get("/api/v1/readiness").status_code == 200


# --- who made it ------------------------------------------------------------------------------------


def test_a_key_is_its_municipalitys_and_goes_on_without_who_made_it(key: ProgramKey) -> None:
    """Roles stand in a login's token alone: nobody tells us that somebody has left (docs/adr/0024)."""
    maker = key.made_by
    maker.municipality = factories.MunicipalityFactory()
    maker.save()
    assert send(with_key(), simple()).status_code == 201
    assert QuestionnaireVersion.objects.get().questionnaire.owner == key.municipality


# --- decision support takes two people --------------------------------------------------------------


@pytest.fixture
def coloured(key: ProgramKey) -> dict[str, Any]:
    """A questionnaire with colours that are switched on, and the next version of it as a file."""
    source = with_colours()
    stored = send(with_key(), source)
    assert stored.status_code == 201
    switch_on(
        questionnaire=QuestionnaireVersion.objects.get().questionnaire,
        intended_purpose="At prioritere opkald",
        algorithm_version="1.0",
        by=key.made_by,
        at=timezone.now(),
    )
    return source


def somebody(key: ProgramKey) -> Any:
    return factories.StaffMemberFactory(municipality=key.municipality)


def the_version() -> QuestionnaireVersion:
    found: QuestionnaireVersion = QuestionnaireVersion.objects.get()
    return found


def approve(by: Any) -> Any:
    version = the_version()
    return reviewing.approve(version=version, fingerprint=version.fingerprint, by=by, at=timezone.now())


def publish_as(by: Any) -> Any:
    version = the_version()
    return publish_questionnaire(version=version, fingerprint=version.fingerprint, by=by, at=timezone.now())


@pytest.mark.usefixtures("coloured")
def test_a_program_brings_decision_support_and_two_people_decide(key: ProgramKey) -> None:
    stored = with_key().get(f"{LIST}/{the_version().pk}")
    stored["Location"] = stored.request["PATH_INFO"]
    assert is_problem(publish(with_key(), stored), 409, "approval_needed")
    assert review(with_key(), stored).status_code == 200
    assert is_problem(publish(with_key(), stored), 409, "approval_needed")
    approve(by=somebody(key))
    refused = publish(with_key(), stored)
    assert is_problem(refused, 409, "another_person_needed")
    assert "Et program kan ikke udgive det" in refused.json()["detail"]
    published = publish_as(somebody(key))
    assert published.shows_decision_support


@pytest.mark.usefixtures("coloured")
def test_who_made_the_key_is_no_second_person_for_what_the_program_wrote(
    key: ProgramKey, client_as: Callable[..., Client]
) -> None:
    stored = with_key().get(f"{LIST}/{the_version().pk}")
    stored["Location"] = stored.request["PATH_INFO"]
    review(with_key(), stored)
    page = client_as(staff_actor(key.made_by, ADMINISTRATOR_ROLES)).get(
        f"/kam/spoergeskemaer/{the_version().pk}/"
    )
    assert "Et program med en nøgle, du har lavet, har skrevet kladden." in page.content.decode()
    with pytest.raises(AnotherPersonNeeded, match="Et program med en nøgle, du har lavet"):
        approve(by=key.made_by)
    with pytest.raises(AnotherPersonNeeded):
        approve(by=key.member)
    approve(by=somebody(key))
    with pytest.raises(AnotherPersonNeeded, match="Et program med en nøgle, du har lavet"):
        publish_as(key.made_by)
    assert the_version().status == PublicationStatus.IN_REVIEW


@pytest.mark.usefixtures("coloured")
def test_a_comma_of_a_colleague_makes_the_maker_of_the_key_no_second_person(key: ProgramKey) -> None:
    version, colleague = the_version(), somebody(key)
    change_draft(
        version=version,
        change=lambda one: {**one, "title": "Et komma, rettet"},
        fingerprint=version.fingerprint,
        by=colleague,
    )
    version = the_version()
    reviewing.send_to_review(
        version=version, fingerprint=version.fingerprint, by=colleague, at=timezone.now()
    )
    with pytest.raises(AnotherPersonNeeded, match="Et program med en nøgle, du har lavet"):
        approve(by=key.made_by)
    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(
            approved_by=key.made_by,
            approved_at=timezone.now(),
            decision_support=version.questionnaire.decision_supports.get(),
        )


@pytest.mark.usefixtures("coloured")
@pytest.mark.parametrize(
    ("approved_by", "published_by"),
    [
        ("maker", "other"),
        ("other", "maker"),
        ("program", "other"),
        ("other", "program"),
        ("another program", "other"),
    ],
)
def test_the_database_knows_it_too(approved_by: str, published_by: str, key: ProgramKey) -> None:
    who = {"maker": key.made_by, "other": somebody(key), "program": key.member}
    who["another program"] = factories.ProgramKeyFactory(
        municipality=key.municipality, made_by=somebody(key)
    ).member
    version = the_version()
    support = version.questionnaire.decision_supports.get()
    reviewing.send_to_review(
        version=version, fingerprint=version.fingerprint, by=key.member, at=timezone.now()
    )
    rows = QuestionnaireVersion.objects.filter(pk=version.pk)

    def decide() -> None:
        with transaction.atomic():
            rows.update(approved_by=who[approved_by], approved_at=timezone.now(), decision_support=support)
            rows.update(published_by=who[published_by], published_at=timezone.now(), status="active")

    with pytest.raises(IntegrityError, match=r"two people|decision_support_is_approved_by_two"):
        decide()
    approved_by, published_by = "other", "other 2"
    who["other 2"] = somebody(key)
    decide()
