"""Each act of the staff in two municipalities at once, role by role, and the other, who sees nothing of it in Chromium.

Two employees do the same in their own municipalities. After each act both ask for their lists. In the end each of
them, and a colleague who may only read, sends everything again that the other's browser has sent: pages and acts.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from followup.models import Attention
from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Permission, Role, permissions_of
from municipalities.models import Municipality
from plans import bulk_assigning
from plans.models import BulkAssignment, Plan
from questionnaires.models import Response
from tests import factories
from tests.conftest import staff_actor
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db(transaction=True)

# Who puts citizens in and follows them; who handles their answers; who looks.
ADJUSTER = frozenset({Role.CITIZEN_ENROLLER, Role.MONITORING_ADJUSTER})
ASSISTOR = frozenset({Role.MONITORING_ASSISTOR})
VIEWER = frozenset({Role.CLINICAL_VIEWER})

# What somebody must be allowed to, to do it. Everybody who sees a citizen may ask a colleague.
ACTS = {
    "enrol": Permission.ENROL_CITIZEN,
    "assign": Permission.ASSIGN_PLAN,
    "assign_many": Permission.ASSIGN_PLAN,
    "pause_plan": Permission.ADJUST_PLAN,
    "resume_plan": Permission.ADJUST_PLAN,
    "change_plan": Permission.ADJUST_PLAN,
    "stop_plan": Permission.ADJUST_PLAN,
    "ask_once_more": Permission.ADJUST_PLAN,
    "enter": Permission.ENTER_ANSWERS,
    "enter_page": Permission.ENTER_ANSWERS,
    "enter_save": Permission.ENTER_ANSWERS,
    "enter_summary": Permission.ENTER_ANSWERS,
    "handle": Permission.HANDLE_ANSWERS,
    "remind": Permission.SEND_REMINDER,
    "ask": Permission.SEE_CITIZENS,
}
PAGES = ACTS | {"assigned": Permission.ASSIGN_PLAN}
OF_ADJUSTERS = {name for name, wanted in ACTS.items() if wanted not in permissions_of(ASSISTOR)}

LISTS = (
    *(f"/medarbejder/?fane={tab}" for tab in ("nye", "markerede", "over-fristen", "tavse", "haandterede")),
    *(f"/medarbejder/{part}/" for part in ("borgere", "ubesvarede", "klokke", "opgaver")),
)
A_ROW = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OLD_TOKEN = re.compile(r"csrfmiddlewaretoken=[^&]*&?")
# The page's own request, as an odd browser would send it; what becomes of it after redirects.
SEND = """async ({method, address, body, isHtmx, token}) => {
  const headers = isHtmx ? {"HX-Request": "true"} : {};
  if (method === "POST") {
    headers["X-CSRFToken"] = token;
    headers["Content-Type"] = "application/x-www-form-urlencoded";
  }
  const answer = await fetch(address, {method, headers, body});
  return {status: answer.status, text: await answer.text()};
}"""


@dataclass(frozen=True)
class Sent:
    """What a browser asked of us."""

    method: str
    address: str
    body: str | None
    is_htmx: bool

    @property
    def view(self) -> str:
        return resolve(urlsplit(self.address).path).view_name.removeprefix("staff:")

    @property
    def is_act(self) -> bool:
        return self.method == "POST" and self.view in ACTS


@dataclass
class Desk:
    """An employee at work in a browser; `sent` is what it has asked of us, each once."""

    member: StaffMember
    page: Page
    person: Citizen | None = None
    sent: dict[Sent, None] = field(default_factory=dict)

    @property
    def municipality(self) -> Municipality:
        assert self.member.municipality is not None
        return self.member.municipality

    def note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.path.startswith("/medarbejder/"):
            address = f"{parts.path}?{parts.query}" if parts.query else parts.path
            is_htmx = "hx-request" in request.headers
            self.sent[Sent(request.method, address, request.post_data, is_htmx)] = None

    def go(self, name: str, *ids: object) -> Page:
        self.page.goto(reverse(f"staff:{name}", args=ids))
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def send(self, sent: Sent) -> tuple[int, str]:
        """Send what another browser has sent, with this one's own login and token."""
        token = self.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        what = {
            "method": sent.method,
            "address": sent.address,
            # Else the other's token would be what is refused.
            "body": sent.body and OLD_TOKEN.sub("", sent.body),
            "isHtmx": sent.is_htmx,
            "token": token,
        }
        answered = self.page.evaluate(SEND, what)
        return answered["status"], answered["text"]


