"""A rhythm as a sentence that staff and citizens read: “Hver 2. uge i 3 måneder, om tirsdagen”."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.answer_conditions import AnswerCondition
from plans.models import Activity
from plans.schedule import (
    AfterAnswer,
    AtOffsets,
    BeforeAppointment,
    End,
    Every,
    Length,
    Moves,
    Once,
    OnWeekdays,
    Rhythm,
    Times,
    Unit,
)
from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.engine import Operator


def describe(rhythm: Rhythm, *, answer: str = "") -> str:
    """The rhythm as a sentence without a full stop; `answer` is what it follows, where it follows an answer."""
    match rhythm:
        case Once():
            return _("Én gang, når planen begynder")
        case AtOffsets():
            return _sentence(_listed([_offset(day) for day in rhythm.days]))
        case Every():
            return _("%(every)s %(end)s") % {"every": _every(rhythm.step), "end": _end(rhythm.end)}
        case OnWeekdays():
            return _("%(every)s %(end)s, om %(weekdays)s") % {
                "every": _every(Length(rhythm.every_weeks, Unit.WEEKS)),
                "end": _end(rhythm.end),
                "weekdays": _listed([_weekday(day) for day in rhythm.weekdays]),
            }
        case BeforeAppointment():
            return ngettext("%(n)s dag før aftalen", "%(n)s dage før aftalen", rhythm.days) % {
                "n": rhythm.days
            }
        case AfterAnswer():
            after = answer or _("et andet spørgeskema i planen")
            if rhythm.days == 0:
                return _("Samme dag som svaret på %(answer)s") % {"answer": after}
            return ngettext(
                "%(n)s dag efter svaret på %(answer)s", "%(n)s dage efter svaret på %(answer)s", rhythm.days
            ) % {"n": rhythm.days, "answer": after}


def describe_activity(activity: Activity) -> str:
    """When an activity (with its `after` and both versions) is asked, and what happens on holidays."""
    answer = ""
    if activity.after is not None:
        answer = _("»%(title)s«") % {"title": activity.after.shown_title}
        condition = AnswerCondition.of(activity.condition)
        if condition is not None:
            answer = _("%(title)s, når %(condition)s") % {
                "title": answer,
                "condition": describe_condition(condition, activity.after),
            }
    sentence = describe(activity.rhythm, answer=answer)
    match activity.window.moves:
        case Moves.LATER:
            return _(
                "%(rhythm)s. Ligger dagen i en weekend eller på en helligdag, åbner det hverdagen efter"
            ) % {"rhythm": sentence}
        case Moves.EARLIER:
            return _(
                "%(rhythm)s. Ligger dagen i en weekend eller på en helligdag, åbner det hverdagen før"
            ) % {"rhythm": sentence}
        case Moves.STAYS:
            return sentence


def describe_condition(condition: AnswerCondition, of: Activity) -> str:
    """“»Har du smerter?« er Ja”; what is asked no more stands as a question that is gone."""
    item = definition_of(of.version).by_link_id.get(condition.question)
    if item is None:
        return _("et spørgsmål, der ikke findes mere, har et bestemt svar")
    return _("»%(question)s« %(comparison)s %(value)s") % {
        "question": item.label,
        "comparison": comparisons()[condition.operator],
        "value": engine.display_value(item, condition.value),
    }


def comparisons() -> dict[Operator, str]:
    """Each comparison in words."""
    return {
        Operator.EQUALS: _("er"),
        Operator.NOT_EQUALS: _("ikke er"),
        Operator.GREATER_OR_EQUAL: _("er mindst"),
        Operator.LESS_OR_EQUAL: _("er højst"),
        Operator.GREATER: _("er over"),
        Operator.LESS: _("er under"),
    }


def weekday_names() -> tuple[str, ...]:
    """Monday first."""
    return (_("mandag"), _("tirsdag"), _("onsdag"), _("torsdag"), _("fredag"), _("lørdag"), _("søndag"))


def _every(step: Length) -> str:
    match step.unit, step.number:
        case Unit.DAYS, 1:
            return _("Hver dag")
        case Unit.WEEKS, 1:
            return _("Hver uge")
        case Unit.MONTHS, 1:
            return _("Hver måned")
        case Unit.DAYS, number:
            return _("Hver %(n)s. dag") % {"n": number}
        case Unit.WEEKS, number:
            return _("Hver %(n)s. uge") % {"n": number}
        case _other, number:
            return _("Hver %(n)s. måned") % {"n": number}


def _end(end: End) -> str:
    if isinstance(end, Times):
        return ngettext("%(n)s gang", "%(n)s gange", end.number) % {"n": end.number}
    match end.unit:
        case Unit.DAYS:
            sentence = ngettext("i %(n)s dag", "i %(n)s dage", end.number)
        case Unit.WEEKS:
            sentence = ngettext("i %(n)s uge", "i %(n)s uger", end.number)
        case Unit.MONTHS:
            sentence = ngettext("i %(n)s måned", "i %(n)s måneder", end.number)
    return sentence % {"n": end.number}


def _offset(day: int) -> str:
    if day == 0:
        return _("når planen begynder")
    return ngettext("efter %(n)s dag", "efter %(n)s dage", day) % {"n": day}


def _weekday(day: int) -> str:
    return (
        _("mandagen"),
        _("tirsdagen"),
        _("onsdagen"),
        _("torsdagen"),
        _("fredagen"),
        _("lørdagen"),
        _("søndagen"),
    )[day]


def _listed(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _("%(first)s og %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
