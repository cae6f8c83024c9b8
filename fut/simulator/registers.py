"""What the platform takes over from national registers the first time someone asks: citizens and municipalities."""

from datetime import date
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from fut import terminology as t
from fut.simulator.communications import allows_nemsms
from fut.simulator.outcomes import Refusal, broken_rule, invalid, not_found
from fut.simulator.parameters import parameter
from fut.simulator.records import Records
from fut.simulator.telephones import Telephones

Json = dict[str, Any]


NEMSMS = {"system": "other", "value": t.NEMSMS_TELECOM}

PATCHABLE = frozenset(
    {"implicitRules", "language", "contained", "identifier", "name", "address", "maritalStatus"}
    | {"multipleBirth", "photo", "contact", "telecom", "communication", "link", "extension"}
)
"""What the guide's page on ehealth-patient lets a client change."""


def create_patient(records: Records, telephones: Telephones, parameters: Json) -> Json:
    """`$createPatient`: the citizen of the number, made on first sight and refreshed later; idempotent."""
    cpr = str(parameter(parameters, "crn").get("valueIdentifier", {}).get("value", ""))
    if not cpr:
        raise broken_rule("PERSON_CPR_NUMBER_NOT_PROVIDED", "No CPR Provided")
    if not (cpr.isdecimal() and len(cpr) == 10 and cpr.strip("0")):
        raise Refusal(
            404,
            ["Provided CPR number does not link to a person in the external CPR registry"],
            code="PERSON_WITH_THAT_CPR_NUMBER_DOES_NOT_EXIST",
            issue_type="not-found",
        )
    enrolled = telephones.is_enrolled(cpr)
    with records.store.transaction():
        found = records.store.find("Patient", {"identifier": [f"{t.CPR}|{cpr}"]})
        return _refreshed(records, found[0], enrolled) if found else records.create(_patient(cpr, enrolled))


def _refreshed(records: Records, patient: Json, enrolled: bool) -> Json:
    """A citizen who is known already, with NemSMS as the register has it now."""
    if allows_nemsms(patient) == enrolled:
        return patient
    telecom = [one for one in patient.get("telecom", ()) if one.get("value") != t.NEMSMS_TELECOM]
    telecom += [NEMSMS] if enrolled else []
    changed = {name: value for name, value in patient.items() if name != "telecom"}
    return records.change(changed | ({"telecom": telecom} if telecom else {}), before=patient)


def check_patient_change(before: Json, after: Json) -> None:
    """The guide's “Update rules”: what comes from the CPR register stays as it is there."""
    crn = [one.get("value") for one in before["identifier"] if one.get("system") == t.CPR]
    if crn != [one.get("value") for one in after.get("identifier", ()) if one.get("system") == t.CPR]:
        raise broken_rule("PATIENT_CPR_CHANGE_IS_NOT_ALLOWED", "CPR change is not allowed")
    for element, use, code, words in (
        ("name", "official", "PATIENT_OFFICIAL_NAME_CHANGE_NOT_ALLOWED", "Official name change not allowed"),
        (
            "address",
            "home",
            "PATIENT_HOME_ADDRESS_CHANGE_IS_NOT_ALLOWED",
            "Home address change is not allowed",
        ),
    ):
        kept, given = (
            [one for one in resource.get(element, ()) if one.get("use") == use]
            for resource in (before, after)
        )
        if kept != given:
            raise broken_rule(code, words)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if found := sorted(changed - PATCHABLE - {"meta"}):
        raise invalid(*(f"{name}: cannot be patched" for name in found))


def _patient(cpr: str, enrolled: bool) -> Json:
    """What the register could say of such a number."""
    born = birth_date(cpr)
    return {
        "resourceType": "Patient",
        "meta": {"profile": [t.PATIENT]},
        "identifier": [{"use": "official", "system": t.CPR, "value": cpr}],
        "name": [{"use": "official", "family": "Borger", "given": ["Ukendt"]}],
        "gender": "male" if int(cpr[-1]) % 2 else "female",
        **({"telecom": [NEMSMS]} if enrolled else {}),
        **({"birthDate": born.isoformat()} if born else {}),
    }


def birth_date(cpr: str) -> date | None:
    """By the seventh digit's table of centuries; replacement numbers have 60 added to the day. None if no date."""
    day, month, year, seventh = int(cpr[:2]), int(cpr[2:4]), int(cpr[4:6]), int(cpr[6])
    if seventh <= 3 or (seventh in {4, 9} and year >= 37):
        century = 1900
    elif seventh in {4, 9} or year <= 57:
        century = 2000
    else:
        century = 1800
    try:
        return date(century + year, month, day - 60 if day > 60 else day)
    except ValueError:
        return None


def organization_of(records: Records, municipality_code: str) -> Json:
    """The municipality, taken over from the national register the first time someone asks for it."""
    if not (municipality_code.isdecimal() and len(municipality_code) == 4):
        raise not_found("Organization", municipality_code)
    return records.create(
        {
            "resourceType": "Organization",
            "meta": {"profile": [t.ORGANIZATION]},
            "extension": [
                {
                    "url": t.EXT_SOURCE,
                    "valueCodeableConcept": {
                        "coding": [{"system": f"{t.EHEALTH_CS}organization-source", "code": "STS-ORG"}]
                    },
                },
                {
                    "url": t.EXT_SYNCHRONIZATION_STATUS,
                    "valueCodeableConcept": {
                        "coding": [
                            {
                                "system": f"{t.EHEALTH_CS}organization-synchronization-status",
                                "code": "EligibleForSynchronization",
                            }
                        ]
                    },
                },
                {"url": t.EXT_MUNICIPALITY_CODE, "valueString": municipality_code},
            ],
            "identifier": [
                {
                    "system": "https://www.kombit.dk/sts/organisation",
                    "value": str(uuid5(NAMESPACE_OID, municipality_code)),
                }
            ],
            "name": f"Kommune {municipality_code}",
        }
    )
