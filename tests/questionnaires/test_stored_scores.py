"""Scores are kept whatever the form calls them, and never stop the citizen; on real PostgreSQL."""

from decimal import Decimal
from typing import Any

import pytest
import structlog
from django.utils import timezone

from questionnaires import services
from questionnaires.models import Response
from tests import factories

pytestmark = pytest.mark.django_db


def completed(source: dict[str, Any], **fields: list[str]) -> Response:
    """A response to an active version of `source`, answered and submitted."""
    version = factories.QuestionnaireVersionFactory(source=source)
    now = timezone.now()
    citizen = factories.CitizenFactory()
    response = services.start_response(
        citizen=citizen, municipality_id=citizen.municipality_id, version=version, at=now
    )
    services.save_answers(response=response, fields=fields, at=now)
    return services.complete_response(response=response, at=now).response


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
