"""A FHIR questionnaire → DK-QFDD (HL7 CDA R2), in the shape of the documents that FUT and MedCom make.

What the format has no place for is not written, and `Written.losses` says so, one sentence for each kind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext as _

from questionnaires.engine import Behavior, Definition, EnableWhen, Item, ItemControl, ItemType, Operator
from questionnaires.transfer import qfdd
from questionnaires.transfer.xml_reading import HL7

_CODES_OF_BOOLEAN = {True: ("true", "Ja"), False: ("false", "Nej")}
_AS_TEXT = {ItemType.DATE, ItemType.DATE_TIME, ItemType.TIME, ItemType.URL}
_COMPONENT = {"typeCode": "COMP", "contextConductionInd": "true"}


@dataclass(frozen=True, slots=True)
class Written:
    """The document, and what of the questionnaire is not in it."""

    content: bytes
    losses: tuple[str, ...]


def as_qfdd(definition: Definition, *, version: int, owner: str, at: datetime) -> Written:
    """The document of a version; `owner` is the name of the organisation that keeps it, `at` when it is made."""
    document = _Document(definition)
    root = document.write(version=version, owner=owner, at=at)
    ElementTree.register_namespace("", HL7.strip("{}"))
    ElementTree.register_namespace("sdtc", "urn:hl7-org:sdtc")
    ElementTree.register_namespace("xsi", "http://www.w3.org/2001/XMLSchema-instance")
    ElementTree.indent(root)
    content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Written(content, tuple(dict.fromkeys(document.losses)))


@dataclass(slots=True)
class _Document:
    definition: Definition
    losses: list[str] = field(default_factory=list)
    identifiers: Mapping[str, Mapping[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.identifiers = _identifiers(self.definition.source)

    def write(self, *, version: int, owner: str, at: datetime) -> Element:
        definition = self.definition
        root = Element(f"{HL7}ClinicalDocument", {"classCode": "DOCCLIN", "moodCode": "EVN"})
        _add(root, "realmCode", code="DK")
        _add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
        for template in qfdd.DOCUMENT:
            _add(root, "templateId", root=template)
        system, value = self._document_id()
        _add(root, "id", root=system, extension=value, assigningAuthorityName="MedCom")
        _add(root, "code", code=qfdd.FORM_CODE, codeSystem=qfdd.LOINC, codeSystemName="LOINC")
        _text(root, "title", definition.title or _("Spørgeskema"))
        moment = at.strftime("%Y%m%d%H%M%S%z")
        _add(root, "effectiveTime", value=moment)
        _add(root, "confidentialityCode", code="N", codeSystem=qfdd.CONFIDENTIALITY)
        _add(root, "languageCode", code=definition.language or "da-DK")
        _add(root, "versionNumber", value=str(version))
        patient = _add(_add(root, "recordTarget"), "patientRole", nullFlavor="NI")
        _add(patient, "id", nullFlavor="NI")
        author = _add(root, "author", typeCode="AUT", contextControlCode="OP")
        _add(author, "time", value=moment)
        assigned = _add(author, "assignedAuthor", classCode="ASSIGNED")
        _add(assigned, "id", nullFlavor="NI")
        organization = _add(assigned, "representedOrganization", classCode="ORG", determinerCode="INSTANCE")
        _text(organization, "name", owner)
        custodian = _add(_add(root, "custodian", typeCode="CST"), "assignedCustodian", classCode="ASSIGNED")
        keeper = _add(
            custodian, "representedCustodianOrganization", classCode="ORG", determinerCode="INSTANCE"
        )
        _add(keeper, "id", nullFlavor="NI")
        _text(keeper, "name", owner)
        body = _add(
            _add(root, "component", **_COMPONENT), "structuredBody", classCode="DOCBODY", moodCode="EVN"
        )
        for group in self._sections():
            self._section(body, group)
        words = definition.source.get("copyright")
        if isinstance(words, str) and words and not any(item.is_copyright for item in definition.items):
            self._copyright(body, _("Ophavsret"), words)
        return root

    def _document_id(self) -> tuple[str, str]:
        for identifier in self.definition.identifiers:
            system, value = identifier.get("system"), identifier.get("value")
            if isinstance(system, str) and system.startswith(qfdd.OID) and isinstance(value, str):
                return system.removeprefix(qfdd.OID), value
        url = self.definition.url
        try:
            return qfdd.MEDCOM, str(UUID(url.removeprefix("urn:uuid:")))
        except ValueError:
            return qfdd.MEDCOM, str(uuid5(NAMESPACE_URL, url))

    def _sections(self) -> Iterator[tuple[str, list[Item]]]:
        """Title and content of each section: a group, or items that follow each other outside groups."""
        loose: list[Item] = []
        for item in self.definition.items:
            if item.type is ItemType.GROUP:
                if loose:
                    yield "", loose
                    loose = []
                yield item.text, [item]
            else:
                loose.append(item)
        if loose:
            yield "", loose

    def _section(self, body: Element, made: tuple[str, list[Item]]) -> None:
        title, content = made
        group = content[0] if content[0].type is ItemType.GROUP else None
        inner = list(group.items) if group is not None else content
        if group is not None and group.is_copyright:
            self._copyright(body, title, "\n".join(item.text for item in inner if item.text) or title)
            return
        section = _add(_add(body, "component", **_COMPONENT), "section", classCode="DOCSECT", moodCode="EVN")
        _add(section, "templateId", root=qfdd.SECTION)
        runs = list(_runs(inner, group))
        if runs:
            _add(section, "code", code=qfdd.FORM_CODE, codeSystem=qfdd.LOINC, codeSystemName="LOINC")
        _text(section, "title", title or self.definition.title or _("Spørgsmål"))
        words = [item.text for item in inner if item.type is ItemType.DISPLAY and item.text]
        self._lose_of_group(group)
        narrative = _add(section, "text")
        for paragraph in words or [title or self.definition.title]:
            _text(narrative, "paragraph", paragraph)
        _add(section, "languageCode", code=self.definition.language or "da-DK")
        for owner, run in runs:
            self._organizer(section, owner, run)

    def _organizer(self, section: Element, owner: Item | None, run: list[Item]) -> None:
        entry = _add(section, "entry", **_COMPONENT)
        organizer = _add(entry, "organizer", classCode="BATTERY", moodCode="EVN")
        _add(organizer, "templateId", root=qfdd.ORGANIZER)
        if owner is not None and owner.parent is not None:
            self._identify(organizer, owner)
            self._lose_of_group(owner)
        else:
            name = uuid5(NAMESPACE_URL, f"{self.definition.url} {run[0].link_id}")
            _add(
                organizer,
                "id",
                root=qfdd.MEDCOM_QUESTIONS,
                extension=str(name),
                assigningAuthorityName="MedCom",
            )
        _add(organizer, "statusCode", code="completed")
        for number, item in enumerate(run, 1):
            component = _add(organizer, "component", **_COMPONENT)
            _add(component, "sequenceNumber", value=str(number))
            self._question(component, item)

    def _question(self, component: Element, item: Item) -> None:
        observation = _add(component, "observation", classCode="OBS", moodCode="DEF")
        is_choice = item.offers_options or item.type is ItemType.BOOLEAN
        kind = qfdd.CHOICE if is_choice else qfdd.NUMERIC if item.type.is_numeric else qfdd.TEXT
        is_slider = item.control is ItemControl.SLIDER and kind is not qfdd.TEXT
        _add(observation, "templateId", root=kind)
        if is_slider:
            _add(observation, "templateId", root=qfdd.DISCRETE_SLIDER if is_choice else qfdd.ANALOG_SLIDER)
        self._identify(observation, item)
        code, system = self._code(item)
        named = _add(observation, "code", code=code, codeSystem=system)
        _text(named, "originalText", item.text or item.link_id)
        if is_choice:
            self._options(observation, item)
        self._images(observation, item)
        if item.help_text:
            inner = self._inner(observation, qfdd.HELP)
            _add(inner, "code", code=qfdd.HELP_CODE, codeSystem=qfdd.LOINC, codeSystemName="LOINC")
            value = _text(inner, "value", item.help_text)
            value.set(qfdd.XSI_TYPE, "ST")
            value.set("language", self.definition.language or "da-DK")
        self._preconditions(observation, item)
        if item.type.is_numeric and not is_choice:
            self._range(observation, item, is_slider=is_slider)
        self._lose(item)

    def _identify(self, element: Element, item: Item) -> None:
        """The id that the element had in a document it came from; else its link id."""
        system, value, assigner = qfdd.MEDCOM_QUESTIONS, item.link_id, "MedCom"
        if (identifier := self.identifiers.get(item.link_id)) is not None:
            system = str(identifier.get("system") or "").removeprefix(qfdd.OID) or system
            value = str(identifier.get("value") or value)
        _add(element, "id", root=system, extension=value, assigningAuthorityName=assigner)

    def _code(self, item: Item) -> tuple[str, str]:
        for coding in item.codes:
            if coding.get("code"):
                return str(coding["code"]), _oid(coding.get("system"))
        return item.link_id, qfdd.MEDCOM_QUESTIONS

    def _options(self, observation: Element, item: Item) -> None:
        if item.type is ItemType.BOOLEAN:
            choices: list[tuple[str, str, object]] = [
                (code, label, None) for code, label in _CODES_OF_BOOLEAN.values()
            ]
        else:
            choices = [
                (*_coded(option.value, option.label), _system(option.value)) for option in item.options
            ]
        if any(option.weight is not None for option in item.options):
            self.losses.append(_("Point på svarmuligheder er ikke med: QFDD har ingen plads til dem."))
        for code, label, system in choices:
            value = _add(observation, "value", code=code, codeSystem=_oid(system), displayName=label)
            value.set(qfdd.XSI_TYPE, "CE")
        inner = self._inner(observation, qfdd.COUNTS)
        _add(inner, "code", code=qfdd.COUNTS_CODE, codeSystem=qfdd.LOINC, codeSystemName="LOINC")
        counts = _add(inner, "value")
        counts.set(qfdd.XSI_TYPE, "IVL_INT")
        least = item.min_occurs or 1 if item.required else 0
        most = (item.max_occurs or len(choices)) if item.repeats else 1
        _add(counts, "low", value=str(least))
        _add(counts, "high", value=str(most))

    def _images(self, observation: Element, item: Item) -> None:
        if item.image is None:
            return
        if not item.image.data:
            self.losses.append(_("Billeder, der kun er en adresse, er ikke med."))
            return
        relation = _add(observation, "entryRelationship", typeCode="REFR", contextConductionInd="true")
        media = _add(relation, "observationMedia", classCode="OBS", moodCode="DEF")
        _add(media, "templateId", root=qfdd.MEDIA)
        value = _text(media, "value", item.image.data)
        value.set("mediaType", item.image.content_type)
        value.set("representation", "B64")

    def _inner(self, observation: Element, template: str) -> Element:
        relation = _add(observation, "entryRelationship", typeCode="SUBJ", contextConductionInd="true")
        inner = _add(relation, "observation", classCode="OBS", moodCode="EVN")
        _add(inner, "templateId", root=template)
        return inner

    def _preconditions(self, observation: Element, item: Item) -> None:
        if len(item.enable_when) > 1 and item.enable_behavior is Behavior.ANY:
            self.losses.append(
                _("Betingelser, hvor én af flere er nok, er ikke med: i QFDD skal de alle være opfyldt.")
            )
            return
        for one in _joined(item.enable_when):
            self._precondition(observation, one)

    def _precondition(self, observation: Element, conditions: tuple[EnableWhen, ...]) -> None:
        asked = self.definition.by_link_id.get(conditions[0].question)
        sayable = [one for one in conditions if _sayable(one)]
        if asked is None or len(sayable) < len(conditions):
            self.losses.append(
                _("En betingelse, der ikke er »er lig med« eller et interval, er ikke med i QFDD-filen.")
            )
            return
        precondition = _add(observation, "precondition", typeCode="PRCN")
        _add(precondition, "templateId", root=qfdd.PRECONDITION)
        criterion = _add(precondition, "criterion", classCode="OBS", moodCode="EVN.CRT")
        _add(criterion, "templateId", root=qfdd.CRITERION)
        code, system = self._code(asked)
        _add(criterion, "code", code=code, codeSystem=system)
        first = conditions[0]
        if first.operator is Operator.EQUALS and not asked.type.is_numeric:
            wanted, _label = _coded(first.value, "")
            value = _add(criterion, "value", code=wanted)
            if coding := first.value.get("valueCoding"):
                value.set("codeSystem", _oid(coding.get("system")))
            value.set(qfdd.XSI_TYPE, "CE")
            return
        value = _add(criterion, "value")
        value.set(qfdd.XSI_TYPE, "IVL_INT" if asked.type is ItemType.INTEGER else "IVL_REAL")
        for tag, operators in (
            ("low", (Operator.GREATER, Operator.GREATER_OR_EQUAL)),
            ("high", (Operator.LESS, Operator.LESS_OR_EQUAL)),
        ):
            for one in conditions:
                if one.operator in operators or one.operator is Operator.EQUALS:
                    bound = _add(value, tag, value=_figure(_amount(one)))
                    if one.operator in (Operator.GREATER, Operator.LESS):
                        bound.set("inclusive", "false")

    def _range(self, observation: Element, item: Item, *, is_slider: bool) -> None:
        least, most = item.min_value, item.max_value
        if least is None and item.min_quantity:
            least = item.min_quantity.get("value")
        if most is None and item.max_quantity:
            most = item.max_quantity.get("value")
        if least is None and most is None and item.type is not ItemType.INTEGER:
            return
        reference = _add(observation, "referenceRange", typeCode="REFV")
        _add(reference, "templateId", root=qfdd.RANGE)
        ranged = _add(reference, "observationRange", classCode="OBS")
        if is_slider and least is not None and most is not None:
            ranged.set("moodCode", "EVN.CRT")
            value = _add(ranged, "value", denominator=_figure(most))
            value.set(qfdd.XSI_TYPE, "GLIST_PQ")
            _add(value, "head", value=_figure(least))
            _add(value, "increment", value=_figure(item.step if item.step is not None else 1))
            return
        value = _add(ranged, "value")
        value.set(qfdd.XSI_TYPE, "IVL_INT" if item.type is ItemType.INTEGER else "IVL_REAL")
        for tag, bound in (("low", least), ("high", most)):
            if bound is not None:
                _add(value, tag, value=_figure(bound))

    def _copyright(self, body: Element, title: str, words: str) -> None:
        section = _add(_add(body, "component", **_COMPONENT), "section", classCode="DOCSECT", moodCode="EVN")
        _add(section, "templateId", root=qfdd.COPYRIGHT_SECTION)
        _text(section, "title", title or _("Ophavsret"))
        _text(_add(section, "text"), "paragraph", words)
        _add(section, "languageCode", code=self.definition.language or "da-DK")
        entry = _add(section, "entry", **_COMPONENT)
        observation = _add(entry, "observation", classCode="OBS", moodCode="EVN")
        _add(observation, "templateId", root=qfdd.COPYRIGHT)
        _add(observation, "code", code="COPY", codeSystem=qfdd.LOINC, codeSystemName="LOINC")
        _text(observation, "value", words).set(qfdd.XSI_TYPE, "ST")

    def _lose_of_group(self, group: Item | None) -> None:
        if group is None:
            return
        if group.enable_when or group.enable_when_expression is not None:
            self.losses.append(_("Betingelser på hele afsnit er ikke med: QFDD har dem kun på spørgsmål."))
        if group.repeats:
            self.losses.append(_("Afsnit, der kan udfyldes flere gange, kan kun udfyldes én gang i QFDD."))

    def _lose(self, item: Item) -> None:
        if item.calculated is not None or item.initial_expression is not None or item.enable_when_expression:
            self.losses.append(_("Beregninger er ikke med: QFDD har ingen plads til dem."))
        if item.significance or item.feedback:
            self.losses.append(_("Farver og tilbagemeldinger er ikke med: QFDD har ingen plads til dem."))
        if item.type in _AS_TEXT:
            self.losses.append(_("Datoer, tidspunkter og links er skrevet som tekstspørgsmål."))
        if item.type is ItemType.ATTACHMENT:
            self.losses.append(_("Spørgsmål, der besvares med en fil, er skrevet som tekstspørgsmål."))
        if item.type is ItemType.OPEN_CHOICE:
            self.losses.append(_("Muligheden for at skrive sit eget svar ved et valg er ikke med."))
        if item.translations:
            self.losses.append(_("Oversættelser er ikke med: en QFDD-fil har ét sprog."))


def _runs(items: list[Item], owner: Item | None) -> Iterator[tuple[Item | None, list[Item]]]:
    """Questions that stand together in one organizer: each group's own, and those below questions with them."""
    run: list[Item] = []
    for item in items:
        if item.type is ItemType.GROUP:
            if run:
                yield owner, run
                run = []
            yield from _runs(list(item.items), item)
        elif item.type is not ItemType.DISPLAY:
            run.append(item)
            run.extend(one for one in list(item.walk())[1:] if one.type.is_question)
    if run:
        yield owner, run


