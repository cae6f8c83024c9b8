"""`manage.py fut reconcile [--mend] | resend --since | poll`: do both sides say the same, and telling FUT again."""

import argparse
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fut import reconciliation
from fut.errors import FutError
from fut.incoming import polling, teams


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no moment; expected such as 2026-11-23T08:00 or 2026-11-23."
        ) from error
    return moment if moment.tzinfo else timezone.make_aware(moment)


class Command(BaseCommand):
    help = "Compares plans and answers with FUT, and tells FUT again what it lacks."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        compare = acts.add_parser("reconcile", help="list what FUT says otherwise than we do")
        compare.add_argument("--mend", action="store_true", help="tell FUT again what it lacks")
        again = acts.add_parser("resend", help="tell FUT again what has happened since")
        again.add_argument(
            "--since", required=True, type=_moment, help="Danish time unless an offset is given"
        )

        looking = acts.add_parser("poll", help="look for what others did on FUT")
        looking.add_argument("--at-most", type=int, default=polling.AT_MOST, help="courses to look at")

    def handle(self, *_: Any, **chosen: Any) -> None:
        match chosen["act"]:
            case "reconcile":
                self._reconcile(mend=chosen["mend"])
            case "resend":
                again = reconciliation.resend(since=chosen["since"], at=timezone.now())
                self.stdout.write(f"{again} will be told again.")

            case "poll":
                self._poll(at_most=chosen["at_most"])

    def _poll(self, *, at_most: int) -> None:
        polled = polling.poll(at=timezone.now(), at_most=at_most)
        said = f"{polled.looked} courses looked at, {polled.refused} refused, {polled.found} findings."
        if polled.stopped:
            raise CommandError(f"Stopped: {polled.stopped} {said}")
        self.stdout.write(said)
        places = teams.poll_teams(at=timezone.now(), every=timedelta(0))
        said = f"Teams of {places.looked} municipalities looked at, {places.refused} refused, {places.found} findings."
        if places.stopped:
            raise CommandError(f"Stopped: {places.stopped} {said}")
        self.stdout.write(said)

    def _reconcile(self, *, mend: bool) -> None:
        number = mended = 0
        try:
            for one in reconciliation.reconcile(mend=mend, at=timezone.now()):
                number, mended = number + 1, mended + one.mended
                its = one.difference
                self.stdout.write(
                    f"{its.resource_type} {its.our_id or its.url}: {its.kind} (here: {its.ours or '-'},"
                    f" there: {its.theirs or '-'}){', is told again' if one.mended else ''}"
                )
        except FutError as error:
            raise CommandError(f"Stopped after {number} differences: {error}") from error
        self.stdout.write(f"{number} differences, {mended} are told again.")
