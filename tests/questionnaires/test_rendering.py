"""How questions become controls, and how forms become answers again."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from questionnaires import engine
from questionnaires.answers import answered_items
from questionnaires.engine import Definition, Page
from questionnaires.rendering import Control, form_fields, pages_to_show, render_page
from questionnaires.services import apply_fields

YES_NO_MAYBE = [
    {"valueCoding": {"code": "yes", "display": "Ja, meget"}},
    {"valueCoding": {"code": "no", "display": "Nej"}},
]
EXCLUSIVE = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive",
    "valueBoolean": True,
}
CORE = "http://hl7.org/fhir/StructureDefinition"


def form(*items: dict[str, Any], language: str = "") -> Definition:
    """A compiled form of one page with these items."""
    compilation = engine.compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "url": "https://example.org/form",
            "status": "active",
            "title": "Skema",
            **({"language": language} if language else {}),
            "item": [{"linkId": "p", "type": "group", "text": "Siden", "item": list(items)}],
        }
    )
    assert compilation.definition is not None, compilation.issues
    return compilation.definition


def question(kind: str, link_id: str = "q.1", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": kind, "text": "Hvordan har du det?", **more}


def page_of(definition: Definition) -> Page:
    return definition.pages[0]


def shown(definition: Definition, document: dict[str, Any] | None = None, **more: Any) -> str:
    """The page as HTML."""
    view = render_page(definition, page_of(definition), document or engine.new_response(definition), **more)
    return render_to_string("questionnaires/page.html", {"page_view": view})


def posted(*pairs: tuple[str, str]) -> QueryDict:
    post = QueryDict(mutable=True)
    for name, value in pairs:
        post.appendlist(name, value)
    return post


SLIDER = [
    {"url": f"{CORE}/questionnaire-itemControl", "valueCodeableConcept": {"coding": [{"code": "slider"}]}},
    {"url": f"{CORE}/minValue", "valueInteger": 0},
    {"url": f"{CORE}/maxValue", "valueInteger": 10},
]
DROP_DOWN = [
    {"url": f"{CORE}/questionnaire-itemControl", "valueCodeableConcept": {"coding": [{"code": "drop-down"}]}}
]
MANY = [{"valueCoding": {"code": f"c{n}", "display": f"Valg {n}"}} for n in range(20)]


def test_the_same_choice_looks_the_same_and_another_does_not() -> None:
    """What was chosen is shown from what was made of it before; an error is the page's own."""
    definition = form(question("choice", answerOption=YES_NO_MAYBE), question("string", "note"))
    ticked = {"yes": "", "no": ""}
    for key in ticked:
        document, _issues = apply_fields(definition, engine.new_response(definition), {"q.1": [key]})
        ticked[key] = shown(definition, document)
        assert shown(definition, document) == ticked[key]
    assert ticked["yes"] != ticked["no"] != shown(definition)
    problem = engine.read_form_values(definition.by_link_id["q.1"], ["maybe"]).issue
    assert problem is not None
    assert problem.text("da") in shown(definition, document, problems=[problem])
    assert shown(definition, document) == ticked["no"]


@pytest.mark.parametrize(
    ("item", "control", "typed", "in_words"),
    [
        pytest.param(question("boolean"), Control.RADIOS, "true", "Ja", id="boolean"),
        pytest.param(question("choice", answerOption=YES_NO_MAYBE), Control.RADIOS, "no", "Nej", id="choice"),
        pytest.param(
            question("choice", answerOption=YES_NO_MAYBE, repeats=True),
            Control.CHECKBOXES,
            "yes",
            "Ja, meget",
            id="choice, several",
        ),
        pytest.param(
            question("choice", answerOption=MANY), Control.SELECT, "c3", "Valg 3", id="choice, many"
        ),
        pytest.param(
            question("choice", answerOption=MANY[:5], extension=DROP_DOWN),
            Control.SELECT,
            "c3",
            "Valg 3",
            id="choice, drop-down",
        ),
        pytest.param(
            question("open-choice", answerOption=YES_NO_MAYBE),
            Control.RADIOS,
            "Lidt",
            "Lidt",
            id="open choice",
        ),
        pytest.param(question("integer"), Control.NUMBER, "12", "12", id="integer"),
        pytest.param(question("integer", extension=SLIDER), Control.NUMBER_LINE, "7", "7", id="slider"),
        pytest.param(question("decimal"), Control.NUMBER, "3,5", "3,5", id="decimal"),
        pytest.param(question("date"), Control.DATE, "31-12-2026", "31-12-2026", id="date"),
        pytest.param(question("time"), Control.TIME, "14:30", "14:30", id="time"),
        pytest.param(
            question("dateTime"), Control.DATE_TIME, "31-12-2026 14:30", "31-12-2026 14:30", id="dateTime"
        ),
        pytest.param(question("string"), Control.LINE, "Bedre", "Bedre", id="string"),
        pytest.param(question("text"), Control.TEXT, "Bedre\ni dag", "Bedre\ni dag", id="text"),
    ],
)
def test_each_type_has_its_control_and_reads_back(
    item: dict[str, Any], control: Control, typed: str, in_words: str
) -> None:
    definition = form(item)
    page = page_of(definition)
    compiled = definition.by_link_id["q.1"]

    fields = form_fields(definition, page, posted(("a:q.1", typed), ("asked", "q.1")))
    reading = engine.read_form_values(compiled, fields["q.1"])
    document = engine.with_answers(definition, engine.new_response(definition), "q.1", reading.answers)
    (view,) = render_page(definition, page, document).items

    assert view.control is control
    assert typed in view.values
    assert engine.display_value(compiled, reading.answers[0]) == in_words
    html = shown(definition, document)
    assert ('name="d:q.1"' if control is Control.DATE else 'name="a:q.1"') in html
    assert "Hvordan har du det?" in html


