"""The builder's panels: what a person chooses in them, and what then stands in the draft."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from identity.actors import StaffActor
from identity.models import StaffMember
from kam.panels import ALL_PANELS, PANELS, panels_for
from kam.panels.base import PanelForm
from questionnaires.authoring import conditions, scores
from questionnaires.authoring.answer_lists import ListOption
from questionnaires.authoring.tree import find
from questionnaires.engine import Colour, compile_questionnaire
from questionnaires.engine.extension_urls import CONSTRAINTS
from questionnaires.kept_answer_lists import NameTaken, save_answer_list
from questionnaires.models import AnswerList, PublicationStatus, QuestionnaireVersion
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.engine.small_forms import choice, form, group, question

SOURCE = form(
    question("pain", "boolean", text="Har du smerter?"),
    group(
        "g",
        question("days", "integer", text="Hvor mange dage?"),
        choice("often", "never", "daily", weights=(0, 4), text="Hvor tit?"),
        question("born", "date", text="Hvornår begyndte det?"),
        question("why", "text", text="Hvorfor?"),
    ),
    question("total", "decimal", text="I alt"),
)


def panel(name: str) -> Any:
    return next(one for one in ALL_PANELS if one.name == name)


def opened(name: str, link_id: str, data: dict[str, Any] | None = None, **more: Any) -> PanelForm:
    """A panel's form, with what is sent under short names."""
    sent = None if data is None else {f"{name}-{key}": str(value) for key, value in data.items()}
    files = {f"{name}-{key}": value for key, value in more.pop("files", {}).items()} or None
    made: PanelForm = panel(name).form(more.pop("source", SOURCE), link_id, sent, files, **more)
    return made


def result(made: PanelForm) -> dict[str, Any]:
    assert made.is_valid(), made.errors
    changed: dict[str, Any] = panel(made.panel_name).changed(made.source, made.link_id, made)
    return changed


def drawn(made: PanelForm, **context: Any) -> str:
    return render_to_string(
        panel(made.panel_name).template,
        {"panel_form": made, "item": find(made.source, made.link_id)} | context,
    )


# --- conditions ---------------------------------------------------------------------------------------------------


def test_a_condition_is_built_by_question_comparison_and_answer() -> None:
    first = opened("conditions", "why", {"rows": 1, "question-0": "pain"})
    assert not first.is_valid()
    assert "Vælg, hvad der skal gælde" in drawn(first)
    assert 'value="true"' in drawn(first)
    said = {"rows": 1, "question-0": "pain", "comparison-0": "=", "answer-0": "true"}
    made = result(opened("conditions", "why", said))
    assert find(made, "why")["enableWhen"] == [{"question": "pain", "operator": "=", "answerBoolean": True}]
    page = drawn(opened("conditions", "why", source=made))
    assert "Vises når »Har du smerter?« er »Ja«." in page