@dataclass
class Here:
    """What stands in a municipality before anybody acts."""

    name: str
    cpr: str
    marked: Citizen
    late: Citizen


@pytest.fixture
def plan() -> Plan:
    """A national plan: both municipalities give it."""
    made: Plan = factories.PlanFactory(title="Trivsel hver uge", weekly=3)
    return made


def of_a_municipality(name: str, person: str, cpr: str) -> tuple[Municipality, Here]:
    """With two citizens: one whose answer is marked, and one who has not answered in time."""
    made, now = factories.MunicipalityFactory(name=name), timezone.now()
    factories.StaffMemberFactory(
        municipality=made, name=f"Karla {person.split()[-1]}", last_login_at=now - timedelta(days=1)
    )
    factories.CareTeamFactory(municipality=made, name="Rehabilitering")
    marked, late = (
        factories.CitizenFactory(municipality=made, given_name=given, family_name=person.split()[-1])
        for given in ("Rigmor", "Lauge")
    )
    response = answer(factories.open_task(marked), at=now - timedelta(hours=2))
    Attention.objects.filter(pk=response.pk).update(colour="red")
    factories.overdue_task(late, days=9)
    return made, Here(person, cpr, marked, late)


@pytest.fixture
def enter(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Callable[[Municipality, frozenset[Role]], Desk]]:
    """`enter(municipality, ADJUSTER)`: an employee there, with a colleague, in a browser of their own."""
    contexts: list[BrowserContext] = []

    def come(municipality: Municipality, roles: frozenset[Role]) -> Desk:
        member = factories.StaffMemberFactory(municipality=municipality)
        key = client_as(staff_actor(member, roles)).cookies[settings.SESSION_COOKIE_NAME].value
        context = chrome.new_context(
            viewport={"width": 1280, "height": 900}, locale="da-DK", base_url=live_server.url
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed on {page.url}: {error}"))
        desk = Desk(member, page)
        page.on("request", desk.note)
        return desk

    yield come
    for context in contexts:
        context.close()


# --- the acts, as an employee does them ---------------------------------------------------------------------------


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).strftime("%d-%m-%Y")


def enrols_with_consent_and_team(desk: Desk, here: Here) -> None:
    page = desk.go("enrol")
    given, family = here.name.split()
    page.get_by_label("CPR-nummer").fill(here.cpr)
    page.get_by_label("Fornavn").fill(given)
    page.get_by_label("Efternavn").fill(family)
    page.get_by_label("Team").select_option(label="Rehabilitering")
    page.get_by_label("Mundtligt").check()
    desk.press("Opret borger og forløb")
    expect(page.get_by_text("Borgeren og forløbet er oprettet.")).to_be_visible()
    desk.person = Citizen.objects.get(municipality=desk.municipality, given_name=given)


def assigns_with_a_preview(desk: Desk, here: Here) -> None:
    page = desk.go("assign", the_person(desk).pk)
    page.get_by_label("Trivsel hver uge").check()
    desk.press("Vis opgaver")
    expect(page.get_by_role("heading", name="3 opgaver til borgeren")).to_be_visible()
    desk.press("Tildel planen")
    expect(page.get_by_text("Planen er tildelt.")).to_be_visible()


def reminds(desk: Desk, here: Here) -> None:
    page = desk.go("unanswered")
    row = page.get_by_role("row").filter(has_text=here.late.name)
    row.get_by_role("button", name="Send påmindelse").click()
    expect(row).to_contain_text("Påmindelsen er bestilt.")


