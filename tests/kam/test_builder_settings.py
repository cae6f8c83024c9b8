"""Settings that only some questions have, by the builder's page: saved, refused in words, undone, and never lost."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kam.builder_forms import AnswersForm, ElementForm
from questionnaires.authoring.agreements import Agreement, with_agreements
from questionnaires.authoring.conditions import Comparison
from questionnaires.authoring.tree import changed, find
from questionnaires.models import QuestionnaireVersion
from tests.kam.test_builder import HTMX, client, do, draft, editor, page, send

__all__ = ["client", "draft", "editor"]

pytestmark = pytest.mark.django_db

CORE = "http://hl7.org/fhir/StructureDefinition"


def with_item(draft: QuestionnaireVersion, item: dict[str, Any]) -> str:
    """The question at the end of the draft's first section."""
    source = changed(draft.source, "page", lambda one: {**one, "item": [*one["item"], item]})
    draft.source = source
    draft.save(update_fields=["source"])
    return str(item["linkId"])


def settings(client: Client, draft: QuestionnaireVersion, at: str, **said: str) -> str:
    """Change some fields of the form as the page shows it, and send it whole."""
    form = ElementForm(find(draft.source, at))
    shown = {bound.html_name: bound.value() for bound in form}
    fields = {name: value for name, value in shown.items() if value not in (None, False)}
    fields |= {f"s-{name}": value for name, value in said.items()}
    answer = send(client, draft, "builder_settings", {"at": at, **fields}, headers=HTMX)
    return str(answer.content.decode())


def test_units_are_chosen_one_a_line_and_undone(client: Client, draft: QuestionnaireVersion) -> None:
    at = with_item(draft, {"linkId": "w", "type": "quantity", "text": "Vægt"})
    before = find(draft.source, at)
    shown = settings(client, draft, at, units="kg\r\nlb\r\n")
    codes = [one["valueCoding"]["code"] for one in find(draft.source, at)["extension"]]
    assert codes == ["kg", "kg", "[lb_av]"]
    assert '<option value="[lb_av]">lb</option>' in shown
    do(client, draft, "undo", at)
    assert find(draft.source, at) == before


def test_what_is_counted_in_the_first_unit_is_said_beside_the_units(
    client: Client, draft: QuestionnaireVersion
) -> None:
    at = with_item(draft, {"linkId": "w", "type": "quantity", "text": "Vægt"})
    told = "regnes i den første enhed: "
    assert told not in settings(client, draft, at, units="kg\nlb"), "nothing is counted"
    assert f"Grænser {told}kg." in settings(client, draft, at, most="250")
    assert f"Grænser {told}lb." in settings(client, draft, at, units="lb\nkg")
    assert f"{told}&lt;b&gt;." in settings(client, draft, at, units="<b>\nkg")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("l\nliter", "»l« og »liter« er den samme enhed. Fjern den ene."),
        ("\n".join(f"u{number}" for number in range(13)), "Skriv højst 12 enheder."),
        ("x" * 41, "En enhed har højst 40 tegn."),
    ],
)
def test_units_that_are_none_are_refused_in_words(
    client: Client, draft: QuestionnaireVersion, text: str, sentence: str
) -> None:
    at = with_item(draft, {"linkId": "w", "type": "quantity", "text": "Vægt"})
    before = find(draft.source, at)
    assert sentence in settings(client, draft, at, units=text)
    assert find(draft.source, at) == before


def test_imported_units_stay_when_something_else_is_saved(
    client: Client, draft: QuestionnaireVersion
) -> None:
    extension = [
        {"url": f"{CORE}/questionnaire-unitOption", "valueCoding": {"system": "urn:x", "code": "a"}},
        {"url": f"{CORE}/questionnaire-unitOption", "valueCoding": {"code": "b", "display": "B"}},
        {"url": f"{CORE}/questionnaire-unitValueSet", "valueCanonical": "urn:y"},
    ]
    at = with_item(draft, {"linkId": "w", "type": "quantity", "text": "Vægt", "extension": extension})
    shown = page(client, draft, at)
    assert ">a\nB</textarea>" in shown
    settings(client, draft, at, text="Din vægt", units="a\r\nB")
    assert find(draft.source, at) == {
        "linkId": "w", "type": "quantity", "text": "Din vægt", "extension": extension,
    }  # fmt: skip
    assert client.get(reverse("kam:questionnaire", args=[draft.pk])).status_code == 200


