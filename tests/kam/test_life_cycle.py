"""Review, decision support, national and local on their pages, by the people who do it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Role
from municipalities.models import Municipality
from questionnaires import decision_support
from questionnaires.drafting import change_draft
from questionnaires.importing import import_questionnaire
from questionnaires.library import find_words
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion
from tests import factories
from tests.conftest import staff_actor
from tests.questionnaires.test_life_cycle import broken, with_colours

pytestmark = pytest.mark.django_db

Enter = Callable[..., tuple[Client, StaffMember]]

EDITOR, PUBLISHER = Role.QUESTIONNAIRE_EDITOR, Role.CLINICAL_ADMINISTRATOR


@pytest.fixture
def enter(client_as: Callable[[StaffActor], Client]) -> Enter:
    """Somebody with these roles, national or of a municipality, in a browser of their own."""

    def log_in(*roles: Role, municipality: Municipality | None = None) -> tuple[Client, StaffMember]:
        member = factories.StaffMemberFactory(municipality=municipality)
        return client_as(staff_actor(member, frozenset(roles))), member

    return log_in


def draft(
    made: dict[str, Any] | None = None, *, owner: Municipality | None = None, by: StaffMember | None = None
) -> QuestionnaireVersion:
    content = json.dumps(made or factories.questionnaire_source()).encode()
    return import_questionnaire(content=content, owner=owner, by=by).version


def page(client: Client, version: QuestionnaireVersion) -> str:
    shown = client.get(reverse("kam:questionnaire", args=[version.pk]))
    assert shown.status_code == 200
    return shown.content.decode()


def press(client: Client, version: QuestionnaireVersion, step: str, **more: str) -> str:
    """Press the button of a form on the version's page, with all that it holds; what is shown then."""
    address = reverse(f"kam:{step}", args=[version.pk])
    text = page(client, version)
    found = re.search(rf'<form[^>]*action="{address}">(.*?)</form>', text, re.DOTALL)
    assert found, f"The page offers no {step}."
    fields = dict(re.findall(r'name="(seen|fingerprint)" value="(\w+)"', found[1]))
    return client.post(address, {**fields, **more}, follow=True).content.decode()


def offered(client: Client, version: QuestionnaireVersion) -> set[str]:
    """The steps whose forms are on the page."""
    text = page(client, version)
    steps = ("send_to_review", "take_back", "send_back", "approve", "publish", "withdraw", "copy", "share")
    return {step for step in steps if f'action="{reverse(f"kam:{step}", args=[version.pk])}"' in text}


def test_from_review_to_active_by_two(enter: Enter) -> None:
    (editor, writes), (publisher, _) = enter(EDITOR), enter(PUBLISHER)
    version = draft(by=writes)
    assert offered(editor, version) == {"send_to_review"}
    assert offered(publisher, version) == {"publish"}  # by somebody else than who wrote it

    assert "Sendt til gennemsyn" in press(editor, version, "send_to_review")
    assert offered(editor, version) == {"take_back"}
    assert offered(publisher, version) == {"approve", "publish", "send_back"}

    text = press(publisher, version, "send_back", comment="Ret nr. 2")
    assert "Ret nr. 2" in text
    press(editor, version, "send_to_review")
    press(publisher, version, "approve")
    assert "er udgivet som version 1" in press(publisher, version, "publish")
    version.refresh_from_db()
    assert version.status == PublicationStatus.ACTIVE
    assert "Godkendt" in page(editor, version)


def test_sending_back_without_a_word_is_refused_on_the_page(enter: Enter) -> None:
    editor, _ = enter(EDITOR)
    publisher, _ = enter(PUBLISHER)
    version = draft()
    press(editor, version, "send_to_review")
    assert "Skriv, hvad der skal ændres" in press(publisher, version, "send_back", comment="")


def test_in_review_no_page_changes_it(enter: Enter) -> None:
    editor, _ = enter(EDITOR)
    version = draft()
    press(editor, version, "send_to_review")
    version.refresh_from_db()
    refused = editor.post(
        reverse("kam:paging", args=[version.pk]), {"paging": "whole", "seen": version.fingerprint}
    )
    assert refused.status_code == 409
    assert "til gennemsyn" in refused.content.decode()


