"""The news of one claim on their way to the platform: read together, told one by one, noted together.

In the scope *system*, since they are many municipalities' (docs/adr/0013). Nothing is read or written while the
platform thinks, but for what a delivery that failed has learnt.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from fut import subjects
from fut.addresses import Addresses, Key
from fut.client import ends_within
from fut.definitions import Definitions
from fut.errors import (
    FutAuthenticationFailed,
    FutChangedMeanwhile,
    FutConflict,
    FutRefused,
    FutUnavailable,
    MappingInvalid,
)
from fut.facts import Reference
from fut.gateway import FutGateway
from fut.mapping.corrections import correction_id
from fut.mapping.episodes import condition_id
from fut.mapping.task_messages import no_task_messages_id
from fut.subjects import FormerAnswer, Subject
from fut.telling import Telling
from municipalities.scope import Scope, within
from outbox.channels import AskedToWait, ReceiverAway, Refused, RetryLater
from outbox.models import Delivery
from plans.models import EpisodeOfCare, Task


class FutHandover:
    """A claim's care plans, answers and endings (outbox.channels.Handover)."""

    def __init__(self, gateway: Callable[[], FutGateway]) -> None:
        self._gateway = gateway
        # None where the subject is gone.
        self._subjects: dict[int, Subject | None] = {}
        self._addresses = Addresses()
        self._definitions = Definitions()
        self._teams: dict[int, Reference] = {}

    def look(self, deliveries: Sequence[Delivery]) -> None:
        with within(Scope.system()):
            found = subjects.read(deliveries)
            self._addresses.read([key for each in found.values() for key in _keys(each)])
            care_plans = [one for each in found.values() for one in subjects.care_plans_of(each)]
            self._definitions.read({one.plan_id: one.plan for one in care_plans}.values())
            answers = [one.task if isinstance(one, FormerAnswer) else one for one in found.values()]
            self._teams = subjects.teams_of(found.values())
            subjects.read_plans([one for one in answers if isinstance(one, Task) and self._lacks(one)])
        self._subjects = {one.pk: found.get(one.pk) for one in deliveries}

    def deliver(self, delivery: Delivery) -> None:
        if delivery.pk not in self._subjects:
            self.look([delivery])  # those of the claim could not be read together
        subject = self._subjects[delivery.pk]
        if subject is None:
            raise LookupError(f"{delivery.event.subject_model} of the news is not there")
        try:
            # Nothing of ours is still under way when another worker may try.
            with _in_the_outboxs_words(), ends_within(_seconds_held(delivery)):
                self._telling(delivery).tell(subject)
        except Exception:
            # It may be long until something arrives and is noted, and this is what spares the next try its looks.
            if self._addresses.has_news or self._definitions.has_news:
                with within(Scope.system()):
                    self.note()
            raise

    def _lacks(self, task: Task) -> bool:
        """Whether something of what an answer stands on may have to be brought first. What is there stays there."""
        is_known = all(self._addresses.of(*key) for key in _needed(task))
        return not is_known or self._definitions.lack(task.care_plan.plan)

    def _telling(self, delivery: Delivery) -> Telling:
        return Telling(
            delivery=delivery,
            to=self._gateway(),
            addresses=self._addresses,
            definitions=self._definitions,
            teams=self._teams,
        )

    def note(self) -> None:
        self._addresses.write()
        self._definitions.write()


def _seconds_held(delivery: Delivery) -> float:
    held_until = delivery.leased_until
    return (held_until - timezone.now()).total_seconds() if held_until is not None else 0


def _keys(subject: Subject) -> Iterable[Key]:
    """What of a subject, and of all that it stands on, may have an address."""
    episode = subjects.episode_of(subject)
    yield "Patient", episode.citizen_id
    yield "EpisodeOfCare", episode.pk
    yield "Condition", condition_id(episode.pk)
    yield "CommunicationRequest", no_task_messages_id(episode.pk)
    if isinstance(subject, EpisodeOfCare):
        for care_plan in subject.care_plans.all():
            yield "CarePlan", care_plan.pk
    for care_plan in subjects.care_plans_of(subject):
        yield "CarePlan", care_plan.pk
        for activity in care_plan.plan.activities.all():
            yield "ServiceRequest", subjects.service_request_id(care_plan, activity)
    if isinstance(subject, FormerAnswer):
        yield "QuestionnaireResponse", subject.corrected_by
    task = subject.task if isinstance(subject, FormerAnswer) else subject
    if isinstance(task, Task) and task.response_id:
        yield "QuestionnaireResponse", task.response_id
        yield "ClinicalImpression", correction_id(task.response_id)


def _needed(task: Task) -> Iterable[Key]:
    """What an answer is told with."""
    episode = task.care_plan.episode
    yield "Patient", episode.citizen_id
    yield "EpisodeOfCare", episode.pk
    yield "Condition", condition_id(episode.pk)
    yield "ServiceRequest", subjects.service_request_id(task.care_plan, task.activity)


@contextmanager
def _in_the_outboxs_words() -> Iterator[None]:
    """What went wrong at the platform, as the outbox has to hear of it."""
    try:
        yield
    except FutChangedMeanwhile as error:
        raise RetryLater(str(error)) from error
    except FutUnavailable as error:
        after = timedelta(seconds=error.retry_after) if error.retry_after else None
        if error.is_busy:
            raise AskedToWait(str(error), after=after, sent=error.what) from error
        raise ReceiverAway(str(error), after=after, sent=error.what, receiver=error.receiver) from error
    except FutAuthenticationFailed as error:
        # It lets nobody in: as good as away until somebody mends the settings.
        raise ReceiverAway(str(error), receiver="") from error
    except FutRefused as error:
        raise Refused(str(error), sent=error.what) from error
    except (FutConflict, MappingInvalid) as error:
        raise Refused(str(error)) from error
