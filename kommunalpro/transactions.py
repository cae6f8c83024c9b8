"""Transactions without a savepoint."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
T = TypeVar("T")


def refuses_first(use_case: Callable[P, T]) -> Callable[P, T]:
    """As `transaction.atomic`, for what refuses before it writes anything: in a transaction it needs no savepoint.

    A savepoint is two statements with every call. Whoever answers a refusal goes on in the same transaction, and
    there is nothing to take back; whatever else goes wrong takes all of it along.
    """

    @wraps(use_case)
    def joined(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return use_case(*args, **kwargs)
        with transaction.atomic():
            return use_case(*args, **kwargs)

    return joined
