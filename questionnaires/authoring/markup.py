"""Formatted texts as people write them: a few signs, made into the XHTML that a questionnaire holds, and back.

    **fed**   *kursiv*   [borger.dk](https://www.borger.dk)
    - punkt        lines that begin with a hyphen are a list
    1. punkt       lines that begin with a number are a numbered list

An empty line begins a paragraph; a backslash before a sign means the sign itself. Links lead to the web, to mail and
to telephones. Everything else is text, HTML too: nothing a person writes here can be more than these.
"""

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"'()]+")

_SIGNS = re.compile(
    r"""\\(?P<escaped>[\\*\[\]\-.])
      | \*\*(?P<bold>(?=\S)(?:\\.|[^\\])+?(?<=\S))\*\*(?!\*)
      | \*(?P<italic>(?=[^\s*])(?:\\.|[^\\*])+?(?<=\S))\*
      | \[(?P<words>(?:\\.|[^\]\\\[])+)\]\((?P<address>[^()\s]+)\)
    """,
    re.VERBOSE | re.DOTALL,
)
_BULLET = re.compile(r"[-•][ \t]+(?P<text>.*)")
_NUMBERED = re.compile(r"\d{1,3}\.[ \t]+(?P<text>.*)")
_MOST_LEVELS = 4


def is_formatted(markup: str) -> bool:
    """Is there anything in it beside plain lines?"""
    return to_xhtml(markup) != _paragraphs_only(markup)


def to_xhtml(markup: str) -> str:
    """The XHTML of a text with paragraphs, lists and links."""
    return "".join(_blocks(markup))


def to_inline_xhtml(markup: str) -> str:
    """The XHTML of a question: bold and italic only, lines as breaks, the address of a link in brackets after it."""
    return "<br/>".join(_inline(line, with_links=False) for line in _lines(markup))


def to_plain(markup: str) -> str:
    """The words alone, for whoever shows no XHTML; of a link its words and its address."""
    return "\n".join(_plain(line) for line in _lines(markup))


def _lines(markup: str) -> list[str]:
    return markup.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")


def _paragraphs_only(markup: str) -> str:
    paragraphs = re.split(r"\n[ \t]*\n", "\n".join(_lines(markup)))
    return "".join(
        f"<p>{'<br/>'.join(escape(line.strip(), quote=False) for line in one.strip().split(chr(10)))}</p>"
        for one in paragraphs
        if one.strip()
    )


def _blocks(markup: str) -> Iterator[str]:
    """Paragraphs and lists, each whole."""
    kind, held = "", list[str]()
    for line in [*_lines(markup), ""]:
        text = line.strip()
        listed = _BULLET.fullmatch(text) or _NUMBERED.fullmatch(text)
        new = "" if not text else "p" if listed is None else "ul" if listed.re is _BULLET else "ol"
        if new != kind and held:
            yield _block(kind, held)
            held = []
        kind = new
        if text:
            held.append(listed["text"] if listed is not None else text)


def _block(kind: str, lines: list[str]) -> str:
    if kind == "p":
        return f"<p>{'<br/>'.join(_inline(line) for line in lines)}</p>"
    return f"<{kind}>{''.join(f'<li>{_inline(line)}</li>' for line in lines)}</{kind}>"


def _inline(text: str, *, with_links: bool = True, level: int = 0) -> str:
    parts, end = [], 0
    for match in _SIGNS.finditer(text) if level < _MOST_LEVELS else ():
        parts.append(escape(text[end : match.start()], quote=False))
        end = match.end()
        inner = match["bold"] or match["italic"] or match["words"] or ""
        made = _inline(inner, with_links=with_links and not match["words"], level=level + 1)
        if match["escaped"]:
            parts.append(escape(match["escaped"], quote=False))
        elif match["bold"]:
            parts.append(f"<strong>{made}</strong>")
        elif match["italic"]:
            parts.append(f"<em>{made}</em>")
        elif LINK.fullmatch(match["address"]):
            address = escape(match["address"])
            parts.append(f'<a href="{address}">{made}</a>' if with_links else f"{made} ({address})")
        else:
            parts.append(escape(match[0], quote=False))
    return "".join([*parts, escape(text[end:], quote=False)])


def _plain(text: str, level: int = 0) -> str:
    def bare(match: re.Match[str]) -> str:
        if match["escaped"]:
            return match["escaped"]
        inner = _plain(match["bold"] or match["italic"] or match["words"], level + 1)
        if match["words"]:
            return f"{inner} ({match['address']})" if LINK.fullmatch(match["address"]) else match[0]
        return inner

    return _SIGNS.sub(bare, text) if level < _MOST_LEVELS else text


# --- and back -----------------------------------------------------------------------------------------------------


def to_markup(xhtml: str) -> str | None:
    """The text as a person would write it; None where it holds what these signs cannot say."""
    reader = _Reader()
    reader.feed(xhtml)
    reader.close()
    if reader.is_strange or reader.open:
        return None
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.written)).strip()


_SIGN_OF = {"strong": "**", "b": "**", "em": "*", "i": "*"}
_PLAIN = frozenset({"p", "div", "br", "ul", "ol", "li", "a", *_SIGN_OF})


class _Reader(HTMLParser):
    """Writes down what it reads, as long as it knows the elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.open: list[tuple[str, str]] = []
        self.is_strange = False
        self._numbers: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        href = known.pop("href", None) or ""
        known.pop("xmlns", None)
        lists = sum(name in ("ul", "ol") for name, _ in self.open)
        if tag not in _PLAIN or known or (tag == "a") is not bool(LINK.fullmatch(href)) or lists > 1:
            self.is_strange = True
        if tag == "br":
            self.written.append("\n")
            return
        if tag in ("ul", "ol"):
            self.is_strange = self.is_strange or lists > 0
            self._numbers.append(0)
            self.written.append("\n\n")
        elif tag == "li":
            ordered = bool(self.open) and self.open[-1][0] == "ol"
            if self._numbers:
                self._numbers[-1] += 1
            self.written.append(f"\n{self._numbers[-1]}. " if ordered and self._numbers else "\n- ")
        elif tag in ("p", "div"):
            self.written.append("" if any(name == "li" for name, _ in self.open) else "\n\n")
        else:
            self.written.append(_SIGN_OF.get(tag, "["))
        self.open.append((tag, href))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag != "br":
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "br":
            return
        if not self.open or self.open[-1][0] != tag:
            self.is_strange = True
            return
        _, href = self.open.pop()
        if tag in ("ul", "ol"):
            self._numbers.pop()
            self.written.append("\n\n")
        elif tag in ("p", "div"):
            self.written.append("" if any(name == "li" for name, _ in self.open) else "\n\n")
        elif tag == "a":
            self.written.append(f"]({href})")
        elif tag != "li":
            self.written.append(_SIGN_OF.get(tag, ""))

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if not text.strip() and (not self.open or self.open[-1][0] in ("ul", "ol")):
            return
        text = re.sub(r"([\\*\[\]])", r"\\\1", text)
        if not self.written or self.written[-1].endswith("\n"):
            text = re.sub(
                r"^ ?(-|\d{1,3}(?=\.))", lambda one: one[0] if one[1] != "-" else "\\-", text.lstrip()
            )
            text = re.sub(r"^(\d{1,3})\.", r"\1\\.", text)
        self.written.append(text)

    def handle_comment(self, data: str) -> None:
        self.is_strange = True