def test_a_text_to_read_and_a_group_are_shown_in_place() -> None:
    definition = form(
        {"linkId": "d", "type": "display", "text": "Tænk på den sidste uge."},
        {"linkId": "g", "type": "group", "text": "Søvn", "item": [question("boolean")]},
    )
    html = shown(definition)
    assert "<p>Tænk på den sidste uge.</p>" in html
    assert "Søvn</h2>" in html


def test_an_unanswered_number_line_has_no_value() -> None:
    html = shown(form(question("integer", extension=SLIDER)))
    assert 'type="number"' in html
    assert 'max="10"' in html
    assert "Ikke besvaret" in html


def test_a_decimal_of_a_number_line_is_not_taken_for_thousands() -> None:
    definition = form(
        question(
            "decimal",
            extension=[
                *SLIDER,
                {"url": f"{CORE}/questionnaire-sliderStepValue", "valueInteger": 1},
            ],
        )
    )
    fields = form_fields(definition, page_of(definition), posted(("a:q.1", "1.250")))
    reading = engine.read_form_values(definition.by_link_id["q.1"], fields["q.1"])
    assert reading.answers == ({"valueDecimal": 1.25},)


def test_a_condition_decides_what_is_shown() -> None:
    definition = form(
        question("boolean", "pain"),
        question(
            "string", "where", enableWhen=[{"question": "pain", "operator": "=", "answerBoolean": True}]
        ),
    )
    page, empty = page_of(definition), engine.new_response(definition)
    answered = engine.with_answers(definition, empty, "pain", [{"valueBoolean": True}])
    assert render_page(definition, page, empty).asked == {"pain"}
    assert render_page(definition, page, answered).asked == {"pain", "where"}
    assert render_page(definition, page, empty).has_conditions


def test_a_page_with_nothing_to_see_is_not_shown() -> None:
    definition = form(
        question("boolean", "pain"),
    )
    hidden = form(
        {
            "linkId": "g",
            "type": "group",
            "item": [
                question(
                    "string", enableWhen=[{"question": "x", "operator": "exists", "answerBoolean": True}]
                )
            ],
        },
        question("string", "x", readOnly=True),
    )
    for known, count in ((definition, 1), (hidden, 0)):
        document = engine.new_response(known)
        assert len(pages_to_show(known, engine.evaluate(known, document), document)) == count


@pytest.mark.parametrize(
    ("before", "ticked", "kept"),
    [
        pytest.param(["a"], ["a", "b"], ["a", "b"], id="ordinary options add up"),
        pytest.param(["a", "b"], ["a", "b", "none"], ["none"], id="none of them clears the others"),
        pytest.param(["none"], ["none", "b"], ["b"], id="another one clears none of them"),
        pytest.param(["none"], ["none"], ["none"], id="none of them stays"),
        pytest.param(["a"], [], [], id="everything unticked"),
    ],
)
def test_an_exclusive_option_stands_alone(before: list[str], ticked: list[str], kept: list[str]) -> None:
    options = [
        {"valueCoding": {"code": "a", "display": "Ryg"}},
        {"valueCoding": {"code": "b", "display": "Hofte"}},
        {"valueCoding": {"code": "none", "display": "Ingen af dem"}, "extension": [EXCLUSIVE]},
    ]
    definition = form(question("choice", answerOption=options, repeats=True))
    item = definition.by_link_id["q.1"]
    document = engine.with_answers(
        definition, engine.new_response(definition), "q.1", engine.read_form_values(item, before).answers
    )
    post = posted(("asked", "q.1"), *(("a:q.1", key) for key in ticked))
    assert form_fields(definition, page_of(definition), post, document=document) == {"q.1": kept}
    assert "Vælger du »Ingen af dem«" in shown(definition)


