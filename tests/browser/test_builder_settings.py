"""Settings that only some questions have, set in the builder and looked at as the citizen sees them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from questionnaires.authoring.agreements import Agreement, with_agreements
from questionnaires.authoring.conditions import Comparison
from questionnaires.authoring.tree import find
from questionnaires.engine.extension_urls import MAX_VALUES, UNIT, UNIT_OPTION
from questionnaires.models import QuestionnaireVersion
from tests.browser.looking import keep, nothing_found, sideways
from tests.browser.test_builder import builder_of, draft, open_kam, saved, write

__all__ = ["open_kam"]

pytestmark = pytest.mark.django_db(transaction=True)


def form_of(*items: dict[str, Any]) -> dict[str, Any]:
    page = {"linkId": "p", "type": "group", "text": "Om dig", "item": list(items)}
    return {
        "resourceType": "Questionnaire",
        "url": "urn:uuid:b",
        "title": "Prøve",
        "status": "draft",
        "language": "da",
        "item": [page],
    }


def stored(version: QuestionnaireVersion, link_id: str) -> dict[str, Any]:
    version.refresh_from_db()
    return find(version.source, link_id)


@pytest.mark.parametrize("width", [1280, 390])
def test_units_to_choose_from(open_kam: Callable[..., Page], screenshots: Path | None, width: int) -> None:
    version = draft(form_of({"linkId": "w", "type": "quantity", "text": "Hvad vejer du?"}))
    page = open_kam(builder_of(version, "w"), width)
    write(page, "Enhed", "kg\nlb")
    preview = page.get_by_role("region", name="Sådan ser borgeren det")
    expect(preview.get_by_label("Enhed: Hvad vejer du?")).to_have_value("kg")
    write(page, "Enhed", "liter\nl")
    expect(page.get_by_text("»liter« og »l« er den samme enhed. Fjern den ene.")).to_be_visible()
    assert [one["valueCoding"]["code"] for one in stored(version, "w")["extension"]] == [
        "kg",
        "kg",
        "[lb_av]",
    ]
    write(page, "Enhed", "kg\nlb")
    nothing_found(page)
    assert sideways(page) <= 0
    keep(page, screenshots, f"units-{width}")

    page.goto(page.url.split("/byg/")[0] + "/proev/")
    page.get_by_label("Hvad vejer du?", exact=True).fill("154")
    page.get_by_label("Enhed: Hvad vejer du?").select_option("lb")
    saved(page)
    expect(page.get_by_label("Hvad vejer du?", exact=True)).to_have_value("154")
    expect(page.get_by_label("Enhed: Hvad vejer du?")).to_have_value("[lb_av]")
    nothing_found(page)
    assert sideways(page) <= 0
    keep(page, screenshots, f"units-tried-{width}")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_unit_that_waits_for_its_number(
    open_kam: Callable[..., Page], screenshots: Path | None, width: int
) -> None:
    """What is counted in the first unit stands beside it; a unit that is chosen first stays while others answer."""
    units = [{"url": UNIT, "valueCoding": {"display": "kg"}}] + [
        {"url": UNIT_OPTION, "valueCoding": {"display": name}} for name in ("kg", "kop")
    ]
    most = {"url": MAX_VALUES[1], "valueQuantity": {"value": 250}}
    version = draft(
        form_of(
            {"linkId": "w", "type": "quantity", "text": "Hvad vejer du?", "extension": [*units, most]},
            {"linkId": "n", "type": "integer", "text": "Hvor mange bor I?"},
        )
    )
    page = open_kam(builder_of(version, "w"), width)
    expect(page.get_by_text("Grænser regnes i den første enhed: kg.")).to_be_visible()
    nothing_found(page)
    assert sideways(page) <= 0
    keep(page, screenshots, f"units-counted-{width}")

    page.goto(page.url.split("byg/")[0])
    expect(
        page.get_by_text("Et svar i »kop« kan ikke regnes om til »kg«: grænserne gælder ikke.")
    ).to_be_visible()
    assert sideways(page) <= 0
    keep(page, screenshots, f"units-checked-{width}")

    page.goto(f"{page.url}proev/")
    page.get_by_label("Enhed: Hvad vejer du?").select_option("kop")
    saved(page)
    page.get_by_label("Hvor mange bor I?").fill("mange")
    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_text("Skriv et helt tal").first).to_be_visible()
    expect(page.get_by_label("Enhed: Hvad vejer du?")).to_have_value("kop")
    keep(page, screenshots, f"units-waiting-{width}")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_rule_keeps_what_it_uses_where_it_is(
    open_kam: Callable[..., Page], screenshots: Path | None, width: int
) -> None:
    rows = {"linkId": "g", "type": "group", "text": "Forløb", "repeats": True, "item": [
        {"linkId": "first", "type": "date", "text": "Første dag"},
        {"linkId": "last", "type": "date", "text": "Sidste dag"},
    ]}  # fmt: skip
    once = form_of({"linkId": "start", "type": "date", "text": "Begyndelse"}, rows)
    rule = Agreement(Comparison.GREATER, "start", None, "Den ligger for tidligt.")
    version = draft(with_agreements(once, "last", [rule]))
    page = open_kam(builder_of(version, "start"), width)
    for summary in page.get_by_text("Flere indstillinger").all():
        summary.click()
    page.get_by_label("Kan besvares flere gange").check()
    expect(page.get_by_text("men »Sidste dag« kan kun bruge ét.")).to_be_visible()
    assert "repeats" not in stored(version, "start")
    assert sideways(page) <= 0
    keep(page, screenshots, f"rule-refused-{width}")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_imported_rule_that_finds_several_answers_is_removed(
    open_kam: Callable[..., Page], screenshots: Path | None, width: int
) -> None:
    pair = [
        {"linkId": name, "type": "date", "text": text}
        for name, text in (("a", "Første dag"), ("b", "Sidste dag"))
    ]
    rule = Agreement(Comparison.GREATER, "a", None, "Den ligger for tidligt.")
    source = with_agreements(form_of(*pair), "b", [rule])
    version = draft({**source, "item": [{**source["item"][0], "repeats": True}]})
    page = open_kam(f"{builder_of(version, 'b')}&panel=agreements", width)
    panel = page.locator("#panel-agreements")
    expect(panel).to_contain_text("Reglen virker ikke, for det andet spørgsmål kan få flere svar")
    nothing_found(page)
    assert sideways(page) <= 0
    if screenshots is not None:
        panel.screenshot(path=screenshots / f"rule-astray-{width}.png")
    panel.get_by_label("Fjern denne regel").check()
    panel.get_by_role("button", name="Gem regler").click()
    expect(panel).not_to_contain_text("Reglen virker ikke")
    assert "extension" not in stored(version, "b")


@pytest.mark.parametrize("width", [1280, 390])
def test_dates_and_times_to_begin_with(
    open_kam: Callable[..., Page], screenshots: Path | None, width: int
) -> None:
    version = draft(
        form_of(
            {"linkId": "m", "type": "dateTime", "text": "Hvornår ringede du?"},
            {"linkId": "t", "type": "time", "text": "Hvornår står du op?"},
            {"linkId": "d", "type": "date", "text": "Hvilken dag?"},
        )
    )
    for link_id, typed in (("m", "31/12 2026 kl. 14.30"), ("t", "07:15"), ("d", "2026-12-31")):
        page = open_kam(builder_of(version, link_id), width)
        page.locator("#more-settings > summary").click()
        write(page, "Begynder med svaret", typed)
        if link_id == "m":
            preview = page.get_by_role("region", name="Sådan ser borgeren det")
            expect(preview.get_by_label("Hvornår ringede du?")).to_have_value("31-12-2026 14:30")
            expect(page.get_by_label("Begynder med svaret", exact=True)).to_be_visible()
            nothing_found(page)
            assert sideways(page) <= 0
            keep(page, screenshots, f"initial-{width}")
    assert stored(version, "m")["initial"] == [{"valueDateTime": "2026-12-31T14:30:00+01:00"}]
    assert stored(version, "t")["initial"] == [{"valueTime": "07:15:00"}]
    assert stored(version, "d")["initial"] == [{"valueDate": "2026-12-31"}]

    page.goto(page.url.split("/byg/")[0] + "/proev/")
    expect(page.get_by_label("Hvornår ringede du?", exact=True)).to_have_value("31-12-2026 14:30")
    expect(page.get_by_label("Hvornår står du op?", exact=True)).to_have_value("07:15")
    expect(page.get_by_role("group", name="Hvilken dag?").get_by_label("Måned")).to_have_value("12")


@pytest.mark.parametrize("width", [1280, 390])
def test_letters_before_questions_and_answers(
    open_kam: Callable[..., Page], screenshots: Path | None, width: int
) -> None:
    options = [{"valueCoding": {"code": code, "display": code.title()}} for code in ("ja", "nej")]
    version = draft(
        form_of({"linkId": "c", "type": "choice", "text": "Har du ondt?", "answerOption": options})
    )
    page = open_kam(builder_of(version, "c"), width)
    page.locator("#more-settings > summary").click()
    write(page, "Nummer foran", "2a")
    page.locator("#more-1 > summary").click()
    page.locator("[name='svar-0-letter']").fill("a)")
    page.locator("[name='svar-0-letter']").blur()
    saved(page)
    preview = page.get_by_role("region", name="Sådan ser borgeren det")
    expect(preview.get_by_label("a) Ja")).to_be_visible()
    expect(page.locator("[name='svar-0-letter']")).to_be_visible()
    nothing_found(page)
    assert sideways(page) <= 0
    keep(page, screenshots, f"letters-{width}")

    page.goto(page.url.split("/byg/")[0] + "/proev/")
    expect(page.get_by_role("group", name="2a Har du ondt?").get_by_label("a) Ja")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_rule_between_two_dates(
    open_kam: Callable[..., Page], screenshots: Path | None, width: int
) -> None:
    version = draft(
        form_of(
            {"linkId": "a", "type": "date", "text": "Hvornår blev du syg?"},
            {"linkId": "b", "type": "date", "text": "Hvornår blev du rask?"},
        )
    )
    page = open_kam(builder_of(version, "b"), width)
    page.get_by_role("link", name="Regler mellem svar").click()
    panel = page.locator("#panel-agreements")
    panel.get_by_label("Svaret", exact=True).select_option("skal ligge efter")
    panel.get_by_label("Sammenlignet med").select_option("Svaret på »Hvornår blev du syg?«")
    panel.get_by_label("Det får borgeren at vide").fill("Du kan først blive rask, når du har været syg.")
    panel.get_by_role("button", name="Gem regler").click()
    expect(panel.get_by_text("Svaret skal ligge efter svaret på »Hvornår blev du syg?«.")).to_be_visible()
    nothing_found(page)
    assert sideways(page) <= 0
    keep(page, screenshots, f"rules-{width}")

    page.goto(page.url.split("/byg/")[0] + "/proev/")
    for question, day in (("Hvornår blev du syg?", "12"), ("Hvornår blev du rask?", "11")):
        group = page.get_by_role("group", name=question)
        for part, typed in (("Dag", day), ("Måned", "3"), ("År", "2026")):
            group.get_by_label(part, exact=True).fill(typed)
            group.get_by_label(part, exact=True).blur()
            saved(page)
    page.get_by_role("button", name="Næste").click()
    saved(page)
    expect(page.get_by_text("Du kan først blive rask, når du har været syg.").first).to_be_visible()
    keep(page, screenshots, f"rules-tried-{width}")
