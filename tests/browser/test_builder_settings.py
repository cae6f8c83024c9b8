"""Settings that only some questions have, set in the builder and looked at as the citizen sees them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from questionnaires.authoring.tree import find
from questionnaires.models import QuestionnaireVersion
from tests.browser.test_builder import builder_of, draft, nothing_found, open_kam, saved, write

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


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


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
    assert fits(page)
    if screenshots is not None:
        page.screenshot(path=screenshots / f"units-{width}.png", full_page=True)

    page.goto(page.url.split("/byg/")[0] + "/proev/")
    page.get_by_label("Hvad vejer du?", exact=True).fill("154")
    page.get_by_label("Enhed: Hvad vejer du?").select_option("lb")
    saved(page)
    expect(page.get_by_label("Hvad vejer du?", exact=True)).to_have_value("154")
    expect(page.get_by_label("Enhed: Hvad vejer du?")).to_have_value("[lb_av]")
    nothing_found(page)
    assert fits(page)
    if screenshots is not None:
        page.screenshot(path=screenshots / f"units-tried-{width}.png", full_page=True)
