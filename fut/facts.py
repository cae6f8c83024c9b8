"""What we tell the platform, as plain values: no Django, no HTTP, no FHIR JSON.

Every `id` is our own and travels as the resource's identifier (`urn:ietf:rfc:3986`, `urn:uuid:<id>`), so
that a command whose outcome is unclear can be looked up before it is sent again.
Every moment is aware; it is written with the offset it has in Denmark at that moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fut import terminology


@dataclass(frozen=True, slots=True)
class Coding:
    """One code of one code system; the platform demands both (contract §2)."""

    system: str
    code: str
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource on the platform: its absolute address without version, and the version we know of."""

    url: str
    version: str | None = None

    @property
    def resource_type(self) -> str:
        return self.url.rstrip("/").rsplit("/", 2)[-2]

    @property
    def id(self) -> str:
        return self.url.rstrip("/").rsplit("/", 1)[-1]


class Gender(StrEnum):
    """FHIR's administrative gender."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class Law(StrEnum):
    """The act that lets us treat the data in an episode; the platform refuses an episode without one."""

    HEALTH = "http://ehealth.sundhed.dk/policy/dk/sundhedsloven"
    SOCIAL_SERVICES = "http://ehealth.sundhed.dk/policy/dk/serviceloven"
    ELDER_CARE = "http://ehealth.sundhed.dk/policy/dk/aeldreloven"


class Sharing(StrEnum):
    """May the platform hand the answers on to national registers (contract §7)?"""

    NONE = "noSharing"
    NATIONAL_HEALTH_DATA = "sharingAllowedDestinationNationalHealthData"
    NATIONAL_SERVICE_ACT_DATA = "sharingAllowedDestinationNationalServiceActData"
    MUNICIPAL_DATA = "sharingAllowedDestinationMunicipalData"


class SharingApproval(StrEnum):
    """Who says yes to each sharing: a person, or the platform by itself."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """The citizen as the platform needs to know them: the CPR number is enough, it knows the rest.

    `cpr`: ten digits. Its `repr` leaves it out, so that it cannot slip into a log.
    """

    cpr: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeFacts:
    """A course of care (forløb) and the citizen's consent to it.

    `organization` is the data controller, found with `FutGateway.find_organization`.
    `diagnosis` is a Condition code: SKS (`terminology.SKS`) or KL's FSIII (`terminology.FSIII`), of those that the
    platform knows (`value_sets.conditions`); the default is the one for whatever has no code of its own there.
    """

    id: UUID
    starts_at: datetime
    organization: Reference
    consented_at: datetime
    diagnosis: Coding = field(
        default=Coding(
            terminology.SKS,
            terminology.SKS_OTHER_CONTACT,
            "Personer i kontakt med sundhedsvæsenet af andre årsager",
        )
    )
    law: Law = Law.HEALTH
    ends_at: datetime | None = None
    care_team: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """To be done one time, from this moment."""

    at: datetime


class PeriodUnit(StrEnum):
    """FHIR's codes for units of calendar time."""

    DAY = "d"
    WEEK = "wk"
    MONTH = "mo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """To be done every `period` of a unit from `first`, at the clock time of `first`.

    Of weeks, on `weekdays` (0 is Monday); on that of `first` where there are none. Clock time: the time of day in
    Denmark stays when the clocks change. `until` None means until stopped.
    """

    first: datetime
    until: datetime | None = None
    period: int = 1
    unit: PeriodUnit = PeriodUnit.WEEK
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whenever:
    """To be done between two moments when it is asked for, at times that no recurrence can say (`Adhoc`)."""

    first: datetime
    until: datetime | None = None


Occurrence = Once | Recurring | Whenever


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequestFacts:
    """One activity of a citizen's plan: answer this questionnaire then and then.

    `activity` is the canonical `url|version` of the ActivityDefinition that names the questionnaire.
    """

    id: UUID
    activity: str
    occurrence: Occurrence
    code: Coding = Coding(terminology.SNOMED, terminology.SNOMED_QUESTIONNAIRE_ASSESSMENT)
    sharing: Sharing = Sharing.NONE
    sharing_approval: SharingApproval = SharingApproval.MANUAL
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarePlanFacts:
    """A plan given to a citizen. `plan` is the canonical `url|version` of the PlanDefinition."""

    id: UUID
    plan: str
    starts_at: datetime
    activities: Sequence[ServiceRequestFacts]
    ends_at: datetime | None = None
    title: str | None = None
    care_team: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time in which one task is to be answered; `end` is the last moment of it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFacts:
    """A submitted answer.

    `items` is the finished FHIR `QuestionnaireResponse.item` list, `questionnaire` our canonical
    `url|version`.
    `window` is the task's window, None for an answer that nobody asked for (ad hoc).
    `started_at`..`authored` becomes the effective period, `authored` is the moment of submission.
    """

    id: UUID
    questionnaire: str
    authored: datetime
    items: Sequence[Mapping[str, Any]]
    window: Window | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What KAM published: one version, which never changes again. `id` is that version's own."""

    id: UUID
    url: str
    version: int
    title: str

    @property
    def canonical(self) -> str:
        """`url|version`, by which everything made of it names it."""
        return f"{self.url}|{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireFacts(Definition):
    """A form. `source` is the FHIR R4 Questionnaire as it was imported or built."""

    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFacts(Definition):
    """“Answer this questionnaire”; `questionnaire` is its canonical `url|version`."""

    questionnaire: str
    code: Coding = Coding(terminology.SNOMED, terminology.SNOMED_QUESTIONNAIRE_ASSESSMENT)
    sharing: Sharing = Sharing.NONE
    sharing_approval: SharingApproval = SharingApproval.MANUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts(Definition):
    """A template of activities, each by its canonical `url|version`."""

    activities: Sequence[str]
    description: str = ""


@dataclass(frozen=True, slots=True)
class EpisodeReferences:
    """An episode on the platform and the condition it treats; a care plan must name both."""

    episode: Reference
    condition: Reference


@dataclass(frozen=True, slots=True)
class CarePlanReferences:
    """A care plan on the platform and its service requests by our id, each with its version."""

    care_plan: Reference
    service_requests: Mapping[UUID, Reference]
