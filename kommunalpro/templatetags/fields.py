"""Form fields after Det Fælles Designsystem: label, hint, error and control, tied together for screen readers.

Use `field` with a Django form's bound field, or the others with plain values where there is no form.
Options are `(value, label)` or `(value, label, hint)`; extra keywords become attributes of the control
(`hx_post=url` is written as `hx-post="…"`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from kommunalpro.templatetags.components import html_attributes

register = template.Library()

# More marks than this under a number line cannot be read on a phone.
MOST_MARKS = 11


@register.filter
def field_id(name: str) -> str:
    """The HTML id of the control called `name`: safe in selectors, different for different names.

    A FHIR linkId may hold any character (`1.2`, `a/b`); those outside letters, digits, - and _ are written by number.
    """
    return "f-" + re.sub(r"[^A-Za-z0-9_-]", lambda match: f"_{ord(match[0]):x}_", str(name))


def _group(name: str, label: str, hint: str, error: str, optional: bool) -> dict[str, Any]:
    """What every field's template needs: ids, texts, and which texts describe the control."""
    control = field_id(name)
    described_by = " ".join(f"{control}-{part}" for part, text in (("hint", hint), ("error", error)) if text)
    return {
        "id": control,
        "name": name,
        "label": label,
        "hint": hint,
        "error": error,
        "optional": optional,
        "described_by": described_by,
    }


def _options(options: Iterable[Sequence[Any]], chosen: Iterable[Any], first_id: str) -> list[dict[str, Any]]:
    """The choices with their ids. The first has the field's own id, so that an error's link finds the group."""
    chosen_values = {str(value) for value in chosen if value is not None}
    return [
        {
            "id": first_id if number == 1 else f"{first_id}-{number}",
            "value": option[0],
            "label": option[1],
            "hint": option[2] if len(option) > 2 else "",
            "chosen": str(option[0]) in chosen_values,
        }
        for number, option in enumerate(options, 1)
    ]


@register.inclusion_tag("components/field_text.html")
def text_field(
    *,
    name: str,
    label: str,
    value: Any = "",
    kind: str = "text",
    hint: str = "",
    error: str = "",
    optional: bool = False,
    width: str = "",
    suffix: str = "",
    **attributes: Any,
) -> dict[str, Any]:
    """One line to write in. `kind`: text, number, date, email, search, file …; `width`: xxs, xs, s, m, l, xl."""
    return _group(name, label, hint, error, optional) | {
        "value": "" if value is None else value,
        "kind": kind,
        "width": width,
        "suffix": suffix,
        "attributes": html_attributes(attributes),
    }


@register.inclusion_tag("components/field_textarea.html")
def textarea_field(
    *,
    name: str,
    label: str,
    value: str | None = "",
    hint: str = "",
    error: str = "",
    optional: bool = False,
    rows: int = 5,
    **attributes: Any,
) -> dict[str, Any]:
    """Several lines to write in."""
    return _group(name, label, hint, error, optional) | {
        "value": value or "",
        "rows": rows,
        "attributes": html_attributes(attributes),
    }


@register.inclusion_tag("components/field_select.html")
def select_field(
    *,
    name: str,
    label: str,
    options: Iterable[Sequence[Any]],
    value: Any = None,
    hint: str = "",
    error: str = "",
    optional: bool = False,
    blank: str = "",
    **attributes: Any,
) -> dict[str, Any]:
    """A drop-down list; `blank` is the text of an empty first choice. Prefer `radios` up to about seven options."""
    group = _group(name, label, hint, error, optional)
    return group | {
        "options": _options(options, [value], group["id"]),
        "blank": blank,
        "attributes": html_attributes(attributes),
    }


@register.inclusion_tag("components/field_options.html")
def radios(
    *,
    name: str,
    label: str,
    options: Iterable[Sequence[Any]],
    value: Any = None,
    hint: str = "",
    error: str = "",
    optional: bool = False,
    **attributes: Any,
) -> dict[str, Any]:
    """One of several; `label` is the question and becomes the group's legend."""
    group = _group(name, label, hint, error, optional)
    return group | {
        "kind": "radio",
        "options": _options(options, [value], group["id"]),
        "attributes": html_attributes(attributes),
    }


@register.inclusion_tag("components/field_options.html")
def checkboxes(
    *,
    name: str,
    label: str,
    options: Iterable[Sequence[Any]],
    values: Iterable[Any] = (),
    hint: str = "",
    error: str = "",
    optional: bool = False,
    **attributes: Any,
) -> dict[str, Any]:
    """Any number of several; posts `name` once for each that is ticked."""
    group = _group(name, label, hint, error, optional)
    return group | {
        "kind": "checkbox",
        "options": _options(options, values, group["id"]),
        "attributes": html_attributes(attributes),
    }


@register.inclusion_tag("components/field_checkbox.html")
def checkbox(
    *,
    name: str,
    label: str,
    checked: bool = False,
    value: str = "on",
    hint: str = "",
    error: str = "",
    **attributes: Any,
) -> dict[str, Any]:
    """A single box to tick."""
    return _group(name, label, hint, error, optional=False) | {
        "value": value,
        "checked": checked,
        "attributes": html_attributes(attributes),
    }


