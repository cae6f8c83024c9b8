"""The screens: “Mine data” of the citizen, and what staff hold, export, note and decide."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from citizens.models import Citizen
from identity import rate_limits
from identity.actors import CitizenActor, StaffActor
from identity.models import StaffMember
from identity.roles import Role
from outbox.archive import archive_delivered
from outbox.models import Delivery
from plans import services as plans
from privacy import services
from privacy.export import SECTIONS, everything_about
from privacy.models import DataExport, ErasureRequest, LegalHold, RetentionDecision
from questionnaires.models import Response
from tests import factories
from tests.conftest import NURSE_ROLES, staff_actor
from tests.privacy.conftest import MakePast, Past, with_everything
from tests.privacy.test_deletion import of_a_citizen

pytestmark = pytest.mark.django_db

LogIn = Callable[[CitizenActor | StaffActor], Client]


@pytest.fixture
def own(past: MakePast, nurse: StaffMember) -> Past:
    """A citizen of the nurse's municipality with an answer of last year."""
    assert nurse.municipality is not None
    return past(years=1, in_=nurse.municipality)


@pytest.fixture
def own_client(own: Past, client_as: LogIn) -> Client:
    return client_as(CitizenActor(citizen_id=own.citizen.pk, name=own.citizen.name))


@pytest.fixture
def exporter(nurse: StaffMember, client_as: LogIn) -> Client:
    return client_as(staff_actor(nurse, NURSE_ROLES | {Role.REPORT_USER, Role.CARETEAM_ADMINISTRATOR}))


