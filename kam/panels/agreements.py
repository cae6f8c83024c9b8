"""How an answer has to go together with another one: one row a rule, and what the citizen is told where it is broken.

Without a script a row grows by sending it: an answer to compare with is asked for where one is to be written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kam.panels.base import Json, PanelForm, Source
from kam.panels.conditions import answer_field
from questionnaires.authoring import agreements
from questionnaires.authoring.agreements import LONGEST_WORDS, Agreement
from questionnaires.authoring.conditions import Comparison
from questionnaires.authoring.tree import find, link_id_of, name_of

MOST_RULES = 20
QUESTION, TODAY, VALUE = "q:", "today", "value"
_SHORTEST_NAME = 90


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one rule, as far as they make sense yet, and the stored rule as a sentence.

    `is_astray`: what it is held against cannot be used as the questions stand now; `is_gone`: it is not there at all.
    """

    number: int
    is_new: bool
    sentence: str
    is_astray: bool
    is_gone: bool
    needed: tuple[BoundField, ...]
    others: tuple[BoundField, ...]


def is_for(item: Json) -> bool:
    """Questions whose answers can be compared with others."""
    return bool(item.get("linkId")) and bool(agreements.sort_of(item))


class AgreementsForm(PanelForm):
    panel_name = "agreements"

    def prepare(self) -> None:
        self.item = find(self.source, self.link_id)
        known = agreements.agreements_of(self.source, self.link_id)
        self._known, self.imported = known.found, known.imported
        self._against = self._sides()
        if not (self._against or self._known):
            return
        for number in self._numbers():
            self._add_row(number, self._known[number] if number < len(self._known) else None)

    def _sides(self) -> list[tuple[str, Any]]:
        """What the answer can be held against."""
        found: list[tuple[str, Any]] = [
            (f"{QUESTION}{link_id_of(one)}", _named(one))
            for one in agreements.questions_for(self.source, self.link_id)
        ]
        if agreements.knows_today(self.item):
            found.append((TODAY, _("Den dag, borgeren svarer")))
        if agreements.takes_value(self.item):
            found.append((VALUE, _("Noget bestemt, jeg skriver")))
        return found

    def _numbers(self) -> range:
        """The rules that are stored, and a new one where there is anything to hold the answer against."""
        count = len(self._known)
        return range(min(count + bool(self._against), max(MOST_RULES, count)))

    def _add_row(self, number: int, stored: Agreement | None) -> None:
        self.fields[f"comparison-{number}"] = forms.ChoiceField(
            label=_("Svaret"),
            choices=[("", _("Vælg, hvad der skal gælde")), *self._comparisons()],
            initial=stored.comparison.value if stored else "",
            required=False,
            error_messages={"invalid_choice": _("Det passer ikke til spørgsmålet. Vælg en anden.")},
        )
        self.fields[f"against-{number}"] = forms.ChoiceField(
            label=_("Sammenlignet med"),
            choices=[("", _("Vælg, hvad svaret sammenlignes med")), *self._against],
            initial=_side_of(stored) if stored else "",
            required=False,
            error_messages={"invalid_choice": _("Det kan ikke sammenlignes her. Vælg noget andet.")},
        )
        sent = self.sent(f"against-{number}")
        if (sent if sent is not None else _side_of(stored) if stored else "") == VALUE:
            field = answer_field(self.item)
            field.initial = stored.value if stored else None
            self.fields[f"answer-{number}"] = field
        self.fields[f"words-{number}"] = forms.CharField(
            label=_("Det får borgeren at vide, når det ikke passer"),
            help_text=_("Står feltet tomt, siger vi reglen, som den er."),
            required=False,
            # What was made of the rule is made anew with it.
            initial=stored.words if stored and stored.words != self._told_as_it_is(stored).words else "",
            max_length=LONGEST_WORDS,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"max_length": _("Teksten er for lang. Skriv højst %(limit_value)s tegn.")},
        )
        if stored is not None:
            self.fields[f"remove-{number}"] = forms.BooleanField(label=_("Fjern denne regel"), required=False)

    def _comparisons(self) -> Iterator[tuple[str, str]]:
        language = get_language() or "da"
        for one in agreements.comparisons_for(self.item):
            yield one.value, agreements.comparison_in_words(one, self.item).text(language)

    def rows(self) -> Iterator[Row]:
        """The rules for the screen."""
        language, names = get_language() or "da", agreements.names_in(self.source)
        for number in self._numbers() if self.fields else ():
            stored = self._known[number] if number < len(self._known) else None
            sentence = agreements.sentence_of(stored, self.item, names, language) if stored else ""
            needed, others = (
                tuple(self[f"{name}-{number}"] for name in wanted if f"{name}-{number}" in self.fields)
                for wanted in (("comparison", "against", "answer"), ("words", "remove"))
            )
            is_astray = stored is not None and _side_of(stored) not in dict(self._against)
            is_gone = stored is not None and bool(stored.other) and stored.other not in names
            yield Row(number, stored is None, sentence, is_astray, is_gone, needed, others)

    def clean(self) -> dict[str, Any]:
        """Each row's rule, with the error at its own field."""
        cleaned = super().clean() or {}
        self.rules: list[Agreement] = []
        for number in self._numbers() if self.fields else ():
            stored = self._known[number] if number < len(self._known) else None
            if cleaned.get(f"remove-{number}"):
                for name in ("comparison", "against", "answer", "words"):
                    self.errors.pop(f"{name}-{number}", None)
            elif stored is not None or any(
                cleaned.get(f"{name}-{number}") for name in ("comparison", "against", "words")
            ):
                self._read(number, stored, cleaned)
        return cleaned

    def _read(self, number: int, stored: Agreement | None, cleaned: dict[str, Any]) -> None:
        comparison, against = cleaned.get(f"comparison-{number}"), cleaned.get(f"against-{number}")
        for name, given, sentence in (
            ("comparison", comparison, _("Vælg, hvad der skal gælde for svaret.")),
            ("against", against, _("Vælg, hvad svaret skal sammenlignes med.")),
        ):
            if not given and f"{name}-{number}" not in self.errors:
                self.add_error(f"{name}-{number}", sentence)
        value = _as_fhir(cleaned.get(f"answer-{number}")) if against == VALUE else None
        if against == VALUE and value is None and f"answer-{number}" not in self.errors:
            self.add_error(f"answer-{number}", _("Angiv det svar, der skal sammenlignes med."))
        if any(name.endswith(f"-{number}") for name in self.errors):
            return
        rule = Agreement(
            Comparison(str(comparison)),
            str(against).removeprefix(QUESTION) if str(against).startswith(QUESTION) else "",
            value,
            cleaned.get(f"words-{number}") or "",
            stored.place if stored else None,
        )
        if not rule.words:
            rule = self._told_as_it_is(rule)
        self.rules.append(rule)

    def _told_as_it_is(self, rule: Agreement) -> Agreement:
        """In the language of the form."""
        language = str(self.source.get("language") or "da")
        names = agreements.names_in(self.source)
        words = agreements.sentence_of(rule, self.item, names, language)[:LONGEST_WORDS]
        return Agreement(rule.comparison, rule.other, rule.value, words, rule.place)

    def changed(self, source: Source) -> Source:
        return agreements.with_agreements(source, self.link_id, self.rules) if self.fields else source


def _side_of(rule: Agreement) -> str:
    if rule.other:
        return f"{QUESTION}{rule.other}"
    return TODAY if rule.value is None else VALUE


def _named(item: Json) -> Any:
    name = name_of(item) or str(_("Spørgsmål uden tekst"))
    short = name if len(name) <= _SHORTEST_NAME else f"{name[: _SHORTEST_NAME - 1]}…"
    return _("Svaret på »%(name)s«") % {"name": short}


def _as_fhir(given: Any) -> Decimal | str | None:
    if isinstance(given, time):
        return given.isoformat(timespec="seconds")
    return given.isoformat() if isinstance(given, date) else given
