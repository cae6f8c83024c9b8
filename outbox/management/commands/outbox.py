"""`manage.py outbox status | dead | retry`: what waits, what was given up and why, and sending it again."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from municipalities.scope import Scope, within
from outbox import selectors, services
from outbox.models import ChannelName, Delivery


class Command(BaseCommand):
    help = "Shows what waits in the outbox and what was given up, and sends given-up deliveries again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("status", help="per channel: waiting, late, oldest, given up")
        dead = acts.add_parser("dead", help="what was given up, and the receiver's words")
        dead.add_argument("--channel", choices=ChannelName.values)
        retry = acts.add_parser("retry", help="send given-up deliveries again")
        retry.add_argument("ids", nargs="*", type=int, metavar="ID", help="as `outbox dead` lists them")
        retry.add_argument("--all", action="store_true", help="all that were given up")

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

    def _status(self) -> None:
        now = timezone.now()
        for state in selectors.standings(now):
            oldest = f"{(now - state.oldest_due_at).total_seconds():.0f} s" if state.oldest_due_at else "none"
            self.stdout.write(
                f"{state.channel}: {state.waiting} waiting, {state.late} of them due (oldest: {oldest}), "
                f"{state.dead} given up"
            )

    def _dead(self, channel: str | None) -> None:
        for delivery in selectors.dead_deliveries(ChannelName(channel) if channel else None):
            self.stdout.write(
                f"{delivery.pk}  {delivery.channel}  {delivery.event.name}  {delivery.event.subject_id}  "
                f"{delivery.ended_at:%Y-%m-%d %H:%M}  {delivery.last_problem}"
            )

    def _retry(self, ids: list[int], *, everything: bool) -> None:
        if everything == bool(ids):
            raise CommandError("Name the deliveries that `outbox dead` lists, or say --all.")
        with within(Scope.system()):
            found = list(selectors.dead_deliveries() if everything else Delivery.objects.filter(pk__in=ids))
        sent = []
        for delivery in found:
            with within(Scope.municipality(delivery.municipality_id)):
                if services.send_again(delivery, at=timezone.now()):
                    sent.append(delivery.pk)
        for missing in sorted(set(ids) - set(sent)):
            self.stderr.write(f"{missing} is not a delivery that was given up; left alone.")
        self.stdout.write(f"{len(sent)} will be sent again.")