@pytest.mark.parametrize("step", ["publish", "send_to_review", "approve"])
def test_no_page_lets_an_error_through(enter: Enter, step: str) -> None:
    both, _ = enter(EDITOR, PUBLISHER)
    version = draft()
    if step == "approve":
        QuestionnaireVersion.objects.filter(pk=version.pk).update(source=broken(version).source)
        QuestionnaireVersion.objects.filter(pk=version.pk).update(status=PublicationStatus.IN_REVIEW)
        version.refresh_from_db()
    else:
        version = broken(version)
    seen = {"seen": version.fingerprint, "fingerprint": version.fingerprint}
    both.post(reverse(f"kam:{step}", args=[version.pk]), seen)
    before = version.status
    version.refresh_from_db()
    assert version.status == before
    assert version.approved_by is None


def test_decision_support_takes_a_purpose_and_two_people(enter: Enter) -> None:
    (editor, writes), (first, _), (second, _) = enter(EDITOR), enter(PUBLISHER), enter(PUBLISHER)
    version = draft(with_colours(), by=writes)
    assert "Farver og grænser er slået fra" in page(first, version)

    address = reverse("kam:decision_support", args=[version.pk])
    shown = first.get(address).content.decode()
    assert "Rød, når svaret er mindst 5." in shown
    assert "Borgeren får at vide: »Ring til os«, når tallet er fra 5 til 7." in shown
    assert "Skriv, hvad farverne skal bruges til." in first.post(address, {}).content.decode()
    first.post(address, {"intended_purpose": "Til at ringe efter.", "algorithm_version": "1.0"})

    assert offered(second, version) == set()
    press(editor, version, "send_to_review")
    assert offered(second, version) == {"approve", "send_back"}
    press(first, version, "approve")
    assert offered(first, version) == {"send_back"}
    assert "skal en anden udgive det" in page(first, version)
    text = press(second, version, "publish")
    assert "Vises for personalet." in text
    assert "Til at ringe efter." in text

    first.post(address, {"act": "off", "comment": "Forkert grænse"})
    assert "Farver og grænser er slået fra" in page(first, version)


def test_permission_for_an_instrument_is_confirmed(enter: Enter) -> None:
    both, _ = enter(EDITOR, PUBLISHER)
    version = draft()
    facts = {"area": "pain", "source": "EuroQol", "licence": "Efter aftale", "permission_needed": "on"}
    both.post(reverse("kam:facts", args=[version.pk]), facts)
    text = page(both, version)
    for word in ("Smerter", "EuroQol", "Efter aftale", "Må kun bruges med tilladelse"):
        assert word in text
    assert "Bekræft, at I har den" in press(both, version, "publish")
    text = press(both, version, "publish", permission="on")
    assert "Tilladelse til instrumentet bekræftet" in text


def test_out_of_use_says_why_and_is_told_where_plans_use_it(enter: Enter) -> None:
    publisher, _ = enter(PUBLISHER)
    plan = factories.PlanFactory(title="Ugentlig")
    version = plan.activities.get().version
    assert "Skriv, hvorfor" in press(publisher, version, "withdraw", comment="")
    assert "Taget ud af brug" in press(publisher, version, "withdraw", comment="Fejl i nr. 3")
    assert (
        "Et spørgeskema er taget ud af brug"
        in publisher.get(reverse("kam:plan", args=[plan.pk])).content.decode()
    )
    assert "(taget ud af brug)" in publisher.get(reverse("kam:plans")).content.decode()


# --- national and local ----------------------------------------------------------------------------


