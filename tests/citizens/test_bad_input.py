"""Whatever comes instead of what the pages send: a calm answer, nothing lost, and nothing of another citizen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from citizens.models import Citizen
from identity import oidc, services
from identity.actors import CitizenActor
from identity.checks import judge_citizen
from identity.claims import ClaimNames
from outbox.models import Event
from plans import services as plans
from plans.models import Task
from questionnaires.models import PublicationStatus, QuestionnaireVersion, Response
from tests.answering_at_random import hidden_of
from tests.citizens.test_answering_pages import TWO_PAGES, Visitor, answers, body, citizen, log_in, task_with
from tests.conftest import staff_actor
from tests.factories import CitizenFactory, StaffMemberFactory
from tests.identity.logins import CITIZEN, KARENS_CPR

__all__ = ["citizen", "log_in"]

pytestmark = pytest.mark.django_db

OPTIONS = [{"valueCoding": {"code": code, "display": code}} for code in ("Hoved", "Ryg")]
HIDDEN = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}
FORM = TWO_PAGES | {
    "item": [
        {
            "linkId": "p1",
            "type": "group",
            "text": "Smerter",
            "item": [
                {"linkId": "pain", "type": "boolean", "text": "Har du smerter?", "required": True},
                {"linkId": "where", "type": "choice", "text": "Hvor?", "answerOption": OPTIONS},
                {"linkId": "days", "type": "integer", "text": "Hvor mange dage?"},
                {"linkId": "note", "type": "text", "text": "Er der andet?", "maxLength": 500},
                {
                    "linkId": "sum",
                    "type": "integer",
                    "text": "I alt",
                    "readOnly": True,
                    "initial": [{"valueInteger": 7}],
                },
                {"linkId": "secret", "type": "string", "text": "Skjult", "extension": [HIDDEN]},
            ],
        }
    ]
}
SECRET = "Karens egne ord"


@pytest.fixture
def visitor(citizen: Citizen, log_in: Callable[[Citizen], Client]) -> Visitor:
    """Karen, who has said some of it."""
    visitor = Visitor(log_in(citizen), task_with(FORM, citizen))
    visitor.client.raise_request_exception = False
    visitor.begin()
    visitor.save(1, pain="true", days="3", note=SECRET)
    return visitor


def calm(answer: Any, status: int, *words: str) -> str:
    """The answer is a page in Danish with this status and these words, without the machine's own."""
    said = body(answer)
    assert answer.status_code == status, said[:2000]
    assert '<html lang="da"' in said
    assert "<h1" in said
    for word in words:
        assert word in said
    for word in ("Traceback", "Exception", "django.", "psycopg", "linkId"):
        assert word not in said
    return said


def kept(visitor: Visitor) -> bool:
    """Is what Karen said before still there?"""
    assert visitor.answer("pain") == ({"valueBoolean": True},)
    assert visitor.answer("days") == ({"valueInteger": 3},)
    assert visitor.answer("note") == ({"valueString": SECRET},)
    return True


HIDDEN_FIELDS: dict[str, dict[str, Any]] = {
    "markers of questions that are not there": {"asked": ["nothing", "p1", "", "x" * 5_000]},
    "fingerprints that were never made": {"shown": ["pain x", "pain", "", " ", "days " + "f" * 5_000]},
    "a choice between answers that nobody gave": {"keep": "nothing", "take": ["nothing", "days", ""]},
    "to clear what is not on the page": {"clear": ["a:nothing", "a:p1", "pain"]},
    "a way to go that there is not": {"go": "../../", "checked": "maybe"},
    "a form made for somebody else": {"whose": "0" * 32 + ":forged"},
    "answers to what is not asked": {"a:sum": "99", "a:secret": "x", "a:p1": "x", "a:nothing": "x"},
    "other people's columns": {"citizen": "1", "citizen_id": "1", "status": "completed", "document": "{}"},
    "control characters": {"a:days": "3\x00", "asked": "da\x00ys", "shown": "\ufffe x"},
}


@pytest.mark.parametrize("tampered", HIDDEN_FIELDS.values(), ids=HIDDEN_FIELDS)
def test_tampered_fields_change_nothing_else(tampered: dict[str, Any], visitor: Visitor) -> None:
    before = visitor.document()
    page = visitor.client.post(f"{visitor.root}side/1/", tampered)
    assert page.status_code in {302, 422}
    if page.status_code == 422:
        calm(page, 422)
    piece = visitor.client.post(f"{visitor.root}svar/1/", tampered, headers={"HX-Request": "true"})
    assert piece.status_code == 200
    assert kept(visitor)
    assert visitor.document()["item"] == before["item"]
    assert Response.objects.get().citizen_id == visitor.task.citizen_id


