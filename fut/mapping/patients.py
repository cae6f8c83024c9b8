"""Flow A: find or create the citizen."""

from fut import terminology as t
from fut.facts import PatientFacts
from fut.mapping.elements import Json, parameters
from fut.validation import checked


def create_patient(patient: PatientFacts) -> Json:
    """`Patient/$createPatient`: the CPR number as `crn`; the platform fetches the rest from the register."""
    return checked(
        parameters(crn={"valueIdentifier": {"use": "official", "system": t.CPR, "value": patient.cpr}})
    )