def pauses(desk: Desk, here: Here) -> None:
    page = desk.go("care_plan", the_plan(desk))
    page.locator("input[name=pause-reason]").fill("Indlagt")
    desk.press("Sæt på pause")
    expect(page.get_by_text("Planen er på pause. Borgeren bliver ikke spurgt")).to_be_visible()


def resumes(desk: Desk, here: Here) -> None:
    page = desk.go("resume_plan", the_plan(desk))
    page.get_by_label("Genoptag fra").fill(in_days(0))
    desk.press("Vis, hvad der sker")
    desk.press("Genoptag planen")
    expect(page.get_by_text("Planen er genoptaget")).to_be_visible()


def changes(desk: Desk, here: Here) -> None:
    page = desk.go("change_plan", the_plan(desk))
    page.get_by_label("Regnes fra").fill(in_days(3))
    page.get_by_label("Hvorfor?").fill("Ny aftale")
    desk.press("Vis, hvad der sker")
    desk.press("Ændr planen")
    expect(page.get_by_text("Planen er ændret.")).to_be_visible()


def asks_once_more(desk: Desk, here: Here) -> None:
    page = desk.go("care_plan", the_plan(desk))
    page.get_by_label("Dage til at svare").fill("5")
    desk.press("Spørg nu")
    expect(page.get_by_text("Ekstra", exact=True)).to_be_visible()


def writes_in_what_was_answered_on_paper(desk: Desk, here: Here) -> None:
    page = desk.go("care_plan", the_plan(desk))
    page.get_by_role("link", name="Skriv svar ind").last.click()
    page.get_by_label("På papir").check(force=True)
    desk.press("Begynd")
    page.get_by_role("group", name="Har du smerter?").get_by_label("Nej").check(force=True)
    page.get_by_label("Er der andet, du vil fortælle?").fill(f"Hilsen {here.name}")
    page.get_by_label("Er der andet, du vil fortælle?").blur()
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    desk.press("Næste")
    desk.press("Registrér svarene")
    expect(page.get_by_text("Svarene er registreret.")).to_be_visible()
    page.goto(reverse("staff:response", args=[Response.objects.get(citizen=the_person(desk)).pk]))
    expect(page.get_by_text(f"Hilsen {here.name}").first).to_be_visible()


def handles_with_a_note(desk: Desk, here: Here) -> None:
    page = desk.page
    page.goto("/medarbejder/?fane=nye")
    row = page.get_by_role("row").filter(has_text=here.name)
    row.get_by_text("Med en note").click()
    row.get_by_label("Note til kolleger").fill(f"Talt med {here.name}")
    row.get_by_role("button", name="Gem noten, og notér som håndteret").click()
    expect(row).to_contain_text(f"Talt med {here.name}")


def asks_a_colleague(desk: Desk, here: Here) -> None:
    page = desk.go("ask", the_person(desk).pk)
    colleague = f"Karla {here.name.split()[-1]}"
    whom = page.get_by_label("Hvem skal gøre det?")
    assert [one for one in whom.locator("option").all_inner_texts() if one.startswith("Karla")] == [colleague]
    whom.select_option(label=colleague)
    page.get_by_label("Hvad skal der gøres?").fill(f"Ring til {here.name}")
    desk.press("Send til kollegaen")
    expect(page.get_by_text(f"{colleague} er bedt om det.")).to_be_visible()


def gives_many_a_plan(desk: Desk, here: Here) -> None:
    page = desk.go("citizens")
    for person in (here.marked, here.late):
        page.get_by_label(f"Vælg {person.name}").check()
    desk.press("Tildel en plan til de valgte …")
    page.get_by_label("Plan", exact=True).select_option("Trivsel hver uge")
    desk.press("Vis, hvem der får planen")
    expect(page.get_by_role("heading", name="2 borgere får Trivsel hver uge")).to_be_visible()
    desk.press("Tildel planen til 2 borgere")
    page.wait_for_url("**/medarbejder/tildel/*/")
    bulk_assigning.work(BulkAssignment.objects.get(municipality=desk.municipality).pk)
    expect(page.get_by_text("2 borgere har fået planen.")).to_be_visible()


