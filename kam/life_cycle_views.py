"""The steps of a questionnaire's life: review, approval, publishing, out of use, copying and sharing."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.owners import owner_of, staff_member
from kam.versions import visible_version
from kommunalpro.problems import Problem
from questionnaires import copying, publishing, reviewing
from questionnaires.models import QuestionnaireVersion
from questionnaires.test_cases import FailingTests


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def send_to_review(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    return _step(
        request,
        version,
        lambda: reviewing.send_to_review(
            version=version,
            fingerprint=request.POST.get("seen", ""),
            by=staff_member(request),
            at=timezone.now(),
            comment=request.POST.get("comment", "").strip(),
        ),
        _("Sendt til gennemsyn. Ingen kan ændre det, før det er taget tilbage eller udgivet."),
    )


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def take_back(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    return _step(
        request,
        version,
        lambda: reviewing.take_back(
            version=version,
            by=staff_member(request),
            at=timezone.now(),
            comment=request.POST.get("comment", ""),
        ),
        _("Taget tilbage. Det er en kladde igen."),
    )


@require_POST
@permission_required(Permission.PUBLISH_QUESTIONNAIRE)
def send_back(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    return _step(
        request,
        version,
        lambda: reviewing.send_back(
            version=version,
            by=staff_member(request),
            at=timezone.now(),
            comment=request.POST.get("comment", ""),
        ),
        _("Sendt tilbage. Din kommentar står i historikken."),
    )


@require_POST
@permission_required(Permission.PUBLISH_QUESTIONNAIRE)
def approve(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    return _step(
        request,
        version,
        lambda: reviewing.approve(
            version=version,
            fingerprint=request.POST.get("seen", ""),
            by=staff_member(request),
            at=timezone.now(),
            comment=request.POST.get("comment", "").strip(),
        ),
        _("Godkendt. Nu kan det udgives; har det beslutningsstøtte, skal en anden gøre det."),
    )


@require_POST
@permission_required(Permission.PUBLISH_QUESTIONNAIRE)
def publish(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    return _step(
        request,
        version,
        lambda: publishing.publish_questionnaire(
            version=version,
            fingerprint=request.POST.get("fingerprint", ""),
            by=staff_member(request),
            at=timezone.now(),
            permission_confirmed=request.POST.get("permission") == "on",
        ),
        _("»%(title)s« er udgivet som version %(number)s. Du kan nu bruge det i en plan.")
        % {"title": version.title, "number": version.number},
    )


@require_POST
@permission_required(Permission.PUBLISH_QUESTIONNAIRE)
def withdraw(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    return _step(
        request,
        version,
        lambda: publishing.withdraw_questionnaire(
            version=version,
            by=staff_member(request),
            at=timezone.now(),
            comment=request.POST.get("comment", ""),
        ),
        _("Taget ud af brug. Det kan ikke gives til flere borgere; de, der har det, kan fortsat svare."),
    )


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def copy(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """A copy of one's own, shown as the draft that it is."""
    version = visible_version(request, version_id)
    return _step(
        request,
        version,
        lambda: copying.copy_questionnaire(
            version=version, owner=owner_of(request), by=staff_member(request), at=timezone.now()
        ),
        _("Kopieret til jeres egne. Du får besked, når originalen får en nyere version."),
    )


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def bring_up_to_date(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """A draft of a copy from its origin's newest version."""
    version = visible_version(request, version_id, own=True)
    return _step(
        request,
        version,
        lambda: copying.bring_up_to_date(
            questionnaire=version.questionnaire, by=staff_member(request), at=timezone.now()
        ),
        _(
            "Her er en ny kladde fra den nyeste version. Det, I har ændret selv, står i jeres tidligere version."
        ),
    )


@require_POST
@permission_required(Permission.PUBLISH_QUESTIONNAIRE)
def share(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    shared = request.POST.get("shared") == "yes"

    def take() -> QuestionnaireVersion:
        copying.share(
            questionnaire=version.questionnaire, shared=shared, by=staff_member(request), at=timezone.now()
        )
        return version

    if shared:
        done = _("Delt. Andre kommuner kan nu se det og kopiere det.")
    else:
        done = _("Det deles ikke længere. Kopier, som andre har lavet, har de stadig.")
    return _step(request, version, take, done)


def _step(
    request: StaffRequest,
    version: QuestionnaireVersion,
    take: Callable[[], QuestionnaireVersion],
    done: str,
) -> HttpResponse:
    """Take the step and say so; where it is refused, say why on the page that it was asked from."""
    try:
        version = take()
    except FailingTests as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("kam:tests", version_id=version.pk)
    except Problem as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, done)
    return redirect("kam:questionnaire", version_id=version.pk)
