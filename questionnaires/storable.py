"""What PostgreSQL can keep of a file: JSON allows a little more than the database does."""

import math
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.models import Questionnaire, QuestionnaireVersion

LONGEST_URL: int = Questionnaire._meta.get_field("url").max_length or 0
LONGEST_LANGUAGE: int = QuestionnaireVersion._meta.get_field("language").max_length or 0


def why_not_storable(resource: Any) -> str | None:
    """The sentence for people about what in the JSON cannot be kept; None where all of it can."""
    waiting = [resource]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and not _is_text(value):
            return _(
                "Filen indeholder et tegn, der ikke kan gemmes: NUL (\\u0000) eller et halvt tegn "
                "(\\ud800 til \\udfff alene). Fjern tegnet i filen, og prøv igen."
            )
        elif isinstance(value, float) and not math.isfinite(value):
            return _("Filen indeholder et tal, der er for stort til at regne med. Ret tallet, og prøv igen.")
    return None


def why_not_nameable(*, url: str, language: str) -> str | None:
    """The sentence about an address or a language code past its column; None where both fit."""
    if len(url) > LONGEST_URL:
        return _("Spørgeskemaets adresse (url) er på %(length)s tegn. Den må højst være på %(most)s.") % {
            "length": len(url),
            "most": LONGEST_URL,
        }
    if len(language) > LONGEST_LANGUAGE:
        return _(
            "Spørgeskemaets sprogkode (language) er på %(length)s tegn. Den må højst være på %(most)s."
        ) % {
            "length": len(language),
            "most": LONGEST_LANGUAGE,
        }
    return None


def _is_text(value: str) -> bool:
    """Neither NUL nor half of a surrogate pair in it: neither is text to PostgreSQL."""
    if value.isascii():
        return "\0" not in value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in value
