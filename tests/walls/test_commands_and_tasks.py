"""Every management command and every task of ours at work as on a server: outside any scope, with rows to work on.

A command that forgets its scope finds nothing, writes nothing and says that all went well.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
import time_machine
from celery import current_app
from django.apps import apps
from django.conf import LazySettings, settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command, get_commands
from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from citizens.models import Citizen
from followup.models import DeskSettings
from fut.incoming.gateway import HttpIncomingGateway, TeamsThere
from fut.models import FutLook, FutReference, FutRun, FutTeamLook
from fut.tasks import poll, reconcile
from identity.access_log import Use, What, record
from identity.models import AssistedVisit, LoginAttempt
from identity.tasks import end_visits_left_open, forget_old_logins, mend_access_log
from kommunalpro.tasks import clear_sessions
from municipalities.scope import within
from notifications.tasks import send_digests
from outbox.models import ArchivedDelivery, Delivery
from outbox.tasks import archive_delivered, deliver_due
from plans.models import BulkAssignment, CarePlan, Task
from plans.tasks import assign_to_many, end_what_is_over, resume_bulk_assignments
from privacy.tasks import delete_what_is_over
from questionnaires.answer_times import FEWEST_CITIZENS
from questionnaires.drafting import change_draft
from questionnaires.models import (
    AnswerTime,
    ImportBatch,
    PublicationStatus,
    QuestionnaireVersion,
    Response,
    UseCount,
)
from questionnaires.tasks import (
    count_use,
    find_words_of_drafts,
    forget_imports,
    measure_answer_times,
    read_import,
    resume_imports,
    store_import,
)
from tests import factories
from tests.conftest import copenhagen, staff_actor
from tests.engine.small_forms import answered, choice, coded, form, response
from tests.identity.test_access_months import months_after, months_there
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

# Makes rows; what it returns does the work, outside any scope, and what that returns looks whether it was done.
Look = Callable[[], bool]
Work = Callable[[], Look]


def said_by(command: str, *arguments: object) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def ours(module: str) -> bool:
    return module.partition(".")[0] in {
        each.name for each in apps.get_app_configs() if Path(each.path).parent == settings.BASE_DIR
    }


# --- commands -------------------------------------------------------------------------------------------


def export(_: Path, __: LazySettings) -> Work:
    citizen = factories.CitizenFactory()
    by = staff_actor(factories.StaffMemberFactory(municipality=citizen.municipality))
    record(use=Use(What.CITIZEN), of=[citizen.pk], by=by, at=copenhagen("2026-11-20 09:00"))

    def work() -> Look:
        said = said_by(
            "access_log", "export", "--municipality", citizen.municipality.code,
            "--from", "2026-11-20", "--to", "2026-11-20",
        )  # fmt: skip
        return lambda: citizen.cpr in said and "1 uses written" in said

    return work


def entry_without_a_month() -> str:
    by = staff_actor(factories.StaffMemberFactory())
    record(
        use=Use(What.CITIZEN), of=[factories.CitizenFactory().pk], by=by, at=copenhagen("2031-05-05 09:00")
    )
    return "2031_05"


def months(_: Path, __: LazySettings) -> Work:
    month = entry_without_a_month()

    def work() -> Look:
        said = said_by("access_log", "months")
        return lambda: month in said and month in months_there()

    return work


def rotate(_: Path, changed: LazySettings) -> Work:
    number = factories.CitizenFactory().cpr
    changed.CPR_FORMER_HASH_KEYS = (changed.CPR_HASH_KEY,)
    changed.CPR_HASH_KEY = bytes([7]) * 32

    def work() -> Look:
        said = said_by("rotate_cpr_keys")

        def look() -> bool:
            changed.CPR_FORMER_HASH_KEYS = ()
            return "1 moved" in said and Citizen.objects.by_cpr(number).exists()

        return look

    return work


def given_up() -> Delivery:
    factories.assign()
    Delivery.objects.filter(channel="fut").update(
        state=Delivery.State.DEAD, ended_at=timezone.now(), last_problem="422: no"
    )
    return Delivery.objects.get(channel="fut")


def status(_: Path, __: LazySettings) -> Work:
    given_up()

    def work() -> Look:
        said = said_by("outbox", "status")
        return lambda: "1 given up" in said and "nemsms: 1 waiting" in said

    return work


def dead(_: Path, __: LazySettings) -> Work:
    given_up()

    def work() -> Look:
        said = said_by("outbox", "dead")
        return lambda: "422: no" in said

    return work


def retry(_: Path, __: LazySettings) -> Work:
    delivery = given_up()

    def work() -> Look:
        said_by("outbox", "retry", delivery.pk)
        return lambda: Delivery.objects.get(pk=delivery.pk).state == Delivery.State.WAITING

    return work


def long_delivered() -> None:
    factories.assign()
    Delivery.objects.update(
        state=Delivery.State.DELIVERED, ended_at=timezone.now() - timedelta(days=60), last_problem=""
    )


def archive(_: Path, __: LazySettings) -> Work:
    long_delivered()

    def work() -> Look:
        said = said_by("outbox", "archive")
        return lambda: "2 deliveries archived, 1 events left" in said and not Delivery.objects.exists()

    return work


def demo(_: Path, __: LazySettings) -> Work:
    def work() -> Look:
        said_by("load_demo_data")
        return lambda: Citizen.objects.count() == 180

    return work


def written(folder: Path, **resources: object) -> None:
    for name, resource in resources.items():
        (folder / f"{name}.json").write_text(json.dumps(resource), "utf-8")


def check_questionnaire(folder: Path, _: LazySettings) -> Work:
    written(folder, form=form(choice("pain", "no", "yes")))

    def work() -> Look:
        said = said_by("check_questionnaire", folder / "form.json")
        return lambda: "i orden" in said

    return work


def check_response(folder: Path, _: LazySettings) -> Work:
    written(folder, form=form(choice("pain", "no", "yes")), given=response(answered("pain", coded("no"))))

    def work() -> Look:
        said = said_by("check_response", f"--questionnaire={folder / 'form.json'}", folder / "given.json")
        return lambda: "i orden" in said

    return work


def evaluate_response(folder: Path, _: LazySettings) -> Work:
    written(folder, form=form(choice("pain", "no", "yes")), given=response(answered("pain", coded("no"))))

    def work() -> Look:
        said = said_by("evaluate_response", f"--questionnaire={folder / 'form.json'}", folder / "given.json")
        return lambda: json.loads(said)["questionnaireResponse"]["status"] == "completed"

    return work


def import_questionnaire(folder: Path, _: LazySettings) -> Work:
    municipality = factories.MunicipalityFactory()
    written(folder, form=form(choice("pain", "no", "yes"), title="Smerter"))

    def work() -> Look:
        said_by("import_questionnaire", f"--municipality={municipality.code}", folder / "form.json")
        return lambda: QuestionnaireVersion.objects.get().questionnaire.owner == municipality

    return work


# --- tasks ----------------------------------------------------------------------------------------------


def mending(_: Path, __: LazySettings) -> Work:
    month = entry_without_a_month()

    def work() -> Look:
        mend_access_log()
        return lambda: month in months_there() and months_after(1) in months_there()

    return work


def forgetting(_: Path, __: LazySettings) -> Work:
    LoginAttempt.objects.create(at=timezone.now() - timedelta(days=91), cvr="91000001", outcome="accepted")

    def work() -> Look:
        forget_old_logins()
        return lambda: not LoginAttempt.objects.exists()

    return work


def closing(_: Path, __: LazySettings) -> Work:
    visit = factories.AssistedVisitFactory()

    def work() -> Look:
        end_visits_left_open()
        return AssistedVisit.objects.filter(pk=visit.pk, ended_why="time-up").exists

    return work


def clearing(_: Path, __: LazySettings) -> Work:
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))

    def work() -> Look:
        clear_sessions()
        return lambda: not Session.objects.exists()

    return work


def delivering(_: Path, __: LazySettings) -> Work:
    factories.assign()

    def work() -> Look:
        deliver_due("fut")
        return lambda: Delivery.objects.get(channel="fut").attempts == 1

    return work


def archiving(_: Path, __: LazySettings) -> Work:
    long_delivered()

    def work() -> Look:
        archive_delivered()
        return lambda: ArchivedDelivery.objects.count() == 2

    return work


def ending(_: Path, __: LazySettings) -> Work:
    task = factories.overdue_task(days=60)

    def work() -> Look:
        end_what_is_over()
        return lambda: Task.objects.get(pk=task.pk).status == "cancelled"

    return work


def deleting(_: Path, __: LazySettings) -> Work:
    citizen = factories.CitizenFactory()
    long_ago = timezone.now() - timedelta(days=15 * 366)
    Citizen.objects.filter(pk=citizen.pk).update(created_at=long_ago)

    def work() -> Look:
        delete_what_is_over()
        return lambda: not Citizen.objects.exists()

    return work


def measuring(_: Path, __: LazySettings) -> Work:
    version = factories.QuestionnaireVersionFactory()
    now = timezone.now()
    for _number in range(FEWEST_CITIZENS):
        citizen = factories.CitizenFactory()
        Response.objects.create(
            citizen=citizen,
            municipality=citizen.municipality,
            version=version,
            status=Response.Status.COMPLETED,
            started_at=now - timedelta(minutes=6),
            saved_at=now,
            completed_at=now,
        )

    def work() -> Look:
        measure_answer_times()
        return lambda: AnswerTime.objects.get().seconds == 360

    return work


def mailing(_: Path, __: LazySettings) -> Work:
    """Somebody who has asked for the day's numbers; on a Sunday the task has nothing to do."""
    member = factories.StaffMemberFactory(last_login_at=copenhagen("2026-11-23 08:00"))
    place = {"staff_member": member, "municipality": member.municipality}
    DeskSettings.objects.create(digest_to="anna@kommune.invalid", **place)

    def work() -> Look:
        with time_machine.travel("2026-11-24 07:00+01:00", tick=False):
            send_digests()
        return lambda: [each.to for each in mail.outbox] == [["anna@kommune.invalid"]]

    return work


