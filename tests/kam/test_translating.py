"""Translations side by side: saved as they are written, whoever else works on the draft."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from identity.actors import StaffActor
from questionnaires.authoring.translations import State, Wanted, mark_of, texts_of
from questionnaires.drafting import NotADraft
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from questionnaires.translating import translate
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.engine.small_forms import question
from tests.roles import QUERIES_OF_A_SCOPE
from tests.translated_form import TRANSLATED

pytestmark = pytest.mark.django_db


def draft(source: dict[str, Any] | None = None, **more: Any) -> QuestionnaireVersion:
    more = {"status": PublicationStatus.DRAFT, "published_at": None, **more}
    made: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        source=deepcopy(source) if source else factories.questionnaire_source(), **more
    )
    return made


def address(version: QuestionnaireVersion, language: str = "pl", **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"sprog": language, **more}.items())
    return f"{reverse('kam:translations', args=[version.pk])}?{query}"


def fields_of(page: str) -> dict[str, str]:
    """What the form would send, as it was shown."""
    hidden = dict(re.findall(r'name="((?:key|seen)-\d+)" value="([^"]*)"', page))
    words = re.findall(r'<textarea[^>]*?name="(words-\d+)".*?>([^<]*)</textarea>', page, re.DOTALL)
    return hidden | dict(words)


def number_of(page: str, link_id: str) -> str:
    [number] = re.findall(rf'name="key-(\d+)" value="{link_id}/question/0"', page)
    return str(number)


def row(page: str, link_id: str, words: str) -> dict[str, str]:
    number = number_of(page, link_id)
    fields = fields_of(page)
    return {name: fields[name] for name in (f"key-{number}", f"seen-{number}")} | {f"words-{number}": words}


def get(client: Client, version: QuestionnaireVersion, language: str = "pl", **more: str) -> str:
    answered = client.get(address(version, language, **more))
    assert answered.status_code == 200
    return str(answered.content.decode())


def save_one(client: Client, version: QuestionnaireVersion, fields: dict[str, str]) -> Any:
    return client.post(address(version), fields, headers={"HX-Request": "true"})


def polish(version: QuestionnaireVersion, link_id: str = "pain") -> str:
    version.refresh_from_db()
    text = next(text for text in texts_of(version.source) if text.link_id == link_id)
    return text.translations.get("pl", "")


def test_one_text_is_saved_as_it_is_left(administrator_client: Client) -> None:
    version = draft()
    page = get(administrator_client, version)
    assert "0 af 5 tekster er oversat" in page
    saved = save_one(administrator_client, version, row(page, "pain", "Czy odczuwasz ból?")).content.decode()
    assert polish(version) == "Czy odczuwasz ból?"
    assert "Gemt" in saved
    assert "1 af 5 tekster er oversat" in saved
    assert saved.count("translation-row ") == 1


def test_the_whole_page_is_saved_without_javascript(administrator_client: Client) -> None:
    version = draft()
    fields = fields_of(get(administrator_client, version))
    written = {name: f"PL {name}" for name in fields if name.startswith("words-")}
    page = administrator_client.post(address(version), fields | written, follow=True).content.decode()
    assert "Oversættelserne er gemt." in page
    assert "5 af 5 tekster er oversat" in page
    assert "Borgeren kan vælge sproget, når versionen er udgivet." in page


def test_who_builds_meanwhile_is_in_nobodys_way(administrator_client: Client) -> None:
    """The draft is another by now, the text is not."""
    version = draft()
    page = get(administrator_client, version)
    version.source["item"].append(question("new"))
    version.save()
    save_one(administrator_client, version, row(page, "pain", "Ból?"))
    assert polish(version) == "Ból?"
    assert version.source["item"][-1]["linkId"] == "new"


def test_a_text_that_was_changed_meanwhile_is_shown_anew_with_what_was_written(
    administrator_client: Client,
) -> None:
    version = draft()
    page = get(administrator_client, version)
    version.source["item"][0]["item"][0]["text"] = "Har du ondt?"
    version.save()
    fields = fields_of(page) | row(page, "pain", "Ból?")
    refused = administrator_client.post(address(version), fields)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Den danske tekst er ændret, siden du åbnede siden." in text
    assert "Har du ondt?" in text
    assert ">Ból?</textarea>" in text
    assert polish(version) == ""


def test_two_people_on_one_text_do_not_overwrite_each_other(administrator_client: Client) -> None:
    version = draft()
    page = get(administrator_client, version)
    save_one(administrator_client, version, row(page, "pain", "Den enes"))
    refused = save_one(administrator_client, version, row(page, "pain", "Den andens")).content.decode()
    assert "En anden har oversat teksten imens." in refused
    assert ">Den andens</textarea>" in refused
    assert polish(version) == "Den enes"
    save_one(administrator_client, version, row(page, "pain", ""))  # left as it was shown: says nothing
    assert polish(version) == "Den enes"


def changed_since() -> QuestionnaireVersion:
    version = draft()
    text = next(text for text in texts_of(version.source) if text.link_id == "pain")
    wanted = [Wanted(text.key, text.fingerprint, mark_of(""), "Ból?")]
    translate(version=version, language="pl", wanted=wanted, by=factories.StaffMemberFactory())
    version.refresh_from_db()
    version.source["item"][0]["item"][0]["text"] = "Har du ondt?"
    version.save()
    return version


def test_what_has_changed_since_is_marked_with_what_it_was(administrator_client: Client) -> None:
    version = changed_since()
    page = get(administrator_client, version)
    assert "Ændret siden" in page
    assert "»Har du smerter?«" in page
    assert "1 er ændret siden" in page


def test_a_translation_that_still_fits_is_confirmed(administrator_client: Client) -> None:
    version = changed_since()
    page = get(administrator_client, version)
    confirmed = row(page, "pain", "Ból?") | {"confirm": "pain/question/0"}
    saved = save_one(administrator_client, version, confirmed).content.decode()
    assert "Ændret siden (0)" in saved
    assert "Da den blev oversat" not in saved
    version.refresh_from_db()
    [text] = [text for text in texts_of(version.source) if text.link_id == "pain"]
    assert text.state("pl") is State.DONE


@pytest.mark.parametrize(("show", "shown"), [("", 5), ("mangler", 5), ("aendret", 1)])
def test_only_what_is_missing_or_changed_can_be_listed(
    administrator_client: Client, show: str, shown: int
) -> None:
    page = get(administrator_client, changed_since(), vis=show)
    assert page.count('name="key-') == shown


def test_done_texts_are_left_out_of_what_is_missing(administrator_client: Client) -> None:
    page = get(administrator_client, draft(TRANSLATED), "en", vis="mangler")
    assert 'name="key-' not in page
    assert "Alt er oversat, og intet er ændret siden." in page


def test_languages_from_right_to_left_are_written_so(administrator_client: Client) -> None:
    assert 'dir="rtl"' in get(administrator_client, draft(), "ar")
    assert 'dir="rtl"' in get(administrator_client, draft(), "fa")


@pytest.mark.parametrize("language", ["da", "%3Cscript%3E", "en_US", "x" * 30, ""])
def test_what_is_no_language_to_translate_to_is_none(administrator_client: Client, language: str) -> None:
    assert "Spørgeskemaet er ikke oversat endnu" in get(administrator_client, draft(), language)


def test_what_is_published_is_only_read(administrator_client: Client) -> None:
    version = factories.QuestionnaireVersionFactory(source=TRANSLATED)
    page = get(administrator_client, version, "en")
    assert "Are you in pain?" in page
    assert "<textarea" not in page
    assert administrator_client.post(address(version, "en"), {"key-1": "x"}).status_code == 409
    with pytest.raises(NotADraft):
        translate(version=version, language="en", wanted=[], by=factories.StaffMemberFactory())


def test_a_municipality_reads_the_national_and_writes_none_of_it(
    client_as: Callable[[StaffActor], Client],
) -> None:
    municipal = client_as(staff_actor(factories.StaffMemberFactory(), ADMINISTRATOR_ROLES))
    national = factories.QuestionnaireVersionFactory(source=TRANSLATED)
    assert "<textarea" not in get(municipal, national, "en")
    others = draft(questionnaire=factories.QuestionnaireFactory(owner=factories.MunicipalityFactory()))
    assert municipal.get(address(others)).status_code == 404


def test_a_character_that_cannot_be_kept_is_not_saved_and_breaks_nothing(
    administrator_client: Client,
) -> None:
    version = draft()
    page = get(administrator_client, version)
    assert save_one(administrator_client, version, row(page, "pain", "N\0UL")).status_code == 200
    assert polish(version) == ""


def test_the_number_of_queries_does_not_grow_with_the_texts(
    administrator_client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for count in (2, 300):
        version = draft(
            {**factories.questionnaire_source(), "item": [question(f"q{n}") for n in range(count)]}
        )
        with django_assert_max_num_queries(2 + QUERIES_OF_A_SCOPE):
            administrator_client.get(address(version))


def test_who_translates_has_written_in_the_draft(client_as: Callable[[StaffActor], Client]) -> None:
    """Or they could approve as the second person what they wrote themselves."""
    translator = factories.StaffMemberFactory(municipality=None)
    client = client_as(staff_actor(translator, ADMINISTRATOR_ROLES))
    version = draft(edited_by=factories.StaffMemberFactory())
    save_one(client, version, row(get(client, version), "pain", "Ból?"))
    version.refresh_from_db()
    assert version.edited_by == translator
