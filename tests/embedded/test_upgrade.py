"""Data from before the walls: the migrations that say whose each row is, on a database that has rows."""

import os
import subprocess
import sys
from pathlib import Path

from kommunalpro.embedded.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent.parent

# In a process of its own, whose database is another one.
UPGRADE = """
import uuid, django
django.setup()
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from municipalities.scope import Scope, stay_within

BEFORE = [("municipalities", "0001_initial"), ("citizens", "0002_cpr_keys_can_be_changed"),
          ("questionnaires", "0003_scores_of_any_form_fit"), ("plans", "0001_initial"),
          ("outbox", "0002_leases_by_channel"), ("notifications", "0001_initial"), ("fut", "0001_initial"),
          ("identity", "0003_spent_logout_tokens")]
executor = MigrationExecutor(connection)
apps = executor.migrate(BEFORE).apps
rows = {}

def value_of(field):
    if field.is_relation:
        return rows.get(field.related_model._meta.label)
    match field:
        case models.JSONField(): return {}
        case models.DateTimeField(): return timezone.now()
        case models.DateField(): return timezone.now().date()
        case models.UUIDField(): return uuid.uuid4()
        case models.BinaryField(): return b"\\\\x01" * 40
        case models.CharField() | models.TextField(): return (field.choices or [("x", "")])[0][0]
        case models.BooleanField(): return False
        case _: return 1

def put(label, **given):
    model = apps.get_model(label)
    filled = {f.name: value_of(f) for f in model._meta.concrete_fields
              if not f.has_default() and not f.null and not f.blank and not isinstance(f, models.AutoField)}
    row = model.objects.create(**(filled | given))
    rows.setdefault(model._meta.label, row)
    return row

here = put("municipalities.Municipality", code="0851", cvr="91000001", name="Her", region="1081")
moved_to = put("municipalities.Municipality", code="0101", cvr="91000002", name="Der", region="1084")
citizen = put("citizens.Citizen", municipality=moved_to)
team = put("municipalities.CareTeam", municipality=here)
put("identity.StaffMember", municipality=here)
put("questionnaires.Questionnaire", url="https://example.org/q")
put("questionnaires.QuestionnaireVersion", status="active", published_at=timezone.now())
put("plans.Plan", status="active", published_at=timezone.now())
activity = put("plans.Activity")
episode = put("plans.EpisodeOfCare", municipality=here)
care_plan = put("plans.CarePlan")
response = put("questionnaires.Response")
task = put("plans.Task", response=response)
score = put("questionnaires.Score")
events = [put("outbox.Event", key=citizen.pk, subject_id=each.pk) for each in (care_plan, response)]
message = put("notifications.Message", municipality=here, task=task, kind="reminder",
              requested_by=rows["identity.StaffMember"])
events.append(put("outbox.Event", key=citizen.pk, subject_id=message.pk))
deliveries = [put("outbox.Delivery", event=each, key=citizen.pk) for each in events]
of_plan = put("notifications.Message", municipality=here, kind="task", delivery=deliveries[0])
for kind, local_id in (("Patient", citizen.pk), ("EpisodeOfCare", episode.pk), ("CarePlan", care_plan.pk),
                       ("QuestionnaireResponse", response.pk), ("Condition", uuid.uuid5(episode.pk, "condition")),
                       ("ServiceRequest", uuid.uuid5(care_plan.pk, str(activity.pk))), ("Task", uuid.uuid4())):
    put("fut.FutReference", resource_type=kind, local_id=local_id)

call_command("migrate", verbosity=0)
stay_within(Scope.system())
from django.apps import apps
told_of = apps.get_model("notifications.Message").objects.get(pk=of_plan.pk).care_plan_id
assert told_of == care_plan.pk, told_of
for label in ("plans.CarePlan", "plans.Task", "questionnaires.Response", "questionnaires.Score",
              "outbox.Event", "outbox.Delivery", "fut.FutReference"):
    for row in apps.get_model(label).objects.order_by("pk"):
        whose = getattr(row, "citizen_id", None) or row.key
        assert whose == citizen.pk, (label, whose)
        expected = None if getattr(row, "resource_type", "") == "Patient" else here.pk
        assert row.municipality_id == expected, (label, row.municipality_id)
        print(label, getattr(row, "resource_type", ""))
"""


WRITERS = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from municipalities.scope import Scope, stay_within

executor = MigrationExecutor(connection)
targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] != "questionnaires"]
executor.migrate([*targets, ("questionnaires", "0015_programs_are_no_second_person")])
call_command("migrate", "questionnaires", "0015", verbosity=0)
stay_within(Scope.system())
before = [("questionnaires", "0015_programs_are_no_second_person")]
apps = MigrationExecutor(connection).loader.project_state(before).apps
Staff, Step = apps.get_model("identity.StaffMember"), apps.get_model("questionnaires.DraftStep")
Version = apps.get_model("questionnaires.QuestionnaireVersion")
author, last, other = (Staff.objects.create(subject=name, name=name) for name in ("author", "last", "other"))

def version(name, **given):
    questionnaire = apps.get_model("questionnaires.Questionnaire").objects.create(url=f"urn:{name}")
    support = apps.get_model("questionnaires.DecisionSupport").objects.create(
        questionnaire=questionnaire, intended_purpose="x", algorithm_version="1", switched_on_by=other,
        switched_on_at=timezone.now())
    row = Version.objects.create(questionnaire=questionnaire, number=1, title=name, source={}, edited_by=last)
    Step.objects.create(version=row, number=1, act="text", delta=[], by=author, at=timezone.now())
    changes = {"status": "in-review"} | given
    if "approved_by" in changes:
        changes |= {"approved_at": timezone.now(), "decision_support": support}
    Version.objects.filter(pk=row.pk).update(status="in-review")
    Version.objects.filter(pk=row.pk).update(**changes)

version("waits")
version("by-author", approved_by=author)
version("by-other", approved_by=other)
version("published", approved_by=other)
Version.objects.filter(title="published").update(status="active", published_by=author, published_at=timezone.now())
call_command("migrate", verbosity=0)
stay_within(Scope.system())
from questionnaires.models import QuestionnaireVersion
names = {one.pk: one.name for one in Staff.objects.all()}
for one in QuestionnaireVersion.objects.order_by("title"):
    writers = "+".join(sorted(names[each] for each in one.written_by))
    print(one.title, one.status, writers or "-", names.get(one.approved_by_id))
"""


def told_by(script: str, folder: Path) -> list[str]:
    """What a script says, on a database of its own."""
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    try:
        url = server.owner_url(server.start())
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kommunalpro.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        server.stop()

    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_rows_from_before_the_walls_get_their_municipality_and_citizen(folder: Path) -> None:
    """The citizen has moved since: what happened stays with the municipality where it did."""
    told = told_by(UPGRADE, folder)
    assert told.count("outbox.Event ") == told.count("outbox.Delivery ") == 3
    assert {line.split()[1] for line in told if line.startswith("fut.")} == {
        "Patient", "EpisodeOfCare", "CarePlan", "QuestionnaireResponse", "Condition", "ServiceRequest",
    }  # fmt: skip


def test_who_wrote_in_a_version_is_known_from_its_steps(folder: Path) -> None:
    """What one of them has approved waits for another; what is published stays as it is."""
    assert told_by(WRITERS, folder) == [
        "by-author in-review author+last None",
        "by-other in-review author+last other",
        "published active - other",
        "waits in-review author+last None",
    ]
