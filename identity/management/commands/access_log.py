"""`manage.py access_log months | export`: mend the log's months by hand, and write a period in MinLog2's shape."""

import argparse
import json
from datetime import date
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from identity import access_months, minlog
from identity.access_selectors import Period, logged_uses
from municipalities.models import Municipality
from municipalities.scope import Scope, within

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = (
        "Makes and drops the months of the access log, and writes a municipality's period of it for MinLog2."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser(
            "months", help="make the months to come, drop those past retention (beat does it nightly)"
        )
        export = acts.add_parser(
            "export", help="one JSON object a line on standard output; holds CPR numbers"
        )
        export.add_argument("--municipality", required=True, metavar="CODE", help="four digits, such as 0851")
        export.add_argument(
            "--from", dest="first", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD"
        )
        export.add_argument("--to", dest="last", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")

    def handle(self, *_: Any, **chosen: Any) -> None:
        match chosen["act"]:
            case "months":
                self._months()
            case "export":
                self._export(chosen["municipality"], Period(first=chosen["first"], last=chosen["last"]))

    def _months(self) -> None:
        mended = access_months.mend()
        self.stdout.write(
            f"Made: {', '.join(mended.made) or 'none'}. Dropped: {', '.join(mended.dropped) or 'none'}."
        )

    def _export(self, code: str, period: Period) -> None:
        municipality = Municipality.objects.filter(code=code).first()
        if municipality is None:
            raise CommandError(f"There is no municipality {code}. Its code has four digits, such as 0851.")
        if period.first > period.last:
            raise CommandError("--from comes after --to. Both days are counted.")
        written = 0
        # Citizens read the texts.
        with within(Scope.municipality(municipality.pk)), translation.override("da"):
            for use in logged_uses(municipality, period):
                self.stdout.write(json.dumps(minlog.registration(use), ensure_ascii=False))
                written += 1
        log.info(
            "access_log.exported", municipality=code, first=period.first, last=period.last, written=written
        )
        self.stderr.write(
            f"{written} uses written. The lines hold CPR numbers: keep them as you keep the database."
        )
