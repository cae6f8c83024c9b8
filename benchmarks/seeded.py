"""Databases with as many answers as a country gives, made once by COPY and kept in `build/bench`.

    with seeded(1_000_000) as servers: …

A citizen has answered ten times and has one task open, in one of the 98 municipalities. What is answered is
`benchmarks.forms.one_page`. A folder is made anew when a migration has been added since.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from benchmarks.pages import ROOT, Servers
from kommunalpro.embedded.postgres import EmbeddedPostgres
from kommunalpro.embedded.redis import EmbeddedRedis
from tests.servers import environment, free_port

ANSWERS = 10
"""Of a citizen; one more is open, which every third is late with."""
FIRST = 900
"""So many live in the first municipality, whatever the size, as in an average one of the large data: its lists are as
long with few answers as with many. The others live elsewhere."""
VARIANTS = 20
"""Different answers that are stored, over and over."""
MADE = "made"


@contextmanager
def seeded(responses: int) -> Iterator[Servers]:
    """PostgreSQL with so many completed responses, and Redis; made where it is not there yet, which takes minutes."""
    folder = ROOT / "build" / "bench" / f"{responses}-{_schema()}"
    if not (folder / MADE).exists():
        for old in folder.parent.glob(f"{responses}-*"):
            shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for parent in (folder, folder.parent):
        parent.chmod(0o711)
    postgres, redis = EmbeddedPostgres(folder / "postgres"), EmbeddedRedis(folder / "redis", free_port())
    try:
        url = postgres.start()
        variables = environment(database_url=url, redis_url=redis.start()) | {
            "DJANGO_SETTINGS_MODULE": "kommunalpro.settings"
        }
        owner = postgres.owner_url(url)
        if not (folder / MADE).exists():
            _in_a_process({**variables, "DATABASE_URL": owner}, "manage.py", "migrate", "--verbosity", "0")
            _in_a_process(variables, "manage.py", "load_demo_data", "--verbosity", "0")
            _in_a_process(variables, "-m", "benchmarks.seeded", str(responses))
            (folder / MADE).touch()
        yield Servers(owner_url=owner, variables=variables)
    finally:
        redis.stop()
        postgres.stop()


def _schema() -> str:
    """Names the migrations there are and what is seeded."""
    sources = [*sorted(ROOT.glob("*/migrations/*.py")), Path(__file__), Path(__file__).with_name("forms.py")]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def _in_a_process(variables: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, *command], cwd=ROOT, env={**os.environ, **variables}, check=True)


def seed(responses: int) -> None:
    """Put so many completed responses into the database of the settings, beside the demo's data."""
    import django

    django.setup()
    from django.db import connection

    from municipalities.scope import Scope, within

    began = time.monotonic()
    with within(Scope.system()):
        rows = _Rows(responses)
    superuser = str(connection.get_connection_params()["host"])
    with psycopg.connect(host=superuser, user="postgres", dbname="kommunalpro") as into:
        # What is copied is right by its making: foreign keys are not looked at row by row.
        into.execute("SET session_replication_role = replica")
        for table, columns, values in rows.tables():
            with into.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
    with psycopg.connect(host=superuser, user="postgres", dbname="kommunalpro", autocommit=True) as after:
        after.execute("VACUUM ANALYZE")
    print(f"{responses:,} responses were copied in {time.monotonic() - began:.0f} s", file=sys.stderr)