def test_a_question_begins_with_a_date_and_a_time_as_people_write_them(
    client: Client, draft: QuestionnaireVersion
) -> None:
    at = with_item(draft, {"linkId": "m", "type": "dateTime", "text": "Hvornår?"})
    before = find(draft.source, at)
    refused = settings(client, draft, at, initial="i morgen")
    assert "Skriv det sådan: 31-12-2026 14:30. Klokkeslættet kan udelades." in refused
    assert find(draft.source, at) == before
    shown = settings(client, draft, at, initial="31/12 2026 kl. 14.30")
    assert find(draft.source, at)["initial"] == [{"valueDateTime": "2026-12-31T14:30:00+01:00"}]
    assert shown.count('value="31-12-2026 14:30"') == 2  # in the settings, and as the citizen sees it
    do(client, draft, "undo", at)
    assert find(draft.source, at) == before


@pytest.mark.parametrize(
    ("kind", "initial", "shown"),
    [
        ("date", {"valueDate": "2026-12"}, 'value="2026-12"'),
        ("dateTime", {"valueDateTime": "2026-12-31T13:30:15Z"}, 'value="31-12-2026 14:30"'),
        ("time", {"valueTime": "08:30:15"}, 'value="08:30:15"'),
    ],
)
def test_an_imported_moment_stays_when_something_else_is_saved(
    client: Client, draft: QuestionnaireVersion, kind: str, initial: dict[str, str], shown: str
) -> None:
    at = with_item(draft, {"linkId": "m", "type": kind, "text": "Hvornår?", "initial": [initial]})
    assert shown in page(client, draft, at)
    settings(client, draft, at, text="Hvornår da?")
    assert find(draft.source, at)["text"] == "Hvornår da?"
    assert find(draft.source, at)["initial"] == [initial]


def _answers(client: Client, draft: QuestionnaireVersion, at: str, **said: str) -> str:
    """Change some fields of the answers as the page shows them, and send them whole."""
    rows = AnswersForm(find(draft.source, at)).rows
    fields = {bound.html_name: bound.value() for row in rows for bound in row}
    sent = {name: value for name, value in fields.items() if value not in (None, False)}
    sent |= {f"svar-{name}": value for name, value in said.items()}
    answer = send(client, draft, "builder_answers", {"at": at, **sent}, headers=HTMX)
    return str(answer.content.decode())


def test_letters_before_answers_and_what_no_field_shows_stays(
    client: Client, draft: QuestionnaireVersion
) -> None:
    alone = {"url": f"{CORE}/questionnaire-optionExclusive", "valueBoolean": True}
    known = {"valueCoding": {"code": "nej", "display": "Nej"}, "extension": [alone]}
    options: list[dict[str, Any]] = [{"valueCoding": {"code": "ja", "display": "Ja"}}, known]
    at = with_item(draft, {"linkId": "c", "type": "choice", "text": "Ondt?", "answerOption": options})
    shown = _answers(client, draft, at, **{"0-letter": "a)", "1-letter": "b)"})
    first, second = find(draft.source, at)["answerOption"]
    letter = {"url": f"{CORE}/questionnaire-optionPrefix", "valueString": "a)"}
    assert first == {**options[0], "extension": [letter]}
    assert second["extension"] == [alone, {**letter, "valueString": "b)"}]
    assert "a) Ja" in shown
    do(client, draft, "undo", at)
    assert find(draft.source, at)["answerOption"] == options


def _rule(client: Client, draft: QuestionnaireVersion, at: str, **said: str) -> str:
    address = reverse("kam:builder_panel", args=[draft.pk, at, "agreements"])
    fields = {f"agreements-{name.replace('_', '-')}": value for name, value in said.items()}
    answer = client.post(address, {"seen": draft.fingerprint, **fields}, headers=HTMX)
    draft.refresh_from_db()
    return str(answer.content.decode())


def _two_days(draft: QuestionnaireVersion) -> str:
    with_item(draft, {"linkId": "a", "type": "date", "text": "Blev du syg?"})
    return with_item(draft, {"linkId": "b", "type": "date", "text": "Blev du rask?"})


