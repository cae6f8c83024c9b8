"""An administrator chooses how much of a questionnaire citizens see at one time."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from questionnaires import building
from questionnaires.engine import Paging, compile_questionnaire
from questionnaires.models import DraftHolder, PublicationStatus, QuestionnaireVersion
from questionnaires.paging import with_paging
from tests import factories
from tests.kam.importing import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> QuestionnaireVersion:
    made: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        status=PublicationStatus.DRAFT, published_at=None
    )
    return made


def choose(client: Client, version: QuestionnaireVersion, paging: str, **given: Any) -> str:
    said = {"paging": paging, "seen": version.fingerprint} | given
    answer: str = client.post(reverse("kam:paging", args=[version.pk]), said, follow=True).content.decode()
    version.refresh_from_db()
    return answer


def checked(page: str) -> list[str]:
    return [
        value
        for tag in re.findall(r"<input[^>]*name=\"paging\"[^>]*>", page)
        if "checked" in tag
        for value in re.findall(r'value="(\w+)"', tag)
    ]


def test_the_choice_goes_out_with_the_file_and_comes_in_with_it(
    administrator_client: Client, draft: QuestionnaireVersion
) -> None:
    page = administrator_client.get(reverse("kam:questionnaire", args=[draft.pk])).content.decode()
    assert checked(page) == ["sections"]
    page = choose(administrator_client, draft, "questions")
    assert "Gemt." in page
    assert checked(page) == ["questions"]

    file = administrator_client.get(reverse("kam:export", args=[draft.pk])).content
    resource = json.loads(file) | {"url": "https://example.org/copied"}
    page = upload(administrator_client, json.dumps(resource).encode(), follow=True).content.decode()
    assert checked(page) == ["questions"]


def test_back_to_sections_leaves_the_file_as_it_came_in(
    administrator_client: Client, draft: QuestionnaireVersion
) -> None:
    before = draft.source
    choose(administrator_client, draft, "whole")
    assert draft.source != before
    choose(administrator_client, draft, "sections")
    assert draft.source == before


def test_other_extensions_stay(draft: QuestionnaireVersion) -> None:
    other = {"url": "https://example.org/other", "valueString": "x"}
    source = draft.source | {"extension": [other]}
    chosen = with_paging(with_paging(source, Paging.WHOLE), Paging.QUESTIONS)
    assert chosen["extension"][0] == other
    assert len(chosen["extension"]) == 2
    assert compile_questionnaire(chosen).definition.paging is Paging.QUESTIONS  # type: ignore[union-attr]


def test_a_draft_that_was_changed_meanwhile_is_not_overwritten(
    administrator_client: Client, draft: QuestionnaireVersion
) -> None:
    before = draft.source
    page = choose(administrator_client, draft, "whole", seen="0" * 8)
    assert "Kladden er ændret" in page
    assert draft.source == before


def test_a_published_version_says_what_was_chosen_and_offers_nothing(administrator_client: Client) -> None:
    version = factories.QuestionnaireVersionFactory()
    page = administrator_client.get(reverse("kam:questionnaire", args=[version.pk])).content.decode()
    assert "Ét afsnit ad gangen" in page
    assert 'name="paging"' not in page
    said = {"paging": "whole", "seen": version.fingerprint}
    assert administrator_client.post(reverse("kam:paging", args=[version.pk]), said).status_code == 409


@pytest.mark.parametrize("said", ["", "everything"])
def test_a_choice_that_no_button_makes_changes_nothing(
    administrator_client: Client, draft: QuestionnaireVersion, said: str
) -> None:
    before = draft.source
    choose(administrator_client, draft, said)
    assert draft.source == before


def test_the_choice_is_a_step_that_can_be_taken_back_and_leaves_the_draft_free(
    administrator_client: Client, draft: QuestionnaireVersion
) -> None:
    before = draft.source
    choose(administrator_client, draft, "whole")
    assert not DraftHolder.objects.exists()
    history = administrator_client.get(reverse("kam:builder_history", args=[draft.pk])).content.decode()
    assert "hvor meget borgeren ser ad gangen" in history
    said = {"act": "undo", "seen": draft.fingerprint}
    administrator_client.post(reverse("kam:builder_act", args=[draft.pk]), said)
    draft.refresh_from_db()
    assert draft.source == before


def test_who_chose_has_written_in_the_draft(
    administrator_client: Client, draft: QuestionnaireVersion
) -> None:
    choose(administrator_client, draft, "whole")
    assert draft.edited_by is not None
    assert draft.edited_by == draft.steps.get().by


def test_nothing_is_chosen_while_somebody_else_builds(
    administrator_client: Client, draft: QuestionnaireVersion
) -> None:
    before = draft.source
    other = factories.StaffMemberFactory(municipality=None, name="Karen Bygger")
    building.take(version=draft, by=other, at=timezone.now())
    assert "Karen Bygger har haft kladden" in choose(administrator_client, draft, "whole")
    assert draft.source == before
    assert DraftHolder.objects.get().staff == other