def ends(desk: Desk, here: Here) -> None:
    page = desk.go("care_plan", the_plan(desk))
    page.locator("input[name=stop-reason]").fill("Flytter")
    desk.press("Stop planen")
    expect(page.get_by_text("Planen er stoppet")).to_be_visible()


def the_person(desk: Desk) -> Citizen:
    assert desk.person is not None
    return desk.person


def the_plan(desk: Desk) -> Any:
    return the_person(desk).care_plans.get().pk


# --- and what others see of them ----------------------------------------------------------------------------------


def are_without(desk: Desk, there: Here) -> None:
    """None of the other's citizens stand in any list."""
    for address in LISTS:
        status, text = desk.send(Sent("GET", address, None, is_htmx=False))
        assert status == 200, address
        assert there.name.split()[-1] not in text, address


def looks_through_the_lists(desk: Desk, here: Here, there: Here, *, but_for: str = "tavse") -> None:
    """Their own stand in them, and none of the other's. `but_for`: where nobody is."""
    found = set()
    for address in LISTS:
        desk.page.goto(address)
        assert there.name.split()[-1] not in desk.page.content(), address
        if here.name.split()[-1] in desk.page.locator("main").inner_text():
            found.add(address)
    assert found >= {address for address in LISTS if not re.search(but_for, address)}


def searches_for(desk: Desk, person: Citizen, there: Here) -> None:
    page = desk.go("citizens")
    for written, said in (
        (there.cpr, "Ingen borger i kommunen har det CPR-nummer"),
        (there.name, f"Ingen borger i kommunen hedder »{there.name}«"),
    ):
        page.locator(".staff-search [name=text]").fill(written)
        desk.press("Søg")
        expect(page.get_by_text(said)).to_be_visible()
        assert str(person.pk) not in page.content()


def everything_of(municipality: Municipality) -> str:
    """Each row that an act could change."""
    rows = {}
    for label in ("citizens", "plans", "followup", "questionnaires", "notifications"):
        for model in apps.get_app_config(label).get_models():
            if any(one.name == "municipality" for one in model._meta.get_fields()):
                found = model._default_manager.filter(municipality=municipality).order_by("pk")
                rows[model._meta.label] = list(found.values())
    return json.dumps(rows, default=str, indent=1)


def sends_what_the_other_sent(desk: Desk, roles: frozenset[Role], other: Desk, there: Here) -> set[str]:
    """Nothing is there, and nothing changes; gives the acts that were tried."""
    desk.page.goto("/medarbejder/")
    before = everything_of(other.municipality)
    tried = set()
    for sent in list(other.sent):
        if sent.address in LISTS or (sent.view == "citizens" and sent.method == "POST"):
            continue  # seen in a browser's own steps
        # What one has typed oneself comes back on the page that says what is wrong.
        for word in there.name.split():
            body = sent.body and sent.body.replace(quote(word), "Nogen")
            sent = Sent(sent.method, sent.address, body, sent.is_htmx)
        status, text = desk.send(sent)
        assert status < 500, sent
        if A_ROW.search(urlsplit(sent.address).path):
            is_allowed = PAGES.get(sent.view, Permission.SEE_CITIZENS) in permissions_of(roles)
            assert status == (404 if is_allowed else 403), (status, sent)
        for hidden in (
            *there.name.split(),
            str(the_person(other).pk),
            str(there.marked.pk),
            str(there.late.pk),
        ):
            assert hidden not in text or hidden in f"{sent.address} {sent.body}", (hidden, sent)
        if sent.is_act:
            tried.add(sent.view)
    assert everything_of(other.municipality) == before
    return tried


