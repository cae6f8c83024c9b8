"""DK-QFDD (HL7 CDA R2) → a FHIR questionnaire, mapped as FUT's `$transform-from-QFDD` does.

Where we differ from FUT: a number with an interval of whole numbers is `integer` (FUT's example says `decimal`); texts
of sections lose their mark-up; and a display keeps the same link id at each import.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from questionnaires.engine import extension_urls as urls
from questionnaires.transfer import qfdd
from questionnaires.transfer.candidates import Candidate, FileRefused
from questionnaires.transfer.xml_reading import HL7

Json = dict[str, Any]
_NAMES = {"h": HL7.strip("{}")}


def questionnaire_in_qfdd(root: Element, *, name: str) -> Candidate:
    """The questionnaire of a form definition document. Raises FileRefused for any other clinical document."""
    templates = _templates(root)
    code = root.find("h:code", _NAMES)
    if not templates & set(qfdd.DOCUMENT) and (code is None or code.get("code") != qfdd.FORM_CODE):
        raise FileRefused(_("Filen er et klinisk dokument (HL7 CDA), men ikke et spørgeskema i QFDD-format."))
    return _Document(root).read(name)


@dataclass(slots=True)
class _Document:
    root: Element
    link_ids: dict[str, str] = field(default_factory=dict)  # code of a question → its link id
    types: dict[str, str] = field(default_factory=dict)  # … → its FHIR type
    options: dict[str, Json] = field(default_factory=dict)  # … → its options by their codes
    contained: list[Json] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def read(self, name: str) -> Candidate:
        identity = self.root.find("h:id", _NAMES)
        system, value = _id(identity)
        self._know_questions()
        document: Json = {"resourceType": "Questionnaire", "status": "draft"}
        if value:
            document["url"] = value_url(system, value)
            document["identifier"] = [{"system": f"{qfdd.OID}{system}", "value": value}]
        language = self.root.find("h:languageCode", _NAMES)
        document["language"] = (language.get("code") if language is not None else "") or "da-DK"
        version = self.root.find("h:versionNumber", _NAMES)
        if version is not None and version.get("value"):
            document["version"] = version.get("value")
        document["title"] = _words(self.root.find("h:title", _NAMES)) or name
        organization = ".//h:representedCustodianOrganization/h:name"
        if publisher := _words(self.root.find(organization, _NAMES)):
            document["publisher"] = publisher
        namespace = uuid5(NAMESPACE_OID, f"{system} {value}")
        sections = self.root.findall("h:component/h:structuredBody/h:component/h:section", _NAMES)
        items = [
            self._section(section, uuid5(namespace, str(place))) for place, section in enumerate(sections)
        ]
        if copyrights := [words for section in sections for words in _copyrights(section)]:
            document["copyright"] = "\n".join(copyrights)
        if self.contained:
            document["contained"] = self.contained
        document["item"] = items
        return Candidate(name, document=document, notes=tuple(self.notes))

    def _know_questions(self) -> None:
        """Conditions name questions by their codes; they may stand anywhere."""
        for observation in self.root.iter(f"{HL7}observation"):
            templates = _templates(observation)
            if not templates & {qfdd.NUMERIC, qfdd.CHOICE, qfdd.TEXT}:
                continue
            code = observation.find("h:code", _NAMES)
            if code is None or not code.get("code"):
                continue
            key = str(code.get("code"))
            self.link_ids[key] = _id(observation.find("h:id", _NAMES))[1] or key
            self.types[key] = _type(observation, templates)
            self.options[key] = {
                option["code"]: option for option in map(_coding, observation.findall("h:value", _NAMES))
            }

    def _section(self, section: Element, name: UUID) -> Json:
        title = _words(section.find("h:title", _NAMES))
        item: Json = {"linkId": str(name), "type": "group"}
        if title:
            item["text"] = title
        if qfdd.COPYRIGHT_SECTION in _templates(section):
            mark = [{"url": urls.IS_COPYRIGHT, "valueBoolean": True}]
            shown = {"linkId": str(uuid5(name, "0")), "type": "display", "extension": mark}
            words = "\n".join(_copyrights(section)) or _words(section.find("h:text", _NAMES)) or title
            return {**item, "extension": mark, "item": [{**shown, "text": words}]}
        organizers = section.findall("h:entry/h:organizer", _NAMES)
        inner = [self._organizer(organizer, uuid5(name, str(n))) for n, organizer in enumerate(organizers, 1)]
        words = _words(section.find("h:text", _NAMES))
        if not organizers and (words or title):
            inner = [{"linkId": str(uuid5(name, "0")), "type": "display", "text": words or title}]
        return {**item, "item": inner} if inner else {**item, "type": "display"}

    def _organizer(self, organizer: Element, name: UUID) -> Json:
        identity = organizer.find("h:id", _NAMES)
        components = sorted(organizer.findall("h:component", _NAMES), key=_place)
        observations = [
            observation
            for component in components
            if (observation := component.find("h:observation", _NAMES)) is not None
        ]
        return {
            **_identified(identity),
            "linkId": _id(identity)[1] or str(name),
            "type": "group",
            "item": [item for observation in observations for item in self._questions(observation)],
        }

    def _questions(self, observation: Element) -> Iterator[Json]:
        """The question, and after it those that FUT, too, takes out of it: texts to an option."""
        yield self._question(observation)
        for inner in observation.findall("h:entryRelationship/h:observation", _NAMES):
            if _templates(inner) & {qfdd.NUMERIC, qfdd.CHOICE, qfdd.TEXT}:
                yield from self._questions(inner)

    def _question(self, observation: Element) -> Json:
        templates = _templates(observation)
        identity, code = observation.find("h:id", _NAMES), observation.find("h:code", _NAMES)
        key = str(code.get("code") or "") if code is not None else ""
        text = _words(code.find("h:originalText", _NAMES)) if code is not None else ""
        type_ = _type(observation, templates)
        item: Json = {"linkId": _id(identity)[1] or key, "type": type_}
        if key and code is not None:
            item["code"] = [_without_display(_coding(code))]
        if text:
            item["text"] = text
        else:
            self.notes.append(_("Et spørgsmål (%(code)s) har ingen tekst.") % {"code": key or item["linkId"]})
        extensions = [*_identified(identity).get("extension", ()), *_slider(templates)]
        extensions += _limits(observation, type_)
        if type_ == "choice":
            options = [_coding(value) for value in observation.findall("h:value", _NAMES)]
            item["answerOption"] = [{"valueCoding": option} for option in options]
            least, most = _counts(observation)
            if least >= 1:
                item["required"] = True
            if most > 1:
                item["repeats"] = True
                extensions.append({"url": urls.MAX_OCCURS, "valueInteger": most})
                if least > 1:
                    extensions.append({"url": urls.MIN_OCCURS, "valueInteger": least})
        extensions += self._images(observation)
        if help_text := _help(observation):
            extensions.append(
                {"url": urls.HELP_TEXT, "extension": [{"url": "text", "valueString": help_text}]}
            )
        if extensions:
            item["extension"] = extensions
        if conditions := list(self._conditions(observation)):
            item["enableWhen"], item["enableBehavior"] = conditions, "all"
        return item

    def _images(self, observation: Element) -> Iterator[Json]:
        for media in observation.findall("h:entryRelationship/h:observationMedia", _NAMES):
            value = media.find("h:value", _NAMES)
            if value is None or not (value.text or "").strip():
                continue
            name = str(len(self.contained) + 1)
            data = "".join((value.text or "").split())
            kind = value.get("mediaType") or "image/png"
            self.contained.append({"resourceType": "Binary", "id": name, "contentType": kind, "data": data})
            reference = {"url": "content", "valueReference": {"reference": f"#{name}"}}
            yield {"url": urls.IMAGE, "extension": [reference]}

    def _conditions(self, observation: Element) -> Iterator[Json]:
        for criterion in observation.findall("h:precondition/h:criterion", _NAMES):
            code, value = criterion.find("h:code", _NAMES), criterion.find("h:value", _NAMES)
            key = str(code.get("code") or "") if code is not None else ""
            if key not in self.link_ids or value is None:
                self.notes.append(
                    _("En betingelse nævner spørgsmålet »%(code)s«, som ikke er i dokumentet.")
                    % {"code": key or "?"}
                )
                continue
            asked = {"question": self.link_ids[key]}
            if wanted := str(value.get("code") or ""):
                option = self.options[key].get(wanted) or _coding(value)
                yield {**asked, "operator": "=", "answerCoding": option}
                continue
            for tag, operator in (("low", ">"), ("high", "<")):
                bound = value.find(f"h:{tag}", _NAMES)
                if bound is None or bound.get("value") is None:
                    continue
                inclusive = "" if bound.get("inclusive") == "false" else "="
                yield {
                    **asked,
                    "operator": operator + inclusive,
                    **self._answer(key, str(bound.get("value"))),
                }

    def _answer(self, key: str, text: str) -> Json:
        match self.types[key]:
            case "integer" if (number := _number(text)) is not None and isinstance(number, int):
                return {"answerInteger": number}
            case "date":
                return {"answerDate": _date(text)}
        number = _number(text)
        return {"answerDecimal": number} if number is not None else {"answerString": text}


def value_url(system: str, value: str) -> str:
    """The canonical address of a document's id: a UUID stands for itself, anything else with its assigner."""
    try:
        return UUID(value).urn
    except ValueError:
        return f"{qfdd.OID}{system}:{value}" if system else value


