"""A citizen corrects what they have sent, in a browser that says only what a form says."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans import correcting
from plans import services as plans
from plans.models import CarePlan, Task
from questionnaires.models import Response
from questionnaires.services import save_answers
from tests.factories import CitizenFactory, PlanFactory, open_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = CitizenFactory()
    return made


@pytest.fixture
def browser(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> Client:
    return client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


def answered(citizen: Citizen, *, at: datetime | None = None, days: int = 3) -> Task:
    at = at or timezone.now()
    task = open_task(citizen, plan=PlanFactory(correction_days=days, citizens_see_scores=True), at=at)
    response = plans.begin_task(task=task, at=at)
    save_answers(response=response, fields={"pain": ["false"], "note": ["Som sædvanlig"]}, at=at)
    return plans.submit_task(task=task, at=at)


def read(browser: Client, name: str, of: object) -> str:
    answer = browser.get(reverse(f"citizens:{name}", args=[of]))
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page


def send(browser: Client, task: Task) -> int:
    """What the summary's button does."""
    shown = browser.get(reverse("citizens:summary", args=[task.pk]))
    seen = {"seen": shown.context["seen"]} if shown.context else {}
    return browser.post(reverse("citizens:summary", args=[task.pk]), seen).status_code


def test_a_citizen_corrects_an_answer(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen)
    former = task.response_id
    for page in (read(browser, "receipt", task.pk), read(browser, "response", former)):
        assert "Du kan rette dit svar indtil" in page
        assert reverse("citizens:correct", args=[task.pk]) in page

    begun = browser.post(reverse("citizens:correct", args=[task.pk]))
    assert begun.headers["Location"] == reverse("citizens:summary", args=[task.pk])
    summary = read(browser, "summary", task.pk)
    assert "Som sædvanlig" in summary
    assert "Send rettelsen" in summary
    assert "Rettelsen er ikke sendt endnu" in read(browser, "response", former)
    assert "Fortsæt med at rette" in browser.get(reverse("citizens:tasks")).content.decode()

    page_url = reverse("citizens:page", args=[task.pk, 1])
    assert "Du retter svar, du har sendt" in browser.get(page_url).content.decode()
    browser.post(page_url, {"a:pain": "false", "a:note": "Det gjorde ondt"})
    assert send(browser, task) == 302

    task.refresh_from_db()
    page = read(browser, "response", task.response_id)
    assert "Det gjorde ondt" in page
    assert "Tidligere udgaver" in page
    assert str(former) in page
    listed = browser.get(reverse("citizens:responses")).content.decode()
    assert str(task.response_id) in listed
    assert str(former) not in listed
    assert "Fortsæt med at rette" not in browser.get(reverse("citizens:tasks")).content.decode()


def test_the_earlier_version_says_that_it_is_one(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen)
    former = task.response_id
    corrected(task)
    page = read(browser, "response", former)
    assert "Det her er en tidligere udgave" in page
    assert "Som sædvanlig" in page
    assert "Ret dit svar" not in page
    pdf = browser.get(reverse("citizens:response_pdf", args=[former]))
    assert pdf.content.startswith(b"%PDF")


def corrected(task: Task) -> None:
    draft = correcting.begin(task=task, at=timezone.now())
    save_answers(response=draft, fields={"note": ["Rettet"]}, at=timezone.now())
    correcting.submit(task=task, at=timezone.now())


def test_dropping_it_is_asked_about_first(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen)
    browser.post(reverse("citizens:correct", args=[task.pk]))
    url = reverse("citizens:undo_correction", args=[task.pk])
    assert "Vil du fortryde rettelsen?" in browser.get(url).content.decode()
    assert Response.objects.count() == 2
    dropped = browser.post(url, follow=True).content.decode()
    assert "Dine svar gælder, som du sendte dem" in dropped
    assert Response.objects.get().pk == task.response_id
    assert browser.get(url).status_code == 302, "there is nothing left to ask about"


def test_what_was_not_changed_is_not_sent(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen)
    browser.post(reverse("citizens:correct", args=[task.pk]))
    assert send(browser, task) == 422
    assert Response.objects.completed().count() == 1


def test_a_second_tab_is_sent_to_the_receipt(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen)
    browser.post(reverse("citizens:correct", args=[task.pk]))
    page_url = reverse("citizens:page", args=[task.pk, 1])
    browser.post(page_url, {"a:pain": "false", "a:note": "Nyt"})
    assert send(browser, task) == 302
    assert send(browser, task) == 302
    late = browser.post(page_url, {"a:pain": "false", "a:note": "For sent"})
    assert late.headers["Location"] == reverse("citizens:receipt", args=[task.pk])
    assert Response.objects.count() == 2


def test_who_comes_too_late_is_told_and_nothing_changes(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen, at=timezone.now() - timedelta(days=4))
    page = read(browser, "response", task.response_id)
    assert "Ret dit svar" not in page
    refused = browser.post(reverse("citizens:correct", args=[task.pk]))
    assert refused.status_code == 409
    assert "Tiden til at rette svaret er gået" in refused.content.decode()


def test_a_plan_that_was_stopped_meanwhile_says_so(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen)
    browser.post(reverse("citizens:correct", args=[task.pk]))
    CarePlan.objects.update(status=CarePlan.Status.REVOKED)
    answer = browser.post(reverse("citizens:summary", args=[task.pk]), {"seen": "x"})
    assert answer.status_code == 409
    assert "Planen er afsluttet" in answer.content.decode()
    assert "rettelsen blev ikke sendt" in read(browser, "receipt", task.pk)


def test_a_plan_without_days_offers_nothing(browser: Client, citizen: Citizen) -> None:
    task = answered(citizen, days=0)
    assert "Ret dit svar" not in read(browser, "response", task.response_id)
    assert browser.post(reverse("citizens:correct", args=[task.pk])).status_code == 409


@pytest.mark.parametrize("name", ["correct", "undo_correction"])
def test_somebody_elses_task_is_not_found(browser: Client, name: str) -> None:
    task = answered(CitizenFactory())
    assert browser.post(reverse(f"citizens:{name}", args=[task.pk])).status_code == 404
    assert Response.objects.count() == 1
