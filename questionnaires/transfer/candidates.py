"""What a reader finds in a file: questionnaires as FHIR JSON, or the sentence why there is none."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from kommunalpro.problems import Problem
from questionnaires.engine import Issue

LONGEST_NAME = 200
"""Characters of a file's name that are kept, to be shown and for nothing else."""


class FileRefused(Problem):
    """Nothing of the whole file can be used; the sentence says why and what to do."""

    code = "file_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Candidate:
    """One questionnaire of a file, not yet judged by the engine.

    `name` is what the file calls it and is only shown: it may hold anything. `document` is FHIR JSON, None where it
    was refused; `refusal` says why, `issues` where the engine's reader has something to add. `notes` are sentences
    about what the file holds and a questionnaire here cannot.
    """

    name: str
    document: Any = None
    refusal: str = ""
    issues: tuple[Issue, ...] = ()
    notes: tuple[str, ...] = ()


def shown_name(name: str) -> str:
    """The name of a file as it may be shown: on one line, without control characters, the end of a long one."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name).strip()
    return text if len(text) <= LONGEST_NAME else "…" + text[1 - LONGEST_NAME :]
