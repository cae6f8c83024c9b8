"""Questionnaires come in from files: each becomes a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from questionnaires import building, engine
from questionnaires.engine import Definition, Issue
from questionnaires.events import Kind, note
from questionnaires.harmful import why_not_safe
from questionnaires.models import Questionnaire, QuestionnaireVersion, address_of_our_own
from questionnaires.storable import why_not_nameable, why_not_storable


class QuestionnaireRefused(Problem):
    """The file cannot be asked safely; `issues` say why, each at its element."""

    code = "questionnaire_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, sentence: str, issues: Sequence[Issue] = ()) -> None:
        super().__init__(sentence)
        self.issues = tuple(issues)

    @property
    def facts(self) -> dict[str, Any]:
        """The issues as FHIR says them, for programs."""
        return {"issue": engine.operation_outcome(self.issues)["issue"]} if self.issues else {}


@dataclass(frozen=True)
class Import:
    """An imported draft, with what the engine had to say about it."""

    version: QuestionnaireVersion
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class Judged:
    """A questionnaire that can be asked: its JSON, compiled, and the engine's warnings."""

    resource: dict[str, Any]
    definition: Definition
    issues: tuple[Issue, ...]

    @property
    def title(self) -> str:
        """What lists call it, as short as their rows hold it."""
        return (self.definition.title or _("Spørgeskema uden titel"))[:300]

    @property
    def facts(self) -> dict[str, str]:
        """What the file says of whose instrument it is, as the library holds it."""
        return {"licence": self._line("copyright", 300), "source": self._line("publisher", 500)}

    def _line(self, name: str, longest: int) -> str:
        found = self.resource.get(name)
        line = " ".join(found.split()) if isinstance(found, str) else ""
        return line if len(line) <= longest else f"{line[: longest - 1]}…"


def import_questionnaire(
    *, content: bytes, owner: Municipality | None, by: StaffMember | None = None
) -> Import:
    """Store a FHIR R4 Questionnaire (JSON) as a draft: a new questionnaire, or the next version of a known one.

    An existing draft of the same questionnaire is replaced; imports and publishing of one questionnaire come
    one at a time. `by`: who imports it. Raises QuestionnaireRefused, also while the draft is in review.
    """
    judged = judge(read(content))
    return Import(version=store_draft(judged, owner=owner, by=by), issues=judged.issues)


def read(content: bytes) -> Any:
    """The JSON of a file, read strictly. Raises QuestionnaireRefused."""
    resource, unreadable = engine.read_json(content, what="questionnaire")
    if unreadable is not None:
        raise QuestionnaireRefused(
            _("Filen kan ikke læses som JSON. Vælg en fil med et FHIR R4-spørgeskema i JSON-format."),
            (unreadable,),
        )
    return resource


def judge(resource: Any) -> Judged:
    """Whether a questionnaire can be asked, and kept. Stores nothing. Raises QuestionnaireRefused."""
    if (sentence := why_not_storable(resource)) is not None:
        raise QuestionnaireRefused(sentence)
    compilation = engine.compile_questionnaire(resource)
    if compilation.definition is None or not compilation.is_usable:
        raise QuestionnaireRefused(
            _("Spørgeskemaet kan ikke bruges, som det er. Ret punkterne i filen, og prøv igen."),
            compilation.issues,
        )
    definition = compilation.definition
    if (sentence := why_not_nameable(url=definition.url, language=definition.language)) is not None:
        raise QuestionnaireRefused(sentence)
    if (sentence := why_not_safe(definition, compilation.issues)) is not None:
        raise QuestionnaireRefused(sentence, compilation.issues)
    return Judged(resource, definition, compilation.issues)


@transaction.atomic
def store_draft(
    judged: Judged, *, owner: Municipality | None, by: StaffMember | None = None
) -> QuestionnaireVersion:
    """The questionnaire as a draft, in place of an older draft of it; `by`: whose it is now.

    One without an address gets one of ours, which then stands in it: it goes out and comes in again as itself. A new
    one has the licence and the source that its file names. Raises QuestionnaireRefused.
    """
    definition = judged.definition
    questionnaire = _questionnaire_for(judged, owner)
    draft = questionnaire.versions.being_written().first()
    if draft is not None and draft.is_in_review:
        raise QuestionnaireRefused(in_review())
    if draft is not None:
        _take_over(draft, by)
    if draft is None:
        draft = QuestionnaireVersion(questionnaire=questionnaire, number=questionnaire.next_number)
    draft.title = judged.title
    draft.language = definition.language
    draft.source = judged.resource if definition.url else {**judged.resource, "url": questionnaire.url}
    draft.edited_by = by
    draft.save()
    if by is not None and by.is_program:
        # Nobody saw it being written, so the history says where it came from.
        note(Kind.SENT_IN, at=timezone.now(), by=by, questionnaire=questionnaire, version=draft)
    return draft


def _take_over(draft: QuestionnaireVersion, by: StaffMember | None) -> None:
    """Nobody loses what they are building; and what was built before has no way back from a file."""
    holder = building.holder_of(draft, at=timezone.now())
    if holder is not None and (by is None or holder.staff_id != by.pk):
        raise QuestionnaireRefused(
            _("%(name)s er ved at bygge spørgeskemaet. Vent med filen, til kladden er ledig.")
            % {"name": holder.staff.name}
        )
    draft.steps.all().delete()


def in_review() -> str:
    """Why nothing takes the place of a draft that somebody is looking through."""
    return _("Spørgeskemaet er til gennemsyn. Tag det tilbage til kladde, før du importerer det igen.")


def newest_version(url: str, *, owner: Municipality | None) -> QuestionnaireVersion | None:
    """The newest version of the questionnaire that `url` names, None for one we do not have.

    Raises QuestionnaireRefused where it is somebody else's.
    """
    if not url:
        return None
    known = Questionnaire.objects.filter(url=url).first()
    if known is None:
        return None
    if known.owner_id != (owner.pk if owner else None):
        raise _of_another()
    return known.versions.order_by("-number").first()


def _questionnaire_for(judged: Judged, owner: Municipality | None) -> Questionnaire:
    """The questionnaire that its `url` names, locked, made if unknown; a form without an address gets one of ours."""
    url, facts = judged.definition.url, {"owner": owner, **judged.facts}
    if not url:
        return Questionnaire.objects.create(url=address_of_our_own(), **facts)
    # Made by somebody else at the same moment: get_or_create waits for them, and takes theirs.
    made_or_known, _is_new = Questionnaire.objects.get_or_create(url=url, defaults=facts)
    if made_or_known.owner_id != (owner.pk if owner else None):
        raise _of_another()
    return Questionnaire.objects.select_for_update(no_key=True).get(pk=made_or_known.pk)


def _of_another() -> QuestionnaireRefused:
    return QuestionnaireRefused(
        _("Et spørgeskema med samme adresse (url) tilhører en anden. Giv dit spørgeskema sin egen adresse.")
    )
