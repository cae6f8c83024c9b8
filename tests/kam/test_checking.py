"""The check on a version's page: what was found, in three words, each leading to its element."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from questionnaires.models import AnswerTime, PublicationStatus
from tests import factories
from tests.engine.small_forms import group, question, when
from tests.roles import QUERIES_OF_A_SCOPE
from tests.translated_form import TRANSLATED

pytestmark = pytest.mark.django_db


def page_of(client: Client, source: dict[str, Any], **more: Any) -> str:
    version = factories.QuestionnaireVersionFactory(
        source=source, status=PublicationStatus.DRAFT, published_at=None, **more
    )
    return str(client.get(reverse("kam:questionnaire", args=[version.pk])).content.decode())


def form(*items: dict[str, Any]) -> dict[str, Any]:
    return {**factories.questionnaire_source(), "item": list(items)}


def test_findings_say_how_much_they_matter_and_lead_to_their_element(administrator_client: Client) -> None:
    page = page_of(
        administrator_client,
        form(
            question("a", "boolean"),
            question("b", text="Skriv i det røde felt", enableWhen=[when("a", "=", answerInteger=1)]),
            group("rows", question("c", required=True), repeats=True),
        ),
    )
    assert "Bør rettes" in page
    assert "Godt at vide" in page
    [address] = set(re.findall(r'href="([^"]*)"><span lang="da">Skriv i det røde felt', page))
    assert address.endswith("/byg/?valgt=b")
    assert page.index("Bør rettes") < page.index("Godt at vide")


def test_what_the_engine_calls_an_error_must_be_mended(administrator_client: Client) -> None:
    page = page_of(administrator_client, form(question("a"), {**question("a"), "text": "Igen"}))
    assert "Skal rettes" in page


def test_nothing_found_is_said_so(administrator_client: Client) -> None:
    assert "Kontrollen fandt ingen fejl." in page_of(administrator_client, factories.questionnaire_source())


def test_the_readability_of_a_form_is_shown_with_its_meaning(administrator_client: Client) -> None:
    text = "Hvor ofte har du haft ondt i ryggen i denne uge, når du har gået en tur?"
    page = page_of(administrator_client, form(*(question(f"q{number}", text=text) for number in range(4))))
    assert "Lixtal 17: let for alle" in page
    assert "Lixtal" not in page_of(administrator_client, form(question("q", text="Ja?")))


def test_a_language_that_is_not_whole_leads_to_its_translations(administrator_client: Client) -> None:
    page = page_of(administrator_client, TRANSLATED)
    assert "Oversættelsen til ukrainsk mangler 9 af 10 tekster." in page
    assert "/oversaettelser/?sprog=uk&amp;vis=mangler" in page


def test_what_took_citizens_long_is_said_of_the_next_draft(administrator_client: Client) -> None:
    answered = factories.QuestionnaireVersionFactory()
    AnswerTime.objects.create(
        version=answered,
        seconds=int(timedelta(minutes=34).total_seconds()),
        measured_at=timezone.now(),
    )
    page = page_of(administrator_client, answered.source, questionnaire=answered.questionnaire, number=2)
    assert "Borgere har brugt omkring 34 minutter på spørgeskemaet." in page


def test_the_outline_says_what_is_asked_and_when(administrator_client: Client) -> None:
    page = page_of(administrator_client, factories.questionnaire_source())
    assert "Vises, når »Har du smerter?« er »Ja«." in page
    assert "Helt tal · skal besvares" in page


def test_the_number_of_queries_does_not_grow_with_the_form(
    administrator_client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for count in (2, 200):
        version = factories.QuestionnaireVersionFactory(
            source=form(*(question(f"q{number}") for number in range(count))),
            status=PublicationStatus.DRAFT,
            published_at=None,
        )
        with django_assert_max_num_queries(5 + QUERIES_OF_A_SCOPE):
            administrator_client.get(reverse("kam:questionnaire", args=[version.pk]))
