"""A zip of five hundred questionnaires comes in, with a bar that says how far it is, and a result for each."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, LogIn
from tests.browser.looking import keep, nothing_found
from tests.questionnaires.transfer.files import SHEET, as_csv, as_json, as_zip, simple

ADMINISTRATOR = "Birgitte Hedegård"
COUNT = 500


def zip_of_many() -> bytes:
    """500 sound ones, and three that are not."""
    files = {
        f"skemaer/skema-{n:03d}.json": as_json(simple(n, title=f"Skema {n:03d}", copyright="© Testby"))
        for n in range(COUNT)
    }
    files |= {"halv.json": as_json(simple())[:-9], "../../sti.json": b"{", "brev.txt": b"Hej"}
    return as_zip(files)


def choose_file(page: Page, name: str, content: bytes) -> None:
    page.goto("/kam/spoergeskemaer/importer/")
    page.get_by_label("Fil med spørgeskemaer").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Læs filen").click()


def test_five_hundred_come_in_while_a_bar_says_how_far(log_in: LogIn, screenshots: Path | None) -> None:
    page = log_in("staff", ADMINISTRATOR)
    choose_file(page, "alle-skemaer.zip", zip_of_many())
    bar = page.get_by_role("progressbar")
    expect(bar).to_be_visible()
    assert nothing_found(page)
    keep(page, screenshots, "kam-import-reading")
    first = float(bar.get_attribute("value") or 0)
    page.wait_for_function(
        "value => Number(document.querySelector('progress')?.value ?? 1e9) > value", arg=first
    )

    expect(page.get_by_text(f"{COUNT} kan importeres")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Kan ikke importeres")).to_have_count(3)
    assert nothing_found(page)
    keep(page, screenshots, "kam-import-list", whole=False)
    page.get_by_label("Skema 007", exact=True).uncheck()
    page.get_by_role("button", name="Gem de valgte som kladder").click()
    expect(page.get_by_role("progressbar")).to_be_visible()

    expect(page.get_by_text(f"{COUNT - 1} spørgeskemaer er gemt som kladder.")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Ikke valgt")).to_have_count(1)
    page.get_by_role("link", name="Skema 499").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skema 499")


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_a_spreadsheet_comes_in_and_paper_goes_out(
    log_in: LogIn, screenshots: Path | None, viewport: object
) -> None:
    name = "phone" if viewport else "desk"
    page = log_in("staff", ADMINISTRATOR, **({"viewport": viewport} if viewport else {}))
    sheet = [["Titel", f"Smerter {name}"], ["Ophavsret", "© Testby Kommune"], *SHEET[2:]]
    page.goto("/kam/spoergeskemaer/importer/")
    keep(page, screenshots, f"kam-import-{name}")
    choose_file(page, "smerter.csv", as_csv(sheet, encoding="cp1252"))
    expect(page.get_by_text("Nyt spørgeskema", exact=True)).to_be_visible()
    assert nothing_found(page)
    keep(page, screenshots, f"kam-import-preview-{name}")
    page.get_by_role("button", name="Gem de valgte som kladder").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Smerter {name}")
    page.get_by_text("Hent eller udskriv").click()
    keep(page, screenshots, f"kam-downloads-{name}")
    assert nothing_found(page)
    address = page.get_by_role("link", name="Papirskema").get_attribute("href")
    assert page.request.get(address or "").body().startswith(b"%PDF")
    page.get_by_role("link", name="DK-QFDD").click()
    expect(page.get_by_text("Filen rummer ikke hele spørgeskemaet")).to_be_visible()
    assert nothing_found(page)
    keep(page, screenshots, f"kam-qfdd-{name}")


def test_without_scripts_the_page_can_be_asked_again(log_in: LogIn) -> None:
    page = log_in("staff", ADMINISTRATOR)
    page.route("**/*.js", lambda route: route.abort())
    choose_file(page, "to.zip", as_zip({"a.json": as_json(simple(9001)), "b.json": as_json(simple(9002))}))
    expect(page.get_by_role("heading", level=1)).to_have_text("to.zip")
    for _attempt in range(30):
        if page.get_by_text("2 kan importeres").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_role("button", name="Gem de valgte som kladder").click()
    expect(page.get_by_text("2 spørgeskemaer er gemt som kladder.")).to_be_visible()