def test_what_a_form_did_not_show_is_not_read_from_it() -> None:
    definition = form(question("boolean", "a"), question("string", "b"), question("boolean", "c"))
    post = posted(("asked", "a"), ("a:b", ""), ("a:unknown", "x"))
    assert form_fields(definition, page_of(definition), post) == {"a": [], "b": []}


def test_an_answer_can_be_taken_back_without_javascript() -> None:
    definition = form(question("boolean"))
    post = posted(("asked", "q.1"), ("a:q.1", "true"), ("clear", "a:q.1"))
    assert form_fields(definition, page_of(definition), post) == {"q.1": []}


def test_what_cannot_be_read_stays_as_it_was_typed_with_its_error() -> None:
    definition = form(question("integer"))
    issue = engine.read_form_values(definition.by_link_id["q.1"], ["tre"]).issue
    assert issue is not None
    html = shown(definition, problems=[issue], raw={"q.1": ["tre"]})
    assert 'value="tre"' in html
    assert 'aria-invalid="true"' in html
    view = render_page(
        definition,
        page_of(definition),
        engine.new_response(definition),
        problems=[issue],
        raw={"q.1": ["tre"]},
    )
    ((name, sentence),) = view.errors
    assert name == "a:q.1"
    assert sentence.startswith("Hvordan har du det? »tre«")


def test_optional_is_said_only_where_it_tells_something() -> None:
    mixed = shown(form(question("string", "a", required=True), question("string", "b")))
    all_optional = shown(form(question("string", "a"), question("string", "b")))
    assert mixed.count("(frivilligt)") == 1
    assert "(frivilligt)" not in all_optional
    assert "Du bestemmer selv" in all_optional


def xhtml(text: str) -> dict[str, Any]:
    return {"extension": [{"url": f"{CORE}/rendering-xhtml", "valueString": text}]}


@pytest.mark.parametrize(
    ("imported", "kept", "gone"),
    [
        pytest.param("<b>Vigtigt</b>", "<b>Vigtigt</b>", None, id="formatting stays"),
        pytest.param("<script>alert(1)</script>Hej", "Hej", "alert", id="scripts go"),
        pytest.param('<p style="color:red" onclick="x()">Hej</p>', "<p>Hej</p>", "onclick", id="styles go"),
        pytest.param('<a href="javascript:x()">Læs</a>', "Læs", "javascript", id="links to scripts go"),
        pytest.param(
            '<a href="https://sundhed.dk">Læs</a>',
            'href="https://sundhed.dk"',
            None,
            id="links to the web stay",
        ),
        pytest.param('<a href="MAILTO:a@b.dk">Skriv</a>', 'href="MAILTO:a@b.dk"', None, id="mail stays"),
        pytest.param('<a href="tel:+4511223344">Ring</a>', 'href="tel:', None, id="telephones stay"),
        pytest.param('<a href="/logout/">Læs</a>', "Læs", "href", id="links into our own pages go"),
        pytest.param('<a href="//evil.example">Læs</a>', "Læs", "href", id="links without a scheme go"),
        pytest.param('<a href="https:evil.example">Læs</a>', "Læs", "href", id="half addresses go"),
        pytest.param('<a href="\\\\evil.example">Læs</a>', "Læs", "href", id="backslashes go"),
        pytest.param("<a href='&#9;//evil.example'>Læs</a>", "Læs", "href", id="hidden slashes go"),
        pytest.param(
            "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>",
            "1 2 <br>3",
            "<td",
            id="cells stay apart",
        ),
        pytest.param("<h2>Søvn</h2><div>I nat</div>", "Søvn<br>I nat", None, id="lines stay apart"),
        pytest.param(
            "<div><p>A</p></div><div><p>B</p></div>", "<p>A</p><p>B</p>", None, id="paragraphs get no break"
        ),
        pytest.param('<img src="x" onerror="x()">Hej', "Hej", "<img", id="images go"),
    ],
)
def test_imported_formatting_is_cleaned(imported: str, kept: str, gone: str | None) -> None:
    html = shown(form({"linkId": "d", "type": "display", "text": "Hej", "_text": xhtml(imported)}))
    assert kept in html
    assert gone is None or gone not in html