VALUES: dict[str, tuple[str, Any, str]] = {
    "no option": ("where", "Knæ", "Vælg"),
    "no boolean": ("pain", "måske", "Har du smerter?"),
    "two answers to a single question": ("where", ["Hoved", "Ryg"], "Hvor?"),
    "no number": ("days", "mange", "Hvor mange dage?"),
    "a number of ten thousand digits": ("days", "9" * 10_000, "Hvor mange dage?"),
    "infinity": ("days", "1e999", "Hvor mange dage?"),
    "not a number": ("days", "NaN", "Hvor mange dage?"),
    "more characters than are allowed": ("note", "x" * 501, "500"),
    "a text of two hundred thousand characters": ("note", "x" * 200_000, "Er der andet?"),
}


@pytest.mark.parametrize(("link_id", "value", "words"), VALUES.values(), ids=VALUES)
def test_a_value_that_cannot_be_is_explained_and_the_rest_is_saved(
    link_id: str, value: Any, words: str, visitor: Visitor
) -> None:
    others = {"pain": "true", "days": "4", "note": SECRET} | {link_id: value}
    said = calm(visitor.next(1, **others), 422, words)
    assert "form-error-message" in said
    if link_id != "days":
        assert visitor.answer("days") == ({"valueInteger": 4},)
    assert visitor.answer("pain") == ({"valueBoolean": True},)


def test_ten_megabytes_are_refused_and_nothing_is_lost(visitor: Visitor) -> None:
    for size in (4, 10):
        too_much = {"pain": "true", "note": "x" * size * 1024**2}
        answer = visitor.client.post(
            f"{visitor.root}side/1/",
            "&".join(f"a:{name}={value}" for name, value in too_much.items()),
            content_type="application/x-www-form-urlencoded",
        )
        calm(answer, 413, "fylder mere end", "Det, du har gemt før, er der stadig.")
        assert kept(visitor)


def test_ten_thousand_fields_are_read_and_more_are_refused(visitor: Visitor) -> None:
    many = {f"a:field-{number}": "x" for number in range(10_000)}
    assert visitor.client.post(f"{visitor.root}side/1/", many | {"a:days": "3"}).status_code == 302
    assert kept(visitor)
    same: dict[str, Any] = {"a:days": ["3"] * 10_000, "asked": ["days"] * 5_000}
    assert visitor.client.post(f"{visitor.root}side/1/", same).status_code == 422
    assert kept(visitor)
    calm(
        visitor.client.post(
            f"{visitor.root}side/1/", many | {f"a:more-{number}": "x" for number in range(10_001)}
        ),
        400,
        "Vi forstod ikke",
    )
    assert kept(visitor)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json", "multipart/form-data; boundary=x"]
)
def test_a_body_that_is_no_form_is_answered_calmly(content_type: str, visitor: Visitor) -> None:
    for raw in (b"", b"\xff\xfe\x00", b"--x\r\n", b'{"a:pain": true}'):
        answer = visitor.client.generic("POST", f"{visitor.root}side/1/", raw, content_type)
        assert answer.status_code in {302, 400, 422}
        assert kept(visitor)


def addresses(task_id: Any) -> list[tuple[str, str]]:
    root = f"/borger/opgave/{task_id}/"
    return [
        (method, root + path)
        for path, methods in [
            ("", ("get", "post")),
            ("side/1/", ("get", "post")),
            ("svar/1/", ("post",)),
            ("opsummering/", ("get", "post")),
            ("kvittering/", ("get",)),
        ]
        for method in methods
    ]


def test_another_citizens_task_is_not_there(visitor: Visitor, log_in: Callable[[Citizen], Client]) -> None:
    stranger = log_in(CitizenFactory(given_name="Fremmed"))
    before = visitor.document()
    for method, address in addresses(visitor.task.pk):
        said = calm(
            getattr(stranger, method)(address, answers({"pain": "false"})), 404, "Vi kan ikke finde siden"
        )
        assert SECRET not in said
        assert "Karen" not in said
    assert visitor.document() == before
    for method, address in addresses(uuid4()):
        calm(getattr(visitor.client, method)(address), 404)


def test_another_citizens_response_is_not_there(
    visitor: Visitor, log_in: Callable[[Citizen], Client]
) -> None:
    visitor.send()
    response = Response.objects.get()
    stranger = log_in(CitizenFactory())
    said = calm(stranger.get(f"/borger/svar/{response.pk}/"), 404)
    assert SECRET not in said
    assert SECRET not in body(stranger.get("/borger/svar/"))