def test_a_copy_hears_of_the_nationals_next_version(enter: Enter) -> None:
    here = factories.MunicipalityFactory()
    local, _ = enter(EDITOR, PUBLISHER, municipality=here)
    national, _ = enter(EDITOR, PUBLISHER)
    first = draft(factories.questionnaire_source(title="Smerter"))
    press(national, first, "publish")

    text = press(local, first, "copy")
    copy = QuestionnaireVersion.objects.get(questionnaire__owner=here)
    assert "Kopieret fra" in text
    assert copy.questionnaire.copied_from == first
    assert copy.questionnaire.url != first.questionnaire.url
    assert copy.source["derivedFrom"] == [first.canonical]
    press(local, copy, "publish")
    assert "Den nationale har fået" not in page(local, copy)

    second = draft(factories.questionnaire_source(title="Smerter i ryggen"))
    press(national, second, "publish")

    text = page(local, copy)
    assert "Den nationale har fået version 2" in text
    assert "Den nationale har fået version 2" in local.get(reverse("kam:questionnaires")).content.decode()
    [link] = re.findall(r'href="([^"]*/forskelle/\?fra=[^"]*)"', text)
    compared = local.get(link).content.decode()
    assert "Titlen er ændret fra »Smerter« til »Smerter i ryggen«." in compared

    text = press(local, copy, "bring_up_to_date")
    renewed = QuestionnaireVersion.objects.get(questionnaire=copy.questionnaire, number=2)
    assert (renewed.title, renewed.is_draft) == ("Smerter i ryggen", True)
    assert "Den nationale har fået" not in text


def test_what_one_municipality_writes_the_other_never_sees(enter: Enter) -> None:
    here, there = factories.MunicipalityFactory(), factories.MunicipalityFactory()
    mine, _ = enter(EDITOR, PUBLISHER, municipality=here)
    other, _ = enter(EDITOR, PUBLISHER, municipality=there)
    version = draft(factories.questionnaire_source(title="Vores hemmelige"), owner=here)
    steps = [
        "questionnaire", "differences", "facts", "decision_support", "send_to_review", "take_back", "send_back",
        "approve", "publish", "withdraw", "copy", "bring_up_to_date", "share",
    ]  # fmt: skip

    def hidden() -> None:
        assert str(version.pk) not in other.get(reverse("kam:questionnaires")).content.decode()
        for step in steps:
            address = reverse(f"kam:{step}", args=[version.pk])
            assert {other.get(address).status_code, other.post(address).status_code} <= {404, 405}, step

    hidden()
    press(mine, version, "send_to_review")
    hidden()
    press(mine, version, "publish")
    hidden()

    press(mine, version, "share", shared="yes")
    assert "Vores hemmelige" in other.get(reverse("kam:questionnaires"), {"whose": "shared"}).content.decode()
    text = page(other, version)
    assert offered(other, version) == {"copy"}
    assert "Historik" not in text
    for step in ("publish", "withdraw", "share", "facts"):
        assert other.post(reverse(f"kam:{step}", args=[version.pk])).status_code == 404, step
    press(other, version, "copy")
    assert Questionnaire.objects.get(owner=there).copied_from == version

    following = draft(factories.questionnaire_source(title="Vores næste"), owner=here)
    assert other.get(reverse("kam:questionnaire", args=[following.pk])).status_code == 404
    press(mine, version, "share", shared="no")
    hidden()


def test_differences_are_against_the_version_before(enter: Enter) -> None:
    both, _ = enter(EDITOR, PUBLISHER)
    first = draft(factories.questionnaire_source(title="Smerter"))
    assert (
        "Det er den første version" in both.get(reverse("kam:differences", args=[first.pk])).content.decode()
    )
    press(both, first, "publish")
    second = draft(factories.questionnaire_source(title="Smerter"))
    assert "Der er ingen forskel" in both.get(reverse("kam:differences", args=[second.pk])).content.decode()
    assert both.get(reverse("kam:differences", args=[second.pk]), {"fra": "x"}).status_code == 404


