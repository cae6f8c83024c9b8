"""The Borgermodul for everyone: in every state, by keyboard alone, magnified, in forced colours, on a slow line.

docs/accessibility.md says what this shows and what it does not.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans.models import Task
from tests.browser.looking import keep, nothing_found, sideways
from tests.factories import CitizenFactory, PlanFactory, QuestionnaireVersionFactory, open_task
from tests.translated_form import TRANSLATED

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, DESKTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
# What 1280 × 1024 is when the browser magnifies it to 400 %.
MAGNIFIED = {"width": 320, "height": 256}


class Visit:
    """A citizen's browser at one task."""

    def __init__(self, page: Page, root: str, task: Task) -> None:
        self.page = page
        self.root = root
        self.task_root = f"{root}/borger/opgave/{task.pk}/"

    def go(self, path: str) -> Page:
        self.page.goto(self.root + path if path.startswith("/") else self.task_root + path)
        return self.page

    def answer(self, text: str, label: str) -> None:
        asked = self.page.locator("[data-question]", has_text=text)
        asked.get_by_label(label, exact=True).check(force=True)
        expect(self.page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")

    def next(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Næste", exact=True).click()


@pytest.fixture
def enter(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[CitizenActor], Client]
) -> Iterator[Callable[..., Visit]]:
    """`enter(viewport=…)`: a browser of the citizen's, who has begun; a script that fails fails the test."""
    citizen: Citizen = CitizenFactory()
    version = QuestionnaireVersionFactory(source=TRANSLATED, title="Om din dag")
    task = open_task(citizen, plan=PlanFactory(weekly__version=version))
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    client.post(f"/borger/opgave/{task.pk}/")
    contexts: list[BrowserContext] = []

    def come(**how: Any) -> Visit:
        context = chrome.new_context(**{"viewport": DESKTOP, "locale": "da-DK", **how})
        contexts.append(context)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        return Visit(page, live_server.url, task)

    yield come
    for context in contexts:
        context.close()


def nothing_is_wrong(page: Page, state: str) -> None:
    """Nothing for axe, nothing to scroll sideways, nothing to press that is too small."""
    nothing_found(page, state)
    wide = sideways(page)
    assert wide <= 0, f"{state}: {wide} px to scroll sideways: {page.evaluate(TOO_WIDE)}"
    assert too_small(page) == [], state


TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map((element) => element.outerHTML.slice(0, 60))"""

TOO_SMALL = """() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const targets = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((element) => seen(element) && element.type !== "hidden" && !element.closest(".skipnav"))
    .map((element) => {
      const isChoice = ["radio", "checkbox"].includes(element.type);
      const box = (isChoice && element.labels[0] ? element.labels[0] : element).getBoundingClientRect();
      return { words: element.outerHTML.slice(0, 90), box, isSmall: box.width < 24 || box.height < 24 };
    })
    .filter(({ box }) => box.width > 1 && box.height > 1);
  const middle = ({ box }) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  // WCAG 2.2, 2.5.8: a smaller target is large enough where a circle of 24 px around its middle meets no other.
  const meets = (small, other) => {
    const at = middle(small);
    if (other.isSmall) {
      const there = middle(other);
      return Math.hypot(at.x - there.x, at.y - there.y) < 24;
    }
    const x = Math.max(other.box.left, Math.min(at.x, other.box.right));
    const y = Math.max(other.box.top, Math.min(at.y, other.box.bottom));
    return Math.hypot(at.x - x, at.y - y) < 12;
  };
  return targets
    .filter((target) => target.isSmall && targets.some((other) => other !== target && meets(target, other)))
    .map(({ words, box }) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${words}`);
}"""


def too_small(page: Page) -> list[str]:
    """What can be pressed and is smaller than 24 × 24 px, without room around it."""
    found: list[str] = page.evaluate(TOO_SMALL)
    return found


def fill_date(page: Page, *parts: str) -> None:
    for prefix, part in zip("dmy", parts, strict=True):
        page.locator(f"input[name='{prefix}:since']").fill(part)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["320", "1280"])
@pytest.mark.parametrize("how", ["as it is", "larger text", "in English", "in Arabic"])
def test_every_state(how: str, viewport: dict[str, int], enter: Callable[..., Visit]) -> None:
    visit = enter(viewport=viewport, locale="en-GB" if how == "in English" else "da-DK")
    page = visit.go("/borger/")
    if how == "larger text":
        page.get_by_role("button", name="Større tekst").click()
        expect(page.locator("html.large-text")).to_have_count(1)
    for path in (
        "/",
        "/borger/",
        "",
        "/borger/svar/",
        "/borger/mine-data/",
        "/borger/adgang/",
        "/login/sessions/",
    ):
        nothing_is_wrong(visit.go(path), f"{how}: {path}")
    nothing_is_wrong(visit.go("side/99/"), f"{how}: a page that is not there")
    visit.go("side/1/")
    if how == "in Arabic":
        page.get_by_role("button", name="العربية").click()
        expect(page.locator("[dir=rtl] [data-question]").first).to_be_visible()
    nothing_is_wrong(page, f"{how}: questions")
    press_on(page)
    expect(page.locator("[data-error-summary]")).to_be_focused()
    nothing_is_wrong(page, f"{how}: errors")
    page.locator("input[name='a:pain'][value=true]").check(force=True)
    expect(page.locator("input[name='a:where']").first).to_be_visible()
    expect(page.locator("#questions-news")).not_to_be_empty()
    nothing_is_wrong(page, f"{how}: a question that came")
    press_on(page)
    fill_date(page, "31", "31", "2025")
    press_on(page)
    expect(page.locator(".form-error")).to_have_count(1)
    nothing_is_wrong(page, f"{how}: what cannot be read")
    fill_date(page, "31", "12", "2025")
    press_on(page)
    expect(page).to_have_url(re.compile("/opsummering/$"))
    nothing_is_wrong(page, f"{how}: summary")
    page.locator("main form.actions button").first.click()
    expect(page).to_have_url(re.compile("/kvittering/$"))
    nothing_is_wrong(page, f"{how}: receipt")
    visit.go("/borger/svar/").locator("main a.card").first.click()
    nothing_is_wrong(page, f"{how}: what was answered")


def press_on(page: Page) -> None:
    """To the page that comes, also where the form waits for a save first."""
    with page.expect_navigation():
        page.locator("#answers button[name=go][value=next]:visible").click()


def test_the_dialog_before_the_session_ends(enter: Callable[..., Visit]) -> None:
    """Focus goes into it, stays in it, and comes back; the time is announced, not shouted."""
    visit = enter()
    visit.page.route(
        "**/login/session/", lambda route: route.fulfill(json={"seconds": 100, "extendable": True})
    )
    visit.page.clock.install()
    page = visit.go("side/1/")
    page.clock.fast_forward("29:30")
    dialog = page.get_by_role("alertdialog", name="Du bliver snart logget ud")
    expect(dialog).to_be_visible()
    nothing_is_wrong(page, "dialog")
    # Past its last button the focus is in the browser's own bars (the body, to a script), never behind the dialog.
    inside = (
        "[document.body, ...document.querySelectorAll('#session-time *')].includes(document.activeElement)"
    )
    expect(page.get_by_role("heading", name="Du bliver snart logget ud")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)


def test_two_devices_and_no_connection(enter: Callable[..., Visit]) -> None:
    phone, computer = enter(viewport=PHONE), enter()
    for visit in (phone, computer):
        visit.go("side/1/")
    phone.answer("Har du smerter?", "Ja")
    computer.page.locator("[data-question]").first.get_by_label("Nej").check(force=True)
    expect(computer.page.locator(".question-elsewhere")).to_be_visible()
    nothing_is_wrong(computer.page, "two answers")
    phone.page.context.set_offline(True)
    phone.page.locator("[data-question]").first.get_by_label("Nej").check(force=True)
    expect(phone.page.locator("[data-saved-state]")).to_contain_text("Ingen forbindelse")
    nothing_is_wrong(phone.page, "no connection")


FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const drawn = (style) => outlined(style) || style.boxShadow !== "none";
  const label = at.labels && at.labels[0];
  const shown = drawn(getComputedStyle(at)) || (label && drawn(getComputedStyle(label, "::before")));
  const box = at.getBoundingClientRect();
  const target = ["radio", "checkbox"].includes(at.type) && label ? label.getBoundingClientRect() : box;
  const all = [...document.querySelectorAll("*")];
  return { name: at.getAttribute("name") || at.textContent.trim(), value: at.value || "", kind: at.type || at.tagName,
           place: all.indexOf(at), shown,
           inView: target.bottom > 0 && target.top < innerHeight && target.right > 0 && target.left < innerWidth };
}"""


class Keyboard:
    """Somebody without a mouse: Tab until the thing is reached, and each stop on the way is looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    def to(self, name: str, value: str = "") -> None:
        before = -1
        for _ in range(60):
            self.page.keyboard.press("Tab")
            at = self.page.evaluate(FOCUS)
            if at is None:  # past the end of the page: from the top again
                before = -1
                continue
            self.stops += 1
            assert at["shown"], f"the focus cannot be seen on {at}"
            assert at["inView"], f"the focus is out of sight on {at}"
            assert at["place"] > before, f"the order jumps back at {at}"
            before = at["place"]
            if name in at["name"] and value in at["value"]:
                return
        raise AssertionError(f"Tab does not reach “{name}”")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["320", "1280"])
def test_from_the_tasks_to_the_receipt_by_keyboard_alone(
    viewport: dict[str, int], enter: Callable[..., Visit]
) -> None:
    visit = enter(viewport=viewport)
    page = visit.go("/borger/")
    keys = Keyboard(page)
    keys.press("Tab")
    expect(page.get_by_role("link", name="Gå til indholdet")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    keys.to("Fortsæt")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/side/1/$"))
    # Nothing answered: the summary has the focus, and its link leads to the question.
    keys.to("go", "next")
    keys.press("Enter")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    keys.to("Har du smerter?")
    keys.press("Enter")
    expect(page.locator("input[name='a:pain']").first).to_be_focused()
    keys.press("Space")
    expect(page.locator("input[name='a:where']").first).to_be_visible()
    expect(page.locator("input[name='a:pain']").first).to_be_focused()
    expect(page.locator("#questions-news")).to_have_text("Der er kommet 2 spørgsmål mere.")
    keys.to("a:where")
    keys.press("ArrowDown")
    expect(page.locator("input[name='a:where'][value=hip], input[name='a:where']").nth(1)).to_be_checked()
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    line = page.get_by_role("slider", name=re.compile("Hvor stærke er de"))
    for _ in range(5):
        keys.press("Tab")
        if line.evaluate("(line) => line === document.activeElement"):
            break
    expect(line).to_be_focused()
    assert line.get_attribute("aria-valuetext") == "Ikke besvaret"
    keys.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", "6")
    expect(page.locator("input[name='a:line']")).to_have_value("6")
    keys.to("go", "next")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/side/2/$"))
    for name, typed in (("d:since", "31"), ("m:since", "12"), ("y:since", "2025")):
        keys.to(name)
        page.keyboard.type(typed)
    keys.to("a:note")
    page.keyboard.type("Det går")
    keys.to("go", "next")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/opsummering/$"))
    keys.to("Send svar")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Tak for dine svar")).to_be_visible()
    assert keys.stops > 20


def test_nothing_holds_the_focus(enter: Callable[..., Visit]) -> None:
    """From the first to the last stop and out of the page, and back again."""
    page = enter().go("side/1/")
    stops: dict[str, set[Any]] = {}
    for key in ("Tab", "Shift+Tab"):
        stops[key] = set()
        for _ in range(80):
            page.keyboard.press(key)
            at = page.evaluate(FOCUS)
            if at is None:
                break
            stops[key].add(at["place"])
        assert at is None, f"{key} never leaves the page"
    assert stops["Tab"] == stops["Shift+Tab"]
    assert len(stops["Tab"]) > 10


def test_names_roles_and_values(enter: Callable[..., Visit]) -> None:
    visit = enter()
    page = visit.go("side/1/")
    visit.answer("Har du smerter?", "Ja")
    said = page.locator("#answers").aria_snapshot()
    for words in (
        'group "Har du smerter?"',
        'radio "Ja" [checked]',
        'group "Hvor gør det ondt? (frivilligt)"',
        'radio "Ryg"',
        'slider "Hvor stærke er de? (frivilligt)"',
        'spinbutton "Dit svar fra 0 til 10"',
        'group "Spørgsmålenes sprog"',
        'button "العربية"',
        'button "Næste"',
    ):
        assert words in said, said
    assert page.locator("#questions-news").get_attribute("role") == "status"
    assert page.locator("[data-saved-state]").evaluate(
        "(state) => Boolean(state.closest('[role=status], [aria-live=polite]') || state.querySelector('[role=status]'))"
    )
    for landmark in ("banner", "main", "contentinfo", "navigation"):
        expect(page.get_by_role(landmark).first).to_be_visible()
    assert page.locator("h1").count() == 1
    visit.next()
    page.locator("input[name='d:since']").fill("i går måske")
    visit.next()
    # What is no date at all stands in one field, as it was typed.
    field = page.locator("input[name='a:since']")
    assert field.get_attribute("aria-invalid") == "true"
    described = (field.get_attribute("aria-describedby") or "").split()
    assert "Fejl:" in "".join(page.locator(f"#{each}").inner_text() for each in described)
    assert page.title().startswith("Fejl:")


def test_reduced_motion(enter: Callable[..., Visit]) -> None:
    page = enter(reduced_motion="reduce").go("side/1/")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          return [style.transitionDuration, style.animationDuration].some((all) =>
            all.split(",").some((one) => parseFloat(one) > 0.001));
        }).length"""
    )
    assert moving == 0


def test_forced_colours(enter: Callable[..., Visit]) -> None:
    """What is chosen, wrong or in focus is told by more than a background that is taken away."""
    visit = enter(forced_colors="active")
    page = visit.go("side/1/")
    visit.answer("Har du smerter?", "Ja")
    rows = page.locator("[data-question]").first.locator(".option-list > div")
    widths = [row.evaluate("(row) => getComputedStyle(row).borderTopWidth") for row in rows.all()]
    assert widths[0] != widths[1]
    assert page.locator("html").evaluate("() => matchMedia('(forced-colors: active)').matches")
    button = page.get_by_role("button", name="Næste", exact=True)
    button.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["shown"]
    nothing_is_wrong(page, "forced colours")


ROOT_SIZES = {
    "twice the text at 1280": (DESKTOP, 125),
    "twice the text at 390": ({"width": 390, "height": 844}, 125),
}


@pytest.mark.parametrize(("viewport", "percent"), ROOT_SIZES.values(), ids=ROOT_SIZES)
def test_text_of_twice_the_size(
    viewport: dict[str, int], percent: int, enter: Callable[..., Visit], screenshots: Any
) -> None:
    visit = enter(viewport=viewport, bypass_csp=True)
    for path in ("/borger/", "", "side/1/", "/borger/svar/"):
        page = visit.go(path)
        page.add_style_tag(content=f"html {{ font-size: {percent}% !important; }}")
        nothing_is_cut(page, path)
        keep(page, screenshots, f"text-200-{viewport['width']}-{path.strip('/').replace('/', '-') or 'task'}")


def test_magnified_to_four_hundred_percent(enter: Callable[..., Visit], screenshots: Any) -> None:
    visit = enter(viewport=MAGNIFIED, device_scale_factor=2)
    for path in ("/", "/borger/", "", "side/1/", "/borger/mine-data/"):
        page = visit.go(path)
        nothing_is_cut(page, path)
        keep(page, screenshots, f"zoom-400-{path.strip('/').replace('/', '-') or 'front'}")
    visit.go("side/1/")
    visit.answer("Har du smerter?", "Ja")
    visit.next()
    visit.next()
    expect(page).to_have_url(re.compile("/opsummering/$"))
    nothing_is_cut(page, "summary")
    keep(page, screenshots, "zoom-400-summary")


def nothing_is_cut(page: Page, state: str) -> None:
    """Nothing to scroll sideways, and no words that run out of their box."""
    wide = sideways(page)
    assert wide <= 0, f"{state}: {wide} px to scroll sideways"
    cut = page.evaluate(
        """() => [...document.querySelectorAll("main *, header *, footer *")].filter((element) => {
          const style = getComputedStyle(element);
          const hides = ["hidden", "clip"].includes(style.overflowX) && element.clientWidth > 2;
          return hides && element.checkVisibility() && element.scrollWidth > element.clientWidth + 1;
        }).map((element) => element.outerHTML.slice(0, 90))"""
    )
    assert cut == [], state


MOST = 100_000  # bytes


@pytest.mark.parametrize("path", ["/", "/borger/", "side/1/"])
def test_the_first_page_is_light_and_asks_nobody_else(
    path: str, enter: Callable[..., Visit], capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody comes to this page first of all, with nothing kept: the front page to log in from, tasks, questions.

    What counts is every answer to the browser but fonts, as it is transferred: static files in Brotli, as WhiteNoise
    sends them, and the page itself as it is.
    """
    visit = enter()
    weights: dict[str, int] = {}
    fonts = 0
    elsewhere = []

    def weigh(response: Any) -> None:
        nonlocal fonts
        if not response.url.startswith(visit.root):
            elsewhere.append(response.url)
            return
        body = response.body()
        name = response.url.removeprefix(visit.root)
        if name.endswith((".woff2", ".woff")):
            fonts += len(body)
        elif name.startswith("/static/"):
            weights[name] = len(brotli.compress(body))
        else:
            weights[name] = len(body)

    responses: list[Any] = []
    visit.page.on("response", lambda response: responses.append(response))
    visit.go(path)
    visit.page.wait_for_load_state("networkidle")
    for response in responses:
        weigh(response)
    total = sum(weights.values())
    with capsys.disabled():
        print(f"\n{path}: {total} bytes in {len(weights)} answers, and {fonts} of fonts")  # noqa: T201
    assert elsewhere == []
    assert total < MOST, sorted(weights.items(), key=lambda each: -each[1])


def test_the_footer_leads_to_the_statement(enter: Callable[..., Visit]) -> None:
    page = enter().go("/borger/")
    link = page.get_by_role("contentinfo").get_by_role("link", name="Tilgængelighedserklæring")
    assert link.get_attribute("href") == "/was"
    answer: Any = Client().get("/was")
    assert answer.url == settings.WAS_URL
