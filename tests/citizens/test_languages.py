"""A questionnaire in the citizen's language, with the Danish text a tap away."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from citizens.models import Citizen
from kommunalpro.templatetags.languages import direction, own_name
from questionnaires.models import Response
from tests.citizens.test_answering_pages import Visitor, answers, body, citizen, log_in, task_with
from tests.translated_form import TRANSLATED

__all__ = ["citizen", "log_in"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(citizen: Citizen, log_in: Callable[[Citizen], Client]) -> Visitor:
    visitor = Visitor(log_in(citizen), task_with(TRANSLATED, citizen))
    visitor.begin()
    return visitor


def choose(visitor: Visitor, code: str, **fields: Any) -> Any:
    """Press a language's button on the first page of questions, with what the form says."""
    return visitor.client.post(f"{visitor.root}side/1/", answers(fields) | {"sprog": code})


def test_the_screens_language_is_the_questionnaires_where_it_has_it(visitor: Visitor) -> None:
    assert "Har du smerter?" in body(visitor.look(1))
    visitor.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = body(visitor.look(1))
    assert "Are you in pain?" in page
    assert "Har du smerter?" not in page
    assert re.search(r'lang="en"\s+dir="ltr">About your day', page)


def test_arabic_is_chosen_on_the_page_and_danish_is_a_tap_away(visitor: Visitor) -> None:
    page = body(visitor.look(1))
    for name in ("Dansk", "English", "العربية"):
        assert f"{name}</button>" in page
    chosen = choose(visitor, "ar", pain="true")
    assert chosen.url == f"{visitor.root}side/1/"
    page = body(visitor.look(1))
    assert "هل تشعر بألم؟" in page
    assert "أين تشعر بالألم؟" in page  # the answer that was given with the same press is saved
    assert re.search(r'<div lang="ar"\s+dir="rtl">', page)
    assert re.search(r'lang="ar"\s+dir="rtl">عن يومك', page)
    assert '<html lang="da"' in page
    assert "Har du smerter?" not in page
    choose(visitor, "da")
    assert "Har du smerter?" in body(visitor.look(1))


def test_the_page_stays_arabic_from_the_first_question_to_the_answers(visitor: Visitor) -> None:
    choose(visitor, "ar")
    saved = body(visitor.save(1, pain="true"))
    assert "ما مدى قوته؟" in saved
    visitor.next(1, pain="true", where="hip", line="3")
    visitor.next(2, since="31-12-2025", note="Ikke andet")
    summary = body(visitor.review())
    for words in ("عن يومك", "أين تشعر بالألم؟", "الورك", "أخيرًا", "Ikke andet"):
        assert words in summary
    assert visitor.press_send().url.endswith("/kvittering/")
    response = Response.objects.get()
    assert visitor.answer("where")[0]["valueCoding"]["display"] == "Hofte"
    read = body(visitor.client.get(f"/borger/svar/{response.pk}/"))
    assert "الورك" in read
    assert re.search(r'class="answers"\s+lang="ar"\s+dir="rtl"', read)


def test_lists_and_receipt_name_it_in_the_same_language(visitor: Visitor) -> None:
    choose(visitor, "ar")
    assert re.search(r'lang="ar"\s+dir="rtl">عن يومك', body(visitor.client.get("/borger/")))
    visitor.next(1, pain="true", where="hip", line="3")
    visitor.next(2, since="31-12-2025", note="Ikke andet")
    visitor.review()
    visitor.press_send()
    assert "»عن يومك«" in body(visitor.client.get(f"{visitor.root}kvittering/"))
    assert re.search(r'lang="ar"\s+dir="rtl">عن يومك', body(visitor.client.get("/borger/svar/")))
    visitor.client.post("/borger/sprog/", {"sprog": "da"})
    assert re.search(r'lang="da"\s+dir="ltr">Om din dag', body(visitor.client.get("/borger/svar/")))


def test_what_is_missing_is_named_in_the_same_language(visitor: Visitor) -> None:
    choose(visitor, "ar")
    page = body(visitor.next(1, pain=""))
    assert re.search(r'href="#f-a_3a_pain">\s*هل تشعر بألم؟', page)


def test_what_cannot_be_read_stays_when_the_language_is_changed(visitor: Visitor) -> None:
    source = {"pain": "true", "line": "mange"}
    answer = choose(visitor, "ar", **source)
    assert answer.status_code == 422
    assert 'value="mange"' in body(answer)
    assert "ما مدى قوته؟" in body(answer)


def test_before_beginning_and_on_the_summary_a_form_of_its_own_chooses(visitor: Visitor) -> None:
    for address in (visitor.root, f"{visitor.root}opsummering/"):
        assert 'action="/borger/sprog/"' in body(visitor.client.get(address))
        chosen: Any = visitor.client.post("/borger/sprog/", {"sprog": "ar", "next": address})
        assert chosen.url == address
        assert "عن يومك" in body(visitor.client.get(address))
        visitor.client.post("/borger/sprog/", {"sprog": "da", "next": address})


@pytest.mark.parametrize("code", ["", "uk", "xx", "../..", "a" * 200, "ar<script>", "ar\x00"])
def test_another_language_than_those_it_has_is_not_chosen(code: str, visitor: Visitor) -> None:
    choose(visitor, code)
    visitor.client.post("/borger/sprog/", {"sprog": code})
    assert "Har du smerter?" in body(visitor.look(1))
    elsewhere: Any = visitor.client.post("/borger/sprog/", {"next": "https://evil.example/"})
    assert elsewhere.url == "/borger/"


def test_a_questionnaire_in_one_language_offers_none(
    citizen: Citizen, log_in: Callable[[Citizen], Client]
) -> None:
    only_danish = TRANSLATED | {
        "url": "https://example.org/danish",
        "item": [{"linkId": "q", "type": "boolean", "text": "Har du det godt?"}],
    }
    visitor = Visitor(log_in(citizen), task_with(only_danish, citizen))
    visitor.begin()
    assert 'name="sprog"' not in body(visitor.look(1))


@pytest.mark.parametrize(
    ("code", "way", "name"),
    [
        ("da", "ltr", "Dansk"),
        ("ar", "rtl", "العربية"),
        ("ar-SY", "rtl", "العربية (سوريا)"),
        ("fa", "rtl", "فارسی"),
        ("so", "ltr", "Soomaali"),
        ("uk", "ltr", "Українська"),
        ("xx-none", "ltr", "xx-none"),
        ("", "ltr", ""),
    ],
)
def test_which_way_a_language_is_written_and_what_it_calls_itself(code: str, way: str, name: str) -> None:
    assert (direction(code), own_name(code)) == (way, name)
