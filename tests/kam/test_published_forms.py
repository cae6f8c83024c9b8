"""Real forms that others published go the whole way through KAM; read in place, never copied."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests.kam.importing import upload

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "questionnaires"
SOURCES = ("hl7-r4-core", "google-android-fhir", "lhncbc-lforms")
TYPES = {"group", "display", "choice", "boolean", "integer", "decimal", "date", "string", "text"}

# What may be refused, and why a person would accept it.
REFUSED = {
    "Questionnaire-phq-9-questionnaire.json": "its choices stand in a value set of LOINC that the file does not hold",
    "q-enableWhen-with-reference-loop.json": "its conditions wait for each other",
    "fhir-context-q-wrong-fhircontext.json": "its choices stand in value sets elsewhere",
}


def types_in(items: list[dict[str, object]]) -> Iterator[str]:
    for item in items:
        yield str(item.get("type"))
        yield from types_in(item.get("item", []))  # type: ignore[arg-type]


FILES = [
    file
    for source in SOURCES
    for file in sorted((CORPUS / source).glob("*.json"))
    if set(types_in(json.loads(file.read_text()).get("item", []))) <= TYPES
]


@pytest.mark.django_db
@pytest.mark.skipif(not FILES, reason="The published forms in ../shared/corpora are not here.")
@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_published_form_is_imported_shown_and_published(file: Path, administrator_client: Client) -> None:
    answer = upload(administrator_client, file.read_bytes(), file.name)
    if file.name in REFUSED:
        assert answer.status_code == 422, f"{file.name} is no longer refused: take it off the list"
        return
    assert answer.status_code == 302, answer.content.decode()
    version = QuestionnaireVersion.objects.get()
    page = administrator_client.get(reverse("kam:questionnaire", args=[version.pk]))
    assert page.status_code == 200
    administrator_client.post(reverse("kam:publish", args=[version.pk]), {"fingerprint": version.fingerprint})
    version.refresh_from_db()
    assert version.status == PublicationStatus.ACTIVE
