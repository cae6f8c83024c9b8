"""Pictures beside questions and options: FUT's ehealth-questionnaire-image, and SDC's itemMedia and itemAnswerMedia."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .definition import Image
from .extension_urls import IMAGE, ITEM_MEDIA
from .reading import Extensions, Json, Reader, clean_text, extension_text, extension_value

CONTENT_TYPES = frozenset({"image/png", "image/jpeg", "image/svg+xml"})
"""FUT's value set questionnaire-item-image-format; what every browser can show."""

MOST_CHARACTERS = 266_000
"""Of base64: FUT takes 266 KB now (its guide calls the limit configurable)."""

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]++={0,2}+\s*+", re.ASCII)


@dataclass(slots=True)
class Images:
    """The pictures that a questionnaire contains, by the reference ("#1") that names them."""

    contained: Mapping[str, Json]
    reader: Reader
    _checked: dict[str, Image | None] = field(default_factory=dict)

    def of(self, extensions: Extensions) -> Image | None:
        """The picture that an element's extensions name, None without a usable one (which is an issue)."""
        place = extensions.first(IMAGE)
        if place is not None:
            return self._of_fut(*place, extensions.link_id)
        place = extensions.first(*ITEM_MEDIA)
        if place is None:
            return None
        element, path = place
        attachment = element.get("valueAttachment")
        if not isinstance(attachment, Mapping):
            extensions.unusable(element, path)
            return None
        return self._image(attachment, path, extensions.link_id, title=_text(attachment, "title"))

    def _of_fut(self, element: Json, path: str, link_id: str | None) -> Image | None:
        reference = extension_value(element, "content", "valueReference")
        target = reference.get("reference") if isinstance(reference, Mapping) else None
        binary = self.contained.get(target) if isinstance(target, str) else None
        if binary is None:
            self.reader.report("image.missing", path, link_id=link_id, reference=target or "?")
            return None
        return self._image(binary, path, link_id, terms=extension_text(element, "terms"))

    def _image(
        self, source: Json, path: str, link_id: str | None, *, title: str = "", terms: str = ""
    ) -> Image | None:
        content_type, data, url = (_text(source, name) for name in ("contentType", "data", "url"))
        if content_type not in CONTENT_TYPES or (data and not _BASE64.fullmatch(data)):
            self.reader.report("image.type", path, link_id=link_id, type=content_type or "?")
            return None
        if not data and not url:
            self.reader.report("image.missing", path, link_id=link_id, reference=title or "?")
            return None
        if not data:
            self.reader.report("image.elsewhere", path, link_id=link_id, url=url)
        if len(data) > MOST_CHARACTERS:
            self.reader.report("image.too-large", path, link_id=link_id, limit=MOST_CHARACTERS // 1000)
        return Image(content_type=content_type, data=data, url=url, title=title, terms=terms)


def _text(json: Json, name: str) -> str:
    value = json.get(name)
    return clean_text(value) if isinstance(value, str) else ""