def counting(_: Path, __: LazySettings) -> Work:
    """An answer of the last year."""
    answer(factories.open_task(), at=timezone.now())

    def work() -> Look:
        count_use()
        return lambda: UseCount.objects.get().answers == 1

    return work


def finding_words(_: Path, __: LazySettings) -> Work:
    """A draft that somebody has changed."""
    draft = factories.QuestionnaireVersionFactory(status=PublicationStatus.DRAFT, published_at=None)
    change_draft(
        version=draft, change=lambda source: {**source, "title": "Nyt"}, fingerprint=draft.fingerprint
    )

    def work() -> Look:
        find_words_of_drafts()
        words = RawSQL("words", [], TextField())
        rows = QuestionnaireVersion.objects.filter(pk=draft.pk)
        return lambda: "nyt" in (rows.values_list(words, flat=True).get() or "")

    return work


def told(work: Callable[[], object]) -> Work:
    """A plan that the outbox has delivered and FUT has no address for; `work` puts it back."""
    factories.assign()
    Delivery.objects.update(state=Delivery.State.DELIVERED, ended_at=timezone.now())

    def act() -> Look:
        work()
        return Delivery.objects.filter(channel="fut", state=Delivery.State.WAITING).exists

    return act


def comparing(_: Path, __: LazySettings) -> Work:
    return told(lambda: said_by("fut", "reconcile", "--mend"))