class _Rows:
    """The rows of each table, made as they are copied."""

    def __init__(self, responses: int) -> None:
        from benchmarks.forms import one_page, one_page_filled
        from identity.models import StaffMember
        from municipalities.models import CareTeam, Municipality
        from plans.building import ActivityContent, PlanTexts, create_plan
        from plans.models import Activity
        from plans.publishing import publish_plan
        from plans.schedule import Every, Length, Times, Unit, Window
        from questionnaires import engine
        from questionnaires.definitions import definition_of
        from questionnaires.importing import import_questionnaire
        from questionnaires.models import Response
        from questionnaires.publishing import publish_questionnaire
        from questionnaires.services import score_rows, submission_of

        self.now = datetime.now(UTC).replace(microsecond=0)
        self.citizens = [uuid4() for _ in range(responses // ANSWERS)]
        by = StaffMember.objects.filter(municipality__isnull=False)[0]
        version = import_questionnaire(content=json.dumps(one_page()).encode(), owner=None).version
        publish_questionnaire(version=version, fingerprint=version.fingerprint, by=by, at=self.now)
        version.refresh_from_db()
        every_week = Every(Length(1, Unit.WEEKS), Times(ANSWERS + 1))
        plan = create_plan(
            texts=PlanTexts(title="Tyve spørgsmål hver uge"),
            owner=None,
            activities=[ActivityContent(version=version, rhythm=every_week, window=Window(7))],
        )
        publish_plan(plan=plan, by=by, at=self.now)
        self.plan_id, self.version_id = plan.pk, version.pk
        self.questionnaire_id = version.questionnaire_id
        self.activity_id = Activity.objects.get(plan=plan).pk
        definition = definition_of(version)
        self.documents: list[str] = []
        self.scores: list[list[tuple[Any, ...]]] = []
        for number in range(VARIANTS):
            draft = engine.new_response(definition, now=self.now)
            submission = submission_of(definition, {**draft, **one_page_filled(number)}, at=self.now)
            assert not submission.errors, submission.errors
            self.documents.append(json.dumps(submission.document))
            bare = Response(pk=uuid4(), citizen_id=uuid4(), municipality_id=1, version=version)
            self.scores.append(
                [
                    (one.link_id, one.name, one.value, one.minimum, one.maximum, one.unit)
                    for one in score_rows(bare, submission.scores)
                ]
            )
        teams = dict(CareTeam.objects.values_list("municipality_id", "pk"))
        places = list(Municipality.objects.order_by("pk").values_list("pk", flat=True))
        for place in set(places) - set(teams):
            teams[place] = CareTeam.objects.create(
                municipality_id=place, name="Genoptræning", condition_code="DZ509", condition_name="Rehabilitering UNS"
            ).pk  # fmt: skip
        self.teams, self.places = teams, places
        self.nurses = {
            place: StaffMember.objects.create(
                issuer="benchmark", subject=f"nurse of {place}", name="Anna", municipality_id=place
            ).pk
            for place in places
        }

    def whose(self, number: int) -> int:
        return int(self.places[0 if number < FIRST else 1 + number % (len(self.places) - 1)])

    def tables(self) -> Iterable[tuple[str, tuple[str, ...], Iterator[tuple[Any, ...]]]]:
        """(table, columns, rows) in turn; ids follow from each other, so that nothing is kept."""
        day = self.now.date()
        begun = day - timedelta(weeks=ANSWERS)
        since = self.now - timedelta(weeks=ANSWERS)
        everybody = list(enumerate(self.citizens))
        yield (
            "citizens_citizen",
            ("id", "municipality_id", "given_name", "family_name", "birth_date", "sex", "cpr_sealed", "cpr_hash",
             "is_name_protected", "created_at"),
            (
                (pk, self.whose(n), "Bo", f"Prøve {n}", "1950-01-01", "female", *self._number(pk, n), False, since)
                for n, pk in everybody
            ),
        )  # fmt: skip
        yield (
            "plans_episodeofcare",
            ("id", "citizen_id", "municipality_id", "care_team_id", "status", "started_on"),
            (
                (_id(pk, 1), pk, self.whose(n), self.teams[self.whose(n)], "active", begun)
                for n, pk in everybody
            ),
        )
        yield (
            "plans_careplan",
            ("id", "episode_id", "municipality_id", "citizen_id", "plan_id", "status", "starts_on", "assigned_by_id",
             "assigned_at"),
            (
                (_id(pk, 2), _id(pk, 1), self.whose(n), pk, self.plan_id, "active", begun,
                 self.nurses[self.whose(n)], since)
                for n, pk in everybody
            ),
        )  # fmt: skip
        yield (
            "questionnaires_response",
            ("id", "citizen_id", "municipality_id", "version_id", "status", "document", "started_at", "saved_at",
             "completed_at"),
            (
                (_id(pk, 100 + k), pk, self.whose(n), self.version_id, "completed",
                 self.documents[(n + k) % VARIANTS], at, at, at + timedelta(minutes=4))
                for n, pk in everybody
                for k, at in self._moments(since)
            ),
        )  # fmt: skip
        yield (
            "questionnaires_score",
            (
                "response_id",
                "municipality_id",
                "citizen_id",
                "link_id",
                "name",
                "value",
                "minimum",
                "maximum",
                "unit",
            ),
            (
                (_id(pk, 100 + k), self.whose(n), pk, *score)
                for n, pk in everybody
                for k in range(ANSWERS)
                for score in self.scores[(n + k) % VARIANTS]
            ),
        )
        yield (
            "plans_task",
            ("id", "care_plan_id", "activity_id", "municipality_id", "citizen_id", "status", "opens_at", "due_at",
             "response_id"),
            (
                (_id(pk, 200 + k), _id(pk, 2), self.activity_id, self.whose(n), pk,
                 "completed" if k < ANSWERS else "open", at, at + timedelta(weeks=1),
                 _id(pk, 100 + k) if k < ANSWERS else None)
                for n, pk in everybody
                for k, at in [*self._moments(since), (ANSWERS, self.now - timedelta(days=1 if n % 3 else 10))]
            ),
        )  # fmt: skip
        # The newest answer of each waits to be handled; some are marked.
        colours = ("", "green", "yellow", "red")
        yield (
            "followup_attention",
            ("response_id", "municipality_id", "citizen_id", "care_team_id", "questionnaire_id", "answered_at",
             "colours", "colour", "worsened", "handled_at", "handled_by_id", "note"),
            (
                (_id(pk, 100 + k), self.whose(n), pk, self.teams[self.whose(n)], self.questionnaire_id,
                 at + timedelta(minutes=4), "{}", colours[(n + k) % 4], n % 10 == 0,
                 at + timedelta(days=1) if k < ANSWERS - 1 else None,
                 self.nurses[self.whose(n)] if k < ANSWERS - 1 else None, "")
                for n, pk in everybody
                for k, at in self._moments(since)
            ),
        )  # fmt: skip

    def _moments(self, since: datetime) -> list[tuple[int, datetime]]:
        return [(k, since + timedelta(weeks=k)) for k in range(ANSWERS)]

    @staticmethod
    def _number(citizen_id: UUID, number: int) -> tuple[bytes, bytes]:
        """A number that nobody has (sixty added to the day), sealed; many share it, so nothing is found by it."""
        from citizens import cpr_sealing

        return (
            cpr_sealing.seal(f"610150{number % 10_000:04d}", owner=citizen_id),
            cpr_sealing.current_lookup() + citizen_id.bytes * 2,
        )


def _id(citizen: UUID, what: int) -> UUID:
    """The id of something of the citizen's, the same each time: theirs with some bits turned."""
    return UUID(int=citizen.int ^ what << 64)


if __name__ == "__main__":
    seed(int(sys.argv[1]))
