"""Answer lists kept under a name: making, changing and deleting them. Questions that used one keep their copies."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kommunalpro.problems import Problem
from municipalities.models import Municipality
from questionnaires.authoring.answer_lists import ListOption
from questionnaires.models import AnswerList


class NameTaken(Problem):
    """The owner has another list of this name."""

    code = "answer_list_name_taken"


def options_in(kept: AnswerList) -> tuple[ListOption, ...]:
    """The options of a list."""
    return tuple(
        ListOption(one["label"], None if one["weight"] is None else Decimal(one["weight"]))
        for one in kept.options
    )


def save_answer_list(
    *,
    owner: Municipality | None,
    name: str,
    options: Sequence[ListOption],
    at: datetime,
    kept: AnswerList | None = None,
) -> AnswerList:
    """Keep the options under a name, in the place of `kept` where that is given. Raises NameTaken."""
    made = kept or AnswerList(owner=owner)
    made.name = name
    made.options = [
        {"label": one.label, "weight": None if one.weight is None else str(one.weight)} for one in options
    ]
    made.changed_at = at
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if "one_answer_list_a_name" not in str(error):
            raise
        raise NameTaken(_("Der er allerede en svarliste med det navn. Vælg et andet.")) from error
    return made
