"""Parsed expressions are shared through Redis, and nothing depends on it."""

from typing import Any

import pytest

from questionnaires.engine.fhirpath import share_syntax, syntax
from questionnaires.syntax_store import RedisSyntaxStore, redis_syntax_store

NOBODY = "redis://127.0.0.1:9/0"


@pytest.fixture
def shared() -> Any:
    """Sharing as each test sets it, and afterwards as the application does."""
    syntax.cache_clear()
    yield share_syntax
    share_syntax(redis_syntax_store())
    syntax.cache_clear()


def test_without_redis_everybody_parses_and_asks_only_now_and_then(shared: Any) -> None:
    store = RedisSyntaxStore(NOBODY)
    shared(store)
    assert syntax("1 + 41")["type"] == "AdditiveExpression"
    assert store._silent_until > 0
    assert store.get("anything") is None
    store["anything"] = "x"


@pytest.mark.parametrize("left", ["{", "[]", "{}", "null"])
def test_what_is_no_syntax_is_parsed_anew(shared: Any, left: str) -> None:
    class Odd(dict[str, str]):
        def get(self, name: str, default: Any = None) -> str:
            return left

    store = Odd()
    shared(store)
    assert syntax("2 + 41")["type"] == "AdditiveExpression"
    assert len(store) == 1