def test_a_second_condition_joins_by_any_and_the_first_is_removed() -> None:
    one = {"question-0": "pain", "comparison-0": "=", "answer-0": "true"}
    two = {"question-1": "days", "comparison-1": ">=", "answer-1": "3"}
    made = result(opened("conditions", "why", one | two | {"rows": 2, "behavior": "any"}))
    assert (
        conditions.sentence_of(made, "why")
        == "Vises når »Har du smerter?« er »Ja« eller »Hvor mange dage?« er mindst 3"
    )
    left = result(
        opened("conditions", "why", one | two | {"rows": 3, "behavior": "all", "remove-0": "on"}, source=made)
    )
    assert conditions.sentence_of(left, "why") == "Vises når »Hvor mange dage?« er mindst 3"


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"question-0": "days", "comparison-0": ">", "answer-0": "mange"}, "answer-0", "Skriv et tal"),
        ({"question-0": "days", "comparison-0": ">", "answer-0": "2,5"}, "answer-0", "helt tal"),
        ({"question-0": "days", "comparison-0": ">", "answer-0": ""}, "answer-0", "Angiv det svar"),
        ({"question-0": "born", "comparison-0": "<", "answer-0": "i går"}, "answer-0", "Skriv en dato"),
        ({"question-0": "pain", "comparison-0": ">", "answer-0": "true"}, "comparison-0", "passer ikke"),
        ({"question-0": "why", "comparison-0": "exists"}, "question-0", "kan ikke bruges"),
        ({"question-0": "often", "comparison-0": "=", "answer-0": "s|gone"}, "answer-0", "findes ikke"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_lost(
    said: dict[str, str], field: str, sentence: str
) -> None:
    made = opened("conditions", "why", {"rows": 1, **said})
    assert not made.is_valid()
    assert sentence in " ".join(map(str, made.errors[field]))
    typed = said.get("answer-0", "")
    if typed and "|" not in typed:
        assert f'value="{typed}"' in drawn(made)


def test_an_imported_rule_is_shown_and_stays() -> None:
    source = form(question("a", "boolean"), question("b", enableWhen=[{"question": "gone", "operator": "?"}]))
    page = drawn(opened("conditions", "b", source=source))
    assert "en regel, som er importeret" in page
    said = {"rows": 1, "question-0": "a", "comparison-0": "exists"}
    made = result(opened("conditions", "b", said, source=source))
    assert find(made, "b")["enableWhen"][0] == {"question": "gone", "operator": "?"}
    assert len(find(made, "b")["enableWhen"]) == 2


def test_a_rule_that_finds_several_answers_says_so_and_can_be_removed() -> None:
    """An import brought it; it would refuse everybody who answers twice."""
    words = {"url": "human", "valueString": "Skriv det samme."}
    expression = "answer.value = %resource.repeat(item).where(linkId = 'a').answer.value"
    rule = {
        "url": CONSTRAINTS[0],
        "extension": [
            {"url": "key", "valueId": "k"},
            {"url": "severity", "valueCode": "error"},
            {"url": "expression", "valueString": expression},
            words,
        ],
    }
    pair = (question("a", "string"), question("b", "string", extension=[rule]))
    rows = form(group("g", *pair, repeats=True))
    shown = drawn(opened("agreements", "b", source=rows))
    assert "Reglen virker ikke, for det andet spørgsmål kan få flere svar" in shown
    assert "Ny regel" not in shown
    refused = opened("agreements", "b", {"comparison-0": "=", "against-0": "", "words-0": "x"}, source=rows)
    assert "Vælg, hvad svaret skal sammenlignes med." in str(refused.errors["against-0"])
    assert "extension" not in find(result(opened("agreements", "b", {"remove-0": "on"}, source=rows)), "b")
    once = drawn(opened("agreements", "b", source=form(group("g", *pair))))
    assert "Reglen virker ikke" not in once
    assert "Ny regel" in once
    alone = form(group("g", pair[1]))
    assert "for det andet spørgsmål findes ikke" in drawn(opened("agreements", "b", source=alone))
    assert "extension" not in find(result(opened("agreements", "b", {"remove-0": "on"}, source=alone)), "b")


# --- scores -------------------------------------------------------------------------------------------------------

SUM = {
    "use-0": "on",
    "weight-0": "2,5",
    "use-1": "on",
    "weight-1": "1",
    "calculation": "sum",
    "missing": "all",
}


def test_a_score_is_chosen_and_shown_again() -> None:
    bands = {"bands": 2, "from-0": "0", "to-0": "9", "name-0": "Let", "text-0": "Få gener."}
    made = result(opened("scores", "total", SUM | bands))
    rule = scores.score_rule_of(made, "total")
    assert rule is not None
    assert [(part.question, str(part.weight)) for part in rule.parts] == [("days", "2.5"), ("often", "1")]
    assert [band.name for band in scores.bands_of(find(made, "total"))] == ["Let"]
    assert not [one for one in compile_questionnaire(made).issues if one.is_error]
    again = opened("scores", "total", source=made)
    assert 'value="2,5"' in drawn(again)
    assert result(opened("scores", "total", {"remove": "on"}, source=made)) != made


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"use-0": "", "use-1": ""}, "use-0"),
        ({"weight-0": "0"}, "weight-0"),
        ({"weight-0": "meget"}, "weight-0"),
        ({"missing": "at-least", "least": "3"}, "least"),
        ({"missing": ""}, "missing"),
        ({"bands": 1, "from-0": "3", "to-0": "1", "name-0": "Bagvendt"}, "to-0"),
        ({"bands": 1, "from-0": "3", "name-0": "Uden ende"}, "to-0"),
        ({"bands": 1, "from-0": "3", "to-0": "4"}, "name-0"),
        (
            {
                "bands": 2,
                "from-0": "0",
                "to-0": "4",
                "name-0": "a",
                "from-1": "4",
                "to-1": "5",
                "name-1": "b",
            },
            "from-1",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(said: dict[str, Any], field: str) -> None:
    made = opened("scores", "total", {name: value for name, value in (SUM | said).items() if value})
    assert not made.is_valid()
    assert list(made.errors) == [field]
    assert "form-error" in drawn(made)


# --- colours ------------------------------------------------------------------------------------------------------


def test_colours_are_offered_only_where_decision_support_is_on() -> None:
    item = find(SOURCE, "often")
    assert "significance" not in {one.name for one in (*PANELS, *panels_for(item))}
    assert "significance" in {one.name for one in panels_for(item, decision_support=True)}


def test_colours_stand_with_word_and_shape() -> None:
    made = result(opened("significance", "often", {"answer-1": "red"}))
    definition = compile_questionnaire(made).definition
    assert definition is not None
    assert [rule.colour for rule in definition.by_link_id["often"].significance] == [Colour.RED]
    assert "▲ Rød" in drawn(opened("significance", "often", source=made))


def test_intervals_have_colours_and_do_not_overlap() -> None:
    said = {
        "intervals": 2,
        "from-0": "8",
        "colour-0": "red",
        "from-1": "4",
        "to-1": "7",
        "colour-1": "yellow",
    }
    made = result(opened("significance", "days", said))
    assert len(find(made, "days")["extension"]) == 2
    wrong = opened("significance", "days", said | {"to-1": "8"})
    assert not wrong.is_valid()
    assert "overlapper" in " ".join(map(str, wrong.errors["from-0"]))


# --- texts and pictures -------------------------------------------------------------------------------------------


def test_a_text_is_written_with_signs_and_is_safe() -> None:
    said = {"text": "Er det **meget** <script>?", "help": "Skriv *kort*."}
    made = result(opened("texts", "why", said))
    definition = compile_questionnaire(made).definition
    assert definition is not None
    item = definition.by_link_id["why"]
    assert (item.text, item.xhtml) == (
        "Er det meget <script>?",
        "Er det <strong>meget</strong> &lt;script&gt;?",
    )
    assert (item.help_text, item.help_xhtml) == ("Skriv kort.", "Skriv <em>kort</em>.")
    assert "**meget**" in drawn(opened("texts", "why", source=made))
    assert (
        result(
            opened(
                "texts", "why", {"text": "Er det **meget** <script>?", "help": "Skriv *kort*."}, source=made
            )
        )
        == made
    )


def picture(kind: str = "PNG") -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 20), "red").save(made, kind)
    return made.getvalue()


