"""A questionnaire's texts side by side: Danish on the left, another language on the right, saved as it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from babel import Locale, UnknownLocaleError
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.owners import staff_member
from kam.versions import is_own, visible_version
from questionnaires import engine
from questionnaires.authoring import translations as texts
from questionnaires.authoring.translations import Kind, Progress, State, Text, Wanted, mark_of
from questionnaires.definitions import definition_of
from questionnaires.drafting import NotADraft
from questionnaires.models import QuestionnaireVersion
from questionnaires.translating import is_language, translate

_SPOKEN = (
    "en de pl ar tr uk fa so kl fo ro lt lv ru bs hr sr sq bg hu es fr it pt nl sv nb is fi ur hi pa ta ne "
    "ps fa-AF ku ckb ti am sw vi th fil zh ja"
)
SPOKEN = tuple(_SPOKEN.split())
"""What people in Denmark speak, as BCP-47 tags; the first ten are what municipalities ask for most."""

A_PAGE = 60
LANGUAGE, SHOW = "sprog", "vis"

KIND_NAMES: dict[Kind, Promise] = {
    Kind.TITLE: gettext_lazy("Titel"),
    Kind.DESCRIPTION: gettext_lazy("Beskrivelse"),
    Kind.SECTION: gettext_lazy("Afsnit"),
    Kind.QUESTION: gettext_lazy("Spørgsmål"),
    Kind.TEXT: gettext_lazy("Tekst"),
    Kind.PREFIX: gettext_lazy("Nummer foran spørgsmålet"),
    Kind.SHORT: gettext_lazy("Kort navn"),
    Kind.HELP: gettext_lazy("Hjælpetekst"),
    Kind.UNIT: gettext_lazy("Enhed"),
    Kind.LOWER: gettext_lazy("Den lave ende"),
    Kind.UPPER: gettext_lazy("Den høje ende"),
    Kind.OPTION: gettext_lazy("Svarmulighed"),
    Kind.OPEN_LABEL: gettext_lazy("Feltet til et andet svar"),
    Kind.FEEDBACK: gettext_lazy("Besked til borgeren"),
    Kind.CONSTRAINT: gettext_lazy("Besked om en fejl"),
}


class Show(StrEnum):
    """Which of the texts are listed."""

    ALL = ""
    TO_DO = "mangler"
    CHANGED = "aendret"


@dataclass(frozen=True, slots=True)
class Row:
    """One text and its translation. `number` names its fields; `words` is what the field holds, saved or not."""

    number: int
    text: Text
    kind: str
    words: str
    state: State
    was: str
    made_from: str
    lines: int
    problem: str = ""
    is_saved: bool = False

    @property
    def seen(self) -> str:
        """What was looked at when it was written: marks of the text and of its translation."""
        return f"{self.text.fingerprint} {self.was}"


@require_http_methods(["GET", "POST"])
@permission_required(Permission.SEE_KAM)
def translations(request: StaffRequest, version_id: Any) -> HttpResponseBase:
    version = visible_version(request, version_id)
    may_edit = (
        request.actor.may(Permission.EDIT_QUESTIONNAIRE) and is_own(request, version) and version.is_draft
    )
    language = _chosen_language(request, version)
    if request.method == "POST":
        if not (may_edit and language):
            raise NotADraft(_("Kun jeres egen kladde kan oversættes."))
        return _save(request, version, language)
    context = _context(request, version, language, may_edit=may_edit)
    return render(request, "kam/translations.html", context)


def _save(request: StaffRequest, version: QuestionnaireVersion, language: str) -> HttpResponseBase:
    """Save what was written: of the whole page, or of one text that was just left, which is all that is drawn anew."""
    wanted = _wanted(request)
    outcome = translate(version=version, language=language, wanted=wanted, by=staff_member(request))
    version.source = outcome.source
    screen = get_language() or "da"
    refused = {key: both.text(screen) for key, both in outcome.refused.items()}
    written = {one.key: one.words for one in wanted}
    if request.htmx:
        numbers = {key: number for number, key in _keys(request)}
        every = texts.texts_of(version.source)
        rows = [
            _row(numbers[text.key], text, language, written, refused, outcome.saved)
            for text in every
            if text.key in numbers
        ]
        context = {
            "rows": rows,
            "may_edit": True,
            "is_one_row": True,
            **_far(version, language, every, _shown_now(request)),
            **_named(version, language, _shown_now(request)),
        }
        return render(request, "kam/_translation_rows.html", context)
    if refused:
        context = _context(request, version, language, may_edit=True, written=written, refused=refused)
        return render(request, "kam/translations.html", context, status=422)
    messages.success(request, _("Oversættelserne er gemt."))
    asked = {name: request.GET[name] for name in (LANGUAGE, SHOW, "page") if request.GET.get(name)}
    return redirect(f"{reverse('kam:translations', args=[version.pk])}?{urlencode(asked)}")


def _keys(request: StaffRequest) -> list[tuple[int, str]]:
    """The texts that the form shows: number and key of each."""
    found = []
    for name, value in request.POST.items():
        number = name.removeprefix("key-")
        if number != name and number.isdecimal() and len(number) < 7:
            found.append((int(number), str(value)))
    return found


def _wanted(request: StaffRequest) -> list[Wanted]:
    confirmed = set(request.POST.getlist("confirm"))
    wanted: list[Wanted] = []
    for number, key in _keys(request):
        seen, _space, was = request.POST.get(f"seen-{number}", "").partition(" ")
        words = request.POST.get(f"words-{number}", "").replace("\r\n", "\n")
        wanted.append(Wanted(key, seen, was, words, confirms=key in confirmed))
    return wanted


def _context(
    request: StaffRequest,
    version: QuestionnaireVersion,
    language: str,
    *,
    may_edit: bool,
    written: dict[str, str] | None = None,
    refused: dict[str, str] | None = None,
) -> dict[str, Any]:
    every = texts.texts_of(version.source)
    show = _shown_now(request)
    listed = [text for text in every if _is_shown(text, language, show) or text.key in (refused or ())]
    page = Paginator(listed, A_PAGE).get_page(request.GET.get("page"))
    begun = texts.languages_in(every, version.text_language)
    definition = definition_of(version)
    return {
        "version": version,
        "may_edit": may_edit,
        "page": page,
        "rows": [
            _row(page.start_index() + number, text, language, written or {}, refused or {})
            for number, text in enumerate(page.object_list)
        ]
        if language
        else [],
        "begun": [
            {
                "code": code,
                "name": name_of_language(code),
                "progress": texts.progress(every, code),
            }
            for code in begun
        ],
        "languages": [(code, name_of_language(code)) for code in SPOKEN if code != version.text_language],
        "unformatted": any(item.xhtml and not item.text for item in definition.walk()),
        **(_far(version, language, every, show) if language else {}),
        **_named(version, language, show),
    }


def _far(version: QuestionnaireVersion, language: str, every: Sequence[Text], show: Show) -> dict[str, Any]:
    """How far a language is, and whether citizens will be offered it, which is for the engine to say."""
    done = texts.progress(every, language)
    return {
        "progress": done,
        "is_whole": language in engine.languages_of(definition_of(version)),
        "filters": _filters(version, language, show, done),
    }


def _shown_now(request: StaffRequest) -> Show:
    return next((show for show in Show if show == request.GET.get(SHOW, "")), Show.ALL)


def _named(version: QuestionnaireVersion, language: str, show: Show) -> dict[str, Any]:
    asked = {LANGUAGE: language} | ({SHOW: show.value} if show.value else {})
    return {
        "version": version,
        "language": language,
        "language_name": name_of_language(language) if language else "",
        "own_name": name_of_language(version.text_language),
        "save_url": f"{reverse('kam:translations', args=[version.pk])}?{urlencode(asked)}",
    }


def _row(
    number: int,
    text: Text,
    language: str,
    written: dict[str, str],
    refused: dict[str, str],
    saved: frozenset[str] = frozenset(),
) -> Row:
    present = text.translations.get(language, "")
    problem = refused.get(text.key, "")
    words = written.get(text.key, present) if problem else present
    return Row(
        number=number,
        text=text,
        kind=str(KIND_NAMES[text.kind]),
        words=words,
        state=text.state(language),
        was=mark_of(present),
        made_from=text.made_from.get(language, ""),
        lines=max(1, min(8, len(text.words) // 45 + 1 + text.words.count("\n"))),
        problem=problem,
        is_saved=text.key in saved,
    )


def _is_shown(text: Text, language: str, show: Show) -> bool:
    if show is Show.ALL:
        return True
    state = text.state(language)
    return state is State.CHANGED or (show is Show.TO_DO and state is State.MISSING)


def _filters(
    version: QuestionnaireVersion, language: str, show: Show, done: Progress
) -> Sequence[dict[str, Any]]:
    base = reverse("kam:translations", args=[version.pk])
    named = (
        (Show.ALL, _("Alle"), done.every),
        (Show.TO_DO, _("Mangler eller er ændret"), done.missing + done.changed),
        (Show.CHANGED, _("Ændret siden"), done.changed),
    )
    return [
        {
            "href": f"{base}?{urlencode({LANGUAGE: language} | ({SHOW: one.value} if one.value else {}))}",
            "text": f"{text} ({count})",
            "is_current": one is show,
        }
        for one, text, count in named
    ]


def _chosen_language(request: StaffRequest, version: QuestionnaireVersion) -> str:
    """The language that the address names; else the first that anything is translated to; "" where there is none."""
    asked = request.GET.get(LANGUAGE, "")
    if asked and is_language(asked, version):
        return asked
    begun = texts.languages_in(texts.texts_of(version.source), version.text_language)
    return next(iter(begun), "")


def name_of_language(code: str) -> str:
    """What a language is called on the screen: engelsk, polsk; its tag where nobody knows it."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(get_language() or "da")
    except (UnknownLocaleError, ValueError):
        return code
    return name or code
