"""Other people's published questionnaires: each is imported whole, or refused for a reason a person would accept."""

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from questionnaires.engine import (
    Issue,
    Severity,
    compile_questionnaire,
    evaluate,
    finish,
    new_response,
    scores,
    validate,
)
from tests.conformance.corpora import CORPORA, read, say, with_corpora

pytestmark = with_corpora

FORMS = sorted((CORPORA / "questionnaires").rglob("*.json"))
EXCHANGES = sorted((CORPORA / "fut-exchanges").glob("*.json"))

ACCEPTED = {
    "option.value-set": "a choice whose options are in a value set elsewhere",
    "option.none": "a choice without any options",
    "item.sub-questionnaire": "questions that are in another questionnaire",
}
"""Why a form may be refused: nobody could answer it as it is."""


def errors_of(issues: tuple[Issue, ...]) -> list[Issue]:
    return [issue for issue in issues if issue.is_error]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_imported_or_refused_for_a_good_reason(path: Path) -> None:
    resource = read(path)
    before = deepcopy(resource)
    compilation = compile_questionnaire(resource)
    assert {issue.key for issue in errors_of(compilation.issues)} <= ACCEPTED.keys()
    assert compilation.is_usable != bool(errors_of(compilation.issues))
    assert resource == before
    for issue in compilation.issues:
        assert issue.expression.startswith("Questionnaire")
        assert issue.text_da
        assert issue.text_en


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_nothing_of_a_form_is_lost_on_the_way_out(path: Path) -> None:
    resource = read(path)
    definition = compile_questionnaire(resource).definition
    assert definition is not None
    exported = json.loads(json.dumps(dict(definition.source)))
    assert exported == resource
    again = compile_questionnaire(exported)
    assert again.issues == compile_questionnaire(resource).issues
    assert again.definition is not None
    assert list(again.definition.by_link_id) == list(definition.by_link_id)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_can_be_begun_and_finished_empty(path: Path) -> None:
    definition = compile_questionnaire(read(path)).definition
    assert definition is not None
    start = new_response(definition)
    evaluate(definition, start)
    scores(definition, start)
    done = finish(definition, start)
    assert finish(definition, done) == done
    validate(definition, done, draft=False)


def test_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    remarks: Counter[str] = Counter()
    for path in FORMS:
        issues = compile_questionnaire(read(path)).issues
        errors = {issue.key for issue in errors_of(issues)}
        outcomes["refused" if errors else "imported"] += 1
        reasons.update(ACCEPTED[key] for key in errors)
        remarks.update({issue.key for issue in issues if issue.severity is not Severity.ERROR})
    lines = [f"questionnaires: {len(FORMS)}, of which {dict(outcomes)}"]
    lines += [f"  refused for {reason}: {count} forms" for reason, count in reasons.most_common()]
    lines += [f"  imported or not, with {key}: {count} forms" for key, count in remarks.most_common()]
    say(capsys, "\n".join(lines))
    assert outcomes["imported"] >= 50


def questionnaires_in(json_value: Any) -> Iterator[dict[str, Any]]:
    """Every questionnaire inside a recorded exchange."""
    stack = [json_value]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if value.get("resourceType") == "Questionnaire":
                yield value
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)


def test_the_platforms_own_questionnaires_are_read_with_their_extensions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: Counter[str] = Counter()
    for path in EXCHANGES:
        for resource in questionnaires_in(read(path)):
            compilation = compile_questionnaire(resource)
            definition = compilation.definition
            if definition is None:
                assert not resource.get("item"), path.name
                seen["questionnaires without items"] += 1
                continue
            keys = {issue.key for issue in compilation.issues}
            assert not keys & {"element.extension", "image.missing", "image.type", "feedback.unusable"}, (
                path.name
            )
            seen["questionnaires"] += 1
            for item in definition.by_link_id.values():
                seen["copyright notices"] += item.is_copyright
                seen["images"] += item.image is not None
                seen["help texts"] += bool(item.help_text)
                seen["slider steps"] += item.step is not None
                seen["feedbacks"] += len(item.feedback)
    say(capsys, f"recorded on the platform: {dict(seen)}")
    assert seen["copyright notices"]
