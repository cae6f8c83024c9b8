"""Pictures in questionnaires: shown where they belong, served from addresses of their own."""

import base64
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from PIL import Image

from identity.actors import CitizenActor
from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from questionnaires.pictures import pictures_of
from questionnaires.rendering import render_page
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, NURSE_ROLES, staff_actor
from tests.test_headers import policy_of

pytestmark = pytest.mark.django_db

FUT_IMAGE = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-image"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(colour: str = "red", size: tuple[int, int] = (60, 40)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, "PNG")
    return made.getvalue()


def media(content: bytes, kind: str = "image/png", which: str = "itemMedia", **more: str) -> dict[str, Any]:
    data = {"contentType": kind, "data": base64.b64encode(content).decode(), **more}
    return {"url": f"{SDC}{which}", "valueAttachment": data}


def source(**more: Any) -> dict[str, Any]:
    """A question with a picture of the body, a choice with a picture at each option, a text with an SVG."""
    options = [
        {
            "valueCoding": {"code": code, "display": code},
            "extension": [media(png(colour), which="itemAnswerMedia")],
        }
        for code, colour in (("Glad", "green"), ("Trist", "blue"))
    ]
    return factories.questionnaire_source(
        contained=[
            {
                "resourceType": "Binary",
                "id": "1",
                "contentType": "image/png",
                "data": base64.b64encode(png()).decode(),
            }
        ],
        item=[
            {
                "linkId": "body",
                "type": "boolean",
                "text": "Har du ondt her?",
                "extension": [
                    {
                        "url": FUT_IMAGE,
                        "extension": [
                            {"url": "content", "valueReference": {"reference": "#1"}},
                            {"url": "terms", "valueString": "CC BY 4.0"},
                        ],
                    }
                ],
            },
            {"linkId": "mood", "type": "choice", "text": "Hvordan går det?", "answerOption": options},
            {
                "linkId": "text",
                "type": "display",
                "text": "Se her.",
                "extension": [media(SVG, "image/svg+xml", title="En hånd")],
            },
        ],
        **more,
    )


@pytest.fixture
def version() -> QuestionnaireVersion:
    made: QuestionnaireVersion = factories.QuestionnaireVersionFactory(source=source())
    return made


@pytest.fixture
def citizen_client(client_as: Callable[..., Client]) -> Client:
    citizen = factories.CitizenFactory()
    return client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


def addresses(version: QuestionnaireVersion) -> list[str]:
    pictures = pictures_of(definition_of(version)).values()
    return [f"/billeder/{version.pk}/{picture.digest}/" for picture in pictures]


def test_a_page_names_its_pictures_and_holds_none_of_them(
    version: QuestionnaireVersion, client_as: Callable[..., Client]
) -> None:
    citizen = factories.CitizenFactory()
    task = factories.open_task(citizen, plan=factories.PlanFactory(weekly__version=version))
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    client.post(f"/borger/opgave/{task.pk}/")
    page = client.get(f"/borger/opgave/{task.pk}/side/1/").content.decode()
    assert re.findall(r'<img[^>]* src="(/billeder/[^"]+)"|<img src="(/billeder/[^"]+)"', page)
    for address in addresses(version):
        assert address in page
    assert "base64" not in page
    assert 'width="60"' in page
    assert "CC BY 4.0" in page
    assert 'alt="En hånd"' in page


def test_it_is_kept_for_a_year_and_is_what_its_bytes_say(
    version: QuestionnaireVersion, citizen_client: Client
) -> None:
    kinds = []
    for address in addresses(version):
        answer = citizen_client.get(address)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
        assert "Expires" not in answer
        assert answer["X-Content-Type-Options"] == "nosniff"
        kinds.append(answer["Content-Type"])
    assert kinds == ["image/png", "image/png", "image/png", "image/svg+xml"]
    assert citizen_client.get(addresses(version)[0]).content == png()


def test_an_svg_may_draw_itself_and_nothing_else(
    version: QuestionnaireVersion, citizen_client: Client
) -> None:
    policy = policy_of(citizen_client.get(addresses(version)[-1]))
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert "sandbox" in policy


