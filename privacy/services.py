"""What is done about data's life: how long they are kept, holding them in a case, deleting them, answering a request.

No municipality's own people can delete answers: the walls in the database keep them from it. Deleting is the
system's work, by these rules alone, one citizen a transaction.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import structlog
from django.utils.translation import gettext as _

from citizens.cpr_pattern import without_cpr
from citizens.models import Citizen
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from notifications.models import Message
from outbox.models import Delivery
from plans.models import BulkAssignmentItem
from privacy import deletion, selectors
from privacy.deletion import Deleted
from privacy.models import DeletionRecord, ErasureRequest, LegalHold, RetentionDecision
from privacy.retention import DEFAULT_YEARS, LONGEST_YEARS, SHORTEST_YEARS, takes_effect_on
from questionnaires.models import Response

log = structlog.get_logger(__name__)

Cause = DeletionRecord.Cause
Outcome = ErasureRequest.Outcome


class RetentionNotLawful(Problem):
    """So many years are too few or too many."""

    code = "retention_not_lawful"


class NothingToDecide(Problem):
    """It is so already, or what was to be taken back is not waiting."""

    code = "nothing_to_decide"


class HoldNeedsReason(Problem):
    """Nobody holds data without saying why."""

    code = "hold_needs_reason"


# --- how long, and holding --------------------------------------------------------------------------


def decide_retention(
    *,
    municipality: Municipality,
    years: int,
    only_five_year_professions: bool,
    by: StaffMember,
    at: datetime,
) -> RetentionDecision:
    """Decide how long the municipality keeps a course: a longer time from today, a shorter after SECOND_THOUGHTS.

    Raises RetentionNotLawful, and NothingToDecide where it is so already, with sentences for the screen.
    """
    check_retention(years=years, only_five_year_professions=only_five_year_professions)
    today = selectors.today_in_denmark(at)
    newest = selectors.newest_decision(municipality)
    before = newest.years_on(today) if newest else DEFAULT_YEARS
    if years == (newest.years if newest else DEFAULT_YEARS):
        raise NothingToDecide(
            _("Det er allerede besluttet, at forløb gemmes i %(years)d år.") % {"years": years}
        )
    return RetentionDecision.objects.create(
        municipality=municipality,
        years_before=before,
        years=years,
        only_five_year_professions=only_five_year_professions,
        decided_at=at,
        decided_by=by,
        takes_effect_on=takes_effect_on(today, is_shorter=years < before),
    )


def take_back_retention(*, municipality: Municipality, by: StaffMember, at: datetime) -> RetentionDecision:
    """Let a shorter time that has not begun yet never begin. Raises NothingToDecide where none waits."""
    newest = selectors.newest_decision(municipality)
    if newest is None or newest.takes_effect_on <= selectors.today_in_denmark(at):
        raise NothingToDecide(_("Der er ingen kortere tid, der venter. Måske er den allerede begyndt."))
    return decide_retention(
        municipality=municipality,
        years=newest.years_before,
        only_five_year_professions=newest.years_before < DEFAULT_YEARS,
        by=by,
        at=at,
    )


def check_retention(*, years: int, only_five_year_professions: bool) -> None:
    """Raises RetentionNotLawful with a sentence for the screen."""
    if not SHORTEST_YEARS <= years <= LONGEST_YEARS:
        raise RetentionNotLawful(
            _("Vælg mellem %(shortest)d og %(longest)d år.")
            % {"shortest": SHORTEST_YEARS, "longest": LONGEST_YEARS}
        )
    if years < DEFAULT_YEARS and not only_five_year_professions:
        raise RetentionNotLawful(
            _("Under ti år er kun lovligt, når ingen faggruppe i kommunen skal gemme sin journal i ti år.")
        )


def hold(
    *, citizen: Citizen, municipality: Municipality, reason: str, by: StaffMember, at: datetime
) -> LegalHold:
    """Keep everything of the citizen's from being deleted until it is lifted. Raises HoldNeedsReason.

    What looks like a CPR number in the reason is masked.
    """
    if not reason.strip():
        raise HoldNeedsReason(_("Skriv, hvorfor oplysningerne skal bevares, for eksempel sagens nummer."))
    with within(Scope.municipality(municipality.pk)):
        return LegalHold.objects.create(
            citizen=citizen,
            municipality=municipality,
            reason=without_cpr(reason.strip())[: LegalHold.LONGEST_REASON],
            set_at=at,
            set_by=by,
        )


def lift(*, hold: LegalHold, by: StaffMember, at: datetime) -> None:
    """Let the data go their way again; a hold that is lifted already stays as it was."""
    LegalHold.objects.standing().filter(pk=hold.pk).update(lifted_at=at, lifted_by=by)


# --- what goes by itself ----------------------------------------------------------------------------


def delete_what_is_over(*, municipality: Municipality, at: datetime) -> Deleted:
    """Delete the municipality's courses past their retention, its old drafts, and people of whom nothing is left.

    One transaction a citizen; stopped at any moment it goes on the next time. What fails is logged and passed by.
    """
    today = selectors.today_in_denmark(at)

    def courses_of(citizen: Citizen) -> Deleted:
        due = selectors.past_retention(municipality=municipality, today=today).filter(citizen=citizen)
        return deletion.delete_courses(due) + deletion.delete_if_nothing_is_left(citizen, for_=municipality)

    def drafts_of(citizen: Citizen) -> Deleted:
        old = selectors.old_drafts(municipality=municipality, at=at).filter(citizen=citizen)
        return deletion.delete_drafts(old)

    def bulk_items_of(citizen: Citizen) -> Deleted:
        return deletion.delete_bulk_items(
            selectors.old_bulk_items(municipality=municipality, at=at).filter(citizen=citizen)
        )

    with within(Scope.system()):
        with_courses = selectors.past_retention(municipality=municipality, today=today).exclude(
            selectors.held()
        )
        with_drafts = selectors.old_drafts(municipality=municipality, at=at).exclude(selectors.held())
        in_bulk = selectors.old_bulk_items(municipality=municipality, at=at).exclude(selectors.held())
        alone = selectors.without_a_course(municipality=municipality, today=today)
        due: list[tuple[UUID, Cause, Callable[[Citizen], Deleted]]] = [
            *(
                (each, Cause.DRAFTS, drafts_of)
                for each in _ids(with_drafts.values_list("citizen", flat=True))
            ),
            *(
                (each, Cause.RETENTION, courses_of)
                for each in _ids(with_courses.values_list("citizen", flat=True))
            ),
            *(
                (each, Cause.RETENTION, bulk_items_of)
                for each in _ids(in_bulk.values_list("citizen", flat=True))
            ),
            *((each, Cause.RETENTION, courses_of) for each in _ids(alone.values_list("pk", flat=True))),
        ]
    deleted: Deleted = Counter()
    for citizen_id, cause, act in due:
        try:
            deleted += _delete_of(citizen_id, act, municipality=municipality, cause=cause, at=at)
        except Exception:
            # One citizen's fault must not keep everybody else's data too long; it is logged whole.
            log.exception("privacy.deletion_failed", citizen=str(citizen_id))
    if deleted:
        log.info("privacy.deleted", municipality=municipality.code, **deleted)
    return deleted


def _ids(found: Iterable[UUID]) -> list[UUID]:
    return sorted(set(found))


def _delete_of(
    citizen_id: UUID,
    act: Callable[[Citizen], Deleted],
    *,
    municipality: Municipality,
    cause: Cause,
    at: datetime,
) -> Deleted:
    """Delete something of one citizen, unless it is held by now, and write down how much."""
    with within(Scope.system()):
        citizen = Citizen.objects.select_for_update().filter(pk=citizen_id).first()
        # A hold that is being set waits for the lock or has it: no deletion runs past one.
        if citizen is None or LegalHold.objects.standing().filter(citizen=citizen).exists():
            return Counter()
        _keep_the_archive_away(citizen)
        deleted = act(citizen)
        _note(deleted, municipality=municipality, cause=cause, at=at)
        return deleted


def _keep_the_archive_away(citizen: Citizen) -> None:
    """Let nothing of theirs be archived until the transaction ends.

    A batch that has some of it in its hands is waited for here, before anything is deleted that it could wait for.
    """
    told = Delivery.objects.filter(key=citizen.pk, state=Delivery.State.DELIVERED)
    list(told.select_for_update().order_by("pk").values_list("pk"))


def _note(deleted: Deleted, *, municipality: Municipality, cause: Cause, at: datetime) -> None:
    if not +deleted:
        return
    record, _created = DeletionRecord.objects.select_for_update().get_or_create(
        municipality=municipality, on=selectors.today_in_denmark(at), cause=cause
    )
    record.counts = dict(+(Counter(record.counts) + deleted))
    record.save(update_fields=["counts"])


# --- what somebody asks for -------------------------------------------------------------------------


def erase(
    *, citizen_id: UUID, municipality: Municipality, noted_by: StaffMember | None, at: datetime
) -> ErasureRequest:
    """Answer a citizen's wish to be forgotten by a municipality (GDPR article 17), and carry the answer out.

    Answers that were sent, and the plans and courses they belong to, are journal data: inside their retention they
    stay, because the law says so (article 17, 3, b). Drafts, notes of text messages and of plans that were given to
    many, and what is past its retention go at once, and the person with them when nothing is left. What is held in
    a case stays whole.
    """
    with within(Scope.system()):
        citizen = Citizen.objects.select_for_update().get(pk=citizen_id)
        request = ErasureRequest(
            citizen=citizen, municipality=municipality, requested_at=at, noted_by=noted_by
        )
        if LegalHold.objects.standing().filter(citizen=citizen).exists():
            request.outcome = Outcome.HELD
            request.save()
            return request
        _keep_the_archive_away(citizen)
        today = selectors.today_in_denmark(at)
        kept = selectors.kept_courses(citizen_id=citizen_id, today=today, municipality=municipality)
        own = {"citizen": citizen, "municipality": municipality}
        deleted = (
            deletion.delete_drafts(Response.objects.filter(**own))
            + deletion.delete_text_messages(Message.objects.filter(**own))
            + deletion.delete_bulk_items(BulkAssignmentItem.objects.filter(**own))
            + deletion.delete_courses(
                selectors.past_retention(municipality=municipality, today=today).filter(citizen=citizen)
            )
        )
        request.kept_until = max((each.until for each in kept), default=None)
        request.outcome = Outcome.ALL if not kept else Outcome.PART if +deleted else Outcome.NOTHING
        request.save()
        if not kept:
            deleted += deletion.delete_if_nothing_is_left(citizen, for_=municipality)
        # By an update: the citizen whom the row named may be gone.
        ErasureRequest.objects.filter(pk=request.pk).update(counts=dict(+deleted))
        request.refresh_from_db()
        _note(deleted, municipality=municipality, cause=Cause.REQUEST, at=at)
        return request


def erase_everywhere(*, citizen_id: UUID, at: datetime) -> list[ErasureRequest]:
    """A citizen's own wish goes to every municipality that has something about them: each answers for its own.

    The municipality that they live in comes last: when nothing is left anywhere, it forgets the person.
    """
    with within(Scope.system()):
        home = Citizen.objects.values_list("municipality", flat=True).get(pk=citizen_id)
        places = sorted(
            selectors.places_with_data_of(citizen_id), key=lambda place: (place.pk == home, place.pk)
        )
    answers = []
    for place in places:
        with within(Scope.system()):
            if not Citizen.objects.filter(pk=citizen_id).exists():
                break
        answers.append(erase(citizen_id=citizen_id, municipality=place, noted_by=None, at=at))
    return answers
