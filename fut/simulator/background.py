"""What goes on beside the requests: triage, text messages, the reminders' job. Nothing of it holds up an answer."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fut.simulator import dispatching, reminding, triage
from fut.simulator.addresses import Base
from fut.simulator.records import Records
from fut.simulator.store import Store
from fut.simulator.telephones import Telephones

Json = dict[str, Any]

PAUSE = 0.02
JOB_SECONDS = 20.0


@dataclass(slots=True)
class Background:
    """Work that waits. `reminds`: does the platform's own job for task messages run?"""

    store: Store
    telephones: Telephones
    base: Base
    reminds: bool = False
    _measurements: deque[tuple[Base, Json]] = field(default_factory=deque)
    _messages: deque[tuple[Base, Json]] = field(default_factory=deque)
    _last_run: datetime | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def assess(self, base: Base, measurements: list[Json]) -> None:
        self._measurements += [(base, one) for one in measurements]
        self._wake.set()

    def send(self, base: Base, message: Json) -> None:
        self._messages.append((base, message))
        self._wake.set()

    def work_off(self) -> None:
        """Everything that waits, now."""
        while self._step():
            pass

    def remind(self, *, at: datetime | None = None) -> list[Json]:
        """Run the job as of `at`, else of its latest hour; the messages that it made."""
        records = Records(self.store, self.base)
        made = reminding.run(records, at=at or reminding.last_run(self.store.clock.now()))
        for message in dispatching.waiting(records):
            self.send(self.base, message)
        return made

    def forget(self) -> None:
        self._measurements.clear()
        self._messages.clear()

    def _step(self) -> bool:
        """One piece of work; False when there is none."""
        if self._messages:
            base, message = self._messages.popleft()
            records = Records(self.store, base)
            present = self.store.read("Communication", message["id"])
            if present and present["status"] == "in-progress":
                dispatching.dispatch(records, self.telephones, present)
            return True
        if self._measurements:
            base, measurement = self._measurements.popleft()
            triage.assess(Records(self.store, base), measurement)
            return True
        return False

    async def run(self) -> None:
        """For as long as the process serves; what a kill left unsent goes first."""
        records = Records(self.store, self.base)
        for message in dispatching.waiting(records):
            self.send(self.base, message)
        while True:
            if self.reminds:
                self._remind_in_time()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), JOB_SECONDS)
            self._wake.clear()
            while self._step():
                # One at a time, so that a request is never behind more than one piece of this.
                await asyncio.sleep(0)
            await asyncio.sleep(PAUSE)

    def _remind_in_time(self) -> None:
        due = reminding.last_run(self.store.clock.now())
        if self._last_run != due:
            self._last_run = due
            self.remind(at=due)
