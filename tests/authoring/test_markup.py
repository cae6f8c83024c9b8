"""Formatted texts: what signs become, that nothing else gets through, and the way back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.authoring.markup import to_inline_xhtml, to_markup, to_plain, to_xhtml
from questionnaires.engine.xhtml import active_content
from questionnaires.rich_text import clean_block, clean_inline


@pytest.mark.parametrize(
    ("markup", "xhtml"),
    [
        ("Hej", "<p>Hej</p>"),
        ("**fed** og *kursiv*", "<p><strong>fed</strong> og <em>kursiv</em></p>"),
        ("**fed og *begge***", "<p><strong>fed og <em>begge</em></strong></p>"),
        ("En\nto\n\ntre", "<p>En<br/>to</p><p>tre</p>"),
        ("Disse:\n- a\n- **b**", "<p>Disse:</p><ul><li>a</li><li><strong>b</strong></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("[borger.dk](https://www.borger.dk)", '<p><a href="https://www.borger.dk">borger.dk</a></p>'),
        ("[ring](tel:+4512345678)", '<p><a href="tel:+4512345678">ring</a></p>'),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>"),
        ("<b>nej</b> & 2 * 3 * 4", "<p>&lt;b&gt;nej&lt;/b&gt; &amp; 2 * 3 * 4</p>"),
        (r"\*stjerner\*", "<p>*stjerner*</p>"),
    ],
)
def test_signs_become_xhtml(markup: str, xhtml: str) -> None:
    assert to_xhtml(markup) == xhtml
    again = to_markup(xhtml)
    assert again is not None
    assert to_xhtml(again) == xhtml


@given(st.text(st.sampled_from("ab *_[]()<>&\"'\\-.1\n:/hjavscript"), max_size=60))
def test_nothing_but_plain_formatting_comes_out(markup: str) -> None:
    for xhtml, clean in ((to_xhtml(markup), clean_block), (to_inline_xhtml(markup), clean_inline)):
        assert not active_content(xhtml.replace("&lt;", "(")) or "script:" in markup  # as plain words
        text = clean(xhtml)
        assert "<script" not in text
        assert 'href="javascript' not in text
    again = to_markup(to_xhtml(markup))
    assert again is not None
    assert to_xhtml(again) == to_xhtml(to_markup(to_xhtml(again)) or "")


@pytest.mark.parametrize(
    "xhtml",
    [
        "<table><tr><td>1</td></tr></table>",
        '<p style="color:red">x</p>',
        "<p>x",
        "<img src='x'/>",
        "<!-- x -->",
    ],
)
def test_what_signs_cannot_say_is_not_said_otherwise(xhtml: str) -> None:
    assert to_markup(xhtml) is None


def test_words_alone() -> None:
    assert to_plain("**Ring** til [os](tel:112)\n- nu") == "Ring til os (tel:112)\n- nu"


@pytest.mark.parametrize("piece", ["**a ", "*a", "[a](", "\\", "**", "***a", "[[", "- *\n"])
def test_long_texts_take_no_time(piece: str) -> None:
    before = time.process_time()
    to_xhtml(piece * (4000 // len(piece)))
    to_plain(piece * (4000 // len(piece)))
    assert time.process_time() - before < 2
