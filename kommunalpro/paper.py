"""Sheets of A4 that people keep, bring along or fill in: tagged, in Danish letters.

The letters are the design system's own (IBM Plex, OFL 1.1, which allows embedding), found among the static files.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import cast

from django.contrib.staticfiles import finders
from django.utils.translation import gettext
from fpdf import FPDF, ViewerPreferences, XPos, YPos
from fpdf.enums import MethodReturnValue
from PIL import Image

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


class Paper(FPDF):
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
        indent: float = 0,
    ) -> None:
        """A paragraph or heading. `keep_with` lines of what follows stay on its page; lengths are in mm."""
        self.set_font("Plex", style=style, size=size)
        self.set_left_margin(_MARGIN + indent)
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
        self.set_left_margin(_MARGIN)
        self.set_y(min(self.y + after, self.page_break_trigger))

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """What is drawn within is decoration to a screen reader: boxes, lines to write on."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def keep_together(self, height: float) -> None:
        """Begin a new page where the rest of this one has no room for `height` mm."""
        if self.y + height > self.page_break_trigger:
            self.add_page()

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
