"""Which of its languages a questionnaire is shown in: the one the citizen chose, else the screen's, else its own.

Only what is shown: answers are saved and judged in the questionnaire's own words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from kommunalpro.templatetags.languages import own_name
from questionnaires.definitions import definition_of, languages_of, worded_definition_of
from questionnaires.engine import Definition
from questionnaires.models import QuestionnaireVersion

SESSION_TEXT_LANGUAGE = "citizens.text_language"
# The field of the buttons: its value is a language tag.
LANGUAGE = "sprog"
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """A language that a questionnaire can be shown in; `name` is what it calls itself."""

    code: str
    name: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A questionnaire as this citizen reads it. `choices` are empty where there is only one language.

    Its title and description may be in its own language only.
    """

    definition: Definition
    title: str
    title_language: str
    description_language: str
    choices: tuple[LanguageChoice, ...]


def words_of(request: HttpRequest, version: QuestionnaireVersion) -> Words:
    """The questionnaire in the language of its own that suits the citizen best."""
    others = languages_of(version)
    own = definition_of(version)
    if not others:
        return _words(version, own, own, choices=())
    offered = (version.text_language, *others)
    chosen = str(request.session.get(SESSION_TEXT_LANGUAGE, ""))
    current = _nearest(chosen, offered) or _nearest(get_language() or "", offered) or offered[0]
    definition = own if current == offered[0] else worded_definition_of(version, current)
    choices = tuple(LanguageChoice(code, own_name(code), code == current) for code in offered)
    return _words(version, own, definition, choices=choices)


def _words(
    version: QuestionnaireVersion, own: Definition, shown: Definition, *, choices: tuple[LanguageChoice, ...]
) -> Words:
    def language_of(attribute: str) -> str:
        is_translated = getattr(shown, attribute) != getattr(own, attribute)
        return shown.language if is_translated else version.text_language

    return Words(
        definition=shown,
        title=shown.title if language_of("title") != version.text_language else version.title,
        title_language=language_of("title"),
        description_language=language_of("description"),
        choices=choices,
    )


@dataclass(frozen=True, slots=True)
class Title:
    """A title, and the language that it is in, for HTML's `lang`; alone it is its text."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text


def title_of(request: HttpRequest, version: QuestionnaireVersion) -> Title:
    """What the questionnaire is called in the language that `words_of` shows it in."""
    words = words_of(request, version)
    return Title(words.title, words.title_language)


def in_words(words: Words) -> dict[str, Any]:
    """What the templates say of the questionnaire itself, in the language it is shown in."""
    return {
        "title": words.title,
        "title_language": words.title_language,
        "description": words.definition.description,
        "description_language": words.description_language,
        "languages": words.choices,
    }


def choose(request: HttpRequest, code: str) -> None:
    """Remember the language for the rest of the session, also for other questionnaires that have it."""
    if _TAG.fullmatch(code):
        request.session[SESSION_TEXT_LANGUAGE] = code


def _nearest(wanted: str, offered: Sequence[str]) -> str:
    """The one that was wanted, else any of the same language ("ar" for "ar-SY"); "" where there is none."""
    primary = wanted.lower().partition("-")[0]
    same = [code for code in offered if primary and code.lower().partition("-")[0] == primary]
    return next((code for code in same if code.lower() == wanted.lower()), same[0] if same else "")
