"""A submitted response as a file to keep."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans import services as plans
from questionnaires.models import Response, Score
from questionnaires.services import save_answers
from tests import factories

pytestmark = pytest.mark.django_db


def sent(citizen: Citizen, note: str = "") -> Response:
    task = factories.open_task(citizen, plan=factories.PlanFactory(citizens_see_scores=True))
    response = plans.begin_task(task=task, at=timezone.now())
    fields = {"pain": ["true"], "how-much": ["3"], "note": [note]}
    save_answers(response=response, fields=fields, at=timezone.now())
    answered = plans.submit_task(task=task, at=timezone.now()).response
    assert answered is not None
    return answered


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = factories.CitizenFactory(given_name="Åse", family_name="Sørensen")
    return made


@pytest.fixture
def client(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> Client:
    return client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


def read(client: Client, response: Response) -> PdfReader:
    answer = client.get(reverse("citizens:response_pdf", args=[response.pk]))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    return PdfReader(io.BytesIO(answer.content))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def tags(reader: PdfReader) -> list[str]:
    """What each text is marked as, in the order in which it is read."""

    def walk(node: Any) -> Iterator[str]:
        for child in node.get("/K", []):
            child = child.get_object()
            if hasattr(child, "get"):
                yield str(child["/S"])
                yield from walk(child)

    return list(walk(reader.trailer["/Root"]["/StructTreeRoot"]))  # type: ignore[index]


def test_all_answers_stand_in_it_in_danish_letters(client: Client, citizen: Citizen) -> None:
    response = sent(citizen, note="Rødgrød på øen, »så«")
    Score.objects.create(
        response=response,
        municipality=response.municipality,
        citizen=citizen,
        link_id="s",
        name="Trivsel",
        value="64.5",
        minimum=0,
        maximum=100,
    )
    reader = read(client, response)
    text = text_of(reader)
    for words in (
        "Om din dag",
        "Åse Sørensen. Sendt",
        "Smerter",
        "Har du smerter?",
        "Ja",
        "Rødgrød på øen, »så«",
    ):
        assert words in text
    assert "Trivsel: 64,5 (på en skala fra 0 til 100)" in text
    assert "Side 1 af 1" in text
    assert citizen.cpr not in text


def test_a_screen_reader_is_told_what_is_a_heading_and_in_which_language(
    client: Client, citizen: Citizen
) -> None:
    reader = read(client, sent(citizen))
    root: Any = reader.trailer["/Root"]
    assert tags(reader)[:4] == ["/Document", "/H1", "/P", "/H2"]
    assert root["/Lang"] == "da"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Om din dag"


def test_a_long_answer_goes_on_over_pages_and_nothing_of_it_is_lost(client: Client, citizen: Citizen) -> None:
    note = " ".join(f"ord{number}" for number in range(3000))
    reader = read(client, sent(citizen, note=note))
    assert len(reader.pages) > 3
    words = text_of(reader).split()
    assert [word for word in words if word.startswith("ord")] == note.split()
    for page in reader.pages:
        content = page.get_contents()
        assert content is not None
        assert content.get_data().count(b" BDC") + content.get_data().count(
            b" BMC"
        ) == content.get_data().count(b"EMC")


def test_letters_that_the_fonts_lack_do_not_stand_in_the_log(
    client: Client, citizen: Citizen, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert len(read(client, sent(citizen, note="Godt 😀 نعم")).pages) == 1
    assert "😀" not in caplog.text
    assert "نعم" not in caplog.text


def test_somebody_elses_answers_and_drafts_are_no_file(client: Client, citizen: Citizen) -> None:
    others = sent(factories.CitizenFactory())
    draft = plans.begin_task(task=factories.open_task(citizen), at=timezone.now())
    for response in (others, draft):
        assert client.get(reverse("citizens:response_pdf", args=[response.pk])).status_code == 404
    assert Client().get(reverse("citizens:response_pdf", args=[others.pk])).status_code in {302, 403}


def test_the_page_leads_to_the_file_and_to_who_has_seen_it(client: Client, citizen: Citizen) -> None:
    response = sent(citizen)
    page = client.get(reverse("citizens:response", args=[response.pk])).content.decode()
    assert reverse("citizens:response_pdf", args=[response.pk]) in page
    assert 'citizens-print.css" media="print"' in page
    assert reverse("citizens:access") in page
