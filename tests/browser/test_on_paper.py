"""Staff's pages printed as they stand, and on a tablet: no empty fields and buttons on paper, no word broken off."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import StaffActor
from identity.models import StaffMember
from tests import factories
from tests.browser.looking import sideways
from tests.conftest import staff_actor
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db(transaction=True)

TABLET: ViewportSize = {"width": 1024, "height": 768}
# A box to tick is of use on paper, too.
TO_CLICK_OR_FILL_IN = "button, .button, select, textarea, input:not([type=checkbox])"


@pytest.fixture
def nurse() -> StaffMember:
    made: StaffMember = factories.StaffMemberFactory(name="Mette Kjærgaard")
    return made


@pytest.fixture
def citizen(nurse: StaffMember) -> Citizen:
    """With a plan of which one is answered, one is overdue and some are to come."""
    made: Citizen = factories.CitizenFactory(
        municipality=nurse.municipality, given_name="Kirsten Marie", family_name="Holm"
    )
    plan = factories.PlanFactory(title="Trivsel hver uge", weekly=4)
    begun = timezone.now() - timedelta(days=15)
    first = factories.assign(made, plan=plan, by=nurse, at=begun).tasks.earliest("opens_at")
    answer(first, at=begun + timedelta(days=1))
    return made


@pytest.fixture
def page(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client], nurse: StaffMember
) -> Iterator[Page]:
    key = client_as(staff_actor(nurse)).cookies[settings.SESSION_COOKIE_NAME].value
    context = chrome.new_context(viewport=TABLET, locale="da-DK", base_url=live_server.url)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_paper_holds_what_is_known_and_nothing_to_click(page: Page, citizen: Citizen) -> None:
    care_plan = citizen.care_plans.get()
    response = care_plan.tasks.exclude(response=None).get().response_id
    page.emulate_media(media="print")
    for address, shown in (
        ("/medarbejder/?fane=nye", "Kirsten Marie Holm"),
        (reverse("staff:unanswered"), "Kirsten Marie Holm"),
        (reverse("staff:citizen", args=[citizen.pk]), "Tidslinje"),
        (reverse("staff:care_plan", args=[care_plan.pk]), "Hvad der er sket med planen"),
        (reverse("staff:response", args=[response]), "Alle svar"),
    ):
        page.goto(address)
        expect(page.get_by_text(shown).first).to_be_visible()
        left = page.locator(TO_CLICK_OR_FILL_IN).locator("visible=true")
        assert left.count() == 0, (address, left.all_inner_texts())
        assert page.get_by_role("heading", name="Stop planen").locator("visible=true").count() == 0


def test_a_buttons_words_stay_in_one_line_on_a_tablet(page: Page, citizen: Citizen) -> None:
    page.goto(reverse("staff:unanswered"))
    button = page.get_by_role("button", name="Send påmindelse til Kirsten").first
    assert (box := button.bounding_box()) is not None
    assert box["height"] < 60
    assert sideways(page) <= 0
