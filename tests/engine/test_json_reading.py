"""Files from outside are JSON, or an issue says why not."""

import pytest

from questionnaires.engine import Bounds
from questionnaires.engine.json_reading import read_json


@pytest.mark.parametrize("content", [b'{"a": 1.50}', '\ufeff{"a": "æ"}'.encode(), b"[]", b"null", b"1e400"])
def test_json_is_read(content: bytes) -> None:
    assert read_json(content, what="response")[1] is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "1:1"),
        (b'{"a": }', "1:7"),
        (b"<QuestionnaireResponse/>", "1:1"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b"\xff\xfe{}", "UTF-8? byte 0"),
        (b"[" * 100_000, "[[[["),
        (b"9" * 5_000, "4300 digits"),
        (b'{"url": "a", "url": "b"}', "“url”"),
        (b'{"item": [{"linkId": "1", "text": "x", "linkId": "2"}]}', "“linkId”"),
    ],
)
def test_what_is_no_json_is_an_issue(content: bytes, reason: str) -> None:
    found, issue = read_json(content, what="questionnaire")
    assert found is None
    assert issue is not None
    assert issue.key == "questionnaire.not-json"
    assert reason in issue.text_da


def test_what_is_too_large_is_not_even_looked_at() -> None:
    _, issue = read_json(b" " * 101, what="response", bounds=Bounds(max_bytes=100))
    assert issue is not None
    assert issue.key == "response.too-large"
