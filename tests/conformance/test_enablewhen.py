"""enableWhen as others test it: every scenario that is not contested, and whole documents."""

import json
from collections import Counter
from typing import Any

import pytest

from questionnaires.engine import compile_questionnaire, evaluate, finish
from tests.conformance.corpora import CORPORA, say, with_corpora
from tests.engine.small_forms import answered, compiled, question, response

pytestmark = with_corpora

TYPES = {"Coding": "choice", "DateTime": "dateTime"}
VECTORS, DOCUMENTS = "vectors.jsonl", "documents.jsonl"


def lines(name: str) -> list[dict[str, Any]]:
    path = CORPORA / "enablewhen" / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def is_target_asked(vector: dict[str, Any]) -> bool:
    """Build the small form that a vector means, and decide it."""
    sources, given, conditions = [], [], []
    for number, condition in enumerate(vector["conditions"]):
        answers, link_id = condition["answers"], f"q{number}"
        names = [name for answer in answers for name in answer if name.startswith("value")]
        names += [name for name in condition["enableWhen"] if name.startswith("answer")]
        suffix = names[0].removeprefix("value").removeprefix("answer")
        sources.append(question(link_id, TYPES.get(suffix, suffix.lower()), repeats=True))
        given.append(answered(link_id, *answers))
        conditions.append({**condition["enableWhen"], "question": link_id})
    behavior = {"enableBehavior": vector["enableBehavior"]} if vector["enableBehavior"] else {}
    definition = compiled(*sources, question("target", enableWhen=conditions, **behavior))
    return evaluate(definition, response(*given)).is_enabled("target")


UNCONTESTED = [vector for vector in lines(VECTORS) if not vector["contested"]]


@pytest.mark.parametrize("vector", UNCONTESTED, ids=lambda vector: vector["id"])
def test_an_uncontested_vector(vector: dict[str, Any]) -> None:
    assert is_target_asked(vector) is vector["spec_expected"]


def bare(json_value: Any) -> Any:
    """A response without what differs by taste: texts, status, empty lists."""
    if isinstance(json_value, dict):
        return {
            name: bare(value)
            for name, value in json_value.items()
            if name not in ("text", "questionnaire", "status") and value != []
        }
    return [bare(value) for value in json_value] if isinstance(json_value, list) else json_value


@pytest.mark.parametrize("document", lines(DOCUMENTS), ids=lambda document: document["id"])
def test_a_whole_document(document: dict[str, Any]) -> None:
    definition = compile_questionnaire(document["questionnaire"]).definition
    assert definition is not None
    done = finish(definition, document["response"])
    assert bare(done) == bare(document["expected_response_without_disabled"])
    assert finish(definition, done) == done


def test_how_many_agree(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    for vector in lines(VECTORS):
        agrees = is_target_asked(vector) is vector["spec_expected"]
        kind = "contested" if vector["contested"] else "uncontested"
        counts[f"{kind} {'agree' if agrees else 'differ'}"] += 1
    documents = lines(DOCUMENTS)
    say(capsys, f"enableWhen: {len(lines(VECTORS))} vectors {dict(counts)}, {len(documents)} whole documents")
    assert counts["uncontested differ"] == 0
    assert not counts or counts["uncontested agree"] > 0
