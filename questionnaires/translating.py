"""A draft's texts in other languages, saved one by one as they are written, by several people at once."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from identity.models import StaffMember
from questionnaires.authoring.translations import Outcome, Wanted, own_language, translated
from questionnaires.drafting import DraftChanged, change_draft
from questionnaires.models import QuestionnaireVersion
from questionnaires.storable import why_not_storable

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,2}", re.ASCII)
_TRIES = 5


def is_language(code: str, version: QuestionnaireVersion) -> bool:
    """Can the texts be translated to it: is it a language's tag, and not their own?"""
    return bool(_TAG.fullmatch(code)) and len(code) <= 20 and code != own_language(version.source)


def translate(
    *, version: QuestionnaireVersion, language: str, wanted: Sequence[Wanted], by: StaffMember
) -> Outcome:
    """Put translations into a draft; `by` has written in it last.

    Each is held against the text and the translation that its writer saw, not against the whole draft: who builds on it
    meanwhile, or translates to another language, is in nobody's way. Raises NotADraft.
    """
    keep = [one for one in wanted if why_not_storable(one.words) is None]
    for _try in range(_TRIES):
        outcome = Outcome(version.source)

        def change(source: dict[str, Any]) -> dict[str, Any]:
            nonlocal outcome
            outcome = translated(source, language, keep)
            return outcome.source

        try:
            change_draft(version=version, change=change, fingerprint=version.fingerprint, by=by)
        except DraftChanged:
            version.refresh_from_db(fields=["source", "status"])
        else:
            return outcome
    raise DraftChanged(_("Kladden bliver ændret af andre lige nu. Prøv igen om lidt."))