def test_nobody_sees_one_without_a_login(version: QuestionnaireVersion, client: Client) -> None:
    assert client.get(addresses(version)[0]).status_code == 302


def test_a_draft_is_seen_by_those_who_work_on_it_and_kept_by_no_browser(
    client_as: Callable[..., Client], citizen_client: Client
) -> None:
    owner = factories.MunicipalityFactory()
    form = factories.QuestionnaireFactory(owner=owner)
    draft = factories.QuestionnaireVersionFactory(
        questionnaire=form, source=source(), status=PublicationStatus.DRAFT, published_at=None
    )
    [address, *_] = addresses(draft)

    def at(municipality: Any, roles: Any) -> Any:
        member = factories.StaffMemberFactory(municipality=municipality)
        return client_as(staff_actor(member, roles)).get(address)

    seen = at(owner, ADMINISTRATOR_ROLES)
    assert seen.status_code == 200
    assert "no-store" in seen["Cache-Control"]
    assert at(owner, NURSE_ROLES).status_code == 404
    assert at(factories.MunicipalityFactory(), ADMINISTRATOR_ROLES).status_code == 404
    assert citizen_client.get(address).status_code == 404


@pytest.mark.parametrize("digest", ["0" * 32, "x", "a" * 3000])
def test_a_name_that_no_picture_has_is_not_there(
    digest: str, version: QuestionnaireVersion, citizen_client: Client
) -> None:
    assert citizen_client.get(f"/billeder/{version.pk}/{digest}/").status_code == 404


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><script>alert(1)</script></html>", "image/png"),
        (b"<html><svg></svg>", "image/svg+xml"),
        (b"<!---->" * 1100 + b"<html>", "image/svg+xml"),
        (b"GIF89a", "image/png"),
    ],
    ids=["html", "html with an svg", "comments", "gif"],
)
def test_what_is_no_picture_by_its_content_is_not_shown(content: bytes, kind: str) -> None:
    item = {"linkId": "a", "type": "boolean", "text": "A?", "extension": [media(content, kind)]}
    version = factories.QuestionnaireVersionFactory(source=factories.questionnaire_source(item=[item]))
    assert pictures_of(definition_of(version)) == {}


def test_one_that_says_to_be_what_it_is_not_is_served_as_what_it_is(citizen_client: Client) -> None:
    item = {"linkId": "a", "type": "boolean", "text": "A?", "extension": [media(png(), "image/svg+xml")]}
    version = factories.QuestionnaireVersionFactory(source=factories.questionnaire_source(item=[item]))
    assert citizen_client.get(addresses(version)[0])["Content-Type"] == "image/png"


def test_one_that_lies_elsewhere_is_said_to_be_missing_and_asked_of_nobody() -> None:
    elsewhere = {
        "url": f"{SDC}itemMedia",
        "valueAttachment": {"contentType": "image/png", "url": "https://x.dk/a"},
    }
    compilation = engine.compile_questionnaire(
        factories.questionnaire_source(
            item=[{"linkId": "a", "type": "boolean", "text": "A?", "extension": [elsewhere]}]
        )
    )
    assert "image.elsewhere" in [issue.key for issue in compilation.issues]
    definition = compilation.definition
    assert definition is not None
    view = render_page(definition, definition.pages[0], engine.new_response(definition))
    assert view.items[0].picture is None


def test_pictures_add_nothing_to_the_size_of_a_page(version: QuestionnaireVersion) -> None:
    """Three pictures of 266 KB, the most that FUT takes, would be eight times what a first page may weigh."""
    noise = BytesIO()
    Image.effect_noise((420, 420), 90).save(noise, "PNG")
    item = {"linkId": "a", "type": "boolean", "text": "A?", "extension": [media(noise.getvalue())]}
    heavy = factories.QuestionnaireVersionFactory(source=factories.questionnaire_source(item=[item]))
    definition = definition_of(heavy)
    view = render_page(definition, definition.pages[0], engine.new_response(definition))
    assert len(noise.getvalue()) > 100_000
    assert len(render_to_string("questionnaires/page.html", {"page_view": view})) < 5_000
