"""What was ticked in a list: ids from a form or an address, each once, in their order."""

from uuid import UUID

from django.http import QueryDict


def ids_in(sent: QueryDict, name: str) -> list[UUID]:
    """The ids called `name`; what is no id is left out, as if nobody had sent it."""
    found = []
    for text in sent.getlist(name):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))
