"""The platform's own task messages: a job every second hour, in the night as by day (contract §6).

It tells each citizen of what opened since it last ran and is not answered, unless a CommunicationRequest says
otherwise. How long before a task the real one runs is not documented; here a message follows the opening.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator import message_requests
from fut.simulator.addresses import local_part
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.communications import allows_nemsms
from fut.simulator.records import Records
from fut.simulator.timings import DENMARK, Slot, slots

Json = dict[str, Any]

HOURS = 2
TEXT = "Du har en opgave. Se den i din telemedicinske løsning"


def last_run(now: datetime) -> datetime:
    """The job's latest hour at or before `now` (aware): 00, 02, 04 … in Denmark."""
    local = now.astimezone(DENMARK).replace(minute=0, second=0, microsecond=0)
    return local.replace(hour=local.hour - local.hour % HOURS)


def run(records: Records, *, at: datetime) -> list[Json]:
    """Write the messages of the run at `at`; those that were made. Each slot is told of once, however often it runs."""
    made = []
    with records.store.transaction():
        for patient, episode, request in _active(records):
            for slot in slots(request, after=at - timedelta(hours=HOURS), before=at):
                if slot.start > at - timedelta(hours=HOURS) and not _is_told(records, request, slot):
                    made += _tell(records, patient, episode, request, at)
    return made


def _active(records: Records) -> Iterator[tuple[Json, Json, Json]]:
    for episode in records.store.find("EpisodeOfCare", {"status": ["active"]}):
        name = f"EpisodeOfCare/{episode['id']}"
        patient = records.store.read(*local_part(episode["patient"]["reference"]).split("/"))
        for plan in records.store.find("CarePlan", {"episodeOfCare": [name], "status": ["active"]}):
            for reference in values_at(plan, "activity.reference.reference"):
                request = records.store.read("ServiceRequest", local_part(reference).partition("/")[2])
                if patient and request and request["status"] == "active":
                    yield patient, episode, request


def _is_told(records: Records, request: Json, slot: Slot) -> bool:
    """Note that this slot has had its turn; True when it had before, or was answered already."""
    what = f"ServiceRequest/{request['id']} {slot.start.isoformat()}"
    cursor = records.store.db.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", (what, records.now()))
    if not cursor.rowcount:
        return True
    answers = records.store.find("QuestionnaireResponse", {"based-on": [f"ServiceRequest/{request['id']}"]})
    return any(datetime.fromisoformat(one["authored"]) >= slot.start for one in answers)


def _tell(records: Records, patient: Json, episode: Json, request: Json, at: datetime) -> list[Json]:
    wanted = message_requests.in_force(
        records,
        patient=f"Patient/{patient['id']}",
        episode=f"EpisodeOfCare/{episode['id']}",
        request=f"ServiceRequest/{request['id']}",
        at=at,
    )
    if wanted and wanted.get("doNotPerform"):
        return []
    medium = (wanted or {}).get("medium") or [{"coding": [{"system": t.CS_MESSAGE_MEDIUM, "code": t.NEMSMS}]}]
    by_sms = t.NEMSMS in values_at(medium[0], "coding.code")
    if by_sms and not allows_nemsms(patient):
        return []
    # The addresses as the client wrote them: the job itself has come in by none.
    reference = episode["patient"]
    message: Json = {
        "resourceType": "Communication",
        "meta": {"profile": [t.MESSAGE]},
        "extension": [
            *extensions(request, t.EXT_EPISODE_OF_CARE),
            {
                "url": t.EXT_ADMINISTRATIVE_STATUS,
                "valueCoding": {"system": t.CS_ADMINISTRATIVE_STATUS, "code": "activate"},
            },
            {"url": t.EXT_THREAD_ID, "valueString": str(uuid4())},
        ],
        "basedOn": [{"reference": f"{records.base.own()}/ServiceRequest/{request['id']}"}],
        "status": "in-progress" if by_sms else "completed",
        "category": [{"coding": [{"system": t.CS_MESSAGE_CATEGORY, "code": "advice"}]}],
        "medium": medium,
        "subject": reference,
        "recipient": [reference],
        "sent": records.now(),
        "reasonCode": [{"coding": [{"system": t.CS_MESSAGE_REASON, "code": t.REMINDER_TO_SUBMIT}]}],
        "payload": (wanted or {}).get("payload") or [{"contentString": TEXT}],
    }
    return [records.keep(tagged(message, tags_of(episode)))]