@register.inclusion_tag("components/number_line.html")
def number_line(
    *,
    name: str,
    label: str,
    value: Any = None,
    minimum: Any = 0,
    maximum: Any = 10,
    step: Any = 1,
    low: str = "",
    high: str = "",
    hint: str = "",
    error: str = "",
    optional: bool = False,
    **attributes: Any,
) -> dict[str, Any]:
    """A number on a line from `minimum` (worded `low`) to `maximum` (`high`), unanswered until somebody touches it.

    The number field carries the answer and works alone; the line over it is added by `number-line.js`.
    """
    first, last, width = Decimal(str(minimum)), Decimal(str(maximum)), Decimal(str(step))
    gaps = int((last - first) / width)
    every = (
        next(gap for gap in range(1, gaps + 1) if gaps % gap == 0 and gaps // gap < MOST_MARKS) if gaps else 1
    )
    return _group(name, label, hint, error, optional) | {
        "value": "" if value is None else str(value),
        "minimum": str(first),
        "maximum": str(last),
        "step": str(width),
        "middle": str(first + width * (gaps // 2)),
        "low": low,
        "high": high,
        "marks": [_shortest(first + width * number) for number in range(0, gaps + 1, every)],
        "ends": (_shortest(first), _shortest(last)),
        "whole": width == width.to_integral_value(),
        "attributes": html_attributes(attributes),
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(
    errors: forms.BaseForm | Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    *,
    links: Iterable[tuple[str, str]] = (),
    heading: str = "",
) -> dict[str, Any]:
    """All errors of a page over its form, each a link to its field; nothing where there are none.

    `errors`: a form, a mapping of field name to sentence, or pairs of the same. An empty name gives no link.
    `links`: pairs of address and sentence, for what has to be mended on other pages. An empty address gives none.
    """
    pairs: Iterable[tuple[str, str]]
    if errors is None:
        pairs = ()
    elif isinstance(errors, forms.BaseForm):
        pairs = (
            ("" if name == "__all__" else errors.add_prefix(name), str(sentence))
            for name, sentences in errors.errors.items()
            for sentence in sentences
        )
    elif isinstance(errors, Mapping):
        pairs = errors.items()
    else:
        pairs = errors
    here = [(f"#{field_id(name)}" if name else "", sentence) for name, sentence in pairs]
    return {"errors": [*here, *links], "heading": heading}


TEXT_KINDS: dict[type[forms.Widget], str] = {
    forms.NumberInput: "number",
    forms.EmailInput: "email",
    forms.DateInput: "date",
    forms.TimeInput: "time",
    forms.DateTimeInput: "datetime-local",
    forms.FileInput: "file",
    forms.PasswordInput: "password",
}


@register.simple_tag
def field(bound: BoundField, **extra: Any) -> SafeString | str:
    """A field of a Django form, shown by what its widget is. `extra` goes to its tag (width, suffix …).

    `optional`: what the label says of that, where it is not the field that decides it.
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return bound.as_hidden()
    arguments: dict[str, Any] = {
        "name": bound.html_name,
        "label": str(bound.label),
        "hint": str(bound.help_text or ""),
        "error": " ".join(str(error) for error in bound.errors),
    }
    # A class belongs to the design system here, and the id to `field_id`.
    attributes = {key: value for key, value in widget.attrs.items() if key not in {"class", "id"}}
    value = bound.value()
    if isinstance(widget, forms.CheckboxInput):
        return _drawn("field_checkbox", checkbox(**arguments, checked=bool(value), **attributes, **extra))
    arguments["optional"] = extra.pop("optional", not bound.field.required)
    if isinstance(widget, forms.CheckboxSelectMultiple):
        chosen = checkboxes(**arguments, options=_choices(bound), values=value or (), **attributes, **extra)
        return _drawn("field_options", chosen)
    if isinstance(widget, forms.RadioSelect):
        return _drawn(
            "field_options", radios(**arguments, options=_choices(bound), value=value, **attributes, **extra)
        )
    if isinstance(widget, forms.Select):
        chosen = select_field(**arguments, options=_choices(bound), value=value, **attributes, **extra)
        return _drawn("field_select", chosen)
    if isinstance(widget, forms.Textarea):
        attributes.pop("cols", None)
        return _drawn("field_textarea", textarea_field(**arguments, value=value, **(attributes | extra)))
    kind = next((name for known, name in TEXT_KINDS.items() if isinstance(widget, known)), "text")
    arguments |= {"kind": kind, "value": _as_written(value, kind)}
    return _drawn("field_text", text_field(**(arguments | attributes | extra)))


def _shortest(number: Decimal) -> Decimal:
    """Without zeros that say nothing; a Decimal, so that the template writes it in the reader's language (0,5)."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _drawn(template_name: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"components/{template_name}.html", dict(context))


def _choices(bound: BoundField) -> list[tuple[Any, Any]]:
    """The field's choices as its widget lists them, without an empty one in a group of radio buttons."""
    widget = bound.field.widget
    groups_only = isinstance(widget, forms.RadioSelect)
    return [(value, label) for value, label in widget.choices if value not in ("", None) or not groups_only]


def _as_written(value: Any, kind: str) -> Any:
    """Dates for `<input type="date">` have to be ISO 8601, whatever the reader's language."""
    if kind in {"date", "time", "datetime-local"} and hasattr(value, "isoformat"):
        return value.isoformat()
    return "" if kind in {"file", "password"} else value
