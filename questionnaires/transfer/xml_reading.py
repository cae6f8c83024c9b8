"""XML from outside: no document types, no entities, nothing fetched."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from questionnaires.transfer.candidates import FileRefused

HL7 = "{urn:hl7-org:v3}"
FHIR = "{http://hl7.org/fhir}"
DEEPEST = 100
MOST_ELEMENTS = 100_000


def parsed(content: bytes) -> Element:
    """The root of the document. Raises FileRefused."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise FileRefused(
            _(
                "Filen er XML med en dokumenttype eller entiteter. Det bliver ikke læst af hensyn til sikkerheden."
            )
        ) from None
    except (ParseError, ValueError, LookupError):
        raise FileRefused(
            _("Filen kan ikke læses som XML. Er hele filen kommet med, og er tegnkodningen rigtig?")
        ) from None
    layer, count = [root], 0
    for _layer in range(DEEPEST):
        count += len(layer)
        if count > MOST_ELEMENTS:
            break
        if not (layer := [child for element in layer for child in element]):
            return root
    raise FileRefused(_("Filens XML er for stor eller for dybt indlejret til at være et spørgeskema."))
