"""What has become of the rules between answers from one version to another, in both languages."""

from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.authoring import extensions
from questionnaires.authoring.agreements import read_agreement, sentence_of
from questionnaires.authoring.tree import Json
from questionnaires.engine.extension_urls import CONSTRAINTS
from questionnaires.engine.issues import Both
from questionnaires.engine.reading import extension_text

Names = Mapping[str, str]


def rule_changes(
    before: Json, after: Json, names_before: Names, names_after: Names, called: Both
) -> Iterator[Both]:
    """A sentence for each rule of an element that came, went or changed; none where only their order did.

    `called` is the element's name in quotation marks; the names are the questions' texts by link id.
    """
    old, new = _by_key(before), _by_key(after)
    for key, rule in new.items():
        now = _told(rule, after, names_after)
        if key not in old:
            yield Both(f"Ny regel for {called.da}: {now.da}", f"New rule for {called.en}: {now.en}")
        elif old[key] != rule:
            was = _told(old[key], before, names_before)
            if was == now and read_agreement(rule, after):
                # A question was moved, and the rule finds it where it stands now.
                yield Both(
                    f"En regel for {called.da} er skrevet om og siger det samme: {now.da}",
                    f"A rule for {called.en} was written anew and says the same: {now.en}",
                )
                continue
            yield Both(
                f"En regel for {called.da} er ændret. Nu: {now.da} Før: {was.da}",
                f"A rule for {called.en} has changed. Now: {now.en} Before: {was.en}",
            )
    for key, rule in old.items():
        if key not in new:
            was = _told(rule, before, names_before)
            yield Both(
                f"En regel for {called.da} er fjernet: {was.da}",
                f"A rule for {called.en} was removed: {was.en}",
            )


def _by_key(item: Json) -> dict[str, Json]:
    """The rules by their key, which stays when a rule changes; without one by what they say."""
    found: dict[str, Json] = {}
    for rule in extensions.every(item, *CONSTRAINTS):
        key = extension_text(rule, "key", "valueId", "valueString", "valueCode") or repr(rule)
        found[key if key not in found else repr(rule)] = rule
    return found


def _told(rule: Json, item: Json, names: Names) -> Both:
    """The rule as a sentence, where it is one of ours, and what the citizen is told."""
    agreement: Any = read_agreement(rule, item)
    said = [f"{sentence_of(agreement, item, names, code)} " if agreement else "" for code in ("da", "en")]
    words = extension_text(rule, "human") or extension_text(rule, "key", "valueId") or "?"
    return Both(f"{said[0]}Borgeren får at vide: »{words}«", f"{said[1]}The citizen is told: “{words}”")
