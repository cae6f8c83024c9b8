"""What building a large questionnaire costs: opening and editing one of 500 elements against one of 50, in one run.

    make bench
    python -m benchmarks.builder

A second is one of processor time, of this process and of its PostgreSQL backend together. The pages are asked in turns;
the figures are medians of the rounds, and the size of what was sent. Nothing here is a test.
"""

import gc
import os
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.forms import form
from benchmarks.pages import _logged_in, _set_up, processor_seconds, servers

if TYPE_CHECKING:
    from django.test import Client

    from questionnaires.models import QuestionnaireVersion

    Act = Callable[[QuestionnaireVersion, int], int]

SMALL, LARGE = 60, 500
ROUNDS = 15
TIMES = 5
MOST_TO_OPEN = 3.0
MOST_TO_EDIT = 1.25


def main() -> None:
    """Measure and print the table."""
    with servers() as started:
        os.environ.update(started.variables)
        _set_up()
        client, versions = _drafts()
        acts: dict[str, tuple[Act, float]] = {
            "open": (lambda version, _: _opened(client, version), MOST_TO_OPEN),
            "select an element": (lambda version, number: _selected(client, version, number), MOST_TO_EDIT),
            "write a text": (lambda version, number: _written(client, version, number), MOST_TO_EDIT),
            "move an element": (lambda version, number: _moved(client, version, number), MOST_TO_EDIT),
            # As where several web processes take turns: this one keeps nothing of what another has written.
            "select, elsewhere": (
                _elsewhere(lambda version, number: _selected(client, version, number)),
                MOST_TO_EDIT,
            ),
            "write, elsewhere": (
                _elsewhere(lambda version, number: _written(client, version, number)),
                MOST_TO_EDIT,
            ),
        }
        print(f"{ROUNDS} rounds of {TIMES}; ms of processor time; {SMALL} elements against {LARGE}.\n")
        print(f"{'':<20} {SMALL:>8} {LARGE:>8} {'ratio':>7} {'KB':>6} {'KB':>6}  goal")
        for name, (act, most) in acts.items():
            small, large, ratio = _measured(act, versions)
            verdict = "met" if ratio <= most else "NOT MET"
            print(
                f"{name:<20} {small[0]:>8.1f} {large[0]:>8.1f} {ratio:>7.2f} {small[1]:>6.0f} {large[1]:>6.0f}"
                f"  at most {most} {verdict}",
                flush=True,
            )


def _measured(
    act: "Act", versions: "list[QuestionnaireVersion]"
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Of the small one and of the large: milliseconds (median) and kilobytes; and their ratio, as each round had it."""
    taken: list[list[float]] = [[] for _ in versions]
    size = [0.0] * len(versions)
    for number in range(ROUNDS):
        order = list(enumerate(versions))
        for place, version in order if number % 2 else reversed(order):
            act(version, 0)
            gc.collect()
            began = processor_seconds()
            for time in range(TIMES):
                size[place] = act(version, time + 1) / 1000
            taken[place].append((processor_seconds() - began) / TIMES * 1000)
    small, large = taken
    ratio = median(more / less for less, more in zip(small, large, strict=True))
    return (median(small), size[0]), (median(large), size[1]), ratio


def _drafts() -> "tuple[Client, list[QuestionnaireVersion]]":
    from identity.actors import StaffActor
    from identity.models import StaffMember
    from identity.roles import Role
    from municipalities.scope import Scope, within
    from questionnaires.models import Questionnaire, QuestionnaireVersion

    with within(Scope.system()):
        member = StaffMember.objects.create(issuer="http://login.invalid", subject="builder", name="Birgitte")
        versions = []
        for items in (SMALL, LARGE):
            questionnaire = Questionnaire.objects.create(url=f"urn:uuid:benchmark-{items}")
            source = form(items)
            versions.append(
                QuestionnaireVersion.objects.create(
                    questionnaire=questionnaire, number=1, title=source["title"], language="da", source=source
                )
            )
    actor = StaffActor(
        staff_id=member.pk,
        name=member.name,
        municipality_id=None,
        municipality_name="Systemadministrationen",
        roles=frozenset(Role),
    )
    return _logged_in(actor), versions


def _address(version: "QuestionnaireVersion", name: str) -> str:
    from django.urls import reverse

    return reverse(f"kam:{name}", args=[version.pk])


def _opened(client: "Client", version: "QuestionnaireVersion") -> int:
    return _bytes(client.get(_address(version, "builder")))


def _selected(client: "Client", version: "QuestionnaireVersion", number: int) -> int:
    address = f"{_address(version, 'builder')}?valgt=g1.{number + 1}"
    return _bytes(client.get(address, headers={"HX-Request": "true"}))


def _written(client: "Client", version: "QuestionnaireVersion", number: int) -> int:
    said = {"at": "g1.5", "s-text": f"Tekst {number}", "s-max_length": "500", "seen": _seen(version)}
    return _bytes(client.post(_address(version, "builder_settings"), said, headers={"HX-Request": "true"}))


def _moved(client: "Client", version: "QuestionnaireVersion", number: int) -> int:
    said = {"at": "g1.5", "act": "down" if number % 2 else "up", "seen": _seen(version)}
    return _bytes(client.post(_address(version, "builder_act"), said, headers={"HX-Request": "true"}))


_LAST: dict[object, str] = {}
"""What the last answer about each version said its revision is, as a browser knows it."""


def _elsewhere(act: "Act") -> "Act":
    """The act in a process that has not seen the draft."""
    from questionnaires import kept_drafts

    def forgetful(version: "QuestionnaireVersion", number: int) -> int:
        kept_drafts.forget()
        return act(version, number)

    return forgetful


def _seen(version: "QuestionnaireVersion") -> str:
    from municipalities.scope import Scope, within

    if version.pk not in _LAST:
        with within(Scope.system()):
            version.refresh_from_db()
        _LAST[version.pk] = version.revision.hex
    return _LAST[version.pk]


def _bytes(response: object) -> int:
    import re

    status, content = response.status_code, response.content  # type: ignore[attr-defined]
    if status != 200:
        raise RuntimeError(f"Answered {status}: the figures would say nothing.")
    address = response.request["PATH_INFO"]  # type: ignore[attr-defined]
    key = re.search(r"/spoergeskemaer/([0-9a-f-]{36})/", address)
    seen = re.search(rb'name="seen" value="([0-9a-f]+)"', content)
    if key and seen:
        from uuid import UUID

        _LAST[UUID(key[1])] = seen[1].decode()
    return len(content)


if __name__ == "__main__":
    main()
