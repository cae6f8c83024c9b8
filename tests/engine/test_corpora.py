"""Conditions and responses of others, read in place where they are at hand: nothing crashes or differs.

Where: the folder named by KOMMUNALPRO_CORPORA, else `shared/corpora` beside the project. Every rule shown here is
also shown by a small case of our own in the other tests.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from questionnaires.engine import compile_questionnaire, evaluate, finish, validate
from tests.engine.small_forms import answered, compiled, question, response

CORPORA = Path(
    os.environ.get("KOMMUNALPRO_CORPORA") or Path(__file__).resolve().parents[3] / "shared" / "corpora"
)
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no corpus of real forms at {CORPORA.name}")


def say(capsys: pytest.CaptureFixture[str], counts: str) -> None:
    """Print counts past pytest's capture: they are part of what the test shows."""
    with capsys.disabled():
        print(f"\n{counts}")  # noqa: T201


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def lines(name: str) -> list[dict[str, Any]]:
    path = CORPORA / "enablewhen" / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


TYPES = {"Coding": "choice", "DateTime": "dateTime"}


def test_uncontested_enable_when_vectors(capsys: pytest.CaptureFixture[str]) -> None:
    agreed: Counter[str] = Counter()
    for vector in lines("vectors.jsonl"):
        sources, given, conditions = [], [], []
        for number, condition in enumerate(vector["conditions"]):
            answers, link_id = condition["answers"], f"q{number}"
            names = [name for answer in answers for name in answer if name.startswith("value")]
            names += [name for name in condition["enableWhen"] if name.startswith("answer")]
            suffix = names[0].removeprefix("value").removeprefix("answer")
            kind = TYPES.get(suffix, suffix.lower())
            sources.append(question(link_id, kind, repeats=True))
            given.append(answered(link_id, *answers))
            conditions.append({**condition["enableWhen"], "question": link_id})
        behavior = {"enableBehavior": vector["enableBehavior"]} if vector["enableBehavior"] else {}
        definition = compiled(*sources, question("target", enableWhen=conditions, **behavior))
        outcome = evaluate(definition, response(*given)).is_enabled("target")
        kind = "contested" if vector["contested"] else "uncontested"
        agreed[f"{kind}: {'agrees' if outcome is vector['spec_expected'] else 'differs'}"] += 1
        assert vector["contested"] or outcome is vector["spec_expected"], vector["id"]
    say(capsys, f"enableWhen vectors: {dict(agreed)}")


def bare(json_value: Any) -> Any:
    """A response without what differs by taste: texts, status, empty lists."""
    if isinstance(json_value, dict):
        return {
            name: bare(value)
            for name, value in json_value.items()
            if name not in ("text", "questionnaire", "status") and value != []
        }
    return [bare(value) for value in json_value] if isinstance(json_value, list) else json_value


def test_whole_enable_when_documents(capsys: pytest.CaptureFixture[str]) -> None:
    documents = [
        document for document in lines("documents.jsonl") if "expected_response_without_disabled" in document
    ]
    for document in documents:
        definition = compile_questionnaire(document["questionnaire"]).definition
        assert definition is not None
        done = finish(definition, document["response"])
        assert bare(done) == bare(document["expected_response_without_disabled"]), document["id"]
    say(capsys, f"enableWhen documents: {len(documents)} agree")


def test_real_responses_are_judged_without_a_crash(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes: Counter[str] = Counter()
    table = (CORPORA / "responses.tsv").read_text("utf-8").splitlines()
    for row in table[1:]:
        answer_file, form_file = row.split("\t")[:2]
        if not form_file or not (CORPORA / form_file).is_file():
            continue
        definition = compile_questionnaire(read(CORPORA / form_file)).definition
        found = read(CORPORA / answer_file)
        if definition is None:
            continue
        errors = [issue for issue in validate(definition, found, draft=True) if issue.is_error]
        finish(definition, found)
        outcomes["with errors" if errors else "sound as drafts"] += 1
    say(capsys, f"responses: {dict(outcomes)}")
