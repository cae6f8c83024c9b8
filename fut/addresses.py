"""Which address what is ours has on the platform: read for a claim together, learnt while it is told, written together.

What is learnt and lost again, as when the worker is killed, costs a look: who finds no address asks the platform.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.utils import timezone

from fut.facts import Reference
from fut.models import FutReference
from plans.models import EpisodeOfCare

Key = tuple[str, UUID]
"""FHIR's name of the kind, and our identifier."""

_READ = """
SELECT resource_type, local_id, known.url, known.version_id
FROM unnest(%s::varchar[], %s::uuid[]) AS wanted (resource_type, local_id)
JOIN fut_futreference AS known USING (resource_type, local_id)
"""


@dataclass(slots=True)
class Addresses:
    """Of one claim. Nothing but `read` and `write` asks the database."""

    _known: dict[Key, Reference] = field(default_factory=dict)
    _learnt: dict[Key, FutReference] = field(default_factory=dict)
    _gone: set[Key] = field(default_factory=set)

    def read(self, keys: Collection[Key]) -> None:
        """Those of these that are written; what is learnt and not written yet stays. Called in a transaction."""
        wanted = list(set(keys))
        with connection.cursor() as cursor:
            cursor.execute(_READ, [[key[place] for key in wanted] for place in (0, 1)])
            self._known = {
                (resource_type, local_id): Reference(url, version or None)
                for resource_type, local_id, url, version in cursor.fetchall()
            }

    def of(self, resource_type: str, local_id: UUID) -> Reference | None:
        key = resource_type, local_id
        if key in self._gone:
            return None
        if (row := self._learnt.get(key)) is not None:
            return Reference(row.url, row.version_id or None)
        return self._known.get(key)

    def learn(
        self, resource_type: str, local_id: UUID, reference: Reference, *, episode: EpisodeOfCare
    ) -> None:
        """Something of the citizen of this course has this address."""
        key = resource_type, local_id
        if self.of(*key) == reference:
            return
        self._gone.discard(key)
        self._learnt[key] = FutReference(
            resource_type=resource_type,
            local_id=local_id,
            url=reference.url,
            version_id=reference.version or "",
            citizen_id=episode.citizen_id,
            # The person has one address on the platform, whoever follows them.
            municipality_id=None if resource_type == "Patient" else episode.municipality_id,
        )

    def forget(self, resource_type: str, local_id: UUID) -> None:
        self._learnt.pop((resource_type, local_id), None)
        self._gone.add((resource_type, local_id))

    @property
    def has_news(self) -> bool:
        return bool(self._learnt or self._gone)

    def write(self) -> None:
        """What was learnt since the last time. Called in a transaction."""
        # In one order, so that two workers with the same ones wait for each other in no ring.
        rows = [self._learnt[key] for key in sorted(self._learnt)]
        if rows:
            now = timezone.now()
            for row in rows:
                row.stored_at = now
            FutReference.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["resource_type", "local_id"],
                update_fields=["url", "version_id", "citizen", "municipality", "stored_at"],
            )
        for resource_type, local_id in sorted(self._gone):
            FutReference.objects.filter(resource_type=resource_type, local_id=local_id).delete()
        self._known |= {key: Reference(row.url, row.version_id or None) for key, row in self._learnt.items()}
        for key in self._gone:
            self._known.pop(key, None)
        self._learnt, self._gone = {}, set()
