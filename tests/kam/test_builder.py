"""The builder's page: every act by its buttons, with a script and without."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from benchmarks.forms import form as large_form
from identity.actors import StaffActor
from identity.models import StaffMember
from questionnaires.authoring.kinds import ADDABLE
from questionnaires.authoring.tree import changed, find, walk
from questionnaires.engine import compile_questionnaire
from questionnaires.models import DraftHolder, PublicationStatus, QuestionnaireVersion
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def editor(db: None) -> StaffMember:
    member: StaffMember = factories.StaffMemberFactory(municipality=None, name="Birgitte Hedegård")
    return member


@pytest.fixture
def client(editor: StaffMember, client_as: Callable[[StaffActor], Client]) -> Client:
    return client_as(staff_actor(editor, ADMINISTRATOR_ROLES))


@pytest.fixture
def draft() -> QuestionnaireVersion:
    made: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        status=PublicationStatus.DRAFT, published_at=None
    )
    return made


def send(client: Client, version: QuestionnaireVersion, name: str, said: dict[str, Any], **how: Any) -> Any:
    """Press a button of the page as it is now."""
    version.refresh_from_db()
    said = {"seen": version.fingerprint} | said
    answer = client.post(reverse(f"kam:{name}", args=[version.pk]), said, **how)
    version.refresh_from_db()
    return answer


def do(client: Client, version: QuestionnaireVersion, act: str, at: str = "", **more: Any) -> Any:
    return send(client, version, "builder_act", {"act": act, "at": at, **more}, headers=HTMX)


def seen_in(text: str) -> str:
    """What the page says of itself when one of its buttons is pressed."""
    found = re.search(r'name="seen" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


def ids(version: QuestionnaireVersion) -> list[str]:
    return [item["linkId"] for _, item in walk(version.source)]


def page(client: Client, version: QuestionnaireVersion, selected: str = "", **how: Any) -> str:
    query = f"?valgt={selected}" if selected else ""
    answer = client.get(reverse("kam:builder", args=[version.pk]) + query, **how)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def test_from_nothing_to_a_form_that_can_be_published(client: Client) -> None:
    begun = client.post(reverse("kam:new_questionnaire"), {"title": "Din hverdag"})
    version = QuestionnaireVersion.objects.select_related("questionnaire").get()
    assert begun.headers["Location"] == reverse("kam:builder", args=[version.pk])
    assert version.questionnaire.url.startswith("urn:uuid:")
    assert version.language == "da"
    [section] = ids(version)
    assert "Tilføj det første spørgsmål" in page(client, version, section)

    for kind in ADDABLE:
        added = do(client, version, "add", section, kind=kind.value)
        assert added.status_code == 200, kind
        assert "Uden tekst" in added.content.decode()
    for link_id in ids(version):
        named = send(
            client, version, "builder_settings", {"at": link_id, "s-text": f"Tekst {link_id}"}, headers=HTMX
        )
        assert named.status_code == 200, named.content.decode()
        assert escape(f"Tekst {link_id}") in page(client, version, link_id)

    assert compile_questionnaire(version.source).is_usable
    client.post(reverse("kam:publish", args=[version.pk]), {"fingerprint": version.fingerprint})
    version.refresh_from_db()
    assert version.status == PublicationStatus.ACTIVE


def test_an_empty_draft_is_shown_everywhere_and_published_nowhere(client: Client) -> None:
    client.post(reverse("kam:new_questionnaire"), {"title": "Tomt"})
    version = QuestionnaireVersion.objects.get()
    do(client, version, "delete", ids(version)[0])
    assert version.source.get("item") is None
    page(client, version)
    assert client.get(reverse("kam:questionnaire", args=[version.pk])).status_code == 200
    assert client.post(reverse("kam:try", args=[version.pk]), {}).status_code == 200
    seen = {"fingerprint": version.fingerprint}
    refused = client.post(reverse("kam:publish", args=[version.pk]), seen, follow=True)
    assert "Kontrollen har fundet fejl" in refused.content.decode()
    version.refresh_from_db()
    assert version.is_draft


def test_a_choice_without_answers_is_shown_and_not_published(
    client: Client, draft: QuestionnaireVersion
) -> None:
    do(client, draft, "add", "page", kind="one-choice")
    choice = ids(draft)[-1]
    [first, second] = find(draft.source, choice)["answerOption"]
    for option in (first, second):
        key = f"{option['valueCoding']['system']}|{option['valueCoding']['code']}"
        answer = send(client, draft, "builder_answers", _rows(draft, choice) | {"remove": key}, headers=HTMX)
    assert "Der er ingen svar at vælge imellem" in answer.content.decode()
    assert client.get(reverse("kam:questionnaire", args=[draft.pk])).status_code == 200
    assert client.post(reverse("kam:try", args=[draft.pk]), {}).status_code == 200
    seen = {"fingerprint": draft.fingerprint}
    refused = client.post(reverse("kam:publish", args=[draft.pk]), seen, follow=True)
    assert "Kontrollen har fundet fejl" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.is_draft


def _rows(version: QuestionnaireVersion, link_id: str) -> dict[str, str]:
    said = {"at": link_id}
    options = find(version.source, link_id).get("answerOption") or []
    for number, option in enumerate(options):
        coding = option["valueCoding"]
        said[f"svar-{number}-key"] = f"{coding['system']}|{coding['code']}"
        said[f"svar-{number}-label"] = coding["display"]
    said[f"svar-{len(options)}-label"] = ""
    return said


def test_answers_are_written_weighed_moved_and_an_error_stands_at_its_field(
    client: Client, draft: QuestionnaireVersion
) -> None:
    do(client, draft, "add", "page", kind="one-choice")
    choice = ids(draft)[-1]
    said = _rows(draft, choice) | {
        "svar-0-label": "Slet ikke",
        "svar-0-weight": "0",
        "svar-1-label": "Noget",
        "svar-1-weight": "1,5",
        "svar-2-label": "Meget",
        "svar-2-weight": "to",
    }
    answer = send(client, draft, "builder_answers", said, headers=HTMX)
    assert answer.status_code == 422
    assert "Skriv et tal, fx 10 eller 2,5." in answer.content.decode()
    said = said | {"svar-2-weight": "3"}
    assert send(client, draft, "builder_answers", said, headers=HTMX).status_code == 200
    definition = compile_questionnaire(draft.source).definition
    assert definition is not None
    options = definition.by_link_id[choice].options
    assert [(option.label, str(option.weight)) for option in options] == [
        ("Slet ikke", "0"),
        ("Noget", "1.5"),
        ("Meget", "3"),
    ]


def test_what_is_wrong_is_said_at_its_field_and_what_is_right_is_saved(
    client: Client, draft: QuestionnaireVersion
) -> None:
    before = find(draft.source, "how-much")
    said = {
        "at": "how-much",
        "s-text": "Hvor mange dage?",
        "s-least": "10",
        "s-most": "2",
        "s-required": "on",
    }
    answer = send(client, draft, "builder_settings", said, headers=HTMX)
    assert answer.status_code == 422
    assert "Det største svar skal være mindst lige så stort" in answer.content.decode()
    after = find(draft.source, "how-much")
    assert after["text"] == "Hvor mange dage?"
    assert after["enableWhen"] == before["enableWhen"]
    values = [one.get("valueInteger") for one in after.get("extension", [])]
    assert values == [10]


def test_deleting_what_is_used_says_by_whom_and_offers_to_take_all(
    client: Client, draft: QuestionnaireVersion
) -> None:
    refused = do(client, draft, "delete", "pain")
    assert refused.status_code == 422
    assert "»Hvor mange dage i denne uge?«" in refused.content.decode()
    assert "pain" in ids(draft)
    do(client, draft, "delete-all", "pain")
    assert ids(draft) == ["page", "how-much", "note"]
    assert "enableWhen" not in find(draft.source, "how-much")


def test_undo_gives_back_the_identical_document_and_redo_the_other(
    client: Client, draft: QuestionnaireVersion
) -> None:
    first = draft.source
    do(client, draft, "delete-all", "pain")
    do(client, draft, "up", "note")
    second = draft.source
    assert "Slettede med det" in page(client, draft) or "Flyttede" in page(client, draft)
    do(client, draft, "undo")
    do(client, draft, "undo")
    assert draft.source == first
    assert do(client, draft, "undo").status_code == 422
    do(client, draft, "redo")
    do(client, draft, "redo")
    assert draft.source == second
    history = client.get(reverse("kam:builder_history", args=[draft.pk])).content.decode()
    assert "Gå hertil" in history
    do(client, draft, "go", number="0")
    assert draft.source == first


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "no script"])
def test_every_act_works_with_a_script_and_without(
    client: Client, draft: QuestionnaireVersion, headers: dict[str, str]
) -> None:
    for said in (
        {"act": "add", "at": "page", "kind": "section"},
        {"act": "duplicate", "at": "note"},
        {"act": "up", "at": "note"},
        {"act": "down", "at": "pain"},
        {"act": "place", "at": "note", "by": "page", "side": "before"},
        {"act": "delete", "at": "note"},
        {"act": "undo", "at": ""},
    ):
        answer = send(client, draft, "builder_act", said, headers=headers)
        assert answer.status_code == (200 if headers else 302), said


@pytest.mark.parametrize(
    "said",
    [
        {"act": "explode"},
        {"act": "add", "kind": "other"},
        {"act": "add", "kind": ""},
        {"act": "place", "at": "note", "by": "page", "side": "above"},
        {},
    ],
)
def test_what_no_button_says_changes_nothing(
    client: Client, draft: QuestionnaireVersion, said: dict[str, str]
) -> None:
    before = draft.source
    assert send(client, draft, "builder_act", said, headers=HTMX).status_code == 400
    assert draft.source == before


def test_what_is_gone_is_said_kindly(client: Client, draft: QuestionnaireVersion) -> None:
    for name in ("builder_act", "builder_settings", "builder_answers"):
        answer = send(client, draft, name, {"act": "up", "at": "nobody"}, headers=HTMX)
        assert answer.status_code == 422
        assert "ikke længere" in answer.content.decode()


def test_a_page_that_was_left_open_shows_the_draft_as_it_is(
    client: Client, draft: QuestionnaireVersion
) -> None:
    said = {"act": "delete", "at": "note", "seen": "0" * 64}
    answer = send(client, draft, "builder_act", said, headers=HTMX)
    assert answer.headers["HX-Redirect"].startswith(reverse("kam:builder", args=[draft.pk]))
    assert "note" in ids(draft)
    assert "Kladden er ændret" in page(client, draft)


def test_the_second_is_told_who_has_it_and_takes_over_when_it_is_idle(
    client: Client,
    draft: QuestionnaireVersion,
    client_as: Callable[[StaffActor], Client],
    editor: StaffMember,
) -> None:
    page(client, draft)
    other = factories.StaffMemberFactory(municipality=None, name="Thomas Værum")
    second = client_as(staff_actor(other, ADMINISTRATOR_ROLES))
    seen = page(second, draft)
    assert "Birgitte Hedegård har haft kladden siden kl." in seen
    assert 'name="act"' not in seen
    answer = do(second, draft, "delete", "note")
    assert "HX-Redirect" in answer.headers
    assert "note" in ids(draft)

    DraftHolder.objects.update(last_act_at=timezone.now() - timedelta(minutes=11))
    assert "har haft kladden" not in page(second, draft)
    assert DraftHolder.objects.get().staff == other
    assert "Thomas Værum har haft kladden" in page(client, draft)

    second.post(reverse("kam:builder_leave", args=[draft.pk]))
    assert "har haft kladden" not in page(client, draft)
    assert DraftHolder.objects.get().staff == editor


def test_a_new_version_begins_as_the_active_one_and_leaves_it_alone(client: Client) -> None:
    active = factories.QuestionnaireVersionFactory()
    shown = client.get(reverse("kam:questionnaire", args=[active.pk])).content.decode()
    [address] = re.findall(r'action="([^"]*/ny-version/)"', shown)
    client.post(address)
    client.post(address)
    draft = QuestionnaireVersion.objects.get(status=PublicationStatus.DRAFT)
    assert (draft.number, draft.source) == (2, active.source)
    do(client, draft, "delete", "note")
    active.refresh_from_db()
    assert "note" in ids(active)
    assert client.get(reverse("kam:builder", args=[active.pk])).status_code == 302
    refused = send(client, active, "builder_act", {"act": "delete", "at": "note"}, headers=HTMX)
    assert refused.status_code == 409


def test_nobody_builds_anothers(
    draft: QuestionnaireVersion, client_as: Callable[[StaffActor], Client]
) -> None:
    stranger = client_as(staff_actor(factories.StaffMemberFactory(), ADMINISTRATOR_ROLES))
    for name in ("builder", "builder_history"):
        assert stranger.get(reverse(f"kam:{name}", args=[draft.pk])).status_code == 404
    for name in ("builder_act", "builder_settings", "builder_answers", "builder_leave", "new_version"):
        assert stranger.post(reverse(f"kam:{name}", args=[draft.pk])).status_code == 404


def test_as_many_queries_for_500_elements_as_for_50(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for items in (60, 500):
        version = factories.QuestionnaireVersionFactory(
            status=PublicationStatus.DRAFT, published_at=None, source=large_form(items)
        )
        page(client, version)
        with CaptureQueriesContext(connection) as opened:
            page(client, version)
        said = {"at": "g0.1", "s-text": "Ny tekst", "s-required": "on", "seen": version.fingerprint}
        with CaptureQueriesContext(connection) as edited:
            client.post(reverse("kam:builder_settings", args=[version.pk]), said, headers=HTMX)
        counts[items] = (len(opened), len(edited))
    assert counts[60] == counts[500]


def test_the_document_of_a_draft_is_read_once_for_many_acts(
    client: Client, draft: QuestionnaireVersion
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    seen = seen_in(page(client, draft))
    with CaptureQueriesContext(connection) as asked:
        for number in range(3):
            said = {"at": "note", "s-text": f"Tekst {number}", "seen": seen}
            answer = client.post(reverse("kam:builder_settings", args=[draft.pk]), said, headers=HTMX)
            seen = seen_in(answer.content.decode())
            assert f"Tekst {number}" in page(client, draft, "note", headers=HTMX)
    document = 'SELECT.*"questionnaires_questionnaireversion"."source"'
    read = [query["sql"] for query in asked if re.match(document, query["sql"])]
    assert not read
    draft.refresh_from_db()
    assert find(draft.source, "note")["text"] == "Tekst 2"


def test_a_page_knows_the_draft_by_what_it_showed(client: Client, draft: QuestionnaireVersion) -> None:
    """Whoever has changed it since, and also where it was changed by another way than the builder."""
    seen = seen_in(page(client, draft))
    QuestionnaireVersion.objects.filter(pk=draft.pk).update(source={**draft.source, "description": "Imens"})
    said = {"act": "delete", "at": "note", "seen": seen}
    answer = client.post(reverse("kam:builder_act", args=[draft.pk]), said, headers=HTMX)
    assert "HX-Redirect" in answer.headers
    history = client.get(reverse("kam:builder_history", args=[draft.pk])).content.decode()
    assert "note" in ids(draft)
    assert "Kladden er ændret" in history

    do(client, draft, "delete", "note")
    seen = seen_in(client.get(reverse("kam:builder_history", args=[draft.pk])).content.decode())
    back = {"act": "go", "number": "0", "seen": seen}
    assert client.post(reverse("kam:builder_act", args=[draft.pk]), back, headers=HTMX).status_code == 200
    draft.refresh_from_db()
    assert "note" in ids(draft)


def test_an_edit_sends_the_same_bytes_in_a_large_form(client: Client) -> None:
    sent = {}
    for items in (60, 500):
        version = factories.QuestionnaireVersionFactory(
            status=PublicationStatus.DRAFT, published_at=None, source=large_form(items)
        )
        said = {"at": "g0.1", "s-text": "Ny tekst", "s-required": "on"}
        sent[items] = len(send(client, version, "builder_settings", said, headers=HTMX).content)
    assert abs(sent[60] - sent[500]) < 100


def test_texts_are_texts(client: Client, draft: QuestionnaireVersion) -> None:
    said = {"at": "note", "s-text": "<script>alert(1)</script>&\"'"}
    shown = send(client, draft, "builder_settings", said, headers=HTMX).content.decode()
    assert "<script>" not in shown
    assert "<script>alert" not in page(client, draft, "note")


class NumberPanel:
    """A panel as `kam.panels` has them: for questions, with one field."""

    name = "prefix"
    title = "Nummer"
    template = "citizens/_assets.html"  # any small template that needs nothing

    def is_for(self, item: dict[str, Any]) -> bool:
        return str(item["type"]) == "text"

    is_decision_support = False

    def form(
        self,
        source: dict[str, Any],
        link_id: str,
        data: Any = None,
        files: Any = None,
        *,
        version: Any = None,
    ) -> forms.Form:
        made = forms.Form(data, initial={"number": find(source, link_id).get("prefix")})
        made.fields["number"] = forms.CharField(max_length=5)
        return made

    def changed(self, source: dict[str, Any], link_id: str, form: forms.Form) -> dict[str, Any]:
        return changed(source, link_id, lambda item: {**item, "prefix": form.cleaned_data["number"]})


def test_a_panel_is_shown_for_its_elements_and_stored_as_a_step(
    client: Client, draft: QuestionnaireVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = NumberPanel()
    monkeypatch.setattr("kam.panels.PANELS", (panel,))
    assert 'id="panel-prefix"' in page(client, draft, "note")
    assert 'id="panel-prefix"' not in page(client, draft, "pain")
    address = reverse("kam:builder_panel", args=[draft.pk, "note", "prefix"])

    wrong = client.post(address, {"number": "for lang", "seen": draft.fingerprint}, headers=HTMX)
    assert wrong.status_code == 422
    draft.refresh_from_db()
    assert "prefix" not in find(draft.source, "note")

    client.post(address, {"number": "3.", "seen": draft.fingerprint}, headers=HTMX)
    draft.refresh_from_db()
    assert find(draft.source, "note")["prefix"] == "3."
    assert draft.steps.get().sentence == "Ændrede »nummer for Er der andet, du vil fortælle?«"
    do(client, draft, "undo")
    assert "prefix" not in find(draft.source, "note")


def test_settings_that_few_need_are_set_and_what_is_wrong_is_said(
    client: Client, draft: QuestionnaireVersion
) -> None:
    do(client, draft, "add", kind="short-text")
    text = ids(draft)[-1]
    assert "Et postnummer (4 cifre)" in page(client, draft, text)
    said = {"at": text, "s-text": "Postnummer", "s-pattern": "postcode", "s-prefix": "2a"}
    assert send(client, draft, "builder_settings", said, headers=HTMX).status_code == 200
    definition = compile_questionnaire(draft.source).definition
    assert definition is not None
    assert (definition.by_link_id[text].regex, definition.by_link_id[text].prefix) == (r"\d{4}", "2a")

    do(client, draft, "add", text, kind="time")
    time = ids(draft)[-1]
    said = {"at": time, "s-text": "Hvornår?", "s-earliest": "12:00", "s-latest": "08:00"}
    refused = send(client, draft, "builder_settings", said, headers=HTMX)
    assert refused.status_code == 422
    assert "Det seneste svar skal ligge efter det tidligste." in refused.content.decode()

    do(client, draft, "add", time, kind="file")
    file = ids(draft)[-1]
    said = {"at": file, "s-text": "Billede", "s-files": "pictures", "s-max_size": "2,5"}
    assert send(client, draft, "builder_settings", said, headers=HTMX).status_code == 200
    assert 'value="2,5"' in page(client, draft, file)


def test_what_it_is_to_those_who_work_with_it(client: Client, draft: QuestionnaireVersion) -> None:
    before = draft.source
    said = {"at": "", "h-title": draft.title, "h-language": "da"}
    said |= {"h-employee_title": "KOL uge 4", "h-usage": "Efter udskrivelse"}
    assert send(client, draft, "builder_settings", said, headers=HTMX).status_code == 200
    definition = compile_questionnaire(draft.source).definition
    assert definition is not None
    assert (definition.employee_title, definition.usage) == ("KOL uge 4", "Efter udskrivelse")
    do(client, draft, "undo")
    assert draft.source == before


def test_how_the_tests_go_is_said_where_there_are_any(client: Client, draft: QuestionnaireVersion) -> None:
    address = reverse("kam:test_state", args=[draft.pk])
    assert address not in page(client, draft)
    factories.QuestionnaireTestFactory(questionnaire=draft.questionnaire)
    assert address in page(client, draft)
    assert "1 prøve består" in client.get(address).content.decode()
    do(client, draft, "delete", "how-much")
    assert "1 prøve fejler" in client.get(address).content.decode()