# --- the library -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"Smerter i knæet", "Søvn", "Pain"}),
        ({"words": "knæ"}, {"Smerter i knæet"}),
        ({"words": "knæet smerte"}, {"Smerter i knæet"}),
        ({"words": "hvil"}, {"Søvn"}),
        ({"words": "hvilede & | ! ( :*"}, {"Søvn"}),
        ({"words": "'; DROP"}, set()),
        ({"words": "&"}, {"Smerter i knæet", "Søvn", "Pain"}),
        ({"area": "pain"}, {"Pain"}),
        ({"language": "en"}, {"Pain"}),
        ({"status": "draft"}, {"Søvn"}),
        ({"status": "active"}, {"Smerter i knæet", "Pain"}),
        ({"whose": "national"}, {"Smerter i knæet", "Søvn", "Pain"}),
        ({"whose": "shared"}, set()),
        ({"whose": "nobody"}, {"Smerter i knæet", "Søvn", "Pain"}),
        ({"words": "knæ", "status": "draft"}, set()),
    ],
)
def test_the_library_is_searched(
    administrator_client: Client, asked: dict[str, str], found: set[str]
) -> None:
    factories.QuestionnaireVersionFactory(title="Smerter i knæet")
    resting = factories.questionnaire_source(title="Søvn")
    resting["item"][0]["item"][0]["text"] = "Hvilede du godt?"
    factories.QuestionnaireVersionFactory(
        title="Søvn", source=resting, status=PublicationStatus.DRAFT, published_at=None
    )
    factories.QuestionnaireVersionFactory(title="Pain", language="en", questionnaire__area="pain")
    text = administrator_client.get(reverse("kam:questionnaires"), asked).content.decode()
    assert {title for title in ("Smerter i knæet", "Søvn", "Pain") if f">{title}</a>" in text} == found


def test_a_draft_is_found_by_the_words_it_has_now(administrator_client: Client) -> None:
    """Its words are no longer written down at each act: a search finds them, until the night writes them down."""

    def found(words: str) -> bool:
        page = administrator_client.get(reverse("kam:questionnaires"), {"words": words})
        return ">Søvn</a>" in page.content.decode()

    def written(text: str) -> None:
        version.refresh_from_db()
        resting = factories.questionnaire_source(title="Søvn")
        resting["item"][0]["item"][0]["text"] = text
        change_draft(version=version, change=lambda _: resting, fingerprint=version.fingerprint)

    version = factories.QuestionnaireVersionFactory(
        title="Søvn", status=PublicationStatus.DRAFT, published_at=None
    )
    written("Hvilede du godt?")
    assert found("hvile")
    assert find_words() == 1
    assert find_words() == 0
    assert found("hvile")
    written("Lå du vågen?")
    assert (found("vågen"), found("hvile")) == (True, False)
    press(administrator_client, version, "publish")
    assert find_words() == 0, "who searches what is published has nothing to find"
    assert (found("vågen"), found("hvile")) == (True, False)


def test_each_questionnaire_is_listed_once_with_its_newest_version(administrator_client: Client) -> None:
    version = factories.QuestionnaireVersionFactory(title="Smerter")
    factories.QuestionnaireVersionFactory(
        questionnaire=version.questionnaire,
        number=2,
        title="Smerter",
        status=PublicationStatus.DRAFT,
        published_at=None,
    )
    text = administrator_client.get(reverse("kam:questionnaires")).content.decode()
    assert text.count(">Smerter</a>") == 1
    assert "Version 1 er aktiv" in text
    assert "1 spørgeskema" in text


def test_the_library_says_how_much_is_used(administrator_client: Client) -> None:
    from questionnaires.tasks import count_use
    from tests.staff.conftest import answer

    plan = factories.PlanFactory()
    task = factories.open_task(plan=plan)
    answer(task, at=timezone.now())
    count_use()
    text = administrator_client.get(reverse("kam:questionnaires")).content.decode()
    numbers = re.findall(r'<td data-title="(?:Planer|Svar det seneste år)" class="number">(\d+)</td>', text)
    assert numbers == ["1", "1"]


def test_what_is_off_does_not_travel_to_the_platform() -> None:
    version = factories.QuestionnaireVersionFactory(source=with_colours())
    assert "extension" not in decision_support.source_in_use(version)["item"][0]["item"][1]
