"""Reading JSON of unknown shape: each wrong shape is an issue and the element is skipped, nothing raises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from .issues import Both, Issue, make_issue

Json = Mapping[str, Any]
Named = TypeVar("Named", bound=StrEnum)

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

ITEM_CONTROL = f"{_CORE}questionnaire-itemControl"
CHOICE_ORIENTATION = f"{_CORE}questionnaire-choiceOrientation"
SLIDER_STEP = f"{_CORE}questionnaire-sliderStepValue"
SLIDER_STEP_DECIMAL = (
    "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-sliderStepValue"
)
UNIT = f"{_CORE}questionnaire-unit"
UNIT_OPTION = f"{_CORE}questionnaire-unitOption"
HIDDEN = f"{_CORE}questionnaire-hidden"
OPTION_EXCLUSIVE = f"{_CORE}questionnaire-optionExclusive"
OPTION_PREFIX = f"{_CORE}questionnaire-optionPrefix"
MIN_VALUE = f"{_CORE}minValue"
MAX_VALUE = f"{_CORE}maxValue"
MIN_LENGTH = f"{_CORE}minLength"
MAX_DECIMALS = f"{_CORE}maxDecimalPlaces"
ENTRY_FORMAT = f"{_CORE}entryFormat"
REGEX = f"{_CORE}regex"
XHTML = f"{_CORE}rendering-xhtml"
SHORT_TEXT = f"{_SDC}sdc-questionnaire-shortText"
CALCULATED = f"{_SDC}sdc-questionnaire-calculatedExpression"
CQF_EXPRESSION = f"{_CORE}cqf-expression"
ENABLE_WHEN_EXPRESSION = f"{_SDC}sdc-questionnaire-enableWhenExpression"
WEIGHTS = (
    f"{_CORE}itemWeight",
    f"{_CORE}ordinalValue",
    f"{_CORE}questionnaire-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/codesystem-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue",
)
"""Where a score may stand, the newest first (SDC 3.0's `weight()`: itemWeight, else ordinalValue)."""

_SHAPES: dict[type, Both] = {
    str: Both("tekst", "text"),
    bool: Both("sandt eller falsk", "true or false"),
    int: Both("et helt tal", "a whole number"),
    list: Both("en liste", "a list"),
    dict: Both("et objekt", "an object"),
}


@dataclass(slots=True)
class Reader:
    """Reads elements by their expected shape and collects the issues of all that had another one."""

    issues: list[Issue] = field(default_factory=list)

    def report(
        self, key: str, path: str, *, link_id: str | None = None, label: str = "", **facts: object
    ) -> None:
        """Note an issue of the catalogue."""
        self.issues.append(make_issue(key, path, link_id=link_id, label=label, **facts))

    def _shape(self, path: str, name: str, expected: type) -> None:
        self.report("element.shape", f"{path}.{name}", name=name, expected=_SHAPES[expected])

    def text(self, json: Json, name: str, path: str) -> str:
        """A string, "" where there is none. Characters that no database or page takes are left out."""
        value = json.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._shape(path, name, str)
            return ""
        return clean_text(value)

    def flag(self, json: Json, name: str, path: str) -> bool:
        """A boolean, False where there is none."""
        value = json.get(name)
        if value is not None and not isinstance(value, bool):
            self._shape(path, name, bool)
        return value is True

    def whole_number(self, json: Json, name: str, path: str) -> int | None:
        """An integer, None where there is none."""
        value = json.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._shape(path, name, int)
            return None
        return value

    def objects(self, json: Json, name: str, path: str) -> Iterator[tuple[str, Json]]:
        """The objects of a list with the path of each."""
        value = json.get(name)
        if value is None:
            return
        if not isinstance(value, list | tuple):
            self._shape(path, name, list)
            return
        for index, element in enumerate(value):
            if isinstance(element, Mapping):
                yield f"{path}.{name}[{index}]", element
            else:
                self._shape(path, f"{name}[{index}]", dict)


def member(closed_set: type[Named], name: object) -> Named | None:
    """The member of an enumeration with this value, or None."""
    return next((one for one in closed_set if one.value == name), None)


_REMOVED = {code: None for code in (*range(32), 127, *range(0xD800, 0xE000)) if chr(code) not in "\t\n"}


def clean_text(text: str) -> str:
    """The text without control characters and half characters, with plain line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_REMOVED)


Place = tuple[Json, str]
"""An object in the JSON, and the path to it."""


def elements(json: Mapping[str, Any], name: str, path: str) -> list[Place]:
    """The objects of a list with the path of each; nothing where there is no list."""
    value = json.get(name)
    if not isinstance(value, list | tuple):
        return []
    return [
        (element, f"{path}.{name}[{i}]") for i, element in enumerate(value) if isinstance(element, Mapping)
    ]


def extension(json: object, *urls: str) -> Json | None:
    """The first extension with one of the urls, the first url before the second; None without one."""
    if not isinstance(json, Mapping):
        return None
    extensions = json.get("extension")
    if not isinstance(extensions, list | tuple):
        return None
    for url in urls:
        for candidate in extensions:
            if isinstance(candidate, Mapping) and candidate.get("url") == url:
                return candidate
    return None


def extension_value(json: object, url: str, *names: str) -> Any:
    """The extension's value if it has one of these names (`valueInteger`), else None."""
    found = extension(json, url)
    if found is None:
        return None
    return next((found[name] for name in names if found.get(name) is not None), None)


def extension_text(json: object, url: str, *names: str) -> str:
    """The extension's value as text, "" without one."""
    value = extension_value(json, url, *(names or ("valueString", "valueMarkdown", "valueCode")))
    return clean_text(value) if isinstance(value, str) else ""
