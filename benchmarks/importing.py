"""Importing questionnaires in bulk: forms a second, and how much of the time is spent outside the engine.

    make bench

The corpus of real forms where it is at hand, else made ones; each is put into one zip many times over under addresses
of its own. The other side of the ratio is the engine alone on the same forms: reading their JSON and compiling them.
What is left is unpacking, asking what is here already, and writing rows. Processor time of the process and wall time,
which has PostgreSQL's share in it, are both told. Nothing here is a test.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from benchmarks.forms import form
from tests.servers import environment, free_port

COUNT = 300
ROOT = Path(__file__).resolve().parents[1]
CORPORA = Path(os.environ.get("KOMMUNALPRO_CORPORA") or ROOT.parent / "shared" / "corpora")


def sources() -> tuple[str, list[dict[str, Any]]]:
    """What the forms are, and COUNT of them: real ones that the engine takes, over and over; else made ones."""
    from questionnaires.importing import QuestionnaireRefused, judge

    real = []
    for file in sorted((CORPORA / "questionnaires").rglob("*.json")):
        try:
            real.append(judge(json.loads(file.read_text())).resource)
        except (QuestionnaireRefused, ValueError):
            continue
    label = f"real ones ({len(real)} different)" if real else "made ones (60 items each)"
    several = real or [form(60)]
    return label, [
        {**several[number % len(several)], "url": f"https://example.org/bulk/{number}"}
        for number in range(COUNT)
    ]


def zipped(forms: list[dict[str, Any]]) -> bytes:
    """All of them as an upload."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as opened:
        for number, source in enumerate(forms):
            opened.writestr(f"{number}.json", json.dumps(source))
    return written.getvalue()


class Watch:
    """Wall and processor seconds of what is done within."""

    def __enter__(self) -> "Watch":
        """Begin."""
        self.wall, self.processor = -time.perf_counter(), -time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.wall += time.perf_counter()
        self.processor += time.process_time()


def engine_alone(forms: list[dict[str, Any]]) -> Watch:
    """What of it is the engine's: the strict reader once, and compiling twice, to look and again to store."""
    from questionnaires import engine

    contents = [json.dumps(source).encode() for source in forms]
    with Watch() as watch:
        for content in contents:
            resource, _issue = engine.read_json(content, what="questionnaire")
            engine.compile_questionnaire(resource)
            engine.compile_questionnaire(resource)
    return watch


def measured(forms: list[dict[str, Any]]) -> Iterator[tuple[str, Watch]]:
    """Reading the upload and storing all of it, each by itself."""
    from django.utils import timezone

    from identity.models import StaffMember
    from questionnaires import import_batches
    from questionnaires.import_models import ImportBatch

    by = StaffMember.objects.create(issuer="http://login.invalid", subject="bench", name="Bench")
    content = zipped(forms)
    now = timezone.now()
    batch = import_batches.begin(content=content, name="bench.zip", owner=None, by=by, at=now)
    with Watch() as watch:
        import_batches.read_batch(batch.pk)
    yield "read and judged", watch
    batch = ImportBatch.objects.get(pk=batch.pk)
    batch = import_batches.choose(batch=batch, positions=range(len(forms)), at=now)
    with Watch() as watch:
        import_batches.store_batch(batch.pk)
    yield "stored as drafts", watch


def main() -> None:
    """Print one line a step, and the share outside the engine."""
    import shutil
    import tempfile

    from kommunalpro.embedded.postgres import EmbeddedPostgres
    from kommunalpro.embedded.redis import EmbeddedRedis

    folder = Path(tempfile.mkdtemp(prefix="kommunalpro-bench-"))
    folder.chmod(0o711)
    postgres, redis = (
        EmbeddedPostgres(folder / "postgres", durable=False),
        EmbeddedRedis(folder / "redis", free_port()),
    )
    try:
        address = postgres.start()
        os.environ.update(environment(database_url=address, redis_url=redis.start()))
        os.environ["DJANGO_SETTINGS_MODULE"] = "kommunalpro.settings"
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": postgres.owner_url(address)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        _measure()
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _measure() -> None:
    import django

    django.setup()
    from municipalities.scope import Scope, within

    label, forms = sources()
    alone = engine_alone(forms)
    with within(Scope.system()):
        steps = list(measured(forms))
    print(f"Importing {len(forms)} questionnaires, {label}\n")
    print(f"{'':24}{'forms/s':>10}{'wall s':>10}{'processor s':>14}")
    for name, watch in (("the engine alone", alone), *steps):
        print(f"{name:24}{len(forms) / watch.wall:>10.0f}{watch.wall:>10.2f}{watch.processor:>14.2f}")
    wall = sum(watch.wall for _name, watch in steps)
    processor = sum(watch.processor for _name, watch in steps)
    print(f"\nboth together           {len(forms) / wall:>10.0f} forms a second")
    outside = 1 - alone.processor / processor
    print(f"outside the engine: {1 - alone.wall / wall:.0%} of wall time, {outside:.0%} of processor time")


if __name__ == "__main__":
    main()