def _joined(conditions: tuple[EnableWhen, ...]) -> list[tuple[EnableWhen, ...]]:
    """Two bounds of one question are one interval."""
    found: dict[tuple[str, bool], list[EnableWhen]] = {}
    for number, one in enumerate(conditions):
        key = (one.question if one.operator.orders else f"{number}", one.operator.orders)
        found.setdefault(key, []).append(one)
    return [tuple(together) for together in found.values()]


def _sayable(one: EnableWhen) -> bool:
    if one.operator is Operator.EQUALS:
        return bool({"valueCoding", "valueBoolean", "valueInteger", "valueDecimal"} & one.value.keys())
    return one.operator.orders and bool({"valueInteger", "valueDecimal", "valueQuantity"} & one.value.keys())


def _amount(one: EnableWhen) -> object:
    ((_name, value),) = one.value.items()
    return value.get("value") if isinstance(value, Mapping) else value


def _coded(value: Mapping[str, Any], label: str) -> tuple[str, str]:
    ((_name, inner),) = value.items()
    if isinstance(inner, bool):
        return _CODES_OF_BOOLEAN[inner]
    if isinstance(inner, Mapping):
        return str(inner.get("code") or inner.get("display") or label), label
    return str(inner), label


def _system(value: Mapping[str, Any]) -> object:
    coding = value.get("valueCoding")
    return coding.get("system") if isinstance(coding, Mapping) else None


