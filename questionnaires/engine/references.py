"""References to other resources and the files of attachments: their shape, as far as it can be judged from here.

Nothing is fetched: whether a patient or a picture exists is for those who store it.
https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/datatypes.html#attachment
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from .definition import Item, is_kind

_NAMES = """
Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic
Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry
ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication
CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric
DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group
GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation
ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure
MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition
OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation
Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject
RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen
SpecimenDefinition StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid
SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial
SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript
ValueSet VerificationResult VisionPrescription
"""
RESOURCE_TYPES = frozenset(_NAMES.split())
"""FHIR R4's resource types (https://hl7.org/fhir/R4/resourcelist.html)."""

_RESTFUL = re.compile(
    r"(?:https?://[^\s?#]+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9.\-]{1,64}(?:/_history/[A-Za-z0-9.\-]{1,64})?",
    re.ASCII,
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+", re.ASCII)

Problem = tuple[str, dict[str, object]]
"""A key of the catalogue and the facts of its sentence."""


def reference_problem(value: Mapping[str, Any], item: Item, contained: Mapping[str, str]) -> Problem | None:
    """What is wrong with a Reference that answers `item`, or None.

    `contained`: the type of each resource inside the response, by its id. A reference without an address (a name
    or an identifier alone) is allowed, as FHIR allows it.
    """
    address, stated = value.get("reference"), value.get("type")
    if address is not None and not isinstance(address, str):
        return "answer.reference-shape", {"given": "?"}
    found = stated if isinstance(stated, str) else None
    if address:
        known, kind = _kind(address, contained)
        if not known:
            return "answer.reference-shape", {"given": address}
        found = kind or found
    if found is None:
        if item.reference_targets and address:
            return "answer.reference-target", {
                "found": address,
                "expected": ", ".join(item.reference_targets),
            }
        return None
    if found not in RESOURCE_TYPES:
        return "answer.reference-unknown", {"found": found}
    if item.reference_targets and found not in item.reference_targets:
        return "answer.reference-target", {"found": found, "expected": ", ".join(item.reference_targets)}
    return None


def _kind(address: str, contained: Mapping[str, str]) -> tuple[bool, str | None]:
    """Is it an address at all; and which type of resource does it name, if it says so?"""
    if address.startswith("#"):
        kind = contained.get(address[1:])
        return kind is not None, kind or None
    restful = _RESTFUL.fullmatch(address)
    if restful is not None:
        return True, restful[1]
    # Other absolute addresses (urn:uuid:…, a server that is not RESTful) are allowed and name no type.
    return _ABSOLUTE.fullmatch(address) is not None, None


def contained_types(response: Mapping[str, Any]) -> dict[str, str]:
    """The type of each contained resource by its id."""
    contained = response.get("contained")
    return {
        one["id"]: str(one.get("resourceType") or "")
        for one in (contained if isinstance(contained, list | tuple) else ())
        if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    }


def attachment_problem(value: Mapping[str, Any], item: Item) -> Problem | None:
    """What is wrong with an Attachment that answers `item`, or None: its kind of file, its data, its size."""
    kind, data = value.get("contentType"), value.get("data")
    if item.mime_types and not (isinstance(kind, str) and any(is_kind(kind, one) for one in item.mime_types)):
        return "answer.attachment-type", {"expected": ", ".join(item.mime_types)}
    size = value.get("size")
    if data is not None:
        size = _bytes_of(data)
        if size is None:
            return "answer.attachment-data", {}
    if item.max_size is not None and isinstance(size, int) and size > item.max_size:
        return "answer.attachment-size", {"limit": item.max_size}
    return None


def _bytes_of(data: object) -> int | None:
    """How many bytes the base64 text stands for; None if it is none."""
    if not isinstance(data, str):
        return None
    try:
        return len(base64.b64decode("".join(data.split()), validate=True))
    except (binascii.Error, ValueError):
        return None
