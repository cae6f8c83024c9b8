"""The pieces of a page, after Det Fælles Designsystem; the form fields are in `fields`.

Each tag renders one small template of `templates/components/`. `docs/design.md` lists them with their parameters.
A tag's extra keyword arguments become HTML attributes: `hx_post=url` is written as `hx-post="…"`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from citizens.cpr import masked

register = template.Library()

ALERT_KINDS = {"info": _("Information"), "success": _("Udført"), "warning": _("Bemærk"), "error": _("Fejl")}

# A status is a word with a shape; the colour (tone) only repeats what they say.
STATUSES = {
    "done": ("check", "success"),
    "todo": ("assignment", "info"),
    "waiting": ("time", "neutral"),
    "sent": ("send", "neutral"),
    "draft": ("edit", "neutral"),
    "late": ("warning", "warning"),
    "failed": ("error", "error"),
    "neutral": ("minus", "neutral"),
}

# What the colours of an answer mean: red needs attention, yellow may, green does not.
SIGNIFICANCES = {
    "red": (_("Rød"), _("kræver opmærksomhed")),
    "yellow": (_("Gul"), _("kan kræve opmærksomhed")),
    "green": (_("Grøn"), _("kræver ikke opmærksomhed")),
}


def html_attributes(attributes: Mapping[str, Any]) -> SafeString:
    """Write tag keywords as HTML attributes: underscores become hyphens, None and False fall away."""
    return flatatt(
        {
            name.replace("_", "-"): value
            for name, value in attributes.items()
            if value is not None and value is not False
        }
    )


@register.filter
def masked_cpr(cpr: str) -> str:
    """Keep a CPR number's date and hide the rest: `010130-••••`. Already masked numbers stay as they are."""
    return masked(cpr)


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """Draw one icon of the design system's; without a label it is decoration, hidden from screen readers.

    The sprite holds those in `ICONS` of `kommunalpro.embedded.assets`: a new one is named there, too.
    Not a template of its own: the newline at a file's end would become an underlined space in links.
    """
    return _icon(name, str(label), extra)