def is_refused(desk: Desk, roles: frozenset[Role], colleague: Desk) -> set[str]:
    """Acts of a colleague that these roles do not give are refused, and nothing comes of them."""
    desk.page.goto("/medarbejder/")
    before = everything_of(desk.municipality)
    refused = set()
    for sent in colleague.sent:
        if sent.is_act and ACTS[sent.view] not in permissions_of(roles):
            status, text = desk.send(sent)
            assert status == 403, sent
            # The role says so, and not a missing token.
            assert str(ACTS[sent.view].label) in text
            refused.add(sent.view)
    assert everything_of(desk.municipality) == before
    return refused


def both_do(acts: Sequence[Callable[[Desk, Here], None]], desks: list[Desk], places: list[Here]) -> None:
    """Act by act, in both municipalities."""
    for act in acts:
        for desk, here in zip(desks, places, strict=True):
            act(desk, here)
        for desk, there in zip(desks, reversed(places), strict=True):
            are_without(desk, there)
    for desk, here, there in zip(desks, places, reversed(places), strict=True):
        # What is sent from here on is no work of theirs.
        desk.page.remove_listener("request", desk.note)
        looks_through_the_lists(desk, here, there)


def two_towns() -> tuple[list[Municipality], list[Here]]:
    made = [
        of_a_municipality("Vestby", "Aase Vestergaard", "620155-4321"),
        of_a_municipality("Østby", "Birte Oesterbro", "620256-4327"),
    ]
    return [town for town, _here in made], [here for _town, here in made]


def test_what_adjusters_do_stays_in_their_municipality(
    plan: Plan, enter: Callable[[Municipality, frozenset[Role]], Desk]
) -> None:
    towns, places = two_towns()
    desks = [enter(town, ADJUSTER) for town in towns]
    acts = [
        enrols_with_consent_and_team,
        assigns_with_a_preview,
        pauses,
        resumes,
        writes_in_what_was_answered_on_paper,
        handles_with_a_note,
        asks_once_more,
        asks_a_colleague,
        reminds,
        changes,
        gives_many_a_plan,
        ends,
    ]
    both_do(acts, desks, places)

    for desk, other, there in zip(desks, reversed(desks), reversed(places), strict=True):
        searches_for(desk, the_person(other), there)
        assert sends_what_the_other_sent(desk, ADJUSTER, other, there) == set(ACTS)

    # Neither who may only read, nor who handles answers, does what their roles do not give, there or here.
    for roles, refused in ((VIEWER, set(ACTS) - {"ask"}), (ASSISTOR, OF_ADJUSTERS)):
        colleague = enter(towns[0], roles)
        assert is_refused(colleague, roles, desks[0]) == refused
        # A list of tasks is for whom they are.
        looks_through_the_lists(colleague, places[0], places[1], but_for="tavse|opgaver")
        searches_for(colleague, the_person(desks[1]), places[1])
        sends_what_the_other_sent(colleague, roles, desks[1], places[1])
        for address in (("citizen", the_person(desks[0]).pk), ("care_plan", the_plan(desks[0]))):
            page = colleague.go(*address)
            expect(page.get_by_role("link", name="Tildel en plan")).to_have_count(0)
            expect(page.get_by_role("button", name="Stop planen")).to_have_count(0)


def test_what_assistors_do_stays_in_their_municipality(
    plan: Plan, enter: Callable[[Municipality, frozenset[Role]], Desk]
) -> None:
    towns, places = two_towns()
    desks = [enter(town, ASSISTOR) for town in towns]
    for desk, here in zip(desks, places, strict=True):
        given, family = here.name.split()
        desk.person = factories.CitizenFactory(
            municipality=desk.municipality,
            given_name=given,
            family_name=family,
            cpr_number=here.cpr.replace("-", ""),
        )
        factories.assign(desk.person, plan=plan)
    acts = [writes_in_what_was_answered_on_paper, handles_with_a_note, asks_a_colleague, reminds]
    both_do(acts, desks, places)

    for desk, other, there in zip(desks, reversed(desks), reversed(places), strict=True):
        searches_for(desk, the_person(other), there)
        assert sends_what_the_other_sent(desk, ASSISTOR, other, there) == set(ACTS) - OF_ADJUSTERS
