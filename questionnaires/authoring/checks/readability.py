"""How easily a text is read: LIX, the readability index of Carl-Hugo Björnsson (“Läsbarhet”, 1968).

    LIX = words / sentences + 100 × long words / words          a long word has more than six letters

Counted as in Danish. A word is a run of letters and digits; hyphens and apostrophes inside it belong to it, so
“tv-avis” is one word. A sentence ends with . ! ? or …, with a colon before a capital letter, and where a line ends.
The dots of numbers (12.500), of numbered things (1. maj) and of abbreviations (f.eks.) end none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from questionnaires.engine.issues import Both

FEWEST_WORDS = 12
"""Of a question with its help: one short sentence more or less decides the figure of anything shorter."""

FEWEST_WORDS_OF_A_FORM = 40

LONG = 6
"""Letters; a word with more is a long one."""

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_LETTER = re.compile(r"[^\W\d_]")
_ABBREVIATIONS = frozenset(
    "a.m.m bl.a ca d d.d d.v.s dvs el evt f.eks fx f.kr e.kr fork hhv hr fr inkl ekskl jf jfr kl kr lign "  # noqa: SIM905
    "m.fl m.h.t mht m.m m.v mv maks mio mia nr o.a o.l osv p.g.a pga pkt s.u stk str tlf tsk spsk vedr spm "
    "alm afd adr dr ang cpr.nr".split()
)
_LAST_IN_A_SENTENCE = frozenset({"a.m.m", "m.fl", "m.m", "m.v", "mv", "o.a", "o.l", "osv", "lign"})
"""Those that people end a sentence with: they end one where a capital letter follows."""
_ABBREVIATED = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(re.escape(word) for word in sorted(_ABBREVIATIONS, key=len, reverse=True))})\.",
    re.IGNORECASE,
)
_CAPITAL_NEXT = re.compile(r"\s+[A-ZÆØÅ]")
# The dots that end nothing: in 12.500 and 3.5, and after the number of something that goes on (1. maj).
_NUMBERED = re.compile(r"(?<=\d)\.(?=\d|[ \t]+[^\W\d_A-ZÆØÅ])")
_END = re.compile(r"[.!?…]+|:(?=\s+[A-ZÆØÅ])|\n+")


@dataclass(frozen=True, slots=True)
class Counted:
    """What a text consists of."""

    words: int
    long_words: int
    sentences: int

    @property
    def lix(self) -> int | None:
        """The index, rounded; None for a text without a word."""
        if not self.words:
            return None
        return round(self.words / max(self.sentences, 1) + 100 * self.long_words / self.words)


@dataclass(frozen=True, slots=True)
class Band:
    """A range of the index, from `least` up, and what such texts are like."""

    least: int
    name: Both
    like: Both


BANDS = (
    Band(55, Both("meget svær", "very hard"), Both("faglitteratur og lovtekster", "academic texts and laws")),
    Band(45, Both("svær", "hard"), Both("saglige bøger og fagblade", "non-fiction and trade journals")),
    Band(35, Both("middel", "medium"), Both("dagblade og tidsskrifter", "newspapers and magazines")),
    Band(
        25,
        Both("let for øvede læsere", "easy for practised readers"),
        Both("ugeblade og romaner", "weeklies and novels"),
    ),
    Band(0, Both("let for alle", "easy for everybody"), Both("børnebøger", "children's books")),
)
"""The bands in use in Denmark, the hardest first: 55 and over, 45–54, 35–44, 25–34, and under 25."""


def band_of(lix: int) -> Band:
    """The band an index lies in."""
    return next(band for band in BANDS if lix >= band.least)


def count(text: str) -> Counted:
    """The words, long words and sentences of a text."""
    plain = _ABBREVIATED.sub(_without_dots, text)
    plain = _NUMBERED.sub("", plain)
    sentences = sum(1 for part in _END.split(plain) if _WORD.search(part))
    words = _WORD.findall(plain)
    return Counted(
        words=len(words),
        long_words=sum(len(_LETTER.findall(word)) > LONG for word in words),
        sentences=sentences,
    )


def _without_dots(match: re.Match[str]) -> str:
    word = match[0].removesuffix(".")
    ends = word.lower() in _LAST_IN_A_SENTENCE and _CAPITAL_NEXT.match(match.string, match.end())
    return word.replace(".", "") + ("." if ends else "")


def count_all(texts: Iterable[str]) -> Counted:
    """Several texts together; each begins with a sentence of its own."""
    return count("\n".join(text for text in texts if text.strip()))
