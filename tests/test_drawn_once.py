"""Parts of pages that are drawn once for each variant; what is the request's own is put in each time."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override

from kommunalpro.templatetags import drawn_once

FORM = Template(
    '{% load drawn_once %}{% drawn_once "test form" kind %}'
    '<form>{% csrf_token %}<input name="next" value="{{ address_to_return_to }}">{{ kind }} {% now "H" %}</form>'
    "{% enddrawn_once %}"
)


@pytest.fixture(autouse=True)
def _nothing_drawn() -> None:
    drawn_once._parts.cache_clear()


def draw(**facts: object) -> str:
    return FORM.render(Context({"csrf_token": "abc", "address_to_return_to": "/x/", **facts}))


def test_each_request_gets_its_own_token_and_address() -> None:
    first = draw(kind="citizen")
    again = draw(kind="citizen", csrf_token="def", address_to_return_to='/?a="><script>&b=1')
    assert 'value="abc"' in first
    assert 'value="/x/"' in first
    assert 'value="def"' in again
    assert 'value="/?a=&quot;&gt;&lt;script&gt;&amp;b=1"' in again
    assert drawn_once._parts.cache_info().currsize == 1


def test_variants_and_languages_are_told_apart() -> None:
    with override("da"):
        citizen, staff = draw(kind="citizen"), draw(kind="staff")
    with override("en"):
        draw(kind="staff")
    assert ("citizen" in citizen, "staff" in staff) == (True, True)
    assert drawn_once._parts.cache_info().currsize == 3


def test_what_is_missing_is_a_variant_too() -> None:
    assert "citizen" not in draw()
    assert drawn_once._parts.cache_info().currsize == 1


GREETING = Template(
    '{% load drawn_once %}{% drawn_once "test greeting" kind put name %}{{ kind }}: {{ name }}{% enddrawn_once %}'
)


def test_what_is_put_in_is_not_kept_and_is_no_markup() -> None:
    drawn = [
        GREETING.render(Context({"kind": "staff", "name": name})) for name in ("Karen", "<b>", "", 0, None)
    ]
    assert drawn == ["staff: Karen", "staff: &lt;b&gt;", "staff: ", "staff: 0", "staff: "]
    assert drawn_once._parts.cache_info().currsize == 1


ROW = Template(
    '{% load drawn_once %}{% for row in rows %}{% drawn_once "test row" row.is_late put row.name row.plan.title %}'
    "{% if row.is_late %}late: {% endif %}{{ row.name }}, {{ row.plan.title }}{{ row.secret }}|"
    "{% enddrawn_once %}{% endfor %}"
)


def test_of_a_row_whose_attributes_are_put_in_a_part_sees_nothing_else() -> None:
    rows = [
        SimpleNamespace(name=name, is_late=is_late, plan=SimpleNamespace(title="Knæ"), secret="hidden")
        for name, is_late in [("Karen", False), ("Bo", True), ("Ida", False)]
    ]
    assert ROW.render(Context({"rows": rows})) == "Karen, Knæ|late: Bo, Knæ|Ida, Knæ|"
    assert drawn_once._parts.cache_info().currsize == 2


def test_an_attribute_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(AttributeError):
        ROW.render(Context({"rows": [SimpleNamespace(name="Karen", is_late=False)]}))


LIST = Template(
    '{% load drawn_once %}{% for row in rows %}{% drawn_once "test list" row.is_late put row.name %}'
    "{% if row.is_late %}late: {% endif %}{{ row.name }}:{% each_time %}{% for one in row.others %} {{ one }}"
    "{% endfor %}{% endeach_time %}|{% enddrawn_once %}{% endfor %}"
)


def test_what_is_drawn_each_time_sees_everything_and_is_not_kept() -> None:
    rows = [
        SimpleNamespace(name=name, is_late=is_late, others=others)
        for name, is_late, others in [("Bo", False, ["<1>", 2]), ("Ida", True, []), ("Eva", False, [3])]
    ]
    assert LIST.render(Context({"rows": rows})) == "Bo: &lt;1&gt; 2|late: Ida:|Eva: 3|"
    assert drawn_once._parts.cache_info().currsize == 2


def test_a_part_that_is_drawn_once_holds_no_block_of_another_template() -> None:
    with pytest.raises(TemplateSyntaxError, match="holds a block"):
        Template('{% load drawn_once %}{% drawn_once "x" %}{% block y %}{% endblock %}{% enddrawn_once %}')