@pytest.mark.parametrize(
    "path", ["side/0/", "side/99/", "side/-1/", "side/x/", "side/9999999999999999999/", "opsummering/x"]
)
def test_a_page_that_there_is_not(path: str, visitor: Visitor) -> None:
    calm(visitor.client.get(visitor.root + path), 404, "Dine svar er ikke gået tabt")
    calm(visitor.client.post(visitor.root + path), 404)


def test_an_employee_at_a_citizens_task_is_told_whose_page_it_is(
    visitor: Visitor, client_as: Callable[..., Client]
) -> None:
    employee = client_as(staff_actor(StaffMemberFactory()))
    for method, address in addresses(visitor.task.pk):
        said = calm(getattr(employee, method)(address), 403, "Siden er for borgere")
        assert SECRET not in said


def test_sending_twice_gives_one_response_and_the_same_receipt(visitor: Visitor) -> None:
    visitor.review()
    first, second = visitor.press_send(), visitor.press_send()
    assert first.url == second.url == f"{visitor.root}kvittering/"
    assert Response.objects.count() == 1
    assert Event.objects.filter(name="response.completed").count() == 1


def test_what_was_sent_is_not_changed_by_an_old_page(visitor: Visitor) -> None:
    visitor.send()
    sent = visitor.document()
    late: Any = visitor.next(1, pain="false", days="9")
    assert late.url == f"{visitor.root}kvittering/"
    piece = visitor.save(1, pain="false")
    assert piece.headers["HX-Redirect"] == f"{visitor.root}kvittering/"
    assert visitor.document() == sent


def test_a_questionnaire_that_is_retired_meanwhile_is_answered_to_its_end(visitor: Visitor) -> None:
    version = visitor.task.activity.version
    version.status = PublicationStatus.RETIRED
    version.save()
    changed = FORM | {"item": [{"linkId": "other", "type": "boolean", "text": "Helt nyt?", "required": True}]}
    QuestionnaireVersion.objects.create(
        questionnaire=version.questionnaire,
        number=2,
        title="Ny udgave",
        source=changed,
        status=PublicationStatus.ACTIVE,
        published_at=timezone.now(),
    )
    assert "Helt nyt?" not in body(visitor.look(1))
    assert visitor.next(1, pain="true", days="3").status_code == 302
    assert visitor.send().url.endswith("/kvittering/")
    assert kept(visitor)
    assert Response.objects.get().version_id == version.pk


def test_a_plan_that_is_stopped_meanwhile_is_explained_and_the_draft_stays(visitor: Visitor) -> None:
    plans.revoke_care_plan(care_plan=visitor.task.care_plan, at=timezone.now())
    for method, address in addresses(visitor.task.pk):
        answer = getattr(visitor.client, method)(address, answers({"pain": "false"}))
        if address.endswith("/kvittering/"):
            assert answer.status_code == 302
            continue
        calm(answer, 409, "Opgaven er aflyst, så du skal ikke svare på den.")
    assert kept(visitor)
    assert Task.objects.get().status == Task.Status.CANCELLED


def test_a_task_that_opens_later_says_so(visitor: Visitor) -> None:
    Task.objects.update(opens_at=timezone.now() + timedelta(days=2))
    calm(visitor.client.get(f"{visitor.root}side/1/"), 409, "senere")
    calm(visitor.next(1, pain="false"), 409, "senere")
    assert kept(visitor)


