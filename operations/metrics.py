"""The figures of the outbox and of what comes in, for Prometheus: as the operations page has them, nobody's."""

from collections.abc import Iterator
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from fut.incoming.models import FutFinding, FutRun
from fut.incoming.standing import Looking, OpenGroup, looking, open_groups
from municipalities.scope import Scope, within
from outbox import bookkeeping
from outbox.bookkeeping import Standing


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever sends METRICS_TOKEN as a bearer token; there is no such page for anybody else."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not compare_digest(given.encode(), expected.encode()):
        raise Http404
    with within(Scope.national()):
        standings = bookkeeping.standings(timezone.now())
    registry = CollectorRegistry()
    registry.register(_Outbox(standings))
    registry.register(_Incoming(open_groups(), looking()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Outbox(Collector):
    """As of one moment: nothing is counted in this process, of which there are several."""

    def __init__(self, standings: list[Standing]) -> None:
        self._standings = standings

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        gauges: list[tuple[str, str, list[float]]] = [
            ("waiting", "Deliveries that wait.", [one.waiting for one in self._standings]),
            ("due", "Deliveries that could leave now.", [one.late for one in self._standings]),
            (
                "failing",
                "Waiting deliveries whose last attempt failed.",
                [one.failing for one in self._standings],
            ),
            ("dead", "Deliveries that were given up.", [one.dead for one in self._standings]),
            ("delivered_15m", "Delivered in the last 15 minutes.", [one.arrived for one in self._standings]),
            (
                "oldest_due_seconds",
                "How long the oldest delivery that could leave has waited; 0 where none could.",
                [
                    (now - one.oldest_due_at).total_seconds() if one.oldest_due_at else 0.0
                    for one in self._standings
                ],
            ),
            (
                "paused",
                "1 where a person paused it.",
                [one.state.paused_at is not None for one in self._standings],
            ),
            (
                "breaker_open",
                "1 while its receiver is left alone or probed.",
                [not one.state.breaker.is_closed for one in self._standings],
            ),
            (
                "held",
                "1 while its receiver has asked us to wait.",
                [one.state.held_until is not None and now < one.state.held_until for one in self._standings],
            ),
        ]
        for name, said, values in gauges:
            gauge = GaugeMetricFamily(f"kommunalpro_outbox_{name}", said, labels=["channel"])
            for one, value in zip(self._standings, values, strict=True):
                gauge.add_metric([one.channel.value], float(value))
            yield gauge
        parts = GaugeMetricFamily(
            "kommunalpro_outbox_receiver_breaker_open",
            "1 while a part of the receiver that ever failed is left alone or probed.",
            labels=["channel", "receiver"],
        )
        for one in self._standings:
            for part in one.parts:
                parts.add_metric([one.channel.value, part.receiver], float(not part.breaker.is_closed))
        yield parts


class _Incoming(Collector):
    """What is found on FUT and how the looking goes, over all workers."""

    def __init__(self, groups: list[OpenGroup], looks: Looking) -> None:
        self._groups = groups
        self._looks = looks

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        waiting = GaugeMetricFamily(
            "kommunalpro_fut_findings_open", "Findings that wait for an employee.", labels=["kind"]
        )
        for kind in FutFinding.Kind:
            number = sum(group.number for group in self._groups if group.kind == kind)
            waiting.add_metric([kind.value], number)
        yield waiting
        yield GaugeMetricFamily(
            "kommunalpro_fut_findings_oldest_seconds",
            "How long the oldest finding has waited; 0 where none does.",
            value=max(((now - group.oldest).total_seconds() for group in self._groups), default=0.0),
        )
        yield GaugeMetricFamily(
            "kommunalpro_fut_poll_refused_now",
            "Courses and municipalities whose last look FUT refused.",
            value=self._looks.refused,
        )
        yield GaugeMetricFamily(
            "kommunalpro_fut_poll_oldest_look_seconds",
            "How long ago the course was looked at that has waited longest; 0 where none has been.",
            value=(now - self._looks.oldest).total_seconds() if self._looks.oldest else 0.0,
        )
        yield from self._runs()

    def _runs(self) -> Iterator[Metric]:
        runs = {run.what: run for run in self._looks.runs}
        success = GaugeMetricFamily(
            "kommunalpro_fut_poll_last_success_timestamp_seconds",
            "When a run last came to its end; 0 where none has.",
            labels=["what"],
        )
        for what in FutRun.What:
            at = runs[what].succeeded_at if what in runs else None
            success.add_metric([what.value], at.timestamp() if at else 0.0)
        yield success
        for column, said in (
            ("runs", "Runs."),
            ("stopped", "Runs that ended early, because FUT did not answer."),
            ("looked", "Looks that FUT answered."),
            ("refused", "Looks that FUT refused."),
            ("resources", "Resources read."),
        ):
            counter = CounterMetricFamily(f"kommunalpro_fut_poll_{column}", said, labels=["what"])
            for what in FutRun.What:
                counter.add_metric([what.value], getattr(runs[what], column) if what in runs else 0)
            yield counter
