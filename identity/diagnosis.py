"""A login's checks as people read them: rows for a page, and a text for the help desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.audience import Audience
from identity.checks import Check, Outcome
from identity.refusals import Explanation, Mender, RefusalCode, explanation_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# How the design system draws an outcome.
_KINDS = {
    Outcome.PASSED: "done",
    Outcome.NOTED: "waiting",
    Outcome.FAILED: "failed",
    Outcome.NOT_REACHED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One check, ready to be drawn."""

    check: Check
    title: StrOrPromise
    kind: str
    outcome: StrOrPromise
    facts: tuple[tuple[StrOrPromise, str], ...]
    explanation: Explanation | None

    @property
    def menders(self) -> tuple[Mender, ...]:
        """Who can mend it; nobody where nothing is wrong."""
        return self.explanation.menders if self.explanation else ()


def rows_of(checks: Iterable[Check], audience: Audience) -> list[Row]:
    """The checks in words."""
    return [
        Row(
            check=check,
            title=check.step.label,
            kind=_KINDS[check.outcome],
            outcome=check.outcome.label,
            facts=tuple((word.label, value) for word, value in check.facts),
            explanation=check.explanation(audience),
        )
        for check in checks
    ]


def help_desk_text(
    *, checks: Iterable[Check], code: RefusalCode, audience: Audience, reference: str, at: datetime
) -> str:
    """What to send to whoever can mend it: everything on the page, nothing about the person."""
    why = explanation_of(code, audience)
    who = _("borger, MitID") if audience is Audience.CITIZEN else _("medarbejder, kommunens login")
    when = date_format(timezone.localtime(at), "DATETIME_FORMAT")
    lines = [
        _("Et login til Kommunal PRO blev afvist."),
        "",
        _("Reference: {reference}").format(reference=reference),
        _("Tidspunkt: {when}").format(when=when),
        _("Slags login: {who}").format(who=who),
        _("Hvad skete der: {what}").format(what=why.happened),
        _("Sandsynlig årsag: {cause}").format(cause=why.cause),
        _("Kan rettes af: {who}").format(who="; ".join(str(mender.label) for mender in why.menders)),
        _("Fejlkode: {code}").format(code=code.value),
        "",
        _("Kontrolleret:"),
    ]
    for row in rows_of(checks, audience):
        lines.append(f"- {row.title}: {row.outcome}")
        lines += [f"    {word}: {value}" for word, value in row.facts]
    return "\n".join(lines)
