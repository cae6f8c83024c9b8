"""What reading and writing DK-QFDD share: the templates and codes of HL7 CDA questionnaire form definition documents.

Sources: documents that the national platform (FUT) and MedCom made, and FUT's own mapping of them to FHIR as its
implementation guide shows it (`$transform-from-QFDD`, `$transform-to-QRD`). The texts of HL7's guide and MedCom's
profiles could not be read in whole: docs/kam.md says what that leaves open.
"""

from typing import Final

DOCUMENT: Final = ("1.2.208.184.12.1", "1.2.208.184.12.1.1.1")
_ROOT = "2.16.840.1.113883.10.20.32"
SECTION: Final = f"{_ROOT}.2.1"
COPYRIGHT_SECTION: Final = f"{_ROOT}.2.2"
ORGANIZER: Final = f"{_ROOT}.4.1"
MEDIA: Final = f"{_ROOT}.4.2"
CRITERION: Final = f"{_ROOT}.4.3"
PRECONDITION: Final = f"{_ROOT}.4.4"
RANGE: Final = f"{_ROOT}.4.5"
NUMERIC: Final = f"{_ROOT}.4.7"
CHOICE: Final = f"{_ROOT}.4.8"
TEXT: Final = f"{_ROOT}.4.9"
ANALOG_SLIDER: Final = f"{_ROOT}.4.10"
DISCRETE_SLIDER: Final = f"{_ROOT}.4.11"
HELP: Final = f"{_ROOT}.4.19"
COUNTS: Final = f"{_ROOT}.4.20"
COPYRIGHT: Final = f"{_ROOT}.4.21"

LOINC: Final = "2.16.840.1.113883.6.1"
FORM_CODE: Final = "74468-0"
COUNTS_CODE: Final = "74467-2"
HELP_CODE: Final = "48767-8"
MEDCOM: Final = "1.2.208.184"
MEDCOM_QUESTIONS: Final = "1.2.208.184.12.1"
CONFIDENTIALITY: Final = "2.16.840.1.113883.5.25"

EXTERNAL_IDENTIFIER: Final = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-external-identifier"
ITEM_CONTROLS: Final = "http://hl7.org/fhir/questionnaire-item-control"
OID: Final = "urn:oid:"
XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
