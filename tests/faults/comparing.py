"""Both sides laid beside each other: what people were told, what our database says, what the receivers hold."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time
from uuid import UUID

from municipalities.scope import Scope, within
from notifications.models import Message
from notifications.states import WAITING, Status
from outbox.models import Delivery, Event, EventName
from plans.models import CarePlan
from tests.faults.people import Record, World
from tests.faults.system import System

OURS = "urn:uuid:"
MORNING, EVENING = time(8), time(18)
# By the name that it has at FUT.
ENDINGS = {
    CarePlan.Status.ACTIVE: "active",
    CarePlan.Status.COMPLETED: "completed",
    CarePlan.Status.REVOKED: "revoked",
}


@dataclass(slots=True)
class Counts:
    """Since the beginning of the trial. What is wrong stands in `wrong`, a sentence each."""

    answers_told: int = 0
    answers_committed: int = 0
    answers_there: int = 0
    plans_there: int = 0
    messages_due: int = 0
    messages_there: int = 0
    sent_more_than_once: int = 0
    outside_the_hours: int = 0
    unclear: int = 0
    ended_by_themselves: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"answers: {self.answers_told} acknowledged, {self.answers_committed} committed, "
            f"{self.answers_there} at FUT, each once and in order; plans: {self.plans_there}; "
            f"messages: {self.messages_due} due for certain, {self.messages_there} at NemSMS by id, "
            f"{self.sent_more_than_once} of them sent again and counted once, "
            f"{self.outside_the_hours} outside the hours; {self.unclear} times people heard nothing clear; "
            f"{self.ended_by_themselves} processes ended by themselves"
        )


def compare(system: System, world: World, record: Record) -> Counts:
    """Everything since the beginning."""
    counts = Counts(unclear=record.unclear, ended_by_themselves=len(system.ended_by_themselves))
    with within(Scope.system()):
        _deliveries(counts)
        _answers(counts, system, record)
        _care_plans(counts, system, record)
        _messages(counts, system, world, record)
    return counts


def _deliveries(counts: Counts) -> None:
    for delivery in Delivery.objects.exclude(state=Delivery.State.DELIVERED):
        counts.wrong.append(f"{delivery} after {delivery.attempts}: {delivery.last_problem}")


def _answers(counts: Counts, system: System, record: Record) -> None:
    committed: dict[UUID, list[UUID]] = defaultdict(list)
    news = Event.objects.filter(name=EventName.RESPONSE_COMPLETED).order_by("pk")
    for citizen_id, response_id in news.values_list("key", "subject_id"):
        committed[citizen_id].append(response_id)
    told = {citizen: sent for citizen, sent in record.answers.items() if sent}
    counts.answers_told = sum(map(len, told.values()))
    counts.answers_committed = sum(map(len, committed.values()))
    for citizen, sent in told.items():
        if committed[citizen] != sent:
            counts.wrong.append(f"{citizen} was told {sent}, committed is {committed[citizen]}")
    order: dict[str, list[str]] = system.control("GET", "/control/order?type=QuestionnaireResponse").json()[
        "order"
    ]
    counts.answers_there = sum(map(len, order.values()))
    there = sorted(map(tuple, order.values()))
    ours = sorted(tuple(f"{OURS}{one}" for one in sent) for sent in committed.values())
    if there != ours:
        missing = {*ours} - {*there}
        more = {*there} - {*ours}
        counts.wrong.append(f"FUT has {more or 'nothing'} in the place of {missing or 'nothing'}")
    for kind in system.control("GET", "/control/counts").json()["counts"]:
        if kind["duplicates"]:
            counts.wrong.append(f"twice at FUT: {kind['type']} {kind['duplicates']}")


def _care_plans(counts: Counts, system: System, record: Record) -> None:
    ours = {
        f"{OURS}{pk}": ENDINGS[CarePlan.Status(status)]
        for pk, status in CarePlan.objects.values_list("pk", "status")
    }
    there = {}
    for one in system.control("GET", "/control/resources?type=CarePlan").json()["resources"]:
        for identifier in one.get("identifier", ()):
            there[identifier["value"]] = one["status"]
    counts.plans_there = len(there)
    if there != ours:
        counts.wrong.append(
            f"care plans: ours {ours.items() - there.items()}, theirs {there.items() - ours.items()}"
        )
    for pk in (*record.assigned, *record.stopped):
        if f"{OURS}{pk}" not in ours:
            counts.wrong.append(f"the plan {pk} was assigned, and is not there")


def _messages(counts: Counts, system: System, world: World, record: Record) -> None:
    there = {
        UUID(one["messageId"]): one for one in system.control("GET", "/nemsms/messages").json()["messages"]
    }
    ours = {message.pk: message for message in Message.objects.all()}
    counts.messages_there = len(there)
    counts.sent_more_than_once = sum(one["times"] > 1 for one in there.values())
    sent = {pk for pk, message in ours.items() if message.sent_at}
    if sent != there.keys():
        counts.wrong.append(f"sent by us only {sent - there.keys()}, at NemSMS only {there.keys() - sent}")
    for message in ours.values():
        if message.status in WAITING or (message.sent_at and message.status != Status.DELIVERED):
            counts.wrong.append(f"{message} is {message.status}: {message.reason}")
    outside = {citizen.pk for citizen in world.outside}
    lasting = {*record.lasting}
    due = [
        *record.lasting_reminders,
        *(pk for pk, one in ours.items() if one.care_plan_id in lasting and one.kind == "task"),
    ]
    for pk in due:
        asked_for = ours.get(pk)
        carrier = ours[asked_for.collapsed_into_id or pk] if asked_for else None
        if carrier is None:
            counts.wrong.append(f"the message {pk} was asked for, and is not there")
        elif carrier.citizen_id in outside:
            if carrier.status != Status.NOT_ENROLLED or carrier.pk in there:
                counts.wrong.append(f"{carrier} of somebody outside NemSMS is {carrier.status}")
        else:
            counts.messages_due += 1
            if carrier.pk not in there:
                counts.wrong.append(f"{carrier} was due and is {carrier.status}")
    for pk in record.reminders:
        if pk not in ours:
            counts.wrong.append(f"the reminder {pk} was asked for, and is not there")
    for one in there.values():
        clock = system.clock.at(datetime.fromisoformat(one["receivedAt"]))
        if not MORNING <= clock.time() < EVENING:
            counts.outside_the_hours += 1
            counts.wrong.append(f"{one['messageId']} came at {clock:%Y-%m-%d %H:%M:%S.%f}")
