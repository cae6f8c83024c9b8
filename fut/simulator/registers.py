"""What the platform takes over from national registers the first time someone asks: citizens and municipalities."""

from datetime import date
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from fut import terminology as t
from fut.simulator.outcomes import Refusal, broken_rule, not_found
from fut.simulator.parameters import parameter
from fut.simulator.records import Records

Json = dict[str, Any]


def create_patient(records: Records, parameters: Json) -> Json:
    """The citizen of the number, made on first sight; idempotent."""
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
    with records.store.transaction():
        found = records.store.search("Patient", {"identifier": [f"{t.CPR}|{cpr}"]}, count=1, offset=0)
        return found.resources[0] if found.resources else records.create(_patient(cpr))


def _patient(cpr: str) -> Json:
    """What the register could say of such a number."""
    born = birth_date(cpr)
    return {
        "resourceType": "Patient",
        "meta": {"profile": [t.PATIENT]},
        "identifier": [{"use": "official", "system": t.CPR, "value": cpr}],
        "name": [{"use": "official", "family": "Borger", "given": ["Ukendt"]}],
        "gender": "male" if int(cpr[-1]) % 2 else "female",
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
