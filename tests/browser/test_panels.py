"""The builder's panels in Chromium: a condition and a score by keyboard and mouse, and what axe says of each panel."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from questionnaires import decision_support
from questionnaires.authoring import conditions, scores
from tests.browser.looking import looked_at
from tests.browser.test_builder import builder_of, draft, open_kam, saved  # noqa: F401 - a fixture among them
from tests.factories import StaffMemberFactory
from tests.kam.test_panels import SOURCE

pytestmark = pytest.mark.django_db(transaction=True)

PANELS = [
    ("conditions", "why"),
    ("scores", "total"),
    ("answer-lists", "often"),
    ("texts", "why"),
    ("pictures", "often"),
    ("agreements", "born"),
    ("significance", "days"),
]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("name", "link_id"), PANELS)
def test_every_panel_can_be_used_by_all(
    open_kam: Callable[..., Page],  # noqa: F811
    name: str,
    link_id: str,
    width: int,
    tmp_path: Path,
) -> None:
    version = draft(SOURCE)
    decision_support.switch_on(
        questionnaire=version.questionnaire,
        intended_purpose="Til at ringe til dem, der har ondt de fleste dage.",
        algorithm_version="1.0",
        by=StaffMemberFactory(municipality=None),
        at=timezone.now(),
    )
    page = open_kam(f"{builder_of(version, link_id)}&panel={name}", width)
    panel = page.locator(f"#panel-{name}")
    expect(panel).to_have_attribute("open", "")
    looked_at(page, name)
    panel.screenshot(path=tmp_path / f"{name}-{width}.png")


def test_a_condition_and_a_score_are_built_without_leaving_the_page(
    open_kam: Callable[..., Page],  # noqa: F811
) -> None:
    version = draft(SOURCE)
    page = open_kam(builder_of(version, "why"))
    page.get_by_role("link", name="Hvornår vises det?").click()
    panel = page.locator("#panel-conditions")
    panel.get_by_label("Spørgsmål").select_option("pain")
    panel.get_by_role("button", name="Gem betingelser").click()
    panel.get_by_label("Svar").select_option("true")
    panel.get_by_role("button", name="Gem betingelser").click()
    expect(panel).to_contain_text("Vises når »Har du smerter?« er »Ja«.")
    saved(page)
    version.refresh_from_db()
    assert conditions.sentence_of(version.source, "why") == "Vises når »Har du smerter?« er »Ja«"

    page.goto(f"{page.url.partition('?')[0]}?valgt=total&panel=scores")
    panel = page.locator("#panel-scores")
    for label in ("Hvor mange dage?", "Hvor tit?"):
        panel.get_by_text(label, exact=True).click()
    panel.get_by_role("button", name="Gem score").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Fjern beregningen")).to_be_attached()
    saved(page)
    version.refresh_from_db()
    assert scores.score_rule_of(version.source, "total") is not None
