"""Everything that is ever done with a questionnaire and a response, done to damaged ones."""

import json
import math
import resource as process
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import kommunalpro
from questionnaires.engine import (
    Definition,
    answers_of,
    compile_questionnaire,
    display_value,
    evaluate,
    finish,
    form_values,
    new_response,
    operation_outcome,
    read_form_values,
    scores,
    validate,
    with_answers,
)
from tests.conformance.corpora import CORPORA, read, table

from .mutating import ODD_VALUES, copied, mutated

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SLOWEST_SECONDS = 2.0
GIVE_UP_SECONDS = 20
MOST_MEGABYTES = 1_500
OWN_EXAMPLES = Path(kommunalpro.__file__).parent / "demo" / "questionnaires"


class Hanging(BaseException):
    """A run that had to be stopped; no `except Exception` of the engine takes it for its own."""


@dataclass(slots=True)
class Report:
    """What came of a number of mutations. `failures`: seed and what went wrong; `slow`: runs of the engine."""

    mutations: int = 0
    compiled: int = 0
    usable: int = 0
    issues: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)
    slow: list[tuple[float, int]] = field(default_factory=list)
    slowest: float = 0.0
    slowest_call: float = 0.0
    calls: int = 0
    seconds: float = 0.0
    seed: int = 0

    def timed(self, call: Callable[..., T], *values: Any, **named: Any) -> T:
        """Call the engine, and note how long it took."""
        began = time.perf_counter()
        try:
            return call(*values, **named)
        finally:
            seconds = time.perf_counter() - began
            self.calls += 1
            self.slowest_call = max(self.slowest_call, seconds)
            if seconds > SLOWEST_SECONDS:
                self.slow.append((seconds, self.seed))

    @property
    def megabytes(self) -> int:
        """The most memory the process ever took."""
        return process.getrusage(process.RUSAGE_SELF).ru_maxrss // 1024

    @property
    def is_sound(self) -> bool:
        """No exception, no run over the limit, memory bounded."""
        return not self.failures and not self.slow and self.megabytes < MOST_MEGABYTES

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield (
            f"{self.mutations} mutations in {self.seconds:.0f} s: {self.compiled} compiled, {self.usable} usable; "
            f"slowest of {self.calls} runs of the engine {self.slowest_call:.2f} s, slowest mutation with all its runs "
            f"{self.slowest:.2f} s; memory {self.megabytes} MB; {len(self.issues)} rules broken"
        )
        for seconds, seed in sorted(self.slow, reverse=True)[:10]:
            yield f"over {SLOWEST_SECONDS} s: {seconds:.2f} s, seed {seed}"
        for seed, failure in self.failures[:10]:
            yield f"failure, seed {seed}:\n{failure}"


@dataclass(frozen=True, slots=True)
class Material:
    """Questionnaires to damage, each with the responses that answer it, and how often it is taken."""

    pairs: tuple[tuple[Any, tuple[Any, ...]], ...]
    weights: tuple[float, ...]


def material() -> Material:
    """The corpora where they are at hand, else our own examples."""
    answers: dict[str, list[Any]] = {}
    for row in table("responses.tsv"):
        answers.setdefault(row["questionnaire_file"], []).append(read(CORPORA / row["file"]))
    folders = [CORPORA / "questionnaires", CORPORA / "questionnaires-invalid", OWN_EXAMPLES]
    files = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*.json"))]
    pairs = [
        (
            read(path),
            tuple(answers.get(str(path.relative_to(CORPORA)), ()) if path.is_relative_to(CORPORA) else ()),
        )
        for path in files
    ]
    for case in sorted((CORPORA / "response-validation").glob("*/instance.json")):
        pairs.extend((read(form), (read(case),)) for form in case.parent.glob("supporting-*.json"))
    # Large forms take long and show little more than small ones: so they are taken less often.
    return Material(tuple(pairs), tuple(1 / math.sqrt(len(json.dumps(pair)) + 1_000) for pair in pairs))


def run_all(count: int, seed: int, *, of: Material) -> Report:
    """Do so many damaged ones; each can be repeated alone by its own seed."""
    report = Report()
    began = time.perf_counter()
    for number in range(seed, seed + count):
        run_one(number, of, report)
    report.seconds = time.perf_counter() - began
    return report


