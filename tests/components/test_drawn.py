"""The pieces as they come out: what a screen reader is told, and that nothing people wrote becomes markup."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

LOAD = "{% load components fields %}"


def draw(source: str, **context: object) -> str:
    """The template `source` in Danish, on one line."""
    with override("da"):
        return " ".join(Template(LOAD + source).render(Context(context)).split())


class PlanForm(forms.Form):
    name = forms.CharField(label="Navn", help_text="Borgeren ser det.")
    starts_on = forms.DateField(label="Begynder", widget=forms.DateInput())
    often = forms.ChoiceField(label="Hvor tit", choices=[("once", "En gang"), ("weekly", "Hver uge")])
    kind = forms.ChoiceField(label="Slags", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    teams = forms.MultipleChoiceField(
        label="Teams", choices=[("1", "Nord"), ("2", "Syd")], widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    remind = forms.BooleanField(label="Påmind", required=False)
    definition = forms.FileField(label="Fil", required=False)


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("name", 'type="text"'),
        ("starts_on", 'type="date"'),
        ("often", "<select"),
        ("kind", 'type="radio"'),
        ("teams", 'type="checkbox"'),
        ("note", "<textarea"),
        ("remind", 'class="form-checkbox"'),
        ("definition", 'type="file"'),
    ],
)
def test_a_form_field_is_drawn_by_its_widget(name: str, control: str) -> None:
    drawn = draw("{% field bound %}", bound=PlanForm()[name])

    assert control in drawn
    assert f'id="f-{name}"' in drawn


def test_a_date_is_written_so_that_the_browser_understands_it() -> None:
    form = PlanForm(initial={"starts_on": "2026-11-23"})

    assert 'value="2026-11-23"' in draw("{% field bound %}", bound=form["starts_on"])


def test_a_fields_error_and_hint_describe_it_and_the_summary_leads_to_it() -> None:
    form = PlanForm(data={})

    field = draw("{% field bound %}", bound=form["name"])
    assert 'aria-describedby="f-name-hint f-name-error"' in field
    assert 'aria-invalid="true"' in field
    assert 'href="#f-name"' in draw("{% error_summary form %}", form=form)


def test_no_errors_no_summary() -> None:
    assert draw("{% error_summary errors %}", errors=None) == ""


def test_the_summary_leads_to_other_pages_too() -> None:
    drawn = draw(
        "{% error_summary links=missing heading=heading %}",
        missing=[("/side/2/?a=1&b=2#f-x", "Vælg <et> svar"), ("", "Skriv et navn")],
        heading="Der mangler noget",
    )

    assert 'href="/side/2/?a=1&amp;b=2#f-x">Vælg &lt;et&gt; svar</a>' in drawn
    assert "<li>Skriv et navn</li>" in drawn
    assert 'id="error-summary-heading">Der mangler noget</h2>' in drawn
    assert "data-error-summary" in drawn


def test_what_people_wrote_is_never_markup() -> None:
    drawn = draw(
        "{% citizen_banner name=evil cpr='0101300000' %}{% alert 'info' evil %}{{ evil }}{% endalert %}"
        "{% text_field name='n' label=evil value=evil error=evil %}{% button evil title=evil %}{% icon evil evil %}",
        evil='"><script>alert(1)</script>',
    )

    assert "<script" not in drawn
    assert '""' not in drawn


def test_a_status_says_in_words_what_its_shape_shows() -> None:
    drawn = draw("{% status 'late' 'Ikke besvaret' %}{% significance 'red' True %}")

    assert "Ikke besvaret" in drawn
    assert "Rød" in drawn
    assert "kræver opmærksomhed" in drawn


def test_the_other_pages_of_a_list_keep_the_search() -> None:
    from django.core.paginator import Paginator

    request = RequestFactory().get("/medarbejder/", {"q": "jensen", "page": "2"})
    drawn = draw("{% pagination page %}", request=request, page=Paginator(range(40), 10).page(2))

    assert 'href="?q=jensen&amp;page=3"' in drawn
    assert drawn.count('aria-current="page"') == 1
