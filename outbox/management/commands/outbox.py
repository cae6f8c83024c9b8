"""`manage.py outbox status | dead | retry | pause | resume | archive | restored`: what waits, and acting on it."""

import argparse
import getpass
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from citizens.cpr_pattern import without_cpr
from municipalities.scope import Scope, within
from outbox import archive, bookkeeping, operation, selectors
from outbox.models import ChannelName, ChannelState


class Command(BaseCommand):
    help = (
        "Shows what waits in the outbox and what was given up, sends it again, stops and starts a channel, and "
        "archives what was delivered."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("status", help="per channel: waiting, late, oldest, given up")
        dead = acts.add_parser("dead", help="what was given up, and the receiver's words")
        dead.add_argument("--channel", choices=ChannelName.values)
        retry = acts.add_parser("retry", help="send given-up deliveries again")
        retry.add_argument("ids", nargs="*", type=int, metavar="ID", help="as `outbox dead` lists them")
        retry.add_argument("--all", action="store_true", help="all that were given up")
        pause = acts.add_parser("pause", help="let nothing leave until it is resumed")
        pause.add_argument("channel", choices=ChannelName.values)
        pause.add_argument(
            "--reason", required=True, help="the operations page shows it; nothing of citizens"
        )
        acts.add_parser(
            "restored", help="after restoring a backup, before a worker starts: send nothing unlooked"
        )
        resume = acts.add_parser("resume", help="let a paused channel go on")
        resume.add_argument("channel", choices=ChannelName.values)
        acts.add_parser(
            "archive",
            help="move what was delivered long ago out of the workers' way, and mend the archive's months "
            "(beat does it nightly, for an hour at most)",
        )

    def handle(self, *_: Any, **chosen: Any) -> None:
        match chosen["act"]:
            case "status":
                with within(Scope.system()):
                    self._status()
            case "dead":
                with within(Scope.system()):
                    self._dead(chosen["channel"])
            case "retry":
                self._retry(chosen["ids"], everything=chosen["all"])
            case "pause":
                self._pause(ChannelName(chosen["channel"]), without_cpr(chosen["reason"]))
            case "restored":
                doubted = operation.doubt_what_waits()
                self.stdout.write(
                    f"{doubted} that wait will be looked for at their receiver before they are sent."
                )
            case "resume":
                self._resume(ChannelName(chosen["channel"]))
            case "archive":
                self._archive()

    def _status(self) -> None:
        now = timezone.now()
        for one in bookkeeping.standings(now):
            oldest = f"{(now - one.oldest_due_at).total_seconds():.0f} s" if one.oldest_due_at else "none"
            self.stdout.write(
                f"{one.channel}: {one.waiting} waiting, {one.late} of them due (oldest: {oldest}), "
                f"{one.failing} to be tried again, {one.dead} given up, {one.arrived} delivered in 15 minutes"
                f"{self._stopped(one.state, now)}"
            )
            for part in one.parts:
                if part.open_until is not None:
                    self.stdout.write(
                        f"  {part.receiver} is away, next probe {part.open_until:%Y-%m-%d %H:%M:%S} UTC: "
                        f"{part.last_problem}"
                    )

    def _stopped(self, state: ChannelState, now: datetime) -> str:
        if state.paused_at is not None:
            return f"; paused since {state.paused_at:%Y-%m-%d %H:%M} UTC by {state.paused_by}: {state.pause_reason}"
        if state.held_until is not None and now < state.held_until:
            return f"; its receiver asked us to wait until {state.held_until:%Y-%m-%d %H:%M:%S} UTC"
        if state.open_until is not None:
            return f"; its receiver is away, next probe {state.open_until:%Y-%m-%d %H:%M:%S} UTC: {state.last_problem}"
        return ""

    def _pause(self, channel: ChannelName, reason: str) -> None:
        with within(Scope.system()):
            done = operation.pause(channel, by=_operator(), reason=reason, at=timezone.now())
        self.stdout.write(
            f"{channel} is paused." if done else f"{channel} was paused already; left as it was."
        )

    def _resume(self, channel: ChannelName) -> None:
        with within(Scope.system()):
            done = operation.resume(channel, by=_operator(), at=timezone.now())
        self.stdout.write(f"{channel} goes on." if done else f"{channel} was not paused.")

    def _dead(self, channel: str | None) -> None:
        for delivery in selectors.dead_deliveries(ChannelName(channel) if channel else None):
            self.stdout.write(
                f"{delivery.pk}  {delivery.channel}  {delivery.event.name}  {delivery.event.subject_id}  "
                f"{delivery.ended_at:%Y-%m-%d %H:%M}  {delivery.last_problem}"
            )

    def _archive(self) -> None:
        done = archive.archive_delivered(at=timezone.now())
        self.stdout.write(
            f"{done.deliveries} deliveries archived, {done.events} events left with them. "
            f"Months made: {', '.join(done.made) or 'none'}. Dropped: {', '.join(done.dropped) or 'none'}."
        )

    def _retry(self, ids: list[int], *, everything: bool) -> None:
        if everything == bool(ids):
            raise CommandError("Name the deliveries that `outbox dead` lists, or say --all.")
        with within(Scope.system()):
            dead = selectors.dead_deliveries()
            found = list(dead if everything else dead.filter(pk__in=ids))
            sent = []
            for delivery in found:
                channel, at = ChannelName(delivery.channel), timezone.now()
                if operation.send_again(channel, by=_operator(), at=at, delivery_id=delivery.pk):
                    sent.append(delivery.pk)
        for missing in sorted(set(ids) - set(sent)):
            self.stderr.write(f"{missing} is not a delivery that was given up; left alone.")
        self.stdout.write(f"{len(sent)} will be sent again.")


def _operator() -> operation.By:
    """Who is at the command line, as far as the machine knows."""
    try:
        return operation.By(name=f"manage.py ({getpass.getuser()})")
    except (KeyError, OSError):  # a container's user may have no name
        return operation.By(name="manage.py")
