"""The names in an expression, found without parsing it: `%variables`, and texts in quotes that may be link ids."""

import re
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(
    r"""//[^\n]*+                                                  # a comment to the end of the line
      | /\*.*?\*/                                                 # a comment
      | %(?:`(?P<ticked>(?:[^`\\]|\\.)*+)`                        # %`us-zip`
          | '(?P<quoted>(?:[^'\\]|\\.)*+)'                        # %'us-zip'
          | "(?P<doubled>(?:[^"\\]|\\.)*+)"                       # %"vs-observation"
          | (?P<plain>[A-Za-z_][A-Za-z0-9_]*+))                   # %resource
      | '(?P<text>(?:[^'\\]|\\.)*+)'                              # 'text'
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)

BUILT_IN = frozenset(
    {
        "resource",
        "rootResource",
        "context",
        "questionnaire",
        "qitem",
        "qItem",
        "ucum",
        "sct",
        "loinc",
        "factory",
    }
)
"""What FHIRPath for FHIR and SDC define everywhere; so do names that begin with "vs-" or "ext-"."""


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The variables (`%name`) of an expression, without those that are defined everywhere."""
    found = {name for kind, name in _tokens(text) if kind != "text"}
    return frozenset(
        name for name in found if name not in BUILT_IN and not name.startswith(("vs-", "ext-", "`"))
    )


@lru_cache(maxsize=4096)
def texts_in(text: str) -> frozenset[str]:
    """The texts in quotes of an expression."""
    return frozenset(re.sub(r"\\(.)", r"\1", words) for kind, words in _tokens(text) if kind == "text")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup is not None:
            yield match.lastgroup, match[match.lastgroup]