@lru_cache(maxsize=500)
def _icon(name: str, label: str, extra: str) -> SafeString:
    return format_html(
        '<svg class="icon-svg {}" focusable="false"{}><use href="{}#{}"></use></svg>',
        extra,
        flatatt({"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}),
        static("dkfds/img/icons.svg"),
        name,
    )


@register.simple_block_tag
def alert(content: SafeString, kind: str = "info", heading: str = "", live: bool = False) -> str:
    """A message box. `kind`: info, success, warning or error; `live` has it read aloud when it appears."""
    context = {"content": content, "kind": kind, "label": ALERT_KINDS[kind], "heading": heading, "live": live}
    return render_to_string("components/alert.html", context)


@register.inclusion_tag("components/button.html")
def button(
    text: str, kind: str = "primary", *, href: str = "", icon: str = "", **attributes: Any
) -> dict[str, Any]:
    """A button, or a link that looks like one where `href` is given. `kind`: primary, secondary, tertiary, warning."""
    return {
        "text": text,
        "kind": kind,
        "href": href,
        "icon": icon,
        "press": attributes.pop("type", "submit"),
        "attributes": html_attributes(attributes),
    }


@register.simple_block_tag
def card(content: SafeString, heading: str = "", subheading: str = "", level: int = 2) -> str:
    """A framed piece of the page with a heading of the given level (2–4)."""
    context = {"content": content, "heading": heading, "subheading": subheading, "level": level}
    return render_to_string("components/card.html", context)


@register.inclusion_tag("components/card_link.html")
def card_link(
    href: str,
    heading: str,
    text: str = "",
    *,
    subheading: str = "",
    status: str = "",
    status_text: str = "",
    icon: str = "",
    level: int = 2,
) -> dict[str, Any]:
    """A card that leads somewhere, all of it one link; put several in `<ul class="card-list">`."""
    return {
        "icon": icon,
        "href": href,
        "heading": heading,
        "text": text,
        "subheading": subheading,
        "status": status,
        "status_text": status_text,
        "level": level,
    }


@register.inclusion_tag("components/status.html")
def status(kind: str, text: str) -> dict[str, Any]:
    """A state as word and shape. `kind`: done, todo, waiting, sent, draft, late, failed, neutral."""
    icon_name, tone = STATUSES[kind]
    return {"icon": icon_name, "tone": tone, "text": text}


@register.inclusion_tag("components/significance.html")
def significance(colour: str, short: bool = False) -> dict[str, Any]:
    """An answer's colour as word and shape: red a triangle, yellow a diamond, green a circle."""
    word, meaning = SIGNIFICANCES[colour]
    return {"colour": colour, "word": word, "meaning": meaning, "short": short}


@register.inclusion_tag("components/step_text.html")
def step_text(current: int, total: int) -> dict[str, Any]:
    """“Trin 2 af 5” over a heading; for short forms instead of the step indicator."""
    return {"current": current, "total": total}


@register.inclusion_tag("components/step_indicator.html")
def step_indicator(steps: Sequence[Mapping[str, Any]], progress: str = "") -> dict[str, Any]:
    """All steps in a list. A step: text, state (done, current, error, todo) and, where one may go there, href.

    `progress` says where one is, such as “Spørgsmål 7 af 40”, where steps take more than a page each.
    """
    current = next((number for number, step in enumerate(steps, 1) if step["state"] == "current"), 1)
    return {"steps": steps, "current": current, "progress": progress}


@register.inclusion_tag("components/progress.html")
def progress(value: int, maximum: int, label: str) -> dict[str, Any]:
    """A bar with its label in words over it, such as “Side 2 af 5”."""
    return {"value": value, "maximum": maximum, "label": label}


@register.simple_block_tag
def empty_state(content: SafeString, heading: str, icon: str = "success") -> str:
    """What a list says when there is nothing in it: why that is, and what to do."""
    return render_to_string(
        "components/empty_state.html", {"content": content, "heading": heading, "icon": icon}
    )


@register.simple_block_tag
def data_table(content: SafeString, caption: str, hide_caption: bool = False) -> str:
    """A table around `<thead>` and `<tbody>`; on a phone each row becomes a card, its cells headed by `data-title`."""
    context = {"content": content, "caption": caption, "hide_caption": hide_caption}
    return render_to_string("components/data_table.html", context)


@register.inclusion_tag("components/facts.html")
def facts(rows: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A description list of (word, value)."""
    return {"rows": rows}


@register.inclusion_tag("components/back_link.html")
def back_link(href: str, text: str = "") -> dict[str, Any]:
    """The way back, over the heading; says “Tilbage” unless told better."""
    return {"href": href, "text": text or _("Tilbage")}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(trail: Sequence[tuple[str, str]], current: str) -> dict[str, Any]:
    """The way here: (text, href) of the pages above, then the name of this one."""
    return {"trail": trail, "current": current}


@register.inclusion_tag("components/nav_item.html", takes_context=True)
def nav_item(context: template.Context, view_name: str, text: str, *, exact: bool = False) -> dict[str, Any]:
    """One link of the main navigation, marked when the page shown is it or, unless `exact`, below it."""
    url = reverse(view_name)
    path = context["request"].path
    current = "page" if path == url else "true" if path.startswith(url) and not exact else ""
    return {"url": url, "text": text, "current": current}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages of a list; keeps the rest of the query (filters, search)."""
    request: HttpRequest = context["request"]

    def link(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    paginator = page.paginator
    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "total": paginator.num_pages,
        "items": [(number, link(number) if isinstance(number, int) else "") for number in numbers],
        "previous": link(page.number - 1) if page.has_previous() else "",
        "next": link(page.number + 1) if page.has_next() else "",
    }


@register.simple_tag
def row_checkbox(name: str, value: Any, label: str, *, form: str = "", checked: bool = False) -> SafeString:
    """The box of a row in a list; `label` is for screen readers, `form` names the form that it goes with.

    Not a template of its own: a page draws fifty of them.
    """
    control = f"{name}-{value}"
    box = {"type": "checkbox", "id": control, "name": name, "value": str(value), "class": "form-checkbox"}
    more = {"form": form} if form else {}
    return format_html(
        '<div class="form-group-checkbox row-checkbox"><input{}>'
        '<label class="form-label" for="{}"><span class="sr-only">{}</span></label></div>',
        flatatt({**box, **more, "checked": bool(checked)}),
        control,
        label,
    )


@register.inclusion_tag("components/choose_all.html", takes_context=True)
def choose_all(context: template.Context, name: str, *, link: bool = True) -> dict[str, Any]:
    """“Vælg alle på siden” for the `row_checkbox`es called `name`; without JavaScript a `link` to `?alle=1`.

    Without the link where the page is the answer to a POST: its address is another page.
    """
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    all_chosen = query.pop("alle", [""])[0] == "1"
    if not all_chosen:
        query["alle"] = "1"
    return {"name": name, "href": f"?{query.urlencode()}" if link else "", "all_chosen": all_chosen}


@register.simple_block_tag
def modal(content: SafeString, name: str, heading: str) -> str:
    """A dialog with the HTML id `name`, opened by `modal_button`; belongs in the page's `modals` block."""
    return render_to_string("components/modal.html", {"content": content, "name": name, "heading": heading})


@register.inclusion_tag("components/modal_button.html")
def modal_button(name: str, text: str, kind: str = "secondary") -> dict[str, Any]:
    """The button that opens the dialog `name`."""
    return {"name": name, "text": text, "kind": kind}


@register.inclusion_tag("components/citizen_banner.html")
def citizen_banner(
    *, name: str, cpr: str, age: int | None = None, municipality: str = "", name_protected: bool = False
) -> dict[str, Any]:
    """Who the page is about, on every staff page about one citizen. The CPR number is masked here, `age` in years."""
    return {
        "name": name,
        "date_part": masked_cpr(cpr)[:6],
        "age": age,
        "has_age": age is not None,
        "municipality": municipality,
        "has_municipality": bool(municipality),
        "name_protected": name_protected,
    }


@register.inclusion_tag("components/saved_state.html")
def saved_state(text: str = "") -> dict[str, Any]:
    """Where “Gemmer …” and “Gemt kl. 10.42” appear; `text` is what it says from the start."""
    return {"text": text}
