"""What somebody sends as a picture or a file, judged by its content and made harmless.

A picture is drawn anew: turned the way it was held, no larger than needed, without where and with what it was taken. A
PDF cannot be; it is kept as it came and only ever handed out as a file to save. Everything else is refused, whatever
its name says.
"""

import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from citizens.cpr_pattern import LIKE_CPR

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
ENDINGS = {JPEG: ".jpg", PNG: ".png", PDF: ".pdf"}

# Pixels that are opened at all. A telephone's largest are some 50 million; a JPEG is opened smaller than it is.
MOST_PIXELS = {"JPEG": 64_000_000, "PNG": 40_000_000, "WEBP": 40_000_000}
# The longer side of what is kept: every letter of a photographed page can be read.
LONGEST_SIDES = (2400, 1600, 1000)
QUALITY = 85
LONGEST_NAME = 80
# Where PDF's own readers look for its two marks.
_HEAD, _TAIL = 1024, 2048


class NotTaken(Exception):
    """The file is refused; `sentence` says why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Made:
    """A file as it is kept."""

    content_type: str
    name: str
    content: bytes = field(repr=False)


def made_harmless(content: bytes, *, name: str, kinds: Sequence[str], most: int | None = None) -> Made:
    """The file as it is kept; `kinds` are the content types that the question takes, `most` its own limit in bytes.

    Raises NotTaken.
    """
    if not content:
        raise NotTaken(_("Filen er tom. Vælg en anden fil."))
    if len(content) > settings.UPLOAD_LARGEST_BYTES:
        raise NotTaken(too_large(settings.UPLOAD_LARGEST_BYTES))
    if is_pdf(content):
        if PDF not in kinds:
            raise NotTaken(_("Her kan du ikke sende en PDF. Vælg %(what)s.") % {"what": what_is_taken(kinds)})
        if most is not None and len(content) > most:
            raise NotTaken(too_large(most))
        return Made(PDF, tidy_name(name, PDF), content)
    if not {JPEG, PNG} & set(kinds):
        raise NotTaken(_not_readable(kinds))
    return _picture(content, name=name, kinds=kinds, most=most)


def is_pdf(content: bytes) -> bool:
    """Does it begin and end as a PDF does? Where it is anything else besides (a picture, a page), it is none."""
    return content[:_HEAD].lstrip().startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]


def what_is_taken(kinds: Sequence[str]) -> str:
    """“et billede (JPEG eller PNG) eller en PDF”, in the indefinite."""
    pictures = [word for kind, word in ((JPEG, "JPEG"), (PNG, "PNG")) if kind in kinds]
    if pictures and PDF in kinds:
        return _("et billede eller en PDF")
    return _("et billede") if pictures else _("en PDF")


def too_large(most: int) -> str:
    """In words: the file is larger than `most` bytes."""
    return _("Filen er for stor. Vælg en fil på højst %(most)s.") % {"most": limit_in_words(most)}


def limit_in_words(most: int) -> str:
    """“10 MB”, “300 KB”: rounded down, so that what keeps within it is taken."""
    return f"{max(most // 1024, 1)} KB" if most < 1024 * 1024 else f"{most // 1024**2} MB"


def _not_readable(kinds: Sequence[str]) -> str:
    return _("Filen kan ikke bruges her. Vælg %(what)s.") % {"what": what_is_taken(kinds)}


def _picture(content: bytes, *, name: str, kinds: Sequence[str], most: int | None) -> Made:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MOST_PIXELS is our own bound
            opened = Image.open(BytesIO(content), formats=tuple(MOST_PIXELS))
        source = opened.format or ""
        is_too_large = opened.width * opened.height > MOST_PIXELS[source]
    except Exception as error:  # no picture, or one that breaks who opens it
        raise NotTaken(_not_readable(kinds)) from error
    if is_too_large:
        raise NotTaken(_("Billedet har for mange billedpunkter. Tag et nyt, eller gør det mindre."))
    try:
        opened.draft("RGB", (LONGEST_SIDES[0], LONGEST_SIDES[0]))
        upright = ImageOps.exif_transpose(opened)
        upright.load()
    except Exception as error:  # cut off in the middle, or broken
        raise NotTaken(_("Billedet er i stykker og kan ikke læses. Vælg et andet.")) from error
    wanted = [JPEG, PNG] if source == "JPEG" or JPEG in kinds else [PNG]
    kind = next(each for each in wanted if each in kinds)
    for side in LONGEST_SIDES:
        drawn = _drawn(upright, kind, side)
        if most is None or len(drawn) <= most:
            return Made(kind, tidy_name(name, kind), drawn)
    raise NotTaken(too_large(most or settings.UPLOAD_LARGEST_BYTES))


def _drawn(picture: Image.Image, kind: str, side: int) -> bytes:
    """The picture anew: its pixels and nothing else of what came with it."""
    small = picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")
    small.thumbnail((side, side))
    if kind == JPEG and small.mode == "RGBA":
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    bare = Image.new(small.mode, small.size)
    bare.paste(small)
    written = BytesIO()
    if kind == JPEG:
        bare.save(written, "JPEG", quality=QUALITY, optimize=True)
    else:
        bare.save(written, "PNG", optimize=True)
    return written.getvalue()


def tidy_name(name: str, kind: str) -> str:
    """What the file is called on the screen: its own name without a path, what nobody can see, or a CPR number."""
    stem = PurePath(name.replace("\\", "/")).stem
    seen = "".join(one for one in unicodedata.normalize("NFC", stem) if one.isprintable()).strip(" .")
    if not seen or LIKE_CPR.search(seen):
        seen = _("PDF-fil") if kind == PDF else _("Billede")
    return seen[: LONGEST_NAME - len(ENDINGS[kind])] + ENDINGS[kind]