def telling_again(_: Path, __: LazySettings) -> Work:
    return told(lambda: said_by("fut", "resend", "--since", "2020-01-01"))


def comparing_at_night(_: Path, __: LazySettings) -> Work:
    return told(reconcile)


def course_of_a_citizen_without_an_address(work: Callable[[], object]) -> Work:
    """FUT knows the course and not the citizen: it gets its turn, and nobody is asked. It has no teams either."""
    episode = factories.assign().episode
    FutReference.objects.create(
        resource_type="EpisodeOfCare",
        local_id=episode.pk,
        citizen=episode.citizen,
        municipality=episode.municipality,
        url="https://fut.invalid/fhir/EpisodeOfCare/1",
    )

    def act() -> Look:
        with patch.object(HttpIncomingGateway, "teams", return_value=TeamsThere("https://fut.invalid/1", [])):
            work()
        return lambda: (
            all(each.objects.exclude(looked_at=None).exists() for each in (FutLook, FutTeamLook))
            and FutRun.objects.exclude(succeeded_at=None).count() == 2
        )

    return act


def polling_once(_: Path, __: LazySettings) -> Work:
    return course_of_a_citizen_without_an_address(lambda: said_by("fut", "poll"))


def polling(_: Path, __: LazySettings) -> Work:
    return course_of_a_citizen_without_an_address(poll)


def upload(state: str) -> ImportBatch:
    """An upload whose worker is gone; it holds one questionnaire, which is chosen where it is being stored."""
    by = factories.StaffMemberFactory()
    now = timezone.now()
    batch = ImportBatch.objects.create(
        owner=by.municipality,
        made_by=by,
        name="x.json",
        content=json.dumps(factories.questionnaire_source()).encode(),
        state=state,
        created_at=now - timedelta(hours=25),
        worked_at=now - timedelta(hours=25),
    )
    if state == ImportBatch.State.STORING:
        batch.files.create(
            owner=by.municipality,
            position=0,
            name="x",
            relation="new",
            source=factories.questionnaire_source(),
            is_chosen=True,
        )
    return batch


def reading_an_upload(_: Path, __: LazySettings) -> Work:
    batch = upload("reading")

    def work() -> Look:
        read_import(str(batch.pk))
        return batch.files.filter(relation="new").exists

    return work


