"""A submitted response as PDF, to keep or to bring along: tagged, in Danish letters, without a CPR number.

The letters are the design system's own (IBM Plex, OFL 1.1, which allows embedding), found among the static files.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import cast
from uuid import UUID

from django.contrib.staticfiles import finders
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from fpdf import FPDF, ViewerPreferences, XPos, YPos
from fpdf.enums import MethodReturnValue
from PIL import Image

from questionnaires.answers import AnsweredGroup
from questionnaires.models import Response, Score, Upload

# It would write into the log which letters of an answer the fonts lack.
logging.getLogger("fpdf.output").setLevel(logging.ERROR)

_FONTS = {
    "": "dkfds/fonts/IBMPlexSans/complete/ttf/IBMPlexSans-Regular.ttf",
    "B": "dkfds/fonts/IBMPlexSans/complete/woff/IBMPlexSans-SemiBold.woff",
}
_MARGIN = 20  # mm
_LINE = 1.35  # of the size of the letters
_MM_A_POINT = 25.4 / 72
_MM_A_PIXEL = 25.4 / 96


def as_pdf(
    *,
    response: Response,
    groups: Sequence[AnsweredGroup],
    name: str,
    corrected_at: datetime | None = None,
) -> bytes:
    """The response with all its answers; `name` is the citizen's, as the screen shows it.

    `corrected_at`: when it was corrected, for an earlier version.
    """
    paper = _Paper(title=response.version.title, language=get_language() or "da")
    paper.write("H1", response.version.title, size=20, style="B")
    if response.completed_at is not None:
        moment = timezone.localtime(response.completed_at)
        facts = {
            "name": name,
            "day": date_format(moment, "DATE_FORMAT"),
            "time": date_format(moment, "TIME_FORMAT"),
        }
        paper.write("P", gettext("%(name)s. Sendt %(day)s kl. %(time)s") % facts, after=2)
    if corrected_at is not None:
        moment = timezone.localtime(corrected_at)
        facts = {"day": date_format(moment, "DATE_FORMAT"), "time": date_format(moment, "TIME_FORMAT")}
        paper.write("P", gettext("Tidligere udgave. Rettet %(day)s kl. %(time)s") % facts, style="B", after=2)
    for score in response.scores.all():
        paper.write("P", score_in_words(score), after=1)
    pictures = _pictures(response, groups)
    for group in groups:
        if group.title:
            paper.write("H2", group.title, size=15, style="B", before=6, keep_with=2)
        for section in group.sections:
            if section.title:
                paper.write("H3", section.title, size=12, style="B", before=3, keep_with=2)
            for item in section.items:
                paper.write("P", item.question, style="B", before=3, keep_with=1)
                for answer in item.answers or (gettext("Ikke besvaret"),):
                    paper.write("P", answer)
                for file in item.files:
                    if file.id in pictures:
                        paper.draw(pictures[file.id], words=item.question)
    return paper.finished()


def _pictures(response: Response, groups: Sequence[AnsweredGroup]) -> dict[UUID, bytes]:
    """The bytes of the pictures among the answers; nothing is asked where there is none."""
    ids = [file.id for group in groups for item in group.items for file in item.files if file.is_picture]
    if not ids:
        return {}
    found = Upload.objects.filter(response=response, pk__in=ids).values_list("pk", "content")
    return {pk: bytes(content) for pk, content in found}


def score_in_words(score: Score) -> str:
    """“Trivsel: 64 point (på en skala fra 0 til 100)”."""
    text = f"{score.name}: {_figure(score.value)} {score.unit}".rstrip()
    if score.minimum is None or score.maximum is None:
        return text
    scale = {"minimum": _figure(score.minimum), "maximum": _figure(score.maximum)}
    return f"{text} ({gettext('på en skala fra %(minimum)s til %(maximum)s') % scale})"


def _figure(value: object) -> str:
    return str(floatformat(value, -1))


class _Paper(FPDF):
    """A4 pages, on which each text is marked as what it is, so that a screen reader reads headings as headings."""

    def __init__(self, *, title: str, language: str) -> None:
        super().__init__(format="A4")
        for style, file in _FONTS.items():
            self.add_font("Plex", style, _found(file))
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN)
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Kommunal PRO")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.add_page()

    def footer(self) -> None:
        """The number of the page, which is no part of what is read."""
        self.set_y(-15)
        self.set_font("Plex", size=9)
        self._out("/Artifact BMC")
        self.cell(text=gettext("Side %(page)s af %(pages)s") % {"page": self.page_no(), "pages": "{nb}"})
        self._out("EMC")

    def write(  # type: ignore[override]
        self,
        tag: str,
        text: str,
        *,
        size: float = 11,
        style: str = "",
        before: float = 0,
        after: float = 0,
        keep_with: int = 0,
    ) -> None:
        """A paragraph or heading. `keep_with` lines of what follows stay on its page; lengths are in mm."""
        self.set_font("Plex", style=style, size=size)
        height = size * _MM_A_POINT * _LINE
        # What it returns depends on `output`: with LINES a list of them.
        laid_out = self.multi_cell(0, height, text, align="L", dry_run=True, output=MethodReturnValue.LINES)
        lines = cast("list[str]", laid_out)
        self.set_y(min(self.y + before, self.page_break_trigger))
        if self._room(height) < min(len(lines), 3) + keep_with:
            self.add_page()
        while lines:
            if (room := self._room(height)) < 1:
                self.add_page()
                continue
            here, lines = lines[:room], lines[room:]
            with self._marked(tag):
                for line in here:
                    self.cell(0, height, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(min(self.y + after, self.page_break_trigger))

    def draw(self, picture: bytes, *, words: str) -> None:
        """A picture as wide as the text at most, and half a page high; `words` are read aloud in its place."""
        opened = Image.open(BytesIO(picture))
        scale = min(self.epw / opened.width, self.eph / 2 / opened.height, _MM_A_PIXEL)
        width, height = opened.width * scale, opened.height * scale
        self.set_y(min(self.y + 2, self.page_break_trigger))
        if self.y + height > self.page_break_trigger:
            self.add_page()
        self.image(opened, w=width, h=height, alt_text=words)
        self.set_y(min(self.y + 2, self.page_break_trigger))

    def finished(self) -> bytes:
        return bytes(self.output())

    def _room(self, height: float) -> int:
        """How many lines of this height the page has left."""
        return int((self.page_break_trigger - self.y) / height)

    @contextmanager
    def _marked(self, tag: str) -> Iterator[None]:
        """What is written within is `tag` in the tree that screen readers follow; it stays on one page."""
        number = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{tag}", mcid=number)
        self._out(f"/{tag} <</MCID {number}>> BDC")
        yield
        self._out("EMC")


def _found(file: str) -> Path:
    path = finders.find(file)
    if path is None:
        raise FileNotFoundError(f"{file} is not among the static files: lay them out with `make assets`.")
    return Path(path)