def test_a_rule_between_answers_is_built_row_by_row_said_and_undone(
    client: Client, draft: QuestionnaireVersion
) -> None:
    at = _two_days(draft)
    before = find(draft.source, at)
    opened = client.get(
        reverse("kam:builder", args=[draft.pk]) + f"?valgt={at}&panel=agreements"
    ).content.decode()
    assert "Svaret på »Blev du syg?«" in opened
    shown = _rule(client, draft, at, comparison_0=">", against_0="q:a")
    assert "Svaret skal ligge efter svaret på »Blev du syg?«." in shown
    (rule,) = find(draft.source, at)["extension"]
    words = {part["url"]: part for part in rule["extension"]}["human"]["valueString"]
    assert words == "Svaret skal ligge efter svaret på »Blev du syg?«."
    kept = {"comparison_0": ">", "against_0": "q:a", "words_0": "Du kan ikke blive rask først."}
    asked = _rule(client, draft, at, **kept, comparison_1="<=", against_1="value")
    assert "Angiv det svar, der skal sammenlignes med." in asked
    assert 'name="agreements-answer-1"' in asked
    both = _rule(client, draft, at, **kept, comparison_1="<=", against_1="value", answer_1="2026-12-31")
    assert "Svaret må ikke ligge efter 31-12-2026." in both
    assert len(find(draft.source, at)["extension"]) == 2
    _rule(client, draft, at, **kept, comparison_1="", remove_1="on")
    assert len(find(draft.source, at)["extension"]) == 1
    for _step in range(3):
        do(client, draft, "undo", at)
    assert find(draft.source, at) == before


def test_what_is_said_of_a_rule_without_words_changes_with_it(
    client: Client, draft: QuestionnaireVersion
) -> None:
    """A citizen was told the old limit: the sentence that was made came back as if somebody had written it."""
    at = with_item(draft, {"linkId": "n", "type": "integer", "text": "Hvor gammel er du?"})
    limit = {"comparison_0": ">=", "against_0": "value"}
    _rule(client, draft, at, **limit, answer_0="18")
    opened = client.get(reverse("kam:builder", args=[draft.pk]) + f"?valgt={at}&panel=agreements")
    written = re.search(r'name="agreements-words-0"[^>]*>\s*([^<]*)</textarea>', opened.content.decode())
    assert written is not None
    assert written[1] == ""
    _rule(client, draft, at, **limit, answer_0="21", words_0=written[1])
    (rule,) = find(draft.source, at)["extension"]
    words = {part["url"]: part for part in rule["extension"]}["human"]["valueString"]
    assert words == "Svaret skal være mindst så stort som 21."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"comparison_0": ">"}, "Vælg, hvad svaret skal sammenlignes med."),
        ({"against_0": "today"}, "Vælg, hvad der skal gælde for svaret."),
        ({"words_0": "Nej"}, "Vælg, hvad der skal gælde for svaret."),
        ({"comparison_0": ">", "against_0": "q:gone"}, "Det kan ikke sammenlignes her. Vælg noget andet."),
        ({"comparison_0": "exists", "against_0": "q:a"}, "Det passer ikke til spørgsmålet. Vælg en anden."),
    ],
)
def test_half_a_rule_says_what_is_missing(
    client: Client, draft: QuestionnaireVersion, said: dict[str, str], sentence: str
) -> None:
    at = _two_days(draft)
    before = find(draft.source, at)
    assert sentence in _rule(client, draft, at, **said)
    assert find(draft.source, at) == before


def test_an_imported_rule_is_named_and_stays(client: Client, draft: QuestionnaireVersion) -> None:
    parts = {"key": "valueId", "severity": "valueCode", "expression": "valueString", "human": "valueString"}
    said = {"key": "k", "severity": "error", "expression": "answer.value.exists()", "human": "Skriv noget."}
    imported = {
        "url": f"{CORE}/questionnaire-constraint",
        "extension": [{"url": url, name: said[url]} for url, name in parts.items()],
    }
    at = with_item(draft, {"linkId": "b", "type": "date", "text": "Hvornår?", "extension": [imported]})
    shown = _rule(client, draft, at, comparison_0="<=", against_0="today", words_0="Ikke i fremtiden.")
    assert "Her er regler, som ikke kan ændres her." in shown
    first, second = find(draft.source, at)["extension"]
    assert first == imported
    assert second["extension"][2]["valueString"] == "answer.value <= today()"


def test_what_a_rule_uses_is_not_given_several_answers(client: Client, draft: QuestionnaireVersion) -> None:
    at = with_item(draft, {"linkId": "first", "type": "date", "text": "Første dag"})
    with_item(draft, {"linkId": "last", "type": "date", "text": "Sidste dag"})
    rule = Agreement(Comparison.GREATER, "first", None, "Den ligger for tidligt.")
    draft.source = with_agreements(draft.source, "last", [rule])
    draft.save(update_fields=["source"])
    refused = settings(client, draft, at, repeats="on")
    assert "Så ville et spørgsmål kunne få flere svar, men »Sidste dag« kan kun bruge ét." in refused
    assert "repeats" not in find(draft.source, at)
