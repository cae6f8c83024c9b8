"""The access log in the shape of MinLog2, the national log that citizens read at sundhed.dk.

MinLog2 is no audit log and takes the place of none (nspop.dk, “MinLog 2 – Vejledning”); what is here is an adapter for
the day a municipality reports to it. What is public about its fields is the answer of its look-up service
(nspop.dk, “MinLog2”, the table of ListLogStatementsResponse): the element names below, with their attribute `source`,
are that table's. **Not public**, and therefore not claimed here: the envelope and the order of elements of a
registration, the name of the element that holds the citizen in a registration, its code lists, and which elements are
required. The citizen's number therefore stands under `citizen`, a word of ours, outside the elements; whoever connects
this to the service maps it by the service's own schema.

FUT reports employees with their CPR numbers; ours are known by what their login vouches for, so
`UserPersonIdentifier` is left out, and `UserPersonName` says who it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity import access_words

SYSTEM_NAME = "Kommunal PRO"


@dataclass(frozen=True, slots=True)
class LoggedUse:
    """One entry of the access log with what MinLog2 wants to know of it. `cpr` is a whole number, `at` aware."""

    entry_id: int
    at: datetime
    cpr: str
    municipality_cvr: str
    municipality_name: str
    unit_name: str
    staff_name: str
    what: str
    action: str
    purpose: str
    request_id: str


def registration(use: LoggedUse) -> dict[str, Any]:
    """The use as JSON: MinLog2's element names, the `source` of an identifier beside its value.

    A use is an instant here, so FromDateTime and ToDateTime are the same. Texts are what the citizen reads in our own
    view of the log.
    """
    at = use.at.isoformat()
    organisation = use.municipality_name + (f", {use.unit_name}" if use.unit_name else "")
    destination = {
        "SystemName": SYSTEM_NAME,
        "Activity": str(access_words.done(use.what, use.action)),
        "Reason": str(access_words.why(use.purpose)),
        "FromDateTime": at,
        "ToDateTime": at,
        "OrganisationId": {"source": "CVR", "value": use.municipality_cvr},
        "OrganisationName": organisation,
        "UserPersonName": use.staff_name,
        "CorrelationId": use.request_id or str(use.entry_id),
    }
    return {"citizen": {"source": "CPR", "value": use.cpr}, "Destination": destination}
