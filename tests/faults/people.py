"""People at work while the faults are on: citizens who answer, staff who assign, remind and stop plans.

Each does what a person does where nothing answers, or something unclear: looks again, and presses again. What was
acknowledged to them is kept here, apart from the database.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import TypeVar
from uuid import UUID

import httpx
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import CitizenActor
from identity.middleware import SESSION_ACTOR
from identity.models import StaffMember
from identity.sessions import SESSION_SEEN_AT
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from notifications import reminders
from plans import services as plans
from plans.models import CarePlan, Plan, Task
from questionnaires.services import save_answers
from tests import factories

T = TypeVar("T")

TASKS = 5
"""Of a plan; the last of them stays open, unless the plan is stopped."""
PEOPLE = 4
BY_HTTP = 0.3
"""The share of answers that are sent through the web server."""
PATIENCE = 600.0
"""How long a person tries; a machine that others use as well is slow, and that is no fault."""
TOKEN = "a" * 32


@dataclass(slots=True)
class World:
    """What there is before anybody does anything."""

    plan: Plan
    places: list[tuple[Municipality, StaffMember]]
    outside: list[Citizen] = field(default_factory=list)
    made: int = 0


@dataclass(slots=True)
class Record:
    """What people did and were told: the side of the comparison that no process of the system has written."""

    citizens: list[Citizen] = field(default_factory=list)
    assigned: list[UUID] = field(default_factory=list)
    stopped: list[UUID] = field(default_factory=list)
    # In the order in which each citizen was told that it was sent.
    answers: dict[UUID, list[UUID]] = field(default_factory=dict)
    reminders: list[UUID] = field(default_factory=list)
    # Those about tasks that nobody answered or called off.
    lasting_reminders: list[UUID] = field(default_factory=list)
    # The care plans with a task that stayed open.
    lasting: list[UUID] = field(default_factory=list)
    unclear: int = 0

    @property
    def answered(self) -> int:
        return sum(len(sent) for sent in list(self.answers.values()))  # others write while we count


def make_world() -> World:
    """Two municipalities with a team and a nurse each, and one published plan of five weekly questionnaires."""
    with within(Scope.system()):
        places: list[tuple[Municipality, StaffMember]] = []
        for code in ("0851", "0330"):
            municipality: Municipality = factories.MunicipalityFactory(code=code)
            nurse: StaffMember = factories.StaffMemberFactory(municipality=municipality)
            factories.CareTeamFactory(municipality=municipality)
            places.append((municipality, nurse))
        return World(plan=factories.PlanFactory(weekly=TASKS), places=places)


class Unclear(Exception):
    """No answer, or not one that says what became of it."""


class Work:
    """So many new citizens, each with a plan of their own, and some threads that do what they do."""

    def __init__(
        self,
        world: World,
        record: Record,
        *,
        citizens: int,
        web_url: str,
        chance: random.Random,
        answering: bool = True,
    ) -> None:
        self._answering = answering
        self._world = world
        self._record = record
        self._web_url = web_url
        self._seed = chance.random()
        self._lock = threading.Lock()
        self._left: SimpleQueue[tuple[int, Citizen]] = SimpleQueue()
        self._failures: list[BaseException] = []
        self.answers = 0
        for citizen in self._enrol(citizens):
            index = self._world.made
            self._world.made += 1
            self.answers += TASKS - 1
            self._left.put((index, citizen))
        self._threads = [threading.Thread(target=self._people, daemon=True) for _ in range(PEOPLE)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def goes_on(self) -> bool:
        """Whether anybody still works."""
        return any(thread.is_alive() for thread in self._threads)

    def end(self) -> None:
        """Wait until everybody has done what they came for. Raises what went wrong with the people themselves."""
        for thread in self._threads:
            thread.join(PATIENCE)
        if self._failures:
            raise self._failures[0]
        assert not self.goes_on, "people are still waiting for an answer"

    def _enrol(self, number: int) -> list[Citizen]:
        made: list[Citizen] = []
        with within(Scope.system()):
            for index in range(number):
                municipality, _ = self._world.places[index % len(self._world.places)]
                citizen: Citizen = factories.CitizenFactory(municipality=municipality)
                made.append(citizen)
        self._record.citizens += made
        return made

    def _people(self) -> None:
        try:
            with httpx.Client(base_url=self._web_url, timeout=30) as http:
                while True:
                    try:
                        index, citizen = self._left.get_nowait()
                    except Empty:
                        return
                    chance = random.Random(self._seed + index)
                    course = _Course(self._world, self._record, citizen, index, http, chance, self._lock)
                    course.go(answering=self._answering)
        except BaseException as failure:
            self._failures.append(failure)
        finally:
            connections.close_all()


class _Course:
    """One citizen's plan from its assignment to its end."""

    def __init__(
        self,
        world: World,
        record: Record,
        citizen: Citizen,
        index: int,
        http: httpx.Client,
        chance: random.Random,
        lock: threading.Lock,
    ) -> None:
        self._record, self._citizen, self._http, self._chance, self._lock = (
            record,
            citizen,
            http,
            chance,
            lock,
        )
        self._plan = world.plan
        self._staff = next(staff for place, staff in world.places if place.pk == citizen.municipality_id)
        self._is_stopped = index % 3 == 2
        record.answers.setdefault(citizen.pk, [])

    def go(self, *, answering: bool) -> None:
        care_plan = self._again(self._assign)
        self._keep(self._record.assigned, care_plan.pk)
        if not answering:
            self._keep(self._record.lasting, care_plan.pk)
            return
        if not self._is_stopped:
            self._keep(self._record.lasting, care_plan.pk)
        in_order = care_plan.tasks.select_related("citizen").order_by("opens_at")
        tasks = self._again(lambda: self._as_staff(lambda: list(in_order.all())))
        self._remind(tasks[0])
        for task in tasks[:-1]:
            response_id = self._again(lambda task=task: self._answer(task))  # type: ignore[misc]
            with self._lock:
                self._record.answers[self._citizen.pk].append(response_id)
        if self._is_stopped:
            self._again(
                lambda: self._as_staff(lambda: plans.revoke_care_plan(care_plan=care_plan, at=timezone.now()))
            )
            self._keep(self._record.stopped, care_plan.pk)
        else:
            self._keep(self._record.lasting_reminders, self._remind(tasks[-1]))

    def _assign(self) -> CarePlan:
        now = timezone.now()
        try:
            return self._as_staff(
                lambda: plans.assign_plan(
                    plan=self._plan, citizen=self._citizen, care_team=self._citizen.municipality.care_teams.get(),
                    # All its questionnaires can be answered now.
                    starts_on=timezone.localdate(now) - timedelta(weeks=TASKS), by=self._staff, at=now,
                )
            )  # fmt: skip
        except plans.PlanAlreadyAssigned:
            return self._as_staff(
                lambda: CarePlan.objects.get(citizen=self._citizen, status=CarePlan.Status.ACTIVE)
            )

    def _remind(self, task: Task) -> UUID:
        message = self._again(
            lambda: self._as_staff(lambda: reminders.send(task=task, by=self._staff, at=timezone.now()))
        )
        self._keep(self._record.reminders, message.pk)
        return message.pk

    def _answer(self, task: Task) -> UUID:
        """Fill in and send; the id of what was sent."""
        with within(Scope.citizen(self._citizen.pk)):
            task = Task.objects.select_related("response", "citizen", "activity").get(pk=task.pk)
            if task.status == Task.Status.COMPLETED:
                assert task.response_id
                return task.response_id
            response = plans.begin_task(task=task, at=timezone.now())
            response = save_answers(
                response=response,
                fields={"pain": ["true"], "how-much": [str(self._chance.randrange(7))], "note": ["Godt"]},
                at=timezone.now(),
            ).response
        if self._chance.random() < BY_HTTP:
            self._send_by_browser(task, response.fingerprint)
        else:
            with within(Scope.citizen(self._citizen.pk)):
                plans.submit_task(task=task, at=timezone.now(), seen=response.fingerprint)
        return response.pk

    def _send_by_browser(self, task: Task, seen: str) -> None:
        cookies = f"{settings.SESSION_COOKIE_NAME}={self._session()}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        try:
            answer = self._http.post(
                f"/borger/opgave/{task.pk}/opsummering/",
                data={"seen": seen},
                headers={"X-CSRFToken": TOKEN, "Cookie": cookies},
            )
        except httpx.TransportError as error:
            raise Unclear(type(error).__name__) from error
        if answer.status_code >= 500:
            raise Unclear(str(answer.status_code))
        assert answer.status_code == 302, f"{answer.status_code}: {answer.text[:500]}"
        assert answer.headers["Location"].endswith("/kvittering/"), answer.headers["Location"]

    def _session(self) -> str:
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_ACTOR] = CitizenActor(citizen_id=self._citizen.pk, name="Borger").to_session()
        session[SESSION_SEEN_AT] = timezone.now().timestamp()
        session.save()
        return str(session.session_key)

    def _as_staff(self, act: Callable[[], T]) -> T:
        with within(Scope.municipality(self._citizen.municipality_id)):
            return act()

    def _again(self, act: Callable[[], T]) -> T:
        """Until it is clear what became of it."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                return act()
            except (DatabaseError, InterfaceError, Unclear):
                with self._lock:
                    self._record.unclear += 1
                if time.monotonic() > give_up:
                    raise
                # A person takes a breath before pressing again.
                time.sleep(0.2)

    def _keep(self, where: list[UUID], what: UUID) -> None:
        with self._lock:
            where.append(what)