def test_a_formatted_question_fits_a_label() -> None:
    formatted = xhtml('<div><p>Hvor <b>ondt</b> gør det?</p><p><a href="https://x.dk">i dag</a></p></div>')
    html = shown(form(question("string", _text=formatted)))
    assert "Hvor <b>ondt</b> gør det?<br>i dag" in html


def test_cells_of_a_table_stay_apart_in_a_label() -> None:
    html = shown(form(question("string", _text=xhtml("<table><tr><td>1</td><td>2</td></tr></table>"))))
    assert ">1 2\n</label>" in html


def test_a_formatted_question_keeps_its_formatting_over_a_number_line() -> None:
    formatted = xhtml('Hvor <b>ondt</b> gør "det"?')
    html = shown(form(question("integer", _text=formatted, extension=SLIDER)))
    (legend,) = re.findall(r'<legend[^>]* id="([^"]+)">', html)
    assert 'Hvor <b>ondt</b> gør "det"?\n</legend>' in html
    assert f'aria-labelledby="{legend}"' in html
    assert "<b>" not in "".join(re.findall(r'aria-[a-z]+="[^"]*"', html))


def in_languages(html: str) -> list[tuple[str, str]]:
    """Every text of the page with the language it is read aloud in."""
    reader = Languages()
    reader.feed(html)
    return reader.found


class Languages(HTMLParser):
    VOID = frozenset({"br", "hr", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.spoken = ["en"]
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.spoken.append(dict(attrs).get("lang") or self.spoken[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.spoken.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append((self.spoken[-1], data.strip()))


@pytest.mark.parametrize("written_in", ["da", "de", ""])
def test_questions_are_read_aloud_in_their_own_language_and_ours_in_the_screens(written_in: str) -> None:
    definition = form(
        question("boolean", "pain", text="Gør det ondt?"),
        question("choice", "where", text="Hvor?", answerOption=MANY[:3], repeats=True),
        question("integer", "much", text="Hvor meget?", required=True, extension=SLIDER),
        language=written_in,
    )
    theirs = written_in or "da"
    with override("en"):
        said = in_languages(shown(definition))
        ours = [_("Ja"), _("Nej"), _("Du kan vælge flere."), _("frivilligt"), _("Dit svar"), _("Fjern svar")]

    for text in ["Gør det ondt?", "Hvor?", "Valg 2", "Hvor meget?"]:
        assert (theirs, text) in said
    for text in ours:
        assert {language for language, other in said if other.strip("()") == text} == {"en"}, text


def test_answers_are_read_aloud_in_the_language_of_the_questionnaire() -> None:
    definition = form(
        question("boolean", "pain", text="Gør det ondt?"), question("text", "note", text="Hvor?")
    )
    document = engine.new_response(definition)
    answers: dict[str, dict[str, Any]] = {"pain": {"valueBoolean": True}, "note": {"valueString": "I ryggen"}}
    for link_id, answer in answers.items():
        document = engine.with_answers(definition, document, link_id, [answer])
    with override("en"):
        groups = answered_items(definition, document)
        said = in_languages(render_to_string("questionnaires/answers.html", {"groups": groups}))

    assert said[1:] == [("da", "Gør det ondt?"), ("en", "Yes"), ("da", "Hvor?"), ("da", "I ryggen")]


def test_texts_of_a_questionnaire_are_escaped() -> None:
    html = shown(form({"linkId": "q", "type": "string", "text": "<script>x</script>", "prefix": "<1>"}))
    assert "<script>" not in html
    assert "&lt;1&gt;" in html


def test_what_the_form_says_to_an_answer_stands_below_it_in_its_row() -> None:
    """FUT's feedback: from the least to the greatest number, both included."""
    said = {
        "url": "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-feedback",
        "extension": [
            {"url": "value", "valueString": "Det er mange. Ring til din læge."},
            {"url": "min", "valueInteger": 5},
            {"url": "max", "valueInteger": 9},
        ],
    }
    group = {
        "linkId": "g",
        "type": "group",
        "repeats": True,
        "item": [question("integer", extension=[said])],
    }
    definition = form(group)
    draft = engine.with_row(definition, {}, "g", ("k1",))
    draft, _issues = apply_fields(definition, draft, {"q.1#0": ["4"], "q.1#k1": ["5"]})
    views = {view.address: view for view in render_page(definition, page_of(definition), draft).walk()}
    assert views["q.1#0"].feedback == ()
    assert views["q.1#k1"].feedback == ("Det er mange. Ring til din læge.",)
    html = shown(definition, draft)
    assert html.count('class="question-feedback" role="status"') == 2  # there before it speaks
    assert html.count("Ring til din læge.") == 1
