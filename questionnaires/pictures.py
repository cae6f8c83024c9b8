"""Pictures beside questions and options, each at an address of its own that browsers keep.

A questionnaire carries its pictures inside itself, as base64: written into each page, three of them would be most of
what a telephone on a slow line has to load, again and again. The address names the stored version and the picture's
own bytes, so what it gives never changes.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from weakref import WeakKeyDictionary

from django.urls import reverse
from PIL import Image as Pillow

from questionnaires.engine import Definition
from questionnaires.engine.definition import Image

PNG, JPEG, SVG = "image/png", "image/jpeg", "image/svg+xml"

_SVG_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--(?:(?!-->).)*+-->\s*+)*+<svg[\s>]", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is served: what it is by its content, whatever the questionnaire says. Sizes are in pixels.

    `words` say what it shows ("" where nobody has written it), `terms` under which terms it is used.
    """

    digest: str
    content_type: str
    content: bytes = field(repr=False)
    width: int | None = None
    height: int | None = None
    words: str = ""
    terms: str = ""


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture on a page."""

    address: str
    width: int | None
    height: int | None
    words: str
    terms: str


Key = tuple[str, str]
"""Link id of the item, and key of the option ("" for the item's own picture)."""

_known: WeakKeyDictionary[Definition, Mapping[Key, Picture]] = WeakKeyDictionary()


def pictures_of(definition: Definition) -> Mapping[Key, Picture]:
    """All pictures of a questionnaire that can be shown; looked through once."""
    known = _known.get(definition)
    if known is None:
        known = _known[definition] = {
            key: picture for key, image in _images(definition) if (picture := _read(image)) is not None
        }
    return known


def picture_view(definition: Definition, link_id: str, option: str = "") -> PictureView | None:
    """The picture of an item or option as a page shows it; None without one, or in a form that is stored nowhere."""
    picture = pictures_of(definition).get((link_id, option))
    if picture is None or not definition.stored_as:
        return None
    address = reverse("picture", args=[definition.stored_as, picture.digest])
    return PictureView(address, picture.width, picture.height, picture.words, picture.terms)


def picture_named(definition: Definition, digest: str) -> Picture | None:
    """The picture with these bytes."""
    return next((one for one in pictures_of(definition).values() if one.digest == digest), None)


def _images(definition: Definition) -> list[tuple[Key, Image]]:
    found = []
    for item in definition.walk():
        if item.image is not None:
            found.append(((item.link_id, ""), item.image))
        found.extend(
            ((item.link_id, option.key), option.image) for option in item.options if option.image is not None
        )
    return found


def _read(image: Image) -> Picture | None:
    """What can be shown of an image; nothing of one that lies elsewhere: pages ask nobody but us."""
    try:
        content = base64.b64decode("".join(image.data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    kind, size = _looked_at(content)
    if kind is None:
        return None
    return Picture(
        digest=hashlib.sha256(content).hexdigest()[:32],
        content_type=kind,
        content=content,
        width=size[0] if size else None,
        height=size[1] if size else None,
        words=image.title,
        terms=image.terms,
    )


def _looked_at(content: bytes) -> tuple[str | None, tuple[int, int] | None]:
    """What the bytes are, and how large the picture is; only their head is read."""
    if _SVG_BEGINS.match(content[:8192]):
        return SVG, None
    try:
        with Pillow.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
            return (PNG if opened.format == "PNG" else JPEG), opened.size
    except Exception:  # whatever Pillow thinks of it, it is no picture to show
        return None, None
