"""manage.py evaluate_response: the finished response with all that follows from it."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from questionnaires.engine.score_rules import SCORE_MISSING
from tests.engine.small_forms import (
    answered,
    calculated,
    choice,
    coded,
    extension,
    form,
    question,
    response,
    when,
)
from tests.engine.test_scoring import feedback, significance

SUM = "%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight().sum()"
BOTH = {"url": SCORE_MISSING, "extension": [{"url": "minimumShare", "valueDecimal": 1}]}
UNIT = extension("questionnaire-unit", valueCoding={"code": "p", "display": "point"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A questionnaire and responses to it."""
    red = significance("red", (">=", {"valueInteger": 2}))
    write(
        tmp_path / "form.json",
        form(
            choice("a", "no", "yes", weights=(0, 2.5), extension=[red]),
            choice("b", "no", "yes", weights=(0, 2.5)),
            question("why", enableWhen=[when("a", "=", answerCoding=coded("yes")["valueCoding"])]),
            question("sum", "decimal", extension=[calculated(SUM), UNIT, feedback("Ring til os", 2, 5)]),
            question("whole", "decimal", extension=[calculated(SUM), BOTH]),
            question("day", "date", extension=[calculated("today()")]),
        ),
    )
    said = answered("why", {"valueString": "ondt"})
    write(tmp_path / "yes.json", response(answered("a", coded("yes")), said))
    write(tmp_path / "no.json", response(answered("a", coded("no")), answered("b", coded("no")), said))
    (tmp_path / "broken.json").write_text("{")
    return tmp_path


def write(path: Path, resource: Any) -> None:
    path.write_text(json.dumps(resource, ensure_ascii=False), "utf-8")


def evaluated(*arguments: str | Path) -> tuple[int, Any, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("evaluate_response", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, json.loads(out.getvalue()), err.getvalue()


def test_a_response_is_finished_with_scores_colours_and_feedback(folder: Path) -> None:
    code, told, err = evaluated(
        f"--questionnaire={folder / 'form.json'}", folder / "yes.json", "--now=2026-11-23T23:30:00+00:00"
    )
    assert (code, err) == (0, "")
    finished = told["questionnaireResponse"]
    assert finished["status"] == "completed"
    assert {node["linkId"]: node["answer"] for node in finished["item"]} == {
        "a": [coded("yes")],
        "why": [{"valueString": "ondt"}],
        "sum": [{"valueDecimal": 2.5}],
        "day": [{"valueDate": "2026-11-24"}],
    }
    assert told["scores"] == [
        {"linkId": "sum", "name": "Spørgsmål sum", "value": 2.5, "unit": "point", "minimum": None, "maximum": None,
         "items": ["a"], "unanswered": ["b"], "estimated": False}
    ]  # fmt: skip
    assert told["significance"] == [{"linkId": "a", "answer": coded("yes"), "significance": "red"}]
    assert told["feedback"] == [{"linkId": "sum", "text": "Ring til os"}]
    (withheld,) = told["withheldScores"]
    assert withheld["linkId"] == "whole"
    assert "1 af 2 spørgsmål er besvaret" in withheld["reason"]
    assert "issue" not in told


def test_what_is_not_asked_is_left_out(folder: Path) -> None:
    _, told, _ = evaluated(f"--questionnaire={folder / 'form.json'}", folder / "no.json")
    links = [node["linkId"] for node in told["questionnaireResponse"]["item"]]
    assert links == ["a", "b", "sum", "whole", "day"]
    assert (told["significance"], told["feedback"]) == ([], [])


def test_what_cannot_be_calculated_is_told(folder: Path) -> None:
    write(folder / "odd.json", form(question("n", "integer", extension=[calculated("'x'")])))
    _, told, _ = evaluated(f"--questionnaire={folder / 'odd.json'}", folder / "no.json", "--language=en")
    assert "does not fit" in told["issue"][0]["diagnostics"] or "does not fit" in str(told["issue"][0])


@pytest.mark.parametrize(
    ("questionnaire", "answers", "named"),
    [
        ("form.json", "broken.json", "broken.json"),
        ("form.json", "missing.json", "missing.json"),
        ("form.json", "form.json", "QuestionnaireResponse"),
        ("broken.json", "yes.json", "broken.json"),
        ("yes.json", "yes.json", "yes.json"),
    ],
)
def test_without_a_result_the_reason_is_told(
    folder: Path, questionnaire: str, answers: str, named: str
) -> None:
    code, out, err = evaluated(f"--questionnaire={folder / questionnaire}", folder / answers)
    assert (code, out) == (1, "")
    assert named in err


def test_a_time_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match="2026-11-23T12:00:00"):
        evaluated(f"--questionnaire={folder / 'form.json'}", folder / "yes.json", "--now=snart")


def test_no_database_is_needed(folder: Path) -> None:
    dead = {**os.environ, "DATABASE_URL": "postgres://nobody:none@127.0.0.1:9/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate_response", f"--questionnaire={folder / 'form.json'}",
         str(folder / "yes.json"), "--now=2026-11-23T12:00:00"],
        cwd=settings.BASE_DIR, env=dead, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scores"][0]["value"] == 2.5
