"""The documents of drafts as this process last read or wrote them, so that an act on a large one does not read it anew.

A document is kept under the `revision` of its row, which is another one as soon as the row's document is: the database
itself sees to that (migration 0014). So a kept document is never an old one, whoever wrote in between, in whatever
process; nor one that was rolled back, for no row ever has its revision. Who may see the row is asked of the database
each time. A kept document is shared by all threads: nobody changes one in place (`questionnaires.authoring`).
"""

import json
from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from questionnaires.models import QuestionnaireVersion

MOST_KEPT = 16
LARGEST_KEPT = 1_000_000
"""Characters of JSON; what is larger is read each time. As objects of Python it takes about eight times the room."""


class Kept(NamedTuple):
    """A document and the revision of its row."""

    revision: UUID
    document: dict[str, Any]


_kept: OrderedDict[UUID, Kept] = OrderedDict()
_lock = Lock()


def load_source(version: QuestionnaireVersion) -> None:
    """Give a version that was read without its document (`defer("source")`) that document, not to be changed in place.

    Where the row has changed since it was read, document and revision are those of now.
    """
    if "source" not in version.get_deferred_fields():
        return
    found = _found(version.pk)
    if found is None or found.revision != version.revision:
        found = _read(version.pk)
    version.revision, version.source = found


def keep_written(version: QuestionnaireVersion) -> None:
    """Keep what was just written: `version` has the document and the revision that its row has now."""
    with _lock:
        if version.pk in _kept:
            _kept[version.pk] = Kept(version.revision, version.source)


def kept() -> dict[UUID, Kept]:
    """All that is kept, by the id of the version: for tests to hold against the rows."""
    with _lock:
        return dict(_kept)


def forget() -> None:
    """Keep nothing any more, as a process that has just begun."""
    with _lock:
        _kept.clear()


def _found(version_id: UUID) -> Kept | None:
    with _lock:
        if version_id in _kept:
            _kept.move_to_end(version_id)
        return _kept.get(version_id)


def _read(version_id: UUID) -> Kept:
    rows = QuestionnaireVersion.objects.annotate(text=Cast("source", TextField()))
    revision, text = rows.values_list("revision", "text").get(pk=version_id)
    read = Kept(revision, json.loads(text))
    if len(text) <= LARGEST_KEPT:
        with _lock:
            _kept[version_id] = read
            _kept.move_to_end(version_id)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return read