def storing_an_upload(_: Path, __: LazySettings) -> Work:
    batch = upload("storing")

    def work() -> Look:
        store_import(str(batch.pk))
        return lambda: batch.files.get().version is not None

    return work


def resuming_uploads(_: Path, __: LazySettings) -> Work:
    batch = upload("reading")
    before = batch.worked_at

    def work() -> Look:
        resume_imports()
        return lambda: ImportBatch.objects.get().worked_at > before

    return work


def forgetting_uploads(_: Path, __: LazySettings) -> Work:
    upload("ready")

    def work() -> Look:
        forget_imports()
        return lambda: not ImportBatch.objects.exists()

    return work


def for_many() -> BulkAssignment:
    """A plan that somebody waits for, left lying for an hour."""
    citizen = factories.CitizenFactory()
    team = factories.CareTeamFactory(municipality=citizen.municipality)
    by = factories.StaffMemberFactory(municipality=citizen.municipality)
    early = timezone.now() - timedelta(hours=1)
    bulk: BulkAssignment = BulkAssignment.objects.create(
        municipality=citizen.municipality,
        plan=factories.PlanFactory(),
        care_team=team,
        starts_on=timezone.localdate(),
        made_by=by,
        made_at=early,
        worked_at=early,
    )
    bulk.items.create(municipality=citizen.municipality, citizen=citizen, position=0)
    return bulk


def assigning_to_many(_: Path, __: LazySettings) -> Work:
    bulk = for_many()

    def work() -> Look:
        assign_to_many(str(bulk.pk))
        return lambda: CarePlan.objects.exists() and bulk.items.get().state == "assigned"

    return work


def resuming_for_many(_: Path, __: LazySettings) -> Work:
    before = for_many().worked_at

    def work() -> Look:
        resume_bulk_assignments()
        return lambda: BulkAssignment.objects.get().worked_at > before

    return work


COMMANDS: dict[str, list[Callable[[Path, LazySettings], Work]]] = {
    "access_log": [export, months],
    "check_questionnaire": [check_questionnaire],
    "check_response": [check_response],
    "evaluate_response": [evaluate_response],
    "fut": [comparing, telling_again, polling_once],
    "import_questionnaire": [import_questionnaire],
    "load_demo_data": [demo],
    "outbox": [status, dead, retry, archive],
    "rotate_cpr_keys": [rotate],
}
TASKS: dict[str, list[Callable[[Path, LazySettings], Work]]] = {
    "fut.tasks.poll": [polling],
    "fut.tasks.reconcile": [comparing_at_night],
    "identity.tasks.end_visits_left_open": [closing],
    "identity.tasks.forget_old_logins": [forgetting],
    "identity.tasks.mend_access_log": [mending],
    "kommunalpro.tasks.clear_sessions": [clearing],
    "notifications.tasks.send_digests": [mailing],
    "outbox.tasks.archive_delivered": [archiving],
    "outbox.tasks.deliver_due": [delivering],
    "plans.tasks.assign_to_many": [assigning_to_many],
    "plans.tasks.end_what_is_over": [ending],
    "plans.tasks.resume_bulk_assignments": [resuming_for_many],
    "privacy.tasks.delete_what_is_over": [deleting],
    "questionnaires.tasks.forget_imports": [forgetting_uploads],
    "questionnaires.tasks.count_use": [counting],
    "questionnaires.tasks.find_words_of_drafts": [finding_words],
    "questionnaires.tasks.measure_answer_times": [measuring],
    "questionnaires.tasks.read_import": [reading_an_upload],
    "questionnaires.tasks.resume_imports": [resuming_uploads],
    "questionnaires.tasks.store_import": [storing_an_upload],
}
ACTS = [
    pytest.param(arrange, id=f"{name}: {arrange.__name__}")
    for name, each in {**COMMANDS, **TASKS}.items()
    for arrange in each
]


def test_every_command_and_every_task_is_at_work_here() -> None:
    """A new one belongs in COMMANDS or TASKS, with what it is given and what comes of it."""
    assert {name for name, app in get_commands().items() if ours(str(app))} == {*COMMANDS}
    current_app.loader.import_default_modules()
    assert {name for name in current_app.tasks if ours(name)} == {*TASKS}


@pytest.mark.parametrize("arrange", ACTS)
def test_it_does_its_work_though_nobody_has_opened_the_walls_for_it(
    arrange: Callable[[Path, LazySettings], Work], tmp_path: Path, settings: LazySettings
) -> None:
    work = arrange(tmp_path, settings)
    with within(None):
        look = work()
    assert look()
