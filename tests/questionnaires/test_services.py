"""Importing and publishing questionnaires, on real PostgreSQL."""

import json
from concurrent.futures import ThreadPoolExecutor
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
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits

pytestmark = pytest.mark.django_db


def imported(source: object = None, **more: object) -> QuestionnaireVersion:
    content = json.dumps(source if source is not None else factories.questionnaire_source(**more)).encode()  # type: ignore[arg-type]
    return questionnaires.import_questionnaire(content=content, owner=None).version


def published(draft: QuestionnaireVersion, by: StaffMember) -> QuestionnaireVersion:
    """As by somebody who looked at the draft as it is given."""
    return questionnaires.publish_questionnaire(
        version=draft, fingerprint=draft.fingerprint, by=by, at=timezone.now()
    )


def test_a_file_becomes_version_1_when_it_is_published(nurse: StaffMember) -> None:
    draft = imported(title="Smerter")
    assert (draft.number, draft.status, draft.title) == (1, PublicationStatus.DRAFT, "Smerter")

    active = published(draft, nurse)

    assert active.status == PublicationStatus.ACTIVE
    assert active.published_by == nurse


def test_the_next_import_of_the_same_questionnaire_is_the_next_version(nurse: StaffMember) -> None:
    first = published(imported(), nurse)
    second = published(imported(title="Rettet"), nurse)

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
    active = published(imported(), nurse)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=active.pk).update(source={})
    with pytest.raises(questionnaires.NotADraft):
        published(active, nurse)


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


def test_nobody_publishes_what_they_have_not_seen(nurse: StaffMember) -> None:
    seen = imported(title="Som A så det")
    imported(title="Som B hentede det ind imens")

    with pytest.raises(questionnaires.DraftChanged, match="ændret"):
        published(seen, nurse)

    draft = QuestionnaireVersion.objects.get()
    assert draft.is_draft
    assert published(draft, nurse).title == "Som B hentede det ind imens"


def test_the_same_file_again_is_the_same_draft(nurse: StaffMember) -> None:
    source = factories.questionnaire_source(
        extension=[{"url": "https://example.org/n", "valueDecimal": 1e30}]
    )
    seen = imported(source)
    imported(dict(reversed(source.items())))
    assert published(seen, nurse).status == PublicationStatus.ACTIVE


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"description": "før \0 efter"}, "tegn"),
        ({"description": "en halv \ud83d smiley"}, "tegn"),
        ({"\ud83d": 1}, "tegn"),
        ({"extension": [{"url": "https://example.org/n", "valueDecimal": float("nan")}]}, "JSON"),
        ({"extension": [{"url": "https://example.org/n", "valueDecimal": float("-inf")}]}, "JSON"),
        ({"url": "https://example.org/" + "q" * 500}, "500"),
        ({"language": "da-x-" + "meget-lang" * 3}, "20"),
    ],
    ids=["NUL", "half a pair", "half a pair as a name", "NaN", "-Infinity", "long url", "long language"],
)
def test_what_the_database_cannot_keep_is_refused_with_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(questionnaires.QuestionnaireRefused, match=said):
        imported(factories.questionnaire_source() | wrong)
    assert not Questionnaire.objects.exists()


def test_a_number_beyond_all_numbers_is_refused_with_a_sentence() -> None:
    content = json.dumps(factories.questionnaire_source(extension=[{"url": "x", "valueDecimal": 0.5}]))
    with pytest.raises(questionnaires.QuestionnaireRefused, match="tal"):
        questionnaires.import_questionnaire(content=content.replace("0.5", "1e999").encode(), owner=None)


@pytest.mark.django_db(transaction=True)
def test_two_first_imports_at_the_same_moment_are_one_questionnaire() -> None:
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            imported(title="Første")
            second = other.submit(in_a_connection_of_its_own, imported, title="Anden")
            wait_until_somebody_waits()
        second.result()
    assert [(version.number, version.title) for version in QuestionnaireVersion.objects.all()] == [
        (1, "Anden")
    ]


@pytest.mark.django_db(transaction=True)
def test_an_import_while_the_draft_is_being_published_is_the_next_version() -> None:
    draft, administrator = imported(title="Første"), factories.StaffMemberFactory()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            published(draft, administrator)
            second = other.submit(in_a_connection_of_its_own, imported, title="Anden")
            wait_until_somebody_waits()
        second.result()
    assert list(QuestionnaireVersion.objects.order_by("number").values_list("title", "status")) == [
        ("Første", "active"),
        ("Anden", "draft"),
    ]


@pytest.mark.django_db(transaction=True)
def test_publishing_while_the_draft_is_being_replaced_is_refused() -> None:
    draft, administrator = imported(title="Første"), factories.StaffMemberFactory()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            imported(title="Anden")
            publishing = other.submit(in_a_connection_of_its_own, published, draft, administrator)
            wait_until_somebody_waits()
        with pytest.raises(questionnaires.DraftChanged):
            publishing.result()
    assert QuestionnaireVersion.objects.get().is_draft


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
    citizen = factories.CitizenFactory()
    response = questionnaires.start_response(
        citizen=citizen, municipality_id=citizen.municipality_id, version=version, at=now
    )
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
