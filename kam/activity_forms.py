"""What an administrator fills in about one questionnaire of a plan: when it is asked, and how long for."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality
from plans.answer_conditions import OPERATORS, AnswerCondition, is_askable
from plans.building import ActivityContent
from plans.describing import comparisons, weekday_names
from plans.models import KIND_CHOICES, MOVES_CHOICES, UNIT_CHOICES, Activity, Plan
from plans.rhythm_columns import Kind
from plans.schedule import (
    MOST_OF,
    MOST_OFFSET_DAYS,
    MOST_TIMES,
    AfterAnswer,
    AtOffsets,
    BeforeAppointment,
    End,
    Every,
    ImpossibleRhythm,
    Length,
    Moves,
    Once,
    OnWeekdays,
    Rhythm,
    Times,
    Unit,
    Window,
)
from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.engine import Item, ItemType, Operator
from questionnaires.models import QuestionnaireVersion


def _whole(label: Any, *, least: int, most: int, **more: Any) -> forms.IntegerField:
    """A whole number; whether it is needed depends on what else was chosen."""
    sentence = gettext_between(least, most)
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), sentence),
        **more,
    )


def gettext_between(least: int, most: int) -> Any:
    """“Skriv et helt tal mellem 1 og 90.”"""
    return format_lazy(_("Skriv et helt tal mellem {least} og {most}."), least=least, most=most)


class ActivityForm(forms.Form):
    """One questionnaire of a plan: when, for how long, with which words.

    All that a rhythm may ask for is here; which of it counts `kind` says, and the page shows no other
    (`shown`, from what was filled in last).
    """

    questionnaire = forms.ModelChoiceField(
        label=_("Spørgeskema"),
        queryset=QuestionnaireVersion.objects.none(),
        empty_label=_("Vælg et spørgeskema"),
        error_messages={
            "required": _("Vælg det spørgeskema, borgeren skal svare på."),
            "invalid_choice": _("Spørgeskemaet kan ikke bruges mere. Vælg et andet."),
        },
    )
    title = forms.CharField(
        label=_("Titel for borgeren"),
        max_length=200,
        required=False,
        help_text=_("Er feltet tomt, ser borgeren spørgeskemaets egen titel."),
        error_messages={"max_length": _("Titlen er for lang. Skriv højst 200 tegn.")},
    )
    for_whom = forms.CharField(
        label=_("Hvem er spørgeskemaet til?"),
        max_length=300,
        required=False,
        help_text=_("Det læser personalet, for eksempel »Borgere, der bor alene«."),
        error_messages={"max_length": _("Teksten er for lang. Skriv højst 300 tegn.")},
    )
    kind = forms.TypedChoiceField(
        label=_("Hvornår skal borgeren svare?"),
        choices=KIND_CHOICES,
        coerce=Kind,
        initial=Kind.ONCE.value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, hvornår borgeren skal svare.")},
    )
    offsets = forms.CharField(
        label=_("Hvor mange dage efter starten?"),
        required=False,
        max_length=2000,
        help_text=_("Skriv dagene med komma imellem, for eksempel 0, 30, 90. 0 er den dag, planen begynder."),
    )
    every = _whole(_("Hvor langt er der imellem?"), least=1, most=MOST_OF[Unit.DAYS], initial=1)
    every_unit = forms.ChoiceField(
        label=_("Dage, uger eller måneder"), choices=UNIT_CHOICES, initial="weeks", required=False
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("På hvilke ugedage?"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    every_weeks = _whole(_("Hver hvilken uge? 1 er hver uge, 2 er hver anden"), least=1, most=52, initial=1)
    ends = forms.ChoiceField(
        label=_("Hvor længe?"),
        choices=[("times", _("Et antal gange")), ("lasts", _("Et stykke tid"))],
        initial="times",
        required=False,
        widget=forms.RadioSelect,
    )
    times = _whole(_("Antal gange"), least=1, most=MOST_TIMES, initial=12)
    lasts = _whole(_("Hvor længe bliver planen ved?"), least=1, most=MOST_OF[Unit.DAYS], initial=3)
    lasts_unit = forms.ChoiceField(
        label=_("Dage, uger eller måneder i alt"), choices=UNIT_CHOICES, initial="months", required=False
    )
    days_before = _whole(
        _("Hvor mange dage før aftalen?"),
        least=1,
        most=366,
        initial=7,
        help_text=_("Personalet skriver datoen for aftalen, når de tildeler planen."),
    )
    after = forms.ModelChoiceField(
        label=_("Hvilket spørgeskema svarer borgeren på først?"),
        queryset=Activity.objects.none(),
        empty_label=_("Vælg et spørgeskema i planen"),
        required=False,
        error_messages={"invalid_choice": _("Spørgeskemaet er ikke i planen mere. Vælg et andet.")},
    )
    days_after = _whole(
        _("Hvor mange dage efter svaret?"), least=0, most=366, initial=0, help_text=_("0 er samme dag.")
    )
    question = forms.ChoiceField(label=_("Ved hvilket svar?"), required=False)
    operator = forms.ChoiceField(label=_("Sammenligning"), required=False)
    value = forms.CharField(label=_("Svar"), required=False, max_length=300)
    answer_days = forms.IntegerField(
        label=_("Dage til at svare"),
        min_value=1,
        max_value=90,
        initial=7,
        help_text=_("Så mange dage har borgeren, fra spørgeskemaet er klar."),
        error_messages={
            "required": _("Skriv, hvor mange dage borgeren har til at svare."),
            **dict.fromkeys(("invalid", "min_value", "max_value"), _("Skriv et helt tal mellem 1 og 90.")),
        },
    )
    moves = forms.TypedChoiceField(
        label=_("Når dagen ligger i en weekend eller på en helligdag"),
        choices=MOVES_CHOICES,
        coerce=Moves,
        empty_value=Moves.STAYS,
        initial=Moves.STAYS.value,
        required=False,
        widget=forms.RadioSelect,
    )
    overlaps = forms.BooleanField(
        label=_("Det næste må åbne, før fristen for det forrige er gået"),
        required=False,
        help_text=_("Ellers slutter fristen for det forrige, når det næste åbner."),
    )
    most_reminders = _whole(
        _("Hvor mange påmindelser må personalet sende?"),
        least=0,
        most=20,
        help_text=_("For hver gang borgeren skal svare. Er feltet tomt, er der ingen grænse."),
    )
    reminder_gap = _whole(
        _("Hvor mange dage skal der mindst være mellem dem?"),
        least=0,
        most=90,
        help_text=_("Er feltet tomt, er der mindst en dag imellem."),
    )

    def __init__(
        self,
        *args: Any,
        plan: Plan,
        owner: Municipality | None,
        activity: Activity | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Mapping[str, Any] = self.fields
        fields["questionnaire"].queryset = (
            QuestionnaireVersion.objects.active().usable_by(owner).order_by("title").defer("source")
        )
        others = plan.activities.select_related("version").defer("version__source")
        fields["after"].queryset = others.exclude(pk=activity.pk) if activity is not None else others
        fields["after"].label_from_instance = lambda other: other.shown_title
        fields["weekdays"].choices = list(enumerate(weekday_names()))
        if not fields["after"].queryset:
            fields["kind"].choices = [one for one in KIND_CHOICES if one[0] != Kind.ANSWER]
        for name in ("kind", "every_unit", "weekdays", "ends", "lasts_unit", "question", "operator", "moves"):
            fields[name].error_messages["invalid_choice"] = gettext("Vælg en af de muligheder, der står her.")
        self.offer_answers()

    def offer_answers(self) -> None:
        """The questions, comparisons and answers that the other questionnaire has."""
        fields: Mapping[str, Any] = self.fields
        fields["question"].choices = [
            ("", gettext("Uanset hvad borgeren svarer")),
            *((item.link_id, item.label) for item in self.questions.values()),
        ]
        item = self.question_item
        if item is None:
            return
        ordered = is_number(item)
        fields["operator"].choices = [
            (operator.value, words)
            for operator, words in comparisons().items()
            if ordered or not operator.orders
        ]
        if item.type is ItemType.BOOLEAN:
            offered = [("true", gettext("Ja")), ("false", gettext("Nej"))]
        elif ordered:
            return
        else:
            offered = [
                (str(number), engine.display_value(item, option.value))
                for number, option in enumerate(item.options)
            ]
        fields["value"].widget = forms.Select(choices=offered)

    @cached_property
    def questions(self) -> dict[str, Item]:
        """What a condition can be about: of the questionnaire that is answered first."""
        chosen = self["after"].value()
        try:
            other = self.fields["after"].clean(chosen) if chosen else None
        except forms.ValidationError:
            other = None
        if other is None:
            return {}
        definition = definition_of(other.version)
        return {
            item.link_id: item for item in definition.walk() if is_askable(item) and definition_asks(item)
        }

    @property
    def question_item(self) -> Item | None:
        return self.questions.get(str(self["question"].value() or ""))

    @property
    def chosen_kind(self) -> str:
        """What was chosen last, on the page or in the activity."""
        return str(self["kind"].value() or Kind.ONCE)

    @property
    def shown(self) -> Iterator[forms.BoundField]:
        """The fields that the chosen kind asks for."""
        names = {
            Kind.OFFSETS: ("offsets",),
            Kind.EVERY: ("every", "every_unit", "ends"),
            Kind.WEEKDAYS: ("weekdays", "every_weeks", "ends"),
            Kind.APPOINTMENT: ("days_before",),
            Kind.ANSWER: ("after", "question", "operator", "value", "days_after"),
        }.get(Kind(self.chosen_kind) if self.chosen_kind in list(Kind) else Kind.ONCE, ())
        for name in names:
            if name == "question" and not self.questions:
                continue
            if name in {"operator", "value"} and self.question_item is None:
                continue
            yield self[name]
            if name == "ends":
                lasts = self["ends"].value() == "lasts"
                yield from (self[one] for one in (("lasts", "lasts_unit") if lasts else ("times",)))

    def clean(self) -> dict[str, Any]:
        """Only what the chosen kind asks for counts, and it must be whole."""
        cleaned: dict[str, Any] = super().clean() or {}
        counting = {field.name for field in self.shown} | {
            *("questionnaire", "title", "for_whom", "kind", "answer_days", "moves", "overlaps"),
            *("most_reminders", "reminder_gap"),
        }
        for name in self.errors.keys() - counting:
            del self.errors[name]
        if "kind" in cleaned:
            cleaned["rhythm"] = self._rhythm(cleaned)
            if cleaned["kind"] is Kind.ANSWER:
                cleaned["condition"] = self._condition(cleaned)
        return cleaned

    def content(self) -> ActivityContent:
        """What a valid form says."""
        said = self.cleaned_data
        return ActivityContent(
            version=said["questionnaire"],
            title=said["title"],
            for_whom=said["for_whom"],
            rhythm=said["rhythm"],
            window=Window(said["answer_days"], said["moves"] or Moves.STAYS, said["overlaps"]),
            after=said.get("after"),
            condition=said.get("condition"),
            most_reminders=said["most_reminders"],
            reminder_gap=said["reminder_gap"] or 0,
        )

    def _rhythm(self, said: dict[str, Any]) -> Rhythm | None:
        match said["kind"]:
            case Kind.OFFSETS:
                return self._offsets(said)
            case Kind.EVERY:
                step = self._length(said, "every", "every_unit")
                end = self._end(said)
                return Every(step, end) if step is not None and end is not None else None
            case Kind.WEEKDAYS:
                return self._weekdays(said)
            case Kind.APPOINTMENT:
                days = self._needed(said, "days_before")
                return None if days is None else BeforeAppointment(days)
            case Kind.ANSWER:
                if said.get("after") is None and "after" not in self.errors:
                    self.add_error("after", _("Vælg det spørgeskema, borgeren svarer på først."))
                days = self._needed(said, "days_after")
                return None if days is None else AfterAnswer(days)
        return Once()

    def _offsets(self, said: dict[str, Any]) -> AtOffsets | None:
        words = str(said.get("offsets") or "").replace(";", ",").replace(" og ", ",").split(",")
        try:
            return AtOffsets(tuple(sorted({int(word) for word in words if word.strip()})))
        except (ValueError, ImpossibleRhythm):
            self.add_error(
                "offsets",
                format_lazy(
                    _("Skriv hele tal mellem 0 og {most} med komma imellem, for eksempel 0, 30, 90."),
                    most=MOST_OFFSET_DAYS,
                ),
            )
            return None

    def _weekdays(self, said: dict[str, Any]) -> OnWeekdays | None:
        weeks, end = self._needed(said, "every_weeks"), self._end(said)
        days = tuple(sorted(said.get("weekdays") or ()))
        if not days:
            self.add_error("weekdays", _("Vælg mindst én ugedag."))
        if not days or weeks is None or end is None:
            return None
        try:
            return OnWeekdays(days, weeks, end)
        except ImpossibleRhythm:
            self.add_error("lasts", _("Skriv mindst 7 dage, ellers kommer ugedagen måske aldrig."))
            return None

    def _end(self, said: dict[str, Any]) -> End | None:
        if said.get("ends") == "lasts":
            return self._length(said, "lasts", "lasts_unit")
        number = self._needed(said, "times")
        return None if number is None else Times(number)

    def _length(self, said: dict[str, Any], name: str, unit_name: str) -> Length | None:
        number = self._needed(said, name)
        if number is None:
            return None
        unit = Unit(said.get(unit_name) or Unit.WEEKS)
        try:
            return Length(number, unit)
        except ImpossibleRhythm:
            self.add_error(name, gettext_between(1, MOST_OF[unit]))
            return None

    def _needed(self, said: dict[str, Any], name: str) -> int | None:
        number: int | None = said.get(name)
        if number is None and name not in self.errors:
            self.add_error(name, _("Skriv et helt tal."))
        return number

    def _condition(self, said: dict[str, Any]) -> AnswerCondition | None:
        item = self.question_item
        if item is None:
            return None
        value = self._value(item, str(said.get("value") or ""))
        operators = {operator.value for operator in OPERATORS}
        if said.get("operator") not in operators:
            self.add_error("operator", _("Vælg, hvordan svaret skal sammenlignes."))
            return None
        if value is None:
            self.add_error("value", _("Skriv eller vælg det svar, der sammenlignes med."))
            return None
        return AnswerCondition(item.link_id, Operator(said["operator"]), value)

    def _value(self, item: Item, text: str) -> dict[str, Any] | None:
        if item.type is ItemType.BOOLEAN:
            return {"valueBoolean": text == "true"} if text in {"true", "false"} else None
        if is_number(item):
            try:
                number = Decimal(text.replace(",", "."))
            except InvalidOperation:
                return None
            if not number.is_finite() or abs(number) >= Decimal(10) ** 9:
                return None
            if item.type is ItemType.INTEGER:
                return {"valueInteger": int(number)} if number == int(number) else None
            return {"valueDecimal": float(number)}
        if text.isdecimal() and int(text) < len(item.options):
            return dict(item.options[int(text)].value)
        return None


def is_number(item: Item) -> bool:
    """Whether answers are ordered, and one is written, not chosen."""
    return item.type in {ItemType.INTEGER, ItemType.DECIMAL}


def definition_asks(item: Item) -> bool:
    """Whether citizens or calculations answer it; what has no words cannot be chosen."""
    return bool(item.label)


def initial_of(activity: Activity) -> dict[str, Any]:
    """What the form shows of an activity; of its questionnaire the version that plans can use now."""
    said: dict[str, Any] = {
        name: getattr(activity, name)
        for name in (
            *("title", "for_whom", "kind", "every", "every_unit", "weekdays", "times", "lasts", "lasts_unit"),
            *("after", "answer_days", "moves", "overlaps", "most_reminders", "reminder_gap"),
        )
    }
    said = {name: value for name, value in said.items() if value not in (None, "")}
    said["after"] = activity.after_id
    said["questionnaire"] = usable_version_of(activity).pk
    said["offsets"] = ", ".join(str(day) for day in activity.offsets or ())
    said["ends"] = "lasts" if activity.lasts else "times"
    said["every_weeks"] = activity.every if activity.kind == Kind.WEEKDAYS else 1
    if activity.days is not None:
        said["days_before" if activity.kind == Kind.APPOINTMENT else "days_after"] = activity.days
    condition = AnswerCondition.of(activity.condition)
    if condition is not None and activity.after is not None:
        item = definition_of(activity.after.version).by_link_id.get(condition.question)
        if item is not None:
            said["question"], said["operator"] = condition.question, condition.operator.value
            said["value"] = _written(item, condition)
    return said


def usable_version_of(activity: Activity) -> QuestionnaireVersion:
    """The active version of its questionnaire; its own where there is none."""
    active = QuestionnaireVersion.objects.active().filter(questionnaire=activity.version.questionnaire_id)
    return active.defer("source").first() or activity.version


def _written(item: Item, condition: AnswerCondition) -> str:
    """The value as its field holds it."""
    if item.type is ItemType.BOOLEAN:
        return "true" if condition.value.get("valueBoolean") else "false"
    if is_number(item):
        return engine.display_value(item, condition.value)
    for number, option in enumerate(item.options):
        if AnswerCondition("", Operator.EQUALS, option.value).value == condition.value:
            return str(number)
    return ""
