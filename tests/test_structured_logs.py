"""What the logs write: one line an event, and no CPR number in it, wherever it was put."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from citizens.cpr_pattern import MASK
from kommunalpro.structured_logs import LEFT_OUT, MOST_ENTRIES, MOST_LEVELS, logging_config, masked

CPR = "610150-0000"


@dataclass
class Person:
    cpr: str


@pytest.fixture(autouse=True)
def _structlog_as_it_was() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(params=[pytest.param(True, id="json"), pytest.param(False, id="console")])
def written(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """All that the handlers of our logging have written so far."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    configuration = logging_config(as_json=request.param)["formatters"]["structured"]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=configuration["processors"], foreign_pre_chain=configuration["foreign_pre_chain"]
        )
    )
    logger = logging.getLogger("masking")
    logger.addHandler(handler)
    yield lambda: output.getvalue().encode().decode("unicode_escape") if request.param else output.getvalue()
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(CPR, id="text"),
        pytest.param({"citizen": {"cpr": CPR}}, id="nested"),
        pytest.param({CPR: 1}, id="as a key"),
        pytest.param([("cpr", CPR)], id="in a list of pairs"),
        pytest.param({CPR}, id="in a set"),
        pytest.param(Person(CPR), id="in an object"),
        pytest.param(CPR.encode(), id="in bytes"),
        pytest.param(ValueError(f"{CPR} is taken"), id="in an exception"),
    ],
)
def test_values_are_masked(written: Callable[[], str], value: Any) -> None:
    structlog.get_logger("masking").warning("looked up", found=value)
    assert CPR not in written()
    assert MASK in written()


def test_messages_of_libraries_are_masked(written: Callable[[], str]) -> None:
    logging.getLogger("masking").warning("GET /Patient?identifier=%s", CPR)
    assert f"GET /Patient?identifier={MASK}" in written()


def look_up(cpr: str) -> None:
    raise LookupError(f"{cpr} is unknown")


def test_what_an_exception_says_is_masked_and_local_variables_stay_away(written: Callable[[], str]) -> None:
    secret_of_the_function = "Jeg sover dårligt"
    try:
        look_up(CPR)
    except LookupError:
        structlog.get_logger("masking").exception("it failed")
    assert f"LookupError: {MASK} is unknown" in written()
    assert CPR not in written()
    assert secret_of_the_function not in written()


def test_a_line_of_json_keeps_its_shape() -> None:
    [*_, mask, render] = logging_config(as_json=True)["formatters"]["structured"]["processors"]
    event = {
        "event": "x",
        "count": 3,
        "ok": True,
        "none": None,
        "request": "GET /soeg?navn=Anna",
        "many": [{"a": 1}],
    }
    line = json.loads(render(None, "info", mask(None, "info", event)))
    assert line == {**event, "request": "GET /soeg"}


def test_nesting_and_length_are_bounded() -> None:
    deep: Any = CPR
    for _ in range(MOST_LEVELS + 1):
        deep = [deep]
    assert str(masked(deep)).count("[") == MOST_LEVELS
    assert LEFT_OUT in str(masked(deep))
    assert len(masked(list(range(10 * MOST_ENTRIES)))) == MOST_ENTRIES

    endless: list[Any] = []
    endless.append(endless)
    assert LEFT_OUT in str(masked(endless))