class TestASessionThatRanOut:
    """Without JavaScript: the form that meets the login is there after it."""

    @pytest.fixture
    def page(self, visitor: Visitor) -> str:
        return f"{visitor.root}side/1/"

    @pytest.fixture
    def come_back(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Client, Citizen], Any]:
        """Log in as the issuer's answer would; tests/identity/test_login.py shows the redirects before it."""

        def log_in(client: Client, who: Citizen) -> Any:
            actor = CitizenActor(citizen_id=who.pk, name=who.name)
            judged = judge_citizen(CITIZEN, ClaimNames(), find_citizen={KARENS_CPR: actor}.get)
            monkeypatch.setattr(oidc, "from_issuer", lambda *_: oidc.Login(claims=CITIZEN, id_token=""))
            monkeypatch.setattr(services, "judge", lambda **_: judged)
            return client.get("/login/citizen/callback/")

        return log_in

    def send_late(self, visitor: Visitor, page: str, fields: dict[str, Any]) -> Client:
        """The page's form as it was shown, filled in and sent from a browser whose session is gone."""
        document: Any = html.fromstring(visitor.client.get(page).content)
        form = document.xpath("//form[.//input[@name='whose']]")[0]
        nobody = Client()
        answer: Any = nobody.post(
            page, hidden_of(form) | {f"a:{n}": v for n, v in fields.items()} | {"go": "next"}
        )
        assert answer.status_code == 302
        assert answer.url == f"/login/citizen/?next={page.replace('/', '%2F')}"
        session = nobody.session
        session["identity.next"] = page
        session.save()
        return nobody

    def test_the_citizen_comes_back_and_nothing_is_lost(
        self, visitor: Visitor, citizen: Citizen, page: str, come_back: Callable[..., Any]
    ) -> None:
        browser = self.send_late(visitor, page, {"pain": "true", "days": "5", "note": "Skrevet længe"})
        assert come_back(browser, citizen).url == page
        calm(
            browser.get(page),
            200,
            "Du var blevet logget ud, men dine svar på siden er gemt.",
            "Skrevet længe",
        )
        assert visitor.answer("days") == ({"valueInteger": 5},)
        assert visitor.answer("note") == ({"valueString": "Skrevet længe"},)
        assert "Du var blevet logget ud" not in body(browser.get(page))

    def test_what_cannot_be_read_is_shown_as_it_was_typed(
        self, visitor: Visitor, citizen: Citizen, page: str, come_back: Callable[..., Any]
    ) -> None:
        browser = self.send_late(visitor, page, {"pain": "true", "days": "mange"})
        come_back(browser, citizen)
        calm(browser.get(page), 200, 'value="mange"', "form-error-message")
        assert visitor.answer("days") == ({"valueInteger": 3},)

    def test_what_another_device_has_answered_meanwhile_is_not_overwritten(
        self, visitor: Visitor, citizen: Citizen, page: str, come_back: Callable[..., Any]
    ) -> None:
        browser = self.send_late(visitor, page, {"pain": "true", "days": "5", "note": SECRET})
        visitor.save(1, pain="true", days="6", note=SECRET)
        come_back(browser, citizen)
        calm(browser.get(page), 200, "Det andet sted svarede du: 6")
        assert visitor.answer("days") == ({"valueInteger": 6},)

    def test_somebody_else_who_logs_in_there_gets_nothing_of_it(
        self, visitor: Visitor, page: str, come_back: Callable[..., Any]
    ) -> None:
        browser = self.send_late(visitor, page, {"pain": "true", "note": "Skrevet længe"})
        come_back(browser, CitizenFactory())
        assert "identity.unsent" not in browser.session
        said = calm(browser.get(page), 404)
        assert "Skrevet længe" not in said
        assert kept(visitor)

    def test_after_an_hour_it_is_forgotten(
        self, visitor: Visitor, citizen: Citizen, page: str, come_back: Callable[..., Any]
    ) -> None:
        browser = self.send_late(visitor, page, {"pain": "true", "note": "Skrevet længe"})
        session = browser.session
        session["identity.unsent"] = session["identity.unsent"] | {"at": timezone.now().timestamp() - 3_601}
        session.save()
        come_back(browser, citizen)
        assert "Skrevet længe" not in body(browser.get(page))
        assert kept(visitor)

    def test_what_is_too_long_to_be_kept_is_said(
        self, visitor: Visitor, citizen: Citizen, page: str, come_back: Callable[..., Any]
    ) -> None:
        browser = self.send_late(visitor, page, {"note": "x" * 250_000})
        come_back(browser, citizen)
        calm(browser.get(page), 200, "var for langt til at blive gemt")
        assert kept(visitor)

    def test_answers_that_were_to_be_sent_are_not_sent_unseen(
        self, visitor: Visitor, citizen: Citizen, come_back: Callable[..., Any]
    ) -> None:
        summary = f"{visitor.root}opsummering/"
        browser = self.send_late(visitor, summary, {})
        assert come_back(browser, citizen).url == summary
        calm(browser.get(summary), 200, "dine svar er ikke sendt endnu")
        assert not Response.objects.get().is_completed

    @pytest.mark.parametrize("mark", ["", "x", "0" * 32, "0" * 32 + ":x"])
    def test_nothing_is_kept_for_a_mark_that_we_did_not_make(self, mark: str, page: str) -> None:
        nobody = Client()
        answer: Any = nobody.post(page, {"whose": mark, "a:note": "x"})
        assert answer.url.startswith("/login/citizen/?next=")
        assert "identity.unsent" not in nobody.session
