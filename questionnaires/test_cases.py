"""Test cases of a questionnaire: kept from what was tried, run on every change, passed before it is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.models import StaffMember
from kommunalpro.problems import Problem
from questionnaires.authoring.trial_cases import Case, Difference, case_of, placed, run_test
from questionnaires.definitions import definition_of
from questionnaires.engine import Definition
from questionnaires.models import Questionnaire, QuestionnaireTest, QuestionnaireVersion
from questionnaires.storable import why_not_storable

MOST_TESTS = 200
"""Of one questionnaire: all of them are run whenever its page is shown."""

LARGEST_ANSWERS = 200_000
"""Characters of JSON that the answers of one test may take."""


class FailingTests(Problem):
    """The draft does something else than its test cases say; it is not published before that is mended."""

    code = "questionnaire_tests_fail"


class CaseRefused(Problem):
    """These answers, or this name, cannot be kept as a test."""

    code = "questionnaire_test_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Run:
    """A test case and what differed when it was run; nothing where it passed."""

    test: QuestionnaireTest
    differences: tuple[Difference, ...]

    @property
    def has_passed(self) -> bool:
        return not self.differences


@transaction.atomic
def keep_test(
    *, version: QuestionnaireVersion, name: str, document: Mapping[str, Any], by: StaffMember, at: datetime
) -> QuestionnaireTest:
    """Keep answers as they were tried, with all that follows from them now, as what has to follow from now on.

    Without a name it gets a number. Raises CaseRefused.
    """
    case = case_of(definition_of(version), document, at=at)
    items = list(case.items)
    if not items or len(str(items)) > LARGEST_ANSWERS:
        raise CaseRefused(_("Der er ingen svar at gemme. Svar på mindst ét spørgsmål, og gem så prøven."))
    if (sentence := why_not_storable({"item": items, "name": name})) is not None:
        raise CaseRefused(sentence)
    # One at a time: two tests never get the same number, and there are never too many.
    Questionnaire.objects.select_for_update(no_key=True).get(pk=version.questionnaire_id)
    taken = set(version.questionnaire.tests.values_list("name", flat=True))
    if len(taken) >= MOST_TESTS:
        raise CaseRefused(
            _("Der er allerede %(most)s prøver. Slet en, som I ikke bruger, før du gemmer en ny.")
            % {"most": MOST_TESTS}
        )
    name = name.strip()[: QuestionnaireTest.LONGEST_NAME] or _free_name(taken)
    if name in taken:
        raise CaseRefused(_name_is_taken(name))
    return QuestionnaireTest.objects.create(
        questionnaire_id=version.questionnaire_id,
        name=name,
        answers=items,
        **_expected(case),
        names=dict(case.names),
        made_by=by,
        made_at=at,
    )


def runs_of(version: QuestionnaireVersion, definition: Definition | None = None) -> tuple[Run, ...]:
    """Every test of the questionnaire, run on `version`; those that fail first, then by name."""
    definition = definition or definition_of(version)
    # Not joined with who made them: a test counts although its maker, elsewhere by now, is seen by nobody.
    tests = version.questionnaire.tests.order_by("name")
    runs = [Run(test, run_test(definition, case_in(test))) for test in tests]
    return tuple(sorted(runs, key=lambda run: run.has_passed))


def require_passing(version: QuestionnaireVersion) -> None:
    """Raises FailingTests, which names the tests, where any of them fails on `version`."""
    failed = [run.test.name for run in runs_of(version) if not run.has_passed]
    if failed:
        sentence = ngettext(
            "Prøven %(names)s fejler. Ret spørgeskemaet eller prøven, før du udgiver.",
            "Prøverne %(names)s fejler. Ret spørgeskemaet eller prøverne, før du udgiver.",
            len(failed),
        )
        raise FailingTests(sentence % {"names": ", ".join(f"»{name}«" for name in failed)})


@transaction.atomic
def expect(
    *,
    test: QuestionnaireTest,
    name: str,
    scores: Mapping[str, Decimal | None],
    shown: Sequence[str],
    hidden: Sequence[str],
) -> QuestionnaireTest:
    """Have a test expect something else of the same answers. Raises CaseRefused where the name is taken."""
    test = QuestionnaireTest.objects.select_for_update(of=("self",)).get(pk=test.pk)
    test.name = name.strip()[: QuestionnaireTest.LONGEST_NAME] or test.name
    test.expected_scores = _written(scores)
    test.expected_shown = list(shown)
    test.expected_hidden = list(hidden)
    return _saved(test)


@transaction.atomic
def expect_what_follows_now(*, test: QuestionnaireTest, version: QuestionnaireVersion) -> QuestionnaireTest:
    """Have a test expect what its answers lead to in `version`: for a change that was meant.

    Answers to questions that are gone go with them.
    """
    test = QuestionnaireTest.objects.select_for_update(of=("self",)).get(pk=test.pk)
    definition = definition_of(version)
    case = case_of(definition, placed(definition, case_in(test)), at=test.made_at)
    test.answers = list(case.items)
    for name, value in _expected(case).items():
        setattr(test, name, value)
    test.names = dict(case.names)
    return _saved(test)


def case_in(test: QuestionnaireTest) -> Case:
    """A test as the pure part takes it."""
    return Case(
        items=test.answers,
        at=test.made_at,
        scores={
            link_id: None if text is None else Decimal(text) for link_id, text in test.expected_scores.items()
        },
        shown=tuple(test.expected_shown),
        hidden=tuple(test.expected_hidden),
        names=test.names,
    )


def _expected(case: Case) -> dict[str, Any]:
    return {
        "expected_scores": _written(case.scores),
        "expected_shown": list(case.shown),
        "expected_hidden": list(case.hidden),
    }


def _written(scores: Mapping[str, Decimal | None]) -> dict[str, str | None]:
    return {link_id: None if value is None else format(value, "f") for link_id, value in scores.items()}


def _saved(test: QuestionnaireTest) -> QuestionnaireTest:
    try:
        with transaction.atomic():
            test.save()
    except IntegrityError as error:
        raise CaseRefused(_name_is_taken(test.name)) from error
    return test


def _name_is_taken(name: str) -> str:
    return _("Der er allerede en prøve, der hedder »%(name)s«. Giv den her et andet navn.") % {"name": name}


def _free_name(taken: set[str]) -> str:
    number = len(taken) + 1
    while (name := _("Prøve %(number)s") % {"number": number}) in taken:
        number += 1
    return name
