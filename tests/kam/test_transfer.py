"""Files in and out on KAM's pages."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from openpyxl import load_workbook

from identity.actors import StaffActor
from questionnaires import import_batches
from questionnaires.import_models import ImportBatch
from questionnaires.models import QuestionnaireVersion
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.kam.importing import send, upload
from tests.questionnaires.transfer.files import SHEET, as_csv, as_json, as_xlsx, as_zip, many, simple

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def text_of(client: Client, address: str, **more: Any) -> str:
    return client.get(address, **more).content.decode()


def test_nothing_is_stored_before_it_was_looked_at(administrator_client: Client) -> None:
    address = send(administrator_client, as_json(simple(copyright="© Nogen")))["Location"]
    page = text_of(administrator_client, address)
    for words in ("Prøve", "Nyt spørgeskema", "© Nogen", "nationale kladder"):
        assert words in page
    assert not QuestionnaireVersion.objects.exists()


def test_licence_and_source_come_with_a_new_questionnaire_and_are_not_overwritten(
    administrator_client: Client,
) -> None:
    file = as_json(simple(copyright="© Nogen\nMå bruges frit", publisher="Testby Kommune"))
    upload(administrator_client, file, follow=True)
    made = QuestionnaireVersion.objects.get().questionnaire
    assert (made.licence, made.source) == ("© Nogen Må bruges frit", "Testby Kommune")
    upload(administrator_client, as_json(simple(copyright="© " + "x" * 400, title="Ny")), follow=True)
    made.refresh_from_db()
    assert made.licence == "© Nogen Må bruges frit"


def test_half_an_upload_leaves_nothing(administrator_client: Client) -> None:
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.json", as_json(simple()))})
    half = body[: len(body) * 3 // 4]
    answer = administrator_client.generic("POST", reverse("kam:import"), half, MULTIPART_CONTENT)
    assert answer.status_code == 422
    assert "Vælg en fil" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not QuestionnaireVersion.objects.exists()


def test_many_are_shown_and_only_the_chosen_ones_stored(administrator_client: Client) -> None:
    files = {
        "a.json": as_json(simple(1, title="Alfa")),
        "b.json": as_json(simple(2, title="Beta")),
        "c.json": b"{",
    }
    address = send(administrator_client, as_zip(files), "flere.zip")["Location"]
    page = text_of(administrator_client, address)
    assert "3 spørgeskemaer i filen" in page
    assert "2 kan importeres" in page
    assert "Kan ikke importeres" in page
    assert page.count('name="file"') == 2
    done = administrator_client.post(f"{address}gem/", {"file": ["1"]}, follow=True).content.decode()
    assert "1 spørgeskema er gemt som kladde" in done
    assert "Ikke valgt" in done
    assert QuestionnaireVersion.objects.get().title == "Beta"
    again = administrator_client.post(f"{address}gem/", {"file": ["0", "1", "2"]}, follow=True)
    assert again.status_code == 200
    assert QuestionnaireVersion.objects.count() == 1


@pytest.mark.parametrize("chosen", [[], ["2"], ["x", "-1", "9" * 30]])
def test_a_choice_of_nothing_says_so(administrator_client: Client, chosen: list[str]) -> None:
    files = {"a.json": as_json(simple(1)), "b.json": as_json(simple(2)), "c.json": b"{"}
    address = send(administrator_client, as_zip(files))["Location"]
    answer = administrator_client.post(f"{address}gem/", {"file": chosen})
    assert answer.status_code == 422
    assert "Vælg mindst ét" in answer.content.decode()
    assert not QuestionnaireVersion.objects.exists()


def test_while_it_is_read_the_page_says_how_far_and_asks_again(administrator_client: Client) -> None:
    content = many(12)
    answer = administrator_client.post(reverse("kam:import"), {"file": BytesIO(content)})
    address = answer["Location"]
    page = text_of(administrator_client, address)
    assert "0 af 12 læst" in page
    assert 'hx-trigger="every 1s"' in page
    import_batches.read_batch(ImportBatch.objects.get().pk)
    part = text_of(administrator_client, address, headers=HTMX)
    assert "<html" not in part
    assert "hx-trigger" not in part
    assert "12 spørgeskemaer i filen" in part

    administrator_client.post(f"{address}gem/", {"file": [*range(12)]})
    assert "0 af 12 gemt" in text_of(administrator_client, address)
    import_batches.store_batch(ImportBatch.objects.get().pk)
    assert "12 spørgeskemaer er gemt som kladder" in text_of(administrator_client, address)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "sikkerheden"),
        (b"{", "JSON"),
        (as_csv([["a", "b"]]), "overskrifterne"),
        (
            as_json({**simple(), "item": [{"linkId": "a", "type": "string", "text": "x", "_text": {"extension": [
                {"url": "http://hl7.org/fhir/StructureDefinition/rendering-xhtml",
                 "valueString": "<div><script>alert(1)</script></div>"}]}}]}),
            "script",
        ),
    ],
    ids=["entities", "half", "columns", "script"],
)  # fmt: skip
def test_one_bad_file_is_refused_and_leaves_nothing(
    administrator_client: Client, content: bytes, words: str
) -> None:
    answer = send(administrator_client, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_bomb_is_refused_on_its_page_and_can_be_thrown_away(administrator_client: Client) -> None:
    bomb = as_zip({f"{n}.json": b"0" * 900_000 for n in range(50)})
    address = send(administrator_client, bomb)["Location"]
    assert "langt mere" in text_of(administrator_client, address)
    administrator_client.post(f"{address}kasser/")
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("content", [as_csv(SHEET, encoding="cp1252"), as_xlsx(SHEET)], ids=["csv", "xlsx"])
def test_a_spreadsheet_becomes_a_draft_and_goes_out_as_one(
    administrator_client: Client, content: bytes
) -> None:
    upload(administrator_client, content, "smerter.csv")
    version = QuestionnaireVersion.objects.get()
    answer = administrator_client.get(reverse("kam:export_sheet", args=[version.pk]))
    sheet: Any = load_workbook(BytesIO(answer.content)).active
    rows = [[cell or "" for cell in row] for row in sheet.values]
    assert rows[0][:2] == ["Titel", "Smerter i hverdagen"]
    assert any("Hvor ofte?" in row and "1 = ja" in row for row in rows)


def test_every_kind_of_file_goes_out_and_in(administrator_client: Client) -> None:
    upload(administrator_client, as_csv(SHEET))
    version = QuestionnaireVersion.objects.get()

    def given(name: str, query: str = "") -> Any:
        return administrator_client.get(reverse(f"kam:{name}", args=[version.pk]) + query)

    page = given("questionnaire").content.decode()
    for name in ("paper", "export_sheet", "export", "export_qfdd"):
        assert reverse(f"kam:{name}", args=[version.pk]) in page
    assert given("paper").content.startswith(b"%PDF")
    assert json.loads(given("export").content) == version.source
    losses = given("export_qfdd").content.decode()
    assert "Point på svarmuligheder" in losses
    qfdd = given("export_qfdd", "?all=1")
    assert qfdd["Content-Type"].startswith("application/xml")
    assert send(administrator_client, qfdd.content, "ud.xml").status_code == 302


def test_the_template_can_be_imported_as_it_is(administrator_client: Client) -> None:
    template = administrator_client.get(reverse("kam:sheet_template")).content
    upload(administrator_client, template, "skabelon.xlsx")
    assert QuestionnaireVersion.objects.get().title == "Smerter i hverdagen"


def test_nobody_else_sees_an_upload(
    administrator_client: Client, client_as: Callable[[StaffActor], Client]
) -> None:
    address = send(administrator_client, many(2))["Location"]
    other = client_as(staff_actor(factories.StaffMemberFactory(), ADMINISTRATOR_ROLES))
    assert other.get(address).status_code == 404
    assert other.post(f"{address}gem/", {"file": ["0"]}).status_code == 404
    assert other.post(f"{address}kasser/").status_code == 404
    assert "form.json" not in text_of(other, reverse("kam:import"))
    assert "form.json" in text_of(administrator_client, reverse("kam:import"))


def test_a_municipality_s_import_is_its_own(client_as: Callable[[StaffActor], Client]) -> None:
    member = factories.StaffMemberFactory()
    client = client_as(staff_actor(member, ADMINISTRATOR_ROLES))
    page = text_of(client, send(client, as_json(simple()))["Location"])
    assert member.municipality.authority_name in page
    upload(client, as_json(simple(2)))
    assert QuestionnaireVersion.objects.get().questionnaire.owner == member.municipality


def test_the_list_costs_the_same_whatever_its_length(
    administrator_client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    address = send(administrator_client, many(60))["Location"]
    with django_assert_max_num_queries(8):
        administrator_client.get(address)
