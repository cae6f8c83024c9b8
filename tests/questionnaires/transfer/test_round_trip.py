"""What goes out comes in again as the identical definition; made forms, and every real one that can be imported."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from fhir.resources.R4B.questionnaire import Questionnaire as FhirQuestionnaire
from hypothesis import HealthCheck, assume, given, settings
from pydantic import ValidationError

from questionnaires import building
from questionnaires.authoring.outline import outline
from questionnaires.engine import Definition, compile_questionnaire
from questionnaires.engine.definition import Item
from questionnaires.fingerprints import fingerprint
from questionnaires.importing import QuestionnaireRefused, import_questionnaire, judge
from questionnaires.models import DraftHolder
from questionnaires.transfer.qfdd_writing import as_qfdd
from questionnaires.transfer.reading import candidates_in
from questionnaires.transfer.sheet_rows import example_rows, rows_of
from questionnaires.transfer.tables import as_csv, as_xlsx
from tests.engine.generated import definitions
from tests.questionnaires.transfer.files import CORPORA
from tests.questionnaires.transfer.test_qfdd import AT

FORMS = sorted((CORPORA / "questionnaires").rglob("*.json"))


def exported(source: Any) -> bytes:
    """As KAM's page gives it."""
    return json.dumps(source, ensure_ascii=False, indent=2, default=dict).encode()


def same(one: Definition, other: Definition) -> bool:
    """Everything that the engine has read of two forms; items are equal only to themselves, so by their parts."""

    def parts(item: Item) -> dict[str, Any]:
        return {name: getattr(item, name) for name in item.__slots__ if name != "items"}

    return [parts(item) for item in one.by_link_id.values()] == [
        parts(item) for item in other.by_link_id.values()
    ] and all(
        getattr(one, name) == getattr(other, name)
        for name in (
            "url",
            "version",
            "title",
            "description",
            "language",
            "order",
            "variables",
            "constraints",
        )
    )


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(definition=definitions())
def test_a_made_form_goes_out_as_valid_fhir_and_comes_in_as_itself(definition: Definition) -> None:
    content = exported(definition.source)
    FhirQuestionnaire.model_validate(json.loads(content))
    [only] = candidates_in(content, name="x.json")
    again = compile_questionnaire(only.document).definition
    assert again is not None
    assert same(definition, again)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(definition=definitions())
def test_a_made_form_goes_out_as_a_spreadsheet_and_qfdd_without_falling_over(definition: Definition) -> None:
    rows, header = rows_of(definition)
    assume(len(rows) > header)  # nothing but groups is no spreadsheet
    workbook = as_xlsx(rows, title=definition.title, header=header, widths=[10])
    for content in (workbook, as_csv(rows)):
        [only] = candidates_in(content, name="x")
        # Conditions that a spreadsheet cannot say are told with their row; nothing else may be wrong.
        assert only.document is not None or "Række" in only.refusal
    [only] = candidates_in(as_qfdd(definition, version=1, owner="x", at=AT).content, name="x.xml")
    assert compile_questionnaire(only.document).definition is not None


def test_the_template_comes_in_and_goes_out_as_the_same_rows() -> None:
    rows, header = example_rows()
    [only] = candidates_in(as_xlsx(rows, title="x", header=header, widths=[10]), name="skabelon.xlsx")
    assert only.refusal == ""
    definition = judge(only.document).definition
    again, header_again = rows_of(definition)
    assert again[header_again:] == rows[header:]


@pytest.mark.django_db
@pytest.mark.skipif(not FORMS, reason="The published forms in ../shared/corpora are not here.")
def test_every_real_form_that_can_be_imported_is_built_on_goes_out_and_comes_in_as_itself(
    administrator_client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()
    told: list[str] = []
    for file in FORMS:
        counts["files"] += 1
        try:
            version = import_questionnaire(content=file.read_bytes(), owner=None).version
        except QuestionnaireRefused:
            counts["refused"] += 1
            continue
        version.refresh_from_db()
        first = compile_questionnaire(version.source).definition
        assert first is not None
        builder = administrator_client.get(reverse("kam:builder", args=[version.pk]))
        assert builder.status_code == 200, file
        assert builder.content.count(b'role="treeitem"') == len(outline(version.source)), file
        counts["opened in the builder"] += 1
        building.give_up(version=version, by=DraftHolder.objects.get(version=version).staff)
        content = administrator_client.get(reverse("kam:export", args=[version.pk])).content
        again = import_questionnaire(content=content, owner=None).version
        again.refresh_from_db()
        second = compile_questionnaire(again.source).definition
        assert second is not None
        assert same(first, second), file
        assert fingerprint(again.source) == fingerprint(version.source), file
        counts["identical"] += 1
        counts["valid FHIR" if _is_fhir(content) else "not FHIR R4 as they came"] += 1
        if not _is_fhir(content):
            assert not _is_fhir(file.read_bytes()), f"{file} was valid FHIR before it came here"
            told.append(file.name)
    assert counts["identical"] + counts["refused"] == counts["files"]
    assert counts["identical"] >= 45
    with capsys.disabled():
        sys.stdout.write(f"\nimport → builder → export → import: {dict(counts)}\n")
        sys.stdout.write(f"not FHIR R4 as they came: {', '.join(told)}\n")


def _is_fhir(content: bytes) -> bool:
    try:
        FhirQuestionnaire.model_validate(json.loads(content))
    except (ValidationError, AttributeError, TypeError):
        return False
    return True


def test_there_is_a_corpus_where_there_should_be() -> None:
    assert FORMS or not Path(CORPORA).exists()
