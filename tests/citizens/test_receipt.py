"""What a citizen reads when the answers have been sent."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans import services as plans
from plans.models import Plan, Task
from questionnaires.services import save_answers
from tests import factories

pytestmark = pytest.mark.django_db


def answered_task(citizen: Citizen, **plan: Any) -> Task:
    task = factories.open_task(citizen, plan=factories.PlanFactory(**plan))
    response = plans.begin_task(task=task, at=timezone.now())
    save_answers(response=response, fields={"pain": ["false"]}, at=timezone.now())
    return plans.submit_task(task=task, at=timezone.now())


def receipt(client_as: Callable[[CitizenActor], Client], **plan: Any) -> str:
    citizen = factories.CitizenFactory()
    task = answered_task(citizen, **plan)
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    page: str = client.get(reverse("citizens:receipt", args=[task.pk])).content.decode()
    return page


def test_the_plan_says_what_happens_now_and_whom_to_call(
    client_as: Callable[[CitizenActor], Client],
) -> None:
    read = receipt(
        client_as,
        what_happens_now="En sygeplejerske læser dine svar.\n\nDu hører fra os inden fredag.",
        if_you_get_worse="Ring til teamet på 12 34 56 78.",
    )
    assert "<p>Du hører fra os inden fredag.</p>" in read
    assert "Dit sundhedspersonale i" not in read
    assert "Ring til teamet på 12 34 56 78." in read
    assert "lægevagten" not in read
    assert "Ring 112" in read, "112 stands there whatever a plan says"


def test_a_plan_without_texts_has_the_general_ones(client_as: Callable[[CitizenActor], Client]) -> None:
    read = receipt(client_as)
    assert "Dit sundhedspersonale i" in read
    assert "lægevagten" in read
    assert "Ring 112" in read


def test_what_a_plan_says_is_text_and_nothing_else(client_as: Callable[[CitizenActor], Client]) -> None:
    read = receipt(client_as, what_happens_now="<script>a</script>", if_you_get_worse="<b>b</b>")
    assert "&lt;script&gt;" in read
    assert "&lt;b&gt;" in read


@pytest.mark.parametrize("field", ["what_happens_now", "if_you_get_worse"])
def test_what_citizens_were_told_stays_in_the_database(field: str) -> None:
    plan = factories.PlanFactory()
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(**{field: "Noget andet"})
    draft = factories.PlanFactory(status="draft", published_at=None)
    assert Plan.objects.filter(pk=draft.pk).update(**{field: "Noget andet"})
