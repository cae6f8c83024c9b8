"""A form with a score in bands, questions answered by numbers, and own words: for charts and comparisons."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from citizens.models import Citizen
from plans import services as plans
from plans.models import Task
from questionnaires.decision_support import switch_on
from questionnaires.engine.score_bands import SCORE_BAND
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from questionnaires.services import save_answers
from tests import factories

BANDS = [(0, 9, "Let"), (10, 19, "Middel"), (20, 30, "Svær")]
MIN = "http://hl7.org/fhir/StructureDefinition/minValue"
MAX = "http://hl7.org/fhir/StructureDefinition/maxValue"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def scale(link_id: str, text: str) -> dict[str, Any]:
    return {
        "linkId": link_id,
        "type": "integer",
        "text": text,
        "extension": [{"url": MIN, "valueInteger": 0}, {"url": MAX, "valueInteger": 10}],
    }


def banded_source(url: str, *, pain: str = "Dine smerter", **more: Any) -> dict[str, Any]:
    """Pain and sleep from 0 to 10, weight in kilograms, own words, and three times the pain as a score in bands."""
    bands = [
        {
            "url": SCORE_BAND,
            "extension": [
                {"url": "min", "valueDecimal": low},
                {"url": "max", "valueDecimal": high},
                {"url": "name", "valueString": name},
            ],
        }
        for low, high, name in BANDS
    ]
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "status": "active",
        "title": "Smerter i hverdagen",
        "item": [
            scale("pain", pain),
            scale("sleep", "Din søvn"),
            {"linkId": "weight", "type": "quantity", "text": "Din vægt"},
            {"linkId": "note", "type": "text", "text": "Hvad betyder mest for dig?"},
            {
                "linkId": "index",
                "type": "decimal",
                "text": "Smerteindeks",
                "readOnly": True,
                "extension": [
                    {"url": MIN, "valueDecimal": 0},
                    {"url": MAX, "valueDecimal": 30},
                    {
                        "url": CALCULATED,
                        "valueExpression": {
                            "language": "text/fhirpath",
                            "expression": "%resource.item.where(linkId = 'pain').answer.value * 3",
                        },
                    },
                    *bands,
                ],
            },
        ],
        **more,
    }


def banded_version(*, with_support: bool = True, number: int = 1, **more: Any) -> QuestionnaireVersion:
    """An active version of it; `with_support`: its bands are switched on, approved and published."""
    questionnaire = more.pop("questionnaire", None) or factories.QuestionnaireFactory()
    support: dict[str, Any] = {}
    if with_support:
        author, publisher = factories.StaffMemberFactory.create_batch(2, municipality=None)
        support["decision_support"] = switch_on(
            questionnaire=questionnaire,
            intended_purpose="Støtter opfølgning",
            algorithm_version="1",
            by=author,
            at=timezone.now(),
        )
        support |= {"approved_by": author, "approved_at": timezone.now(), "published_by": publisher}
    version: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        questionnaire=questionnaire,
        number=number,
        title="Smerter i hverdagen",
        status=PublicationStatus.ACTIVE,
        source=banded_source(questionnaire.url, **more),
        **support,
    )
    return version


def answered_weekly(citizen: Citizen, *pains: int, version: QuestionnaireVersion | None = None) -> list[Task]:
    """Weekly answers through the use cases, as many as pains and the last one today; sleep is 10 less the pain."""
    start = timezone.now() - timedelta(weeks=len(pains) - 1, hours=1)
    plan = factories.PlanFactory(
        title="Ondt i ryggen", weekly=len(pains), weekly__version=version or banded_version()
    )
    done = []
    tasks = list(factories.assign(citizen, plan=plan, at=start).tasks.order_by("opens_at"))
    for week, (task, pain) in enumerate(zip(tasks, pains, strict=True)):
        at = start + timedelta(weeks=week, minutes=30)
        response = plans.begin_task(task=task, at=at)
        fields = {"pain": [str(pain)], "sleep": [str(10 - pain)], "note": [f"Uge {week + 1}: at gå en tur."]}
        save_answers(response=response, fields=fields, at=at)
        done.append(plans.submit_task(task=task, at=at))
    return done
