"""Every text is found, has its English, and fills the same blanks."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import write_po
from django.utils.text import unescape_string_literal
from django.utils.translation.template import templatize

from kommunalpro.translations import (
    LANGUAGES,
    ROOT,
    Text,
    TextNotConstant,
    catalogue_path,
    compile_catalogues,
    problems,
    read_catalogue,
    texts_in_python,
    texts_in_template,
    update_catalogue,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_project_is_translated(language: str):
    found = problems(ROOT, language)
    assert not found, "Run `python -m kommunalpro.translations update`, then translate:\n" + "\n".join(found)


def test_scripts_hold_no_texts():
    """What a script shows stands in the page, translated; so there is no second catalogue for JavaScript."""
    for script in sorted((ROOT / "static").rglob("*.js")):
        code = re.sub(r"/\*.*?\*/|(?m://.*$)", "", script.read_text(encoding="utf-8"), flags=re.DOTALL)
        literals = re.findall(r"""["'`]([^"'`\n]*)["'`]""", code)
        texts = [text for text in literals if re.search(r"[æøåÆØÅ]|^[A-ZÆØÅ][a-zæøå]+ [a-zæøå]+", text)]
        assert texts == [], f"{script.name}: put the text into the template, for example as a data attribute"


def found_in_python(source: str) -> list[tuple[str | None, str, str | None]]:
    return [(text.context, text.singular, text.plural) for text in texts_in_python(source, "a.py")]


def found_in_template(source: str) -> list[tuple[str | None, str, str | None]]:
    return [(text.context, text.singular, text.plural) for text in texts_in_template(source, "a.html")]


IMPORT = (
    "from django.utils.translation import "
    "gettext, gettext_lazy as _, ngettext_lazy, npgettext, pgettext as p\n"
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("_('Gem')", [(None, "Gem", None)]),
        ("gettext('Gem ' 'svar')", [(None, "Gem svar", None)]),
        ("p('knap', 'Send')", [("knap", "Send", None)]),
        ("ngettext_lazy('%d svar', '%d flere', 'n')", [(None, "%d svar", "%d flere")]),
        ("npgettext('liste', 'en', 'to', n)", [("liste", "en", "to")]),
        ("for _ in range(3): print('ikke en tekst')", []),
        ("pgettext('uden', 'import')", []),
    ],
    ids=["marked", "joined", "context", "plural", "plural in context", "loop variable", "another function"],
)
def test_a_text_in_python_is_found(source: str, expected: list[tuple[str | None, str, str | None]]):
    assert found_in_python(IMPORT + source) == expected


@pytest.mark.parametrize("source", ["_(f'Hej {name}')", "gettext(name)", "_('Hej ' + name)", "_()"])
def test_a_text_put_together_before_it_is_translated_is_refused(source: str):
    with pytest.raises(TextNotConstant, match=r"a\.py, line 2"):
        found_in_python(IMPORT + source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{% translate "Gem" %}', [(None, "Gem", None)]),
        ("{% trans 'Sig \"hej\"' as greeting %}", [(None, 'Sig "hej"', None)]),
        ('{% translate "Send" context "knap" %}', [("knap", "Send", None)]),
        ('{% translate "100 %" %}', [(None, "100 %%", None)]),
        ("{% translate name %}", []),
        (
            "{% blocktranslate %}Hej {{ name }}, 5 %{% endblocktranslate %}",
            [(None, "Hej %(name)s, 5 %%", None)],
        ),
        (
            "{% blocktranslate trimmed count n=tasks|length context 'tal' %}\n  {{ n }} opgave\n"
            "  {% plural %}\n  {{ n }}\n  opgaver\n{% endblocktranslate %}",
            [("tal", "%(n)s opgave", "%(n)s opgaver")],
        ),
        (
            "{% field form.name label=_('Navn') hint=_(\"Fulde navn\") %}",
            [(None, "Navn", None), (None, "Fulde navn", None)],
        ),
        ("{{ title|default:_('Uden titel') }}", [(None, "Uden titel", None)]),
        ("{{ day|date:_('j. \\d\\e\\n F') }}", [(None, "j. \\d\\e\\n F", None)]),
        ("{% comment %}{% translate 'Nej' %}{% endcomment %}{# _('Nej') #}", []),
    ],
    ids=[
        "translate",
        "trans as",
        "context",
        "percent",
        "variable",
        "block",
        "plural",
        "argument of a tag",
        "argument of a filter",
        "backslashes",
        "comment",
    ],
)
def test_a_text_in_a_template_is_found(source: str, expected: list[tuple[str | None, str, str | None]]):
    assert found_in_template(source) == expected


_CALL = re.compile(
    r"\b(n?p?gettext|_)\(((?:u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")\s*,?\s*)+)(?:count)?\)"
)


def texts_by_django(source: str) -> list[tuple[str | None, str, str | None]]:
    """What Django's own `makemessages` would hand to xgettext."""
    found = []
    for function, arguments in _CALL.findall(templatize(source)):
        if function == "_":  # left as the template has it, where a backslash is a backslash
            texts = [unescape_string_literal(arguments).replace("%", "%%")]
        else:
            texts = list(ast.literal_eval(f"[{arguments}]"))
        context = texts.pop(0) if "p" in function else None
        found.append((context, texts[0], texts[1] if len(texts) > 1 else None))
    return found


def test_the_templates_hold_the_texts_that_django_finds_in_them():
    templates = sorted(path for path in ROOT.glob("*/**/*.html") if ".venv" not in path.parts)
    compared = 0
    for template in templates:
        source = template.read_text(encoding="utf-8")
        if "templates" not in template.parts or "node_modules" in template.parts:
            continue
        ours, theirs = found_in_template(source), texts_by_django(source)
        assert sorted(map(str, ours)) == sorted(map(str, theirs)), template
        compared += len(ours)
    assert compared > 50


def test_a_text_knows_its_line():
    assert list(texts_in_template("<p>\n{% translate 'Gem' %}", "a.html")) == [
        Text(place="a.html", line=2, singular="Gem")
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one template, whose texts have no English yet."""
    template = tmp_path / "templates" / "page.html"
    template.parent.mkdir()
    template.write_text(
        "{% translate 'Gem' %}"
        "{% blocktranslate count n=n %}{{ n }} svar{% plural %}"
        "{{ n }} af {{ total }} svar{% endblocktranslate %}"
        "{% blocktranslate %}Hej {{ name }}{% endblocktranslate %}",
        encoding="utf-8",
    )
    return tmp_path


def translate(project: Path, **translations: str | tuple[str, str]) -> None:
    """Write English for the texts that begin with the given words."""
    catalogue: Catalog = read_catalogue(project, "en")
    for message in catalogue:
        for word, translation in translations.items():
            text = message.id if isinstance(message.id, str) else message.id[0]
            if message.id and word in text:
                message.string = translation
    with catalogue_path(project, "en").open("wb") as file:
        write_po(file, catalogue)


ENGLISH: dict[str, str | tuple[str, str]] = {
    "Gem": "Save",
    "svar": ("one answer", "%(n)s of %(total)s answers"),
    "Hej": "Hello %(name)s",
}


def test_texts_without_english_are_named(project: Path):
    update_catalogue(project, "en")
    assert len(problems(project, "en")) == 3
    translate(project, **ENGLISH)
    assert problems(project, "en") == []


@pytest.mark.parametrize(
    ("word", "translation", "complaint"),
    [
        ("Hej", "Hello", "nothing in “Hello”"),
        ("Hej", "Hello %(nam)s", "%(nam)s"),
        ("svar", ("one answer", "%(n)s answers"), "leaves out %(total)s"),
        ("svar", ("one answer", "%(n)s of %(total)s %(who)s"), "which Danish does not"),
    ],
    ids=["left out", "misspelled", "left out of the plural", "invented"],
)
def test_blanks_that_differ_are_named(
    project: Path, word: str, translation: str | tuple[str, str], complaint: str
):
    update_catalogue(project, "en")
    translate(project, **(ENGLISH | {word: translation}))
    (problem,) = problems(project, "en")
    assert complaint in problem


def test_a_text_that_is_gone_is_named_and_leaves_with_the_next_update(project: Path):
    update_catalogue(project, "en")
    translate(project, **ENGLISH)
    (project / "templates" / "page.html").write_text("{% translate 'Gem' %}", encoding="utf-8")
    assert [problem.split(":")[0] for problem in problems(project, "en")] == ["no longer in the code"] * 2
    update_catalogue(project, "en")
    assert problems(project, "en") == []


def test_an_update_without_news_changes_nothing(project: Path):
    update_catalogue(project, "en")
    translate(project, **ENGLISH)
    update_catalogue(project, "en")
    first = catalogue_path(project, "en").read_bytes()
    update_catalogue(project, "en")
    assert catalogue_path(project, "en").read_bytes() == first


def test_a_compiled_catalogue_is_written_once_and_reads_back(project: Path):
    update_catalogue(project, "en")
    translate(project, **ENGLISH)
    (compiled,) = compile_catalogues(project)
    with compiled.open("rb") as file:
        catalogue = read_mo(file)
    assert catalogue["Gem"].string == "Save"
    assert compile_catalogues(project) == []