def _oid(system: object) -> str:
    """A code system as CDA names it; one that is no OID goes out as the questionnaire's own."""
    text = system if isinstance(system, str) else ""
    return text.removeprefix(qfdd.OID) if text.startswith(qfdd.OID) else qfdd.MEDCOM_QUESTIONS


def _figure(value: object) -> str:
    number = Decimal(str(value))
    return str(int(number)) if number == number.to_integral_value() else f"{number.normalize():f}"


def _identifiers(source: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Link id → the identifier that FUT gave the element."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting: list[Any] = [source]
    while waiting:
        element = waiting.pop()
        if not isinstance(element, Mapping):
            continue
        extensions = element.get("extension")
        for extension in extensions if isinstance(extensions, list | tuple) else ():
            if isinstance(extension, Mapping) and extension.get("url") == qfdd.EXTERNAL_IDENTIFIER:
                identifier = extension.get("valueIdentifier")
                if isinstance(identifier, Mapping) and isinstance(element.get("linkId"), str):
                    found[element["linkId"]] = identifier
        below = element.get("item")
        waiting.extend(below if isinstance(below, list | tuple) else ())
    return found


def _add(parent: Element, name: str, **attributes: str) -> Element:
    return SubElement(parent, f"{HL7}{name}", attributes)


def _text(parent: Element, name: str, words: str) -> Element:
    element = _add(parent, name)
    element.text = "".join(letter for letter in words if letter in "\n\t" or ord(letter) >= 32)
    return element
