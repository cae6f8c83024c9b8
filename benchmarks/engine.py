"""What the questionnaire engine costs: one row a case, with the ratio to a named other side of the same run.

    make bench

The other sides: `json.loads` of the same response or form, and `fhirpathpy` evaluating the same conditions and scores
as expressions. All times are processor time, the least of several runs, the two sides of a ratio measured in turns: so
a busy machine disturbs little. Nothing here is a test: the goals are printed beside what was measured.
"""

import gc
import json
import os
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fhirpathpy import compile as compile_fhirpath
from fhirpathpy.models import models

from benchmarks.forms import SYSTEM, chain, expressions, filled, filled_chain, form
from questionnaires.engine import Definition, compile_questionnaire, evaluate, validate
from questionnaires.engine.fhirpath import syntax

CORPORA = Path(
    os.environ.get("KOMMUNALPRO_CORPORA") or Path(__file__).resolve().parents[2] / "shared" / "corpora"
)
LARGEST_ITEMS = 808
SAMPLED = 100
"""Items from which on fhirpathpy gets a sample of the expressions, multiplied: all of 1,000 take a minute."""

SECONDS = 0.4
"""About how long each side of a case is measured."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: milliseconds of ours and of the other side, and how their ratio should be."""

    case: str
    ours: float
    other_side: str
    other: float
    goal: str
    meets: Callable[[float], bool]
    inverse: bool = False

    @property
    def ratio(self) -> float:
        """Ours as a multiple of the other side's, or the other way round where faster is better."""
        return self.other / self.ours if self.inverse else self.ours / self.other


def least(*sides: Callable[[], object]) -> list[float]:
    """The least milliseconds that each side took, in turns."""
    best = [float("inf")] * len(sides)
    for side in sides:
        side()
    gc.collect()
    ends = time.process_time() + SECONDS * len(sides)
    rounds = 0
    while rounds < 5 or (time.process_time() < ends and rounds < 2000):
        rounds += 1
        for index, side in enumerate(sides):
            began = time.process_time()
            side()
            best[index] = min(best[index], time.process_time() - began)
    return [seconds * 1000 for seconds in best]


def compiled(resource: dict[str, Any]) -> Definition:
    """The definition of a form that is in order."""
    compilation = compile_questionnaire(resource)
    if compilation.definition is None or not compilation.is_usable:
        raise ValueError([issue.text_en for issue in compilation.issues])
    return compilation.definition


def judged(definition: Definition, response: dict[str, Any]) -> None:
    """Everything that a filled form is put through: enablement, scores, validation."""
    evaluation = evaluate(definition, response)
    issues = validate(definition, response, draft=True, evaluation=evaluation)
    if issues or not evaluation.scores:
        raise ValueError("the benchmark's own form and answers do not fit each other")


def against_json(items: int) -> Row:
    """Evaluate, score and validate, against reading the same response."""
    definition, response = compiled(form(items)), filled(items)
    text = json.dumps(response)
    ours, other = least(lambda: judged(definition, response), lambda: json.loads(text))
    goal = "at most 15" if items <= 200 else "(no goal)"
    return Row(f"evaluate, score, validate: {items} items", ours, "json.loads of the response", other, goal,
               lambda ratio: items > 200 or ratio <= 15)  # fmt: skip