def _type(observation: Element, templates: set[str]) -> str:
    if qfdd.CHOICE in templates:
        return "choice"
    if qfdd.NUMERIC not in templates:
        return "text"
    kind = _interval_kind(observation)
    if kind == "IVL_INT":
        return "integer"
    return "date" if kind == "IVL_TS" else "decimal"


def _interval(observation: Element) -> Element | None:
    return observation.find("h:referenceRange/h:observationRange/h:value", _NAMES)


def _interval_kind(observation: Element) -> str:
    interval = _interval(observation)
    return (interval.get(qfdd.XSI_TYPE) or "") if interval is not None else ""


def _limits(observation: Element, type_: str) -> Iterator[Json]:
    interval = _interval(observation)
    if interval is None or type_ == "choice":
        return
    if interval.find("h:head", _NAMES) is not None:
        head, increment = interval.find("h:head", _NAMES), interval.find("h:increment", _NAMES)
        step = _number(increment.get("value") or "") if increment is not None else None
        if step is not None:
            yield {"url": urls.SLIDER_STEPS[1], "valueDecimal": step}
        # The greatest value stands in an attribute that HL7 means for something else: so FUT and MedCom have it.
        bounds = [(urls.MIN_VALUES[0], head.get("value") if head is not None else None)]
        bounds.append((urls.MAX_VALUES[0], interval.get("denominator")))
    else:
        low, high = interval.find("h:low", _NAMES), interval.find("h:high", _NAMES)
        bounds = [(urls.MIN_VALUES[0], low.get("value") if low is not None else None)]
        bounds.append((urls.MAX_VALUES[0], high.get("value") if high is not None else None))
    for url, text in bounds:
        if text is None:
            continue
        if type_ == "date":
            yield {"url": url, "valueDate": _date(text)}
        elif (number := _number(text)) is not None:
            whole = isinstance(number, int) and type_ == "integer"
            yield {"url": url, "valueInteger" if whole else "valueDecimal": number}