def test_a_picture_is_drawn_anew_and_has_words() -> None:
    file = SimpleUploadedFile("../ryg.png", picture())
    made = result(opened("pictures", "often", {"words-1": "En ryg"}, files={"file-1": file}))
    definition = compile_questionnaire(made).definition
    assert definition is not None
    image = definition.by_link_id["often"].options[0].image
    assert image is not None
    assert (image.content_type, image.title) == ("image/jpeg", "En ryg")
    left = result(opened("pictures", "often", {"words-1": "En ryg", "remove-1": "on"}, source=made))
    assert left == SOURCE


@pytest.mark.parametrize(
    ("content", "words", "field"),
    [
        (picture(), "", "words-0"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "Et billede", "file-0"),
        (b"%PDF-1.4\n%%EOF", "Et billede", "file-0"),
        (picture()[:60], "Et billede", "file-0"),
    ],
    ids=["no words", "svg", "pdf", "half a picture"],
)
def test_a_picture_that_cannot_be_shown_to_all_is_refused(content: bytes, words: str, field: str) -> None:
    made = opened(
        "pictures", "why", {"words-0": words}, files={"file-0": SimpleUploadedFile("x.png", content)}
    )
    assert not made.is_valid()
    assert list(made.errors) == [field]


# --- answer lists -------------------------------------------------------------------------------------------------