def unpacked(content: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


# --- the export ------------------------------------------------------------------------------------------


def test_the_export_has_everything_and_forgets_no_model(
    own: Past, own_client: Client, nurse: StaffMember
) -> None:
    with_everything(own, nurse)
    answer = own_client.post("/borger/mine-data/hent/")
    files = unpacked(answer.content)
    data = json.loads(files["data.json"])

    [sent] = [response for response in data["responses"] if response["completed_at"]]
    assert sent["scores"] == [{"name": "Sum", "value": "60", "minimum": "0", "maximum": None, "unit": ""}]
    [file] = sent["files"]
    assert (file["name"], file["content_type"]) == ("Sår.jpg", "image/jpeg")
    assert file["file"] in files
    assert file["file"] in files["laes-mig.html"]

    shown = {model._meta.label for section in SECTIONS.values() for model in section.models}
    assert {model._meta.label for model in of_a_citizen()} - shown <= {
        "plans.Plan",  # what KAM published; its line is the id of its first version
        "questionnaires.QuestionnaireVersion",  # its revision names a document, nobody's
        "outbox.Intervention",  # its id is an employee's
        "identity.AccessReview",  # the municipality's own control, not about the citizen
        "fut.FutDefinition",  # where FUT keeps forms and plans
        "followup.Following",  # an employee's own list
        "fut.FutLook",  # when the workers last asked FUT; what they found is in the file
    }
    assert [name for name in SECTIONS if not data[name]] == []
    for section in SECTIONS.values():
        for model in section.models:
            for row in model._base_manager.all():
                assert (
                    model._meta.pk.get_internal_type() != "UUIDField"
                    or str(row.pk) in files["data.json"]
                    or (model in {LegalHold, ErasureRequest, DataExport})
                ), f"{model._meta.label} is not in the export"


def test_what_was_told_others_stays_in_the_export_when_it_is_archived(own: Past, nurse: StaffMember) -> None:
    with_everything(own, nurse)
    now = timezone.now()

    def told() -> list[list[Any]]:
        return [
            everything_about(own.citizen, municipality=whose, at=now)["told_others"]
            for whose in (None, own.municipality, factories.MunicipalityFactory())
        ]

    Delivery.objects.update(state="delivered", ended_at=now - timedelta(days=60))
    before = told()
    assert archive_delivered(at=now).deliveries == 6
    assert not Delivery.objects.exists()
    assert told() == before
    assert [len(each) for each in before] == [8, 8, 0]


def test_the_citizen_gets_a_fresh_file_with_their_own_number_and_no_number_in_its_name(
    own: Past, own_client: Client
) -> None:
    answer = own_client.post("/borger/mine-data/hent/")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="mine-data-{timezone.now():%Y-%m-%d}.zip"'
    assert "no-store" in answer["Cache-Control"]
    files = unpacked(answer.content)
    assert json.loads(files["data.json"])["person"][0]["cpr"] == own.citizen.cpr
    assert own.citizen.cpr in files["laes-mig.html"]
    assert "Har du smerter?" in files["laes-mig.html"]
    [fhir] = [text for name, text in files.items() if name.startswith("besvarelser/")]
    read = QuestionnaireResponse.model_validate_json(fhir)
    assert (read.status, str(read.id)) == ("completed", str(own.task.response_id))
    assert own_client.get("/borger/mine-data/hent/").status_code == 405


def test_staff_get_their_municipalitys_part_masked_and_it_is_noted(
    own: Past, exporter: Client, nurse: StaffMember, nurse_client: Client
) -> None:
    factories.assign(own.citizen, by=nurse)
    address = f"/medarbejder/borgere/{own.citizen.pk}/data/hent/"
    answer = exporter.post(address)
    assert (
        answer["Content-Disposition"] == f'attachment; filename="borgers-data-{timezone.now():%Y-%m-%d}.zip"'
    )
    data = json.loads(unpacked(answer.content)["data.json"])
    assert data["person"][0]["cpr"] == own.citizen.masked_cpr
    assert own.citizen.cpr not in json.dumps(data)
    assert len(data["plans"]) == 2
    noted = DataExport.objects.get()
    assert (noted.by, noted.municipality) == (nurse, nurse.municipality)
    assert nurse_client.post(address).status_code == 403


def test_a_draft_is_the_citizens_own(past: MakePast, nurse: StaffMember, exporter: Client) -> None:
    draft = past(years=1, answered=False, in_=nurse.municipality)
    files = unpacked(exporter.post(f"/medarbejder/borgere/{draft.citizen.pk}/data/hent/").content)
    assert "En kladde" not in "".join(files.values())


def test_nobody_exports_or_holds_a_citizen_of_another_municipality(exporter: Client, past: MakePast) -> None:
    foreign = past(years=1).citizen
    for act in ("hent", "bevar", "slet"):
        assert exporter.post(f"/medarbejder/borgere/{foreign.pk}/data/{act}/").status_code == 404
    assert exporter.get(f"/medarbejder/borgere/{foreign.pk}/data/").status_code == 404


def test_a_municipality_has_its_own_course_also_after_the_citizen_moved(
    own: Past, exporter: Client, nurse: StaffMember
) -> None:
    """It can be found by the number, held, handed out and answered; the person stays with the new municipality."""
    Citizen.objects.filter(pk=own.citizen.pk).update(municipality=factories.MunicipalityFactory())
    page = f"/medarbejder/borgere/{own.citizen.pk}/data/"
    found = exporter.post("/medarbejder/borgere/", {"text": own.citizen.cpr})
    assert (found.status_code, found["Location"]) == (303, page)
    text = exporter.get(page).content.decode()
    assert "Borgeren er flyttet" in text
    assert f'href="/medarbejder/borgere/{own.citizen.pk}/"' not in text
    data = json.loads(unpacked(exporter.post(f"{page}hent/").content)["data.json"])
    assert len(data["plans"]) == 1
    assert exporter.post(f"{page}slet/", {"sure": "yes"}).status_code == 302
    assert ErasureRequest.objects.get().outcome == "nothing"
    assert exporter.post(f"{page}bevar/", {"reason": "Klage 18"}).status_code == 302
    hold = LegalHold.objects.get()
    assert exporter.post(f"/medarbejder/bevaring/{hold.pk}/ophaev/").status_code == 302


def test_a_wish_that_the_former_municipality_answers_takes_nobody_from_the_new_one(
    past: MakePast, nurse: StaffMember, exporter: Client
) -> None:
    old = past(years=11, in_=nurse.municipality)
    Citizen.objects.filter(pk=old.citizen.pk).update(municipality=factories.MunicipalityFactory())
    exporter.post(f"/medarbejder/borgere/{old.citizen.pk}/data/slet/", {"sure": "yes"})
    assert ErasureRequest.objects.get().outcome == "all"
    assert Citizen.objects.filter(pk=old.citizen.pk).exists()


def test_the_files_of_one_person_are_counted(
    own: Past, own_client: Client, exporter: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is made whole, in memory, at the moment it is asked for."""
    rate_limits.forget_everything()
    monkeypatch.setitem(rate_limits.RULES, rate_limits.Action.EXPORT, rate_limits.rule("2/hour"))
    of_staff = f"/medarbejder/borgere/{own.citizen.pk}/data/hent/"
    for browser, address in ((own_client, "/borger/mine-data/hent/"), (exporter, of_staff)):
        assert [browser.post(address).status_code for _ in range(3)] == [200, 200, 429]
    rate_limits.forget_everything()


# --- erasure ------------------------------------------------------------------------------------------------


def test_a_citizen_is_told_what_the_law_lets_go_and_what_it_keeps(own: Past, own_client: Client) -> None:
    page = own_client.get("/borger/mine-data/").content.decode()
    assert "autorisationslovens kapitel 6" in page
    draft = factories.open_task(own.citizen)
    plans.begin_task(task=draft, at=timezone.now())
    assert own_client.post("/borger/mine-data/slet/")["Location"].endswith("?sure=no#erase")
    assert Response.objects.count() == 2

    own_client.post("/borger/mine-data/slet/", {"sure": "yes"})
    request = ErasureRequest.objects.get()
    assert (request.outcome, request.counts) == ("part", {"drafts": 1})
    assert Response.objects.get().pk == own.task.response_id
    page = own_client.get("/borger/mine-data/").content.decode()
    assert "Noget er slettet, resten skal gemmes" in page
    assert "hører til din journal" in page


def test_who_has_nothing_in_a_journal_is_forgotten_altogether(client_as: LogIn) -> None:
    citizen = factories.CitizenFactory()
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    answer = client.post("/borger/mine-data/slet/", {"sure": "yes"}, follow=True)
    assert "Alt om dig er slettet" in answer.content.decode()
    assert not Citizen.objects.exists()
    assert ErasureRequest.objects.get().citizen is None
    assert client.get("/borger/").status_code == 302  # logged out


def test_what_is_held_in_a_case_stays_whole(own: Past, own_client: Client, nurse: StaffMember) -> None:
    services.hold(
        citizen=own.citizen,
        municipality=own.municipality,
        reason="Klage 7",
        by=nurse,
        at=timezone.now(),
    )
    own_client.post("/borger/mine-data/slet/", {"sure": "yes"})
    assert ErasureRequest.objects.get().outcome == "held"
    assert "Kommunen har en sag" in own_client.get("/borger/mine-data/").content.decode()


def test_staff_note_a_wish_and_the_same_rules_answer(
    own: Past, nurse: StaffMember, nurse_client: Client
) -> None:
    nurse_client.post(f"/medarbejder/borgere/{own.citizen.pk}/data/slet/")
    assert not ErasureRequest.objects.exists()  # without the tick it was a slip
    nurse_client.post(f"/medarbejder/borgere/{own.citizen.pk}/data/slet/", {"sure": "yes"})
    request = ErasureRequest.objects.get()
    assert (request.noted_by, request.outcome) == (nurse, "nothing")
    page = nurse_client.get(f"/medarbejder/borgere/{own.citizen.pk}/data/").content.decode()
    assert "Alt skal gemmes" in page


# --- holds and retention --------------------------------------------------------------------------------------


def test_a_hold_is_set_seen_on_the_citizens_page_and_lifted(
    own: Past, nurse: StaffMember, nurse_client: Client
) -> None:
    page = f"/medarbejder/borgere/{own.citizen.pk}/"
    assert "bevares i en sag" not in nurse_client.get(page).content.decode()
    refused = nurse_client.post(f"{page}data/bevar/", {"reason": " "})
    assert refused.status_code == 422
    assert "Skriv, hvorfor oplysningerne skal bevares" in refused.content.decode()
    nurse_client.post(f"{page}data/bevar/", {"reason": "Klagesag 26/117"})
    assert "bevares i en sag" in nurse_client.get(page).content.decode()
    assert "Klagesag 26/117" in nurse_client.get(f"{page}data/").content.decode()
    hold = LegalHold.objects.get()
    nurse_client.post(f"/medarbejder/bevaring/{hold.pk}/ophaev/")
    hold.refresh_from_db()
    assert hold.lifted_by == nurse


def test_a_hold_needs_the_right_to_it(own: Past, nurse: StaffMember, client_as: LogIn) -> None:
    viewer = client_as(staff_actor(nurse, frozenset({Role.CLINICAL_VIEWER})))
    assert (
        viewer.post(f"/medarbejder/borgere/{own.citizen.pk}/data/bevar/", {"reason": "x"}).status_code == 403
    )
    assert (
        "Bevar oplysningerne</"
        not in viewer.get(f"/medarbejder/borgere/{own.citizen.pk}/data/").content.decode()
    )


def test_a_municipality_decides_how_long_within_the_law(nurse: StaffMember, exporter: Client) -> None:
    refused = exporter.post("/medarbejder/opbevaring/", {"years": "6"})
    assert refused.status_code == 422
    assert "Under ti år er kun lovligt" in refused.content.decode()
    assert exporter.post("/medarbejder/opbevaring/", {"years": "4"}).status_code == 422
    six = {"years": "6", "only_five_year_professions": "on"}
    assert exporter.post("/medarbejder/opbevaring/", six).status_code == 200
    assert not RetentionDecision.objects.exists()
    exporter.post("/medarbejder/opbevaring/", {**six, "confirm": "1"})
    made = RetentionDecision.objects.get()
    assert (made.years_before, made.years, made.municipality, made.decided_by) == (
        10,
        6,
        nurse.municipality,
        nurse,
    )


def test_a_shorter_time_is_looked_at_confirmed_and_taken_back(
    past: MakePast, nurse: StaffMember, exporter: Client
) -> None:
    past(years=7, in_=nurse.municipality)
    page = "/medarbejder/opbevaring/"
    six = {"years": "6", "only_five_year_professions": "on"}
    shown = exporter.post(page, six).content.decode()
    assert "Så slettes 1 forløb" in shown
    assert "for 1 borger" in shown
    exporter.post(page, {**six, "confirm": "1"})
    waiting = exporter.get(page).content.decode()
    assert "Fra 10 til 6 år" in waiting
    assert nurse.name in waiting
    assert "Fortryd" in waiting
    exporter.post(page, {"take_back": "1"})
    after = exporter.get(page).content.decode()
    assert "Fortryd" not in after
    assert RetentionDecision.objects.count() == 2


def test_the_page_shows_what_would_go_and_what_went(
    past: MakePast, nurse: StaffMember, exporter: Client
) -> None:
    assert nurse.municipality is not None
    past(years=11, in_=nurse.municipality)
    assert "1 forløb slettes" in exporter.get("/medarbejder/opbevaring/").content.decode()
    services.delete_what_is_over(municipality=nurse.municipality, at=timezone.now())
    page = exporter.get("/medarbejder/opbevaring/").content.decode()
    assert "Der er intet at slette" in page
    assert "Opbevaringstiden er gået" in page
    assert "Forløb: 1" in page
