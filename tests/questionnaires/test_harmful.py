"""Scripts in texts and pictures, and conditions in a circle, are refused where questionnaires come in."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.importing import QuestionnaireRefused, import_questionnaire, judge
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.engine.small_forms import form, question, when

IMAGE = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-image"
XHTML = "http://hl7.org/fhir/StructureDefinition/rendering-xhtml"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg">{}<path d="M0 0h9"/></svg>'


def with_text(xhtml: str) -> dict[str, Any]:
    text = {"extension": [{"url": XHTML, "valueString": f"<div>{xhtml}</div>"}]}
    return form(question("a", _text=text))


def with_picture(content: bytes, kind: str = "image/svg+xml") -> dict[str, Any]:
    shown = {"url": IMAGE, "extension": [{"url": "content", "valueReference": {"reference": "#1"}}]}
    data = base64.b64encode(content).decode()
    return form(
        question("a", extension=[shown]),
        contained=[{"resourceType": "Binary", "id": "1", "contentType": kind, "data": data}],
    )


def in_a_circle() -> dict[str, Any]:
    return form(
        question("a", enableWhen=[when("b", "exists", answerBoolean=True)]),
        question("b", enableWhen=[when("a", "exists", answerBoolean=True)]),
    )


HARMFUL = {
    "script in a text": (with_text("<script>alert(1)</script>"), "script"),
    "handler in a text": (with_text('<b onclick="alert(1)">x</b>'), "script"),
    "frame in a text": (with_text('<iframe src="https://evil.example"></iframe>'), "script"),
    "script in a picture": (with_picture(DRAWING.format("<script>alert(1)</script>").encode()), "SVG"),
    "handler in a picture": (with_picture(DRAWING.format('<a onload="x()"/>').encode()), "SVG"),
    "entity in a picture": (
        with_picture(b'<!DOCTYPE svg [<!ENTITY a "x">]>' + DRAWING.format("&a;").encode()),
        "SVG",
    ),
    "page in a picture": (with_picture(DRAWING.format("<foreignObject/>").encode()), "SVG"),
    "script in UTF-16": (with_picture(DRAWING.format("<script/>").encode("utf-16")), "SVG"),
    "in a circle": (in_a_circle(), "ring"),
    "ten thousand items": (form(*(question(str(number)) for number in range(10_000))), "punkterne i filen"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "words"), HARMFUL.values(), ids=HARMFUL)
def test_it_is_refused_and_nothing_is_stored(source: dict[str, Any], words: str) -> None:
    with pytest.raises(QuestionnaireRefused, match=words):
        import_questionnaire(content=json.dumps(source).encode(), owner=None)
    assert not Questionnaire.objects.exists()


@pytest.mark.parametrize(
    "source",
    [
        with_text("<b>fed</b> og <i>skrå</i>"),
        with_picture(DRAWING.format("").encode()),
        with_picture(b"<script>", "image/png"),
    ],
    ids=["formatted text", "drawing", "no drawing"],
)  # fmt: skip
def test_what_is_only_drawn_and_formatted_comes_in(source: dict[str, Any]) -> None:
    assert judge(source).definition.title == "Prøve"


@pytest.mark.django_db
@pytest.mark.parametrize("source", [source for source, _words in HARMFUL.values()], ids=HARMFUL)
def test_it_is_published_by_no_route(
    source: dict[str, Any], administrator_client: Client, client_as: Callable[..., Client]
) -> None:
    """Were it a draft by whatever way: not by the page, not by the review, not by a script."""
    draft = factories.QuestionnaireVersionFactory(
        source={**source, "url": "urn:harm"}, status=PublicationStatus.DRAFT, published_at=None
    )
    seen = draft.fingerprint
    for name in ("publish", "send_to_review"):
        administrator_client.post(reverse(f"kam:{name}", args=[draft.pk]), {"fingerprint": seen})
    script = client_as(staff_actor(factories.StaffMemberFactory(municipality=None), ADMINISTRATOR_ROLES))
    address = f"/api/v1/questionnaires/{draft.pk}/publish"
    answer = script.post(address, {"etag": f'"{seen}"'}, content_type="application/json")
    assert answer.status_code == 422, answer.content
    draft.refresh_from_db()
    assert draft.status == PublicationStatus.DRAFT

    content = json.dumps({**source, "url": "urn:harm:2"}).encode()
    sent = script.post("/api/v1/questionnaires", content, content_type="application/fhir+json")
    assert sent.status_code == 422
    assert QuestionnaireVersion.objects.count() == 1