def against_fhirpath(items: int) -> Row:
    """Evaluate, score and validate, against fhirpathpy with the same conditions and scores."""
    definition, response = compiled(form(items)), filled(items)
    scored = deepcopy(response)
    for group in scored["item"]:
        for node in group["item"]:
            coding = node["answer"][0].get("valueCoding")
            if coding is not None:
                coding["extension"] = [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue",
                        "valueDecimal": int(coding["code"]),
                    }
                ]
    functions = {"userInvocationTable": {"weight": {"fn": _weights, "arity": {0: []}}}}
    ready = [compile_fhirpath(text, models["r4"], functions) for text in expressions(items)]
    sample = ready[:: max(1, items // SAMPLED)]
    began = time.process_time()
    for run in sample:
        run(scored, {"resource": scored})
    other = (time.process_time() - began) * 1000 * len(ready) / len(sample)
    (ours,) = least(lambda: judged(definition, response))
    return Row(f"the same, {len(ready)} expressions: {items} items", ours, "fhirpathpy, parsed before", other,
               "at least 20 faster", lambda ratio: ratio >= 20, inverse=True)  # fmt: skip


def _weights(nodes: list[Any]) -> list[Any]:
    return [
        node["extension"][0]["valueDecimal"]
        for node in nodes
        if isinstance(node, dict) and "extension" in node
    ]


def linear() -> Row:
    """1,000 items against 200."""
    large, small = (compiled(form(1000)), filled(1000)), (compiled(form(200)), filled(200))
    ours, other = least(lambda: judged(*large), lambda: judged(*small))
    return Row("linear: 1,000 items", ours, "200 items", other, "at most 6", lambda ratio: ratio <= 6)


def chained() -> Row:
    """A chain of 500 conditions against one of 100."""
    large, small = (compiled(chain(500)), filled_chain(500)), (compiled(chain(100)), filled_chain(100))
    ours, other = least(lambda: evaluate(*large), lambda: evaluate(*small))
    return Row(
        "linear: a chain of 500 conditions",
        ours,
        "a chain of 100",
        other,
        "at most 6",
        lambda ratio: ratio <= 6,
    )


def changed() -> Row:
    """One changed answer in 1,000 items, against deciding all of them."""
    definition, first = compiled(form(1000)), filled(1000)
    second = deepcopy(first)
    second["item"][25]["item"][0]["answer"] = [
        {"valueCoding": {"system": SYSTEM, "code": "4", "display": "Meget"}}
    ]
    evaluation, turn = evaluate(definition, first), 0

    def change() -> None:
        nonlocal evaluation, turn
        turn += 1
        response = second if turn % 2 else first
        evaluation = evaluate(definition, response, previous=evaluation, changed="g25.1")

    ours, other = least(change, lambda: evaluate(definition, first))
    return Row(
        "one changed answer: 1,000 items",
        ours,
        "a full evaluation",
        other,
        "under 0.10",
        lambda ratio: ratio < 0.1,
    )


def largest_form() -> tuple[str, str]:
    """The largest real form at hand, or one of like size of our own: its name and its JSON."""
    files = [(path.stat().st_size, path) for path in (CORPORA / "questionnaires").rglob("*.json")]
    real = [path for _, path in sorted(files, reverse=True) if _items(path) == LARGEST_ITEMS]
    if real:
        return f"the largest real form ({LARGEST_ITEMS} items)", real[0].read_text("utf-8")
    own = form(LARGEST_ITEMS // 20 * 20)
    return f"a form of our own ({LARGEST_ITEMS // 20 * 20} items)", json.dumps(own)


def _items(path: Path) -> int:
    return path.read_text("utf-8").count('"linkId"')


def compiling() -> tuple[Row, Row]:
    """Compiling the largest form, with its expressions parsed before; and parsing them, which happens once."""
    name, text = largest_form()
    resource = json.loads(text)
    syntax.cache_clear()
    began = time.process_time()
    compile_questionnaire(resource)
    first = (time.process_time() - began) * 1000
    ours, other = least(lambda: compile_questionnaire(resource), lambda: json.loads(text))
    return (
        Row(f"compile {name}", ours, "json.loads of it", other, "at most 30", lambda ratio: ratio <= 30),
        Row(
            "  the first time, parsing its expressions",
            first,
            "json.loads of it",
            other,
            "(counted apart)",
            lambda _: True,
        ),
    )


def main() -> None:
    """Measure everything and print the table."""
    print(f"{'case':<62} {'ms':>9}  {'against':<28} {'ms':>9} {'ratio':>8}  goal")
    for measure in (
        *(lambda items=items: against_json(items) for items in (20, 200, 1000)),
        *(lambda items=items: against_fhirpath(items) for items in (20, 200, 1000)),
        linear, chained, changed, compiling,
    ):  # fmt: skip
        rows = measure()
        for row in rows if isinstance(rows, tuple) else (rows,):
            verdict = "" if row.goal.startswith("(") else "  met" if row.meets(row.ratio) else "  NOT MET"
            print(
                f"{row.case:<62} {row.ours:>9.3f}  {row.other_side:<28} {row.other:>9.3f} {row.ratio:>8.2f}  "
                f"{row.goal}{verdict}",
                flush=True,
            )


if __name__ == "__main__":
    main()