OPTIONS = (ListOption("Aldrig"), ListOption("Hver dag"))


@pytest.fixture
def editor(db: None) -> StaffMember:
    member: StaffMember = factories.StaffMemberFactory(name="Birgitte Hedegård")
    return member


@pytest.fixture
def client(editor: StaffMember, client_as: Callable[[StaffActor], Client]) -> Client:
    return client_as(staff_actor(editor, ADMINISTRATOR_ROLES))


@pytest.fixture
def draft(editor: StaffMember) -> QuestionnaireVersion:
    made: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        questionnaire__owner=editor.municipality,
        status=PublicationStatus.DRAFT,
        published_at=None,
        source=SOURCE,
    )
    return made


@pytest.mark.django_db
def test_the_options_of_a_question_become_a_list_and_are_used_again(
    client: Client, draft: QuestionnaireVersion, editor: StaffMember
) -> None:
    address = f"{reverse('kam:new_answer_list')}?fra={draft.pk}&element=often"
    page = client.get(address).content.decode()
    assert "NEVER | 0\nDAILY | 4" in page
    client.post(address, {"name": "Hvor tit", "options": "Aldrig | 0\nTit | 2,5\nAltid"})
    kept = AnswerList.objects.get()
    assert kept.owner == editor.municipality

    shown = client.get(reverse("kam:builder", args=[draft.pk]), {"valgt": "often", "panel": "answer-lists"})
    assert "Hvor tit (3 svar)" in shown.content.decode()
    draft.refresh_from_db()
    said = {"answer-lists-kept": kept.pk, "seen": draft.fingerprint}
    client.post(reverse("kam:builder_panel", args=[draft.pk, "often", "answer-lists"]), said)
    draft.refresh_from_db()
    definition = compile_questionnaire(draft.source).definition
    assert definition is not None
    assert [(one.label, one.weight) for one in definition.by_link_id["often"].options] == [
        ("Aldrig", 0),
        ("Tit", 2.5),
        ("Altid", None),
    ]
    client.post(reverse("kam:delete_answer_list", args=[kept.pk]))
    assert not AnswerList.objects.exists()


@pytest.mark.django_db
def test_others_lists_are_neither_seen_nor_changed(client: Client) -> None:
    other = factories.MunicipalityFactory()
    theirs = save_answer_list(owner=other, name="Andres", options=OPTIONS, at=timezone.now())
    national = save_answer_list(owner=None, name="Alles", options=OPTIONS, at=timezone.now())
    page = client.get(reverse("kam:answer_lists")).content.decode()
    assert "Andres" not in page
    assert "Alles" in page
    for kept in (theirs, national):
        assert client.get(reverse("kam:answer_list", args=[kept.pk])).status_code == 404
        assert client.post(reverse("kam:delete_answer_list", args=[kept.pk])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "options", ["", "Aldrig | tit", "| 3", "Aldrig\nAldrig", "Aldrig |", "Aldrig | 1e99"]
)
def test_a_list_that_cannot_be_read_is_shown_again(client: Client, options: str) -> None:
    answer = client.post(reverse("kam:new_answer_list"), {"name": "Hvor tit", "options": options})
    assert answer.status_code == 422
    assert "Hvor tit" in answer.content.decode()
    assert not AnswerList.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("is_national", [True, False])
def test_a_name_is_used_once_by_its_owner(is_national: bool) -> None:
    owner = None if is_national else factories.MunicipalityFactory()
    save_answer_list(owner=owner, name="Hvor tit", options=OPTIONS, at=timezone.now())
    with pytest.raises(NameTaken):
        save_answer_list(owner=owner, name="Hvor tit", options=OPTIONS, at=timezone.now())
    save_answer_list(
        owner=factories.MunicipalityFactory(), name="Hvor tit", options=OPTIONS, at=timezone.now()
    )
