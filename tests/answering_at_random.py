"""A citizen who answers whatever is asked at random, by what the pages' own forms offer, until it can be submitted.

    walk = RandomCitizen(client, task, seed="whatever").answer_everything()

Only the HTML says what there is to fill in and where it leads; the engine's item is asked for what a person would
understand from the words beside it: which numbers and days are allowed, and how a code is written.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html

from plans.models import Task
from questionnaires.definitions import definition_of
from questionnaires.engine import Item, ItemType
from questionnaires.engine.regexes import read_pattern
from questionnaires.form_reading import DATE_PREFIXES
from questionnaires.places import FIELD_PREFIX, place_at
from tests.uploads import PDF, photo

PICTURE = photo((40, 30), kind="PNG")
MOST_ROUNDS = 12
"""How often a page may be filled in anew before it counts as one that nobody can answer."""

WRITTEN = (
    "Et svar",
    "1",
    "12",
    "123",
    "1234",
    "8000",
    "12345678",
    "1234567890",
    "A",
    "AB",
    "ABC",
    "Karen",
    "karen@example.org",
    "https://example.org/",
    "+45 12 34 56 78",
    "0412345678",
    "2026",
    "2026-11-26",
    "14:30",
)
"""What to write where a pattern is asked for: the first that fits."""


class Stuck(AssertionError):
    """Nobody could get on from here."""


@dataclass
class Walk:
    """What was seen on the way."""

    pages: int = 0
    questions: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)


class RandomCitizen:
    """Somebody at one task, with a seed that makes the same choices again."""

    def __init__(self, client: Client, task: Task, *, seed: str) -> None:
        self.client = client
        self.task = task
        self.root = f"/borger/opgave/{task.pk}/"
        self.definition = definition_of(task.activity.version)
        self.random = random.Random(seed)
        self.walk = Walk()
        self._sends_to = ""

    def answer_everything(self) -> Walk:
        """From the first page to the receipt. Raises Stuck with the place and what the page says there."""
        address = self._posted(self.root, {})
        for _turn in range(20 * len(self.definition.pages) + 20):
            if address.endswith("/opsummering/"):
                address = self._send(address)
            elif address.endswith("/kvittering/"):
                self._got(address)
                return self.walk
            else:
                address = self._answer_page(address)
        raise Stuck(f"no end: {address}")

    def _send(self, address: str) -> str:
        """Send the summary, or go back to the first thing that is missing."""
        page = self._got(address)
        if missing := page.xpath("//*[contains(@class, 'alert')]//a[contains(@href, '/side/')]/@href"):
            return str(missing[0]).partition("#")[0]
        form = page.xpath("//form[.//input[@name='seen']]")
        if not form:
            raise Stuck(f"the summary offers no sending: {said_wrong(page)}")
        answer: Any = self.client.post(address, hidden_of(form[0]))
        if answer.status_code == 302:
            return str(answer.url)
        assert answer.status_code == 422, f"{address}: {answer.status_code}"
        page = html.fromstring(answer.content)
        raise Stuck(f"the answers cannot be sent: {said_wrong(page)}")

    def _answer_page(self, address: str) -> str:
        """Fill in the page until “Næste” leads on; answers that bring new questions are given those as well."""
        self.walk.pages += 1
        form = self._form(self._got(address))
        self._sends_to = form.get("data-upload", "")
        known: dict[str, list[str]] = {}
        said = ""
        for _round in range(MOST_ROUNDS):
            self._fill_in(form, known)
            saved = self._saved(form, known)
            for _more in range(MOST_ROUNDS):
                if not self._fill_in(saved, known):
                    break
                saved = self._saved(saved, known, to=form.get("hx-post"))
            fields = hidden_of(saved) | asked_for(saved, known) | {"go": "next"}
            answer: Any = self.client.post(address, fields)
            if answer.status_code == 302:
                return str(answer.url)
            assert answer.status_code == 422, f"{address}: {answer.status_code}"
            page = html.fromstring(answer.content)
            form, said = self._form(page), said_wrong(page)
            self.walk.refused[said] += 1
            for name in with_error(form):
                known.pop(name, None)
        raise Stuck(f"{address.removeprefix(self.root)} cannot be left: {said}")

    def _fill_in(self, form: Any, known: dict[str, list[str]]) -> bool:
        """Choose for each question that has not been answered yet; were there any?"""
        names = [name for name in names_of(form) if name not in known]
        for name in names:
            self.walk.questions.add(f"{FIELD_PREFIX}{self._item(name).link_id}")
            known[name] = self._choose(form, name)
            if known[name] and self._item(name).type is ItemType.ATTACHMENT:
                self._upload(name)
                known[name] = []
        return bool(names)

    def _upload(self, name: str) -> None:
        """Send a file by itself, as the script of the page does."""
        item, address = self._item(name), name.removeprefix(FIELD_PREFIX)
        content, kind = (
            (PDF, "application/pdf") if item.file_kinds == ("application/pdf",) else (PICTURE, "image/png")
        )
        fields = {"question": address, name: SimpleUploadedFile("fil", content, kind)}
        answer: Any = self.client.post(self._sends_to, fields, headers={"HX-Request": "true"})
        if answer.status_code != 200:
            raise Stuck(
                f"{name}: {answer.status_code} {said_wrong(html.fragment_fromstring(answer.content.decode()))}"
            )

    def _choose(self, form: Any, name: str) -> list[str]:
        item = self._item(name)
        if not item.required and not has_error(form, name) and self.random.random() < 0.3:
            return []
        controls = form.xpath(".//*[@name=$name]", name=name)
        if item.type is ItemType.ATTACHMENT:
            given = form.xpath(".//*[@data-question][.//*[@name=$name]]//*[@name='remove-file']", name=name)
            return [] if given else ["a file"]
        if name.startswith(DATE_PREFIXES[0]):
            return f"{self._day(item):%d %m %Y}".split()
        choices = [
            str(value)
            for control in controls
            for value in (
                control.xpath(".//option/@value") if control.tag == "select" else [control.get("value")]
            )
            if value and (control.tag == "select" or control.get("type") in ("radio", "checkbox"))
        ]
        if choices:
            if item.several_answers:
                most = min(len(choices), item.max_occurs or len(choices))
                least = min(most, item.min_occurs or 1)
                return self.random.sample(choices, self.random.randint(least, most))
            own = item.open_choice and self.random.random() < 0.2
            return ["Mit eget svar" if own else self.random.choice(choices)]
        return [self._written(item, controls[0])]

    def _item(self, name: str) -> Item:
        """What the field asks; in a repeating group its name says the row as well."""
        address = name.partition(":")[2]
        place = place_at(self.definition, address)
        return self.definition.by_link_id[place.link_id if place else address]

    def _written(self, item: Item, control: Any) -> str:
        if item.type.is_numeric:
            return self._number(item, decimal_point=control.get("type") in ("number", "range"))
        if item.type in (ItemType.DATE, ItemType.DATE_TIME):
            day = self._day(item)
            time = f" {self.random.randrange(24):02}:{self.random.randrange(60):02}"
            return f"{day:%d-%m-%Y}" + (time if item.type is ItemType.DATE_TIME else "")
        if item.type is ItemType.TIME:
            return f"{self.random.randrange(24):02}:{self.random.randrange(60):02}"
        if item.type is ItemType.URL:
            return "https://example.org/"
        return self._words(item)

    def _number(self, item: Item, *, decimal_point: bool) -> str:
        low = item.min_value if isinstance(item.min_value, Decimal) else None
        high = item.max_value if isinstance(item.max_value, Decimal) else None
        low = low if low is not None else (high - 10 if high is not None else Decimal(0))
        high = high if high is not None else low + self.random.choice([2, 10, 100])
        if item.type is ItemType.INTEGER:
            return str(self.random.randint(int(low.to_integral_value()), int(high)))
        places = min(1 if item.max_decimal_places is None else item.max_decimal_places, 2)
        number = low + (high - low) * Decimal(self.random.randrange(101)) / 100
        text = f"{max(low, min(high, round(number, places))):f}"
        return text if decimal_point else text.replace(".", ",")

    def _day(self, item: Item) -> date:
        low = date.fromisoformat(item.min_value[:10]) if isinstance(item.min_value, str) else None
        high = date.fromisoformat(item.max_value[:10]) if isinstance(item.max_value, str) else None
        high = high or (low + timedelta(days=300) if low else date(2026, 6, 1))
        low = low or high - timedelta(days=30_000)
        return low + timedelta(days=self.random.randint(0, (high - low).days))

    def _words(self, item: Item) -> str:
        fitting = [text for text in WRITTEN if not item.regex or read_pattern(item.regex).fits(text)]
        text = fitting[0] if fitting else self.random.choice(WRITTEN)
        if item.regex:
            return text[: item.max_length]
        text = " ".join([text] * self.random.randint(1, 3)).ljust(item.min_length or 0, "x")
        return text[: item.max_length].strip() or text[: item.max_length] if item.max_length else text

    def _saved(self, form: Any, known: dict[str, list[str]], *, to: str | None = None) -> Any:
        """The form as it is after htmx has sent what was given."""
        to = to or form.get("hx-post")
        answer: Any = self.client.post(
            to, hidden_of(form) | asked_for(form, known), headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200, f"{to}: {answer.status_code}"
        return html.fragment_fromstring(answer.content.decode(), create_parent="div")

    def _form(self, page: Any) -> Any:
        return page.get_element_by_id("answers")

    def _got(self, address: str) -> Any:
        answer = self.client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return html.fromstring(answer.content)

    def _posted(self, address: str, fields: dict[str, Any]) -> str:
        answer: Any = self.client.post(address, fields)
        assert answer.status_code == 302, f"{address}: {answer.status_code}"
        return str(answer.url)


def names_of(form: Any) -> list[str]:
    """What the questions' fields are called, in order; a date's three by the first of them."""
    asking = (FIELD_PREFIX, DATE_PREFIXES[0])
    return list(dict.fromkeys(str(name) for name in form.xpath(".//@name") if str(name).startswith(asking)))


def hidden_of(form: Any) -> dict[str, list[str]]:
    """The hidden fields, as a browser sends them along."""
    fields: dict[str, list[str]] = {}
    for control in form.xpath(".//input[@type='hidden'][@name]"):
        fields.setdefault(control.get("name"), []).append(control.get("value", ""))
    return fields


def asked_for(form: Any, known: dict[str, list[str]]) -> dict[str, list[str]]:
    """The answers to the questions that the form shows; an empty line is sent as one."""
    here = set(names_of(form))
    fields: dict[str, list[str]] = {}
    for name, values in known.items():
        if name not in here:
            continue
        if name.startswith(DATE_PREFIXES[0]):
            address = name.removeprefix(DATE_PREFIXES[0])
            parts = zip(DATE_PREFIXES, values or ["", "", ""], strict=True)
            fields |= {f"{prefix}{address}": [part] for prefix, part in parts}
        else:
            fields[name] = values or [""]
    return fields


def with_error(form: Any) -> list[str]:
    """The fields beside which the form says what is wrong; all of them, where it says so of none by itself."""
    names = [name for name in names_of(form) if has_error(form, name)]
    return names or names_of(form)


def has_error(form: Any, name: str) -> bool:
    """Does the page say that this answer is missing or wrong?"""
    return bool(
        form.xpath(
            ".//*[@data-question][.//*[@name=$name]][.//*[contains(@class, 'form-error-message')]]", name=name
        )
    )


def said_wrong(page: Any) -> str:
    """What the page says is wrong, for whoever reads the test's output."""
    said = [
        re.sub(r"\s+", " ", part.text_content()).strip()
        for part in page.xpath(
            "//*[contains(@class, 'form-error-message')] | //*[contains(@class, 'alert-text')]//a"
        )
    ]
    return " | ".join(dict.fromkeys(said))[:400]
