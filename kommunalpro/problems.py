"""What a use case refuses, as people can understand it.

Each kind is a class with a code and an HTTP status; the sentence says what happened and what to do.
`kommunalpro.middleware.ProblemMiddleware` renders them all, so that no view has to.
"""

from collections.abc import Mapping
from http import HTTPStatus


class Problem(Exception):
    """A refusal with a sentence for the screen."""

    code = "problem"
    status = HTTPStatus.CONFLICT
    headers: Mapping[str, str] = {}

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