def run_one(seed: int, of: Material, report: Report) -> None:
    """One damaged questionnaire with a damaged response, used in every way."""
    random = Random(seed)
    form, responses = random.choices(of.pairs, of.weights)[0]
    others = [one for one, _ in random.choices(of.pairs, of.weights, k=3)]
    questionnaire = mutated(form, random, others=others) if random.random() < 0.7 else form
    given = mutated(random.choice(responses), random, others=others) if responses else None
    report.mutations += 1
    report.seed = seed
    began = time.perf_counter()
    try:
        with giving_up(GIVE_UP_SECONDS):
            _use(questionnaire, given, random, report)
    except Hanging:
        report.failures.append((seed, f"hangs for more than {GIVE_UP_SECONDS} s"))
    except Exception:  # whatever it is: finding it is what this is for
        report.failures.append((seed, traceback.format_exc()))
    report.slowest = max(report.slowest, time.perf_counter() - began)


def _use(questionnaire: Any, given: Any, random: Random, report: Report) -> None:
    compilation = report.timed(compile_questionnaire, questionnaire)
    _tell(compilation.issues, report)
    definition = compilation.definition
    if definition is None:
        assert any(issue.is_error for issue in compilation.issues), "refused without a reason"
        return
    report.compiled += 1
    report.usable += compilation.is_usable
    for draft in (new_response(definition), _filled(definition, random), given):
        _judge(definition, draft, report)
        if isinstance(draft, dict):
            _conclude(definition, draft, report)


def _judge(definition: Definition, draft: Any, report: Report) -> None:
    _tell(report.timed(validate, definition, draft, draft=True), report)
    issues = report.timed(validate, definition, draft, draft=False, now=NOW)
    _tell(issues, report)
    closely = report.timed(validate, definition, draft, draft=False, now=NOW, closely=True)
    # Which slow patterns are given up is a matter of time; all else has to be the same.
    assert _timeless(issues) == _timeless(closely), "a glance sees something else"
    for page in definition.pages[:2]:
        report.timed(validate, definition, draft, draft=False, page=page)


def _timeless(issues: tuple[Any, ...]) -> list[Any]:
    return [issue for issue in issues if issue.key not in TIMELY]


TIMELY = (
    "answer.pattern-slow",
    "answer.pattern",
    "constraint.failed",
    "expression.failed",
    "condition.failed",
)


def _conclude(definition: Definition, draft: Mapping[str, Any], report: Report) -> None:
    before = copied(draft)
    evaluation = report.timed(evaluate, definition, draft, now=NOW)
    _tell(evaluation.issues, report)
    report.timed(scores, definition, draft)
    done = report.timed(finish, definition, draft, now=NOW)
    again = report.timed(finish, definition, done, now=NOW)
    assert are_alike(again, done), "finishing twice differs"
    assert are_alike(draft, before), "the draft was changed"


def are_alike(one: Any, other: Any) -> bool:
    """Is it the same JSON? Without recursion, and NaN is NaN."""
    waiting = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
            waiting.extend((left[name], right[name]) for name in left)
        elif isinstance(left, list | tuple) and isinstance(right, list | tuple) and len(left) == len(right):
            waiting.extend(zip(left, right, strict=True))
        elif isinstance(left, dict | list | tuple) or repr(left) != repr(right):
            return False
    return True


def _filled(definition: Definition, random: Random) -> dict[str, Any]:
    """A response made as citizens make it, with whatever a form field may bring."""
    draft = new_response(definition)
    asked = [item for item in definition.walk() if item.is_asked]
    for item in random.sample(asked, min(len(asked), 12)):
        texts = [random.choice((*FIELD_TEXTS, *(option.key for option in item.options[:5])))]
        reading = read_form_values(item, texts)
        assert reading.issue is None or not reading.answers
        if reading.answers:
            draft = with_answers(definition, draft, item.link_id, reading.answers)
            for answer in answers_of(draft, item.link_id):
                display_value(item, answer)
            form_values(item, reading.answers)
    return draft


FIELD_TEXTS = (
    "3,5", "1.250,75", "−2", "1e5", "31-12-2026", "31/12 2026", "31. december 2026", "29-02-2026", "8.30", "kl. 24",
    "31-12-2026 14:30", "0001-01-01T00:00:00-14:00", "ja", "nej", "a" * 60 + "!", "\u00a0 \u202f", "½", "٣", "x\r\ny",
    "999999999999999999999", "-0", "true", "sundhed.dk", "http://[",
    *(one for one in ODD_VALUES if isinstance(one, str)),
)  # fmt: skip


def _tell(issues: tuple[Any, ...], report: Report) -> None:
    """Issues have to be sayable: sentences without gaps, and an OperationOutcome that is JSON."""
    for issue in issues:
        report.issues[issue.key] += 1
        assert issue.text_da
        assert issue.text_en
    json.dumps(operation_outcome(issues[:50])).encode("utf-8")


@contextmanager
def giving_up(seconds: int) -> Iterator[None]:
    """Stop what hangs. (A pattern or a C function that does not come back to Python cannot be stopped so.)"""

    def stop(*_: Any) -> None:
        raise Hanging

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
