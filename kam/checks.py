"""The check of a version as the screen shows it: each finding with a link to its element."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kam.builder_views import SELECTED
from questionnaires.authoring.checks import Hint, Level
from questionnaires.authoring.checks.readability import band_of
from questionnaires.checking import check
from questionnaires.models import QuestionnaireVersion

LEVEL_NAMES: Mapping[Level, Promise] = {
    Level.MUST: _("Skal rettes"),
    Level.SHOULD: _("Bør rettes"),
    Level.KNOW: _("Godt at vide"),
}
_TONES: Mapping[Level, str] = {Level.MUST: "failed", Level.SHOULD: "late", Level.KNOW: "neutral"}


def checked(version: QuestionnaireVersion, anchors: Mapping[str, str], *, may_build: bool) -> dict[str, Any]:
    """What the page says of the check. `anchors`: the HTML ids of the elements on the version's own page."""
    found = check(version)
    language = get_language() or "da"
    band = band_of(found.lix) if found.lix is not None else None
    return {
        "hints": [
            {
                "level": hint.level,
                "word": LEVEL_NAMES[hint.level],
                "tone": _TONES[hint.level],
                "text": hint.text(language),
                "name": hint.name if hint.link_id is not None else "",
                "href": _address(version, hint, anchors, may_build=may_build),
            }
            for hint in found.hints
        ],
        "must": found.must,
        "lix": found.lix,
        "lix_band": "" if band is None else band.name.text(language),
        "lix_like": "" if band is None else band.like.text(language),
    }


def _address(
    version: QuestionnaireVersion, hint: Hint, anchors: Mapping[str, str], *, may_build: bool
) -> str:
    if hint.key.startswith("language."):
        return f"{reverse('kam:translations', args=[version.pk])}?sprog={quote(hint.name)}&vis=mangler"
    return address_of_element(version, hint.link_id, anchors, may_build=may_build) if hint.link_id else ""


def address_of_element(
    version: QuestionnaireVersion, link_id: str, anchors: Mapping[str, str], *, may_build: bool
) -> str:
    """Where an element is mended: in the builder where there is one to use, else where the version's page shows it."""
    if may_build:
        return f"{reverse('kam:builder', args=[version.pk])}?{SELECTED}={quote(link_id, safe='')}"
    anchor = anchors.get(link_id)
    return f"{reverse('kam:questionnaire', args=[version.pk])}#{anchor}" if anchor else ""