def _slider(templates: set[str]) -> Iterator[Json]:
    if templates & {qfdd.ANALOG_SLIDER, qfdd.DISCRETE_SLIDER}:
        coding = {"system": qfdd.ITEM_CONTROLS, "code": "slider", "display": "Slider"}
        yield {"url": urls.ITEM_CONTROL, "valueCodeableConcept": {"coding": [coding]}}


def _counts(observation: Element) -> tuple[int, int]:
    """The least and most options to choose; without a word about it, one may be chosen."""
    for inner in observation.findall("h:entryRelationship/h:observation", _NAMES):
        if qfdd.COUNTS in _templates(inner):
            low, high = inner.find("h:value/h:low", _NAMES), inner.find("h:value/h:high", _NAMES)
            least = _number(low.get("value") or "") if low is not None else 0
            most = _number(high.get("value") or "") if high is not None else 1
            return (least if isinstance(least, int) else 0), (most if isinstance(most, int) else 1)
    return 0, 1


def _help(observation: Element) -> str:
    for inner in observation.findall("h:entryRelationship/h:observation", _NAMES):
        if qfdd.HELP in _templates(inner):
            return _words(inner.find("h:value", _NAMES))
    return ""


def _copyrights(section: Element) -> list[str]:
    return [
        words
        for observation in section.findall("h:entry/h:observation", _NAMES)
        if qfdd.COPYRIGHT in _templates(observation)
        and (words := _words(observation.find("h:value", _NAMES)))
    ]


def _identified(identity: Element | None) -> Json:
    """The extension by which FUT keeps an element's id, as the beginning of an item."""
    system, value = _id(identity)
    if not value:
        return {}
    identifier: Json = {"system": f"{qfdd.OID}{system}", "value": value}
    if identity is not None and (assigner := identity.get("assigningAuthorityName")):
        identifier["assigner"] = {"display": assigner}
    return {"extension": [{"url": qfdd.EXTERNAL_IDENTIFIER, "valueIdentifier": identifier}]}


def _id(identity: Element | None) -> tuple[str, str]:
    if identity is None:
        return "", ""
    return identity.get("root") or "", identity.get("extension") or ""


def _coding(element: Element) -> Json:
    system, display = element.get("codeSystem"), element.get("displayName")
    return {
        **({"system": f"{qfdd.OID}{system}"} if system else {}),
        "code": element.get("code") or "",
        **({"display": display} if display else {}),
    }


def _without_display(coding: Json) -> Json:
    return {name: value for name, value in coding.items() if name != "display"}


def _templates(element: Element) -> set[str]:
    return {template.get("root") or "" for template in element.findall("h:templateId", _NAMES)}


def _place(component: Element) -> int:
    number = component.find("h:sequenceNumber", _NAMES)
    value = _number(number.get("value") or "") if number is not None else None
    return value if isinstance(value, int) else 0


def _number(text: str) -> int | float | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > Decimal("1e15"):
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _date(text: str) -> str:
    """“20260301…” → “2026-03-01”."""
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text[:8].isdigit() and len(text) >= 8 else text


def _words(element: Element | None) -> str:
    """The text of an element, its paragraphs and breaks as lines; mark-up is dropped."""
    if element is None:
        return ""
    pieces: list[str] = []
    _collect(element, pieces)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _collect(element: Element, pieces: list[str]) -> None:
    pieces.append(" ".join((element.text or "").split("\n")))
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        if name in ("br", "paragraph", "item", "list", "tr"):
            pieces.append("\n")
        _collect(child, pieces)
        if name in ("paragraph", "item", "td", "th"):
            pieces.append("\n" if name in ("paragraph", "item") else " ")
        pieces.append(" ".join((child.tail or "").split("\n")))
