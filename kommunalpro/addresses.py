"""Addresses of many rows: a view's is looked up once, and each row's id is put into it.

address_of("staff:citizen", citizen.pk)

citizen_address = addresses_of("staff:citizen")     # for a list of them
[citizen_address(citizen.pk) for citizen in citizens]
"""

from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from django.urls import get_script_prefix, get_urlconf, reverse

_PLACE = UUID(int=0)


def address_of(view_name: str, pk: UUID) -> str:
    """As `reverse(view_name, args=[pk])`, of a view that takes one UUID. Raises TypeError where it is none."""
    return addresses_of(view_name)(pk)


def addresses_of(view_name: str) -> Callable[[UUID], str]:
    """The same for many: gives the address of each id."""
    before, after = _around(view_name, get_script_prefix(), get_urlconf())

    def address(pk: UUID) -> str:
        if not isinstance(pk, UUID):
            raise TypeError(f"{view_name} takes a UUID, not {pk!r}.")
        return f"{before}{pk}{after}"

    return address


@lru_cache(maxsize=200)
def _around(view_name: str, script_prefix: str, urlconf: str | None) -> tuple[str, str]:
    """What stands before and after the id."""
    del script_prefix  # `reverse` puts it in by itself
    before, _, after = reverse(view_name, args=[_PLACE], urlconf=urlconf).partition(str(_PLACE))
    return before, after
