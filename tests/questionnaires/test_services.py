"""Importing and publishing questionnaires, on real PostgreSQL."""

import json
from decimal import Decimal
from typing import Any

import pytest
import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from identity.models import StaffMember
from questionnaires import services as questionnaires
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion, Response
from tests import factories

pytestmark = pytest.mark.django_db


def imported(source: object = None, **more: object) -> QuestionnaireVersion:
    content = json.dumps(source if source is not None else factories.questionnaire_source(**more)).encode()  # type: ignore[arg-type]
    return questionnaires.import_questionnaire(content=content, owner=None).version


def test_a_file_becomes_version_1_when_it_is_published(nurse: StaffMember) -> None:
    draft = imported(title="Smerter")
    assert (draft.number, draft.status, draft.title) == (1, PublicationStatus.DRAFT, "Smerter")

    active = questionnaires.publish_questionnaire(version=draft, by=nurse, at=timezone.now())

    assert active.status == PublicationStatus.ACTIVE
    assert active.published_by == nurse


def test_the_next_import_of_the_same_questionnaire_is_the_next_version(nurse: StaffMember) -> None:
    first = questionnaires.publish_questionnaire(version=imported(), by=nurse, at=timezone.now())
    second = questionnaires.publish_questionnaire(
        version=imported(title="Rettet"), by=nurse, at=timezone.now()
    )

    first.refresh_from_db()
    assert (first.number, first.status) == (1, PublicationStatus.RETIRED)
    assert (second.number, second.status) == (2, PublicationStatus.ACTIVE)


def test_importing_again_replaces_the_draft() -> None:
    imported(title="Første")
    imported(title="Anden")
    assert list(QuestionnaireVersion.objects.values_list("title", flat=True)) == ["Anden"]


def test_a_form_without_an_address_gets_one() -> None:
    source = factories.questionnaire_source()
    del source["url"]
    assert imported(source).questionnaire.url.startswith("urn:uuid:")


def test_a_published_version_never_changes(nurse: StaffMember) -> None:
    active = questionnaires.publish_questionnaire(version=imported(), by=nurse, at=timezone.now())
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=active.pk).update(source={})
    with pytest.raises(questionnaires.NotADraft):
        questionnaires.publish_questionnaire(version=active, by=nurse, at=timezone.now())


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'"Questionnaire"', b'{"resourceType": "Patient"}', b"[" * 100_000],
    ids=["empty", "half", "not text", "list", "string", "another resource", "deep"],
)
def test_what_is_no_questionnaire_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(questionnaires.QuestionnaireRefused) as refused:
        questionnaires.import_questionnaire(content=content, owner=None)
    assert refused.value.sentence
    assert not Questionnaire.objects.exists()


def test_another_owners_address_is_not_taken_over() -> None:
    imported()
    with pytest.raises(questionnaires.QuestionnaireRefused, match="tilhører en anden"):
        questionnaires.import_questionnaire(
            content=json.dumps(factories.questionnaire_source()).encode(),
            owner=factories.MunicipalityFactory(),
        )


def completed(source: dict[str, Any], **fields: list[str]) -> Response:
    """A response to an active version of `source`, answered and submitted."""
    version = factories.QuestionnaireVersionFactory(source=source)
    now = timezone.now()
    response = questionnaires.start_response(citizen=factories.CitizenFactory(), version=version, at=now)
    questionnaires.save_answers(response=response, fields=fields, at=now)
    return questionnaires.complete_response(response=response, at=now)


def form_with_a_sum(
    *, link_id: str = "sum", text: str = "I alt", factor: str = "1", unit: str = "", most: float | None = None
) -> dict[str, Any]:
    """A decimal question, and a calculated one that gives it times `factor`."""
    extensions: list[dict[str, Any]] = [
        {
            "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
            "valueExpression": {
                "language": "text/fhirpath",
                "expression": f"%resource.item.where(linkId = 'n').answer.value * {factor}",
            },
        }
    ]
    if unit:
        extensions.append(
            {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
                "valueCoding": {"code": "u", "display": unit},
            }
        )
    if most is not None:
        extensions.append(
            {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueDecimal": most},
        )
    return factories.questionnaire_source(
        item=[
            {"linkId": "n", "type": "decimal", "text": "Hvor meget?"},
            {"linkId": link_id, "type": "decimal", "text": text, "readOnly": True, "extension": extensions},
        ]
    )


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (form_with_a_sum(text="I alt: " + "hvor meget, " * 40), "3"),
        (form_with_a_sum(link_id="i" * 300), "3"),
        (form_with_a_sum(unit="millimol pr. liter blod " * 4), "3"),
        (form_with_a_sum(factor="100000000"), "300000000"),
        (form_with_a_sum(factor="0.12345"), "0.3704"),
        (form_with_a_sum(most=1e15), "3"),
    ],
    ids=["long text", "long linkId", "long unit", "ten to the eighth", "many decimals", "wide scale"],
)
def test_a_score_is_kept_whatever_the_form_calls_it(source: dict[str, Any], value: str) -> None:
    score = completed(source, n=["3"]).scores.get()
    score.refresh_from_db()
    assert score.value == Decimal(value)
    assert score.name == source["item"][1]["text"]


@pytest.mark.parametrize(
    "source",
    [form_with_a_sum(link_id="i" * 5000), form_with_a_sum(factor="100000000000000000000")],
    ids=["linkId past any index", "more than any column"],
)
def test_a_score_that_cannot_be_kept_never_stops_the_citizen(source: dict[str, Any]) -> None:
    response = completed(source, n=["3"])
    assert response.is_completed
    assert not response.scores.exists()


def test_a_score_that_cannot_be_kept_is_told_of_without_its_value() -> None:
    source = form_with_a_sum(link_id="i" * 5000)
    with structlog.testing.capture_logs() as logs:
        response = completed(source, n=["3.25"])
    (line,) = [entry for entry in logs if entry["event"] == "questionnaires.score_not_kept"]
    assert line["response"] == str(response.pk)
    assert "3.25" not in str(line)
    assert "3,25" not in str(line)
