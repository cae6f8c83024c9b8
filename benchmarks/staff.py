"""What the pages cost that staff have open all day, with few answers in the country and with a million.

    make bench

The *floor* is a view of the same server behind the same middleware, session and walls that asks one query and gives
back a page of the same size. Page and floor are asked in turns over HTTP, over two databases: with 10,000 stored
responses and with 1,000,000 of 100,000 citizens in 98 municipalities (`benchmarks/seeded.py`). The municipality fills
its pages in both. A second is one of processor time, as in `benchmarks/citizens.py`. Nothing here is a test.
"""

from collections.abc import Mapping, Sequence
from itertools import repeat

from benchmarks.pages import _logged_in
from benchmarks.two_sizes import ROUNDS, Ask, Ratios, against_floor, bytes_of, head, run
from benchmarks.web import SESSION, Web

REQUESTS = 15
"""Of a side, each round."""
MOST_FLOORS = 6.0
"""So many times the floor may a page take,"""
MOST_GROWTH = 1.3
"""and so many times what it takes with a hundredth of the responses."""


def _session() -> str:
    """The key of a session of a nurse's in the first municipality, who may do everything with its citizens."""
    from identity.models import StaffMember
    from municipalities.models import Municipality
    from municipalities.scope import Scope, within
    from tests.conftest import staff_actor

    with within(Scope.system()):
        municipality = Municipality.objects.order_by("pk")[0]
        member, _ = StaffMember.objects.get_or_create(
            issuer="benchmark", subject="nurse", defaults={"name": "Anna", "municipality": municipality}
        )
        actor = staff_actor(member)
    return str(_logged_in(actor).cookies[SESSION].value)


def addresses() -> dict[str, str]:
    """The pages by name. The citizen has answered ten times."""
    from django.urls import reverse

    from citizens.models import Citizen
    from municipalities.models import Municipality
    from municipalities.scope import Scope, within

    with within(Scope.system()):
        municipality = Municipality.objects.order_by("pk")[0]
        citizen = Citizen.objects.filter(municipality=municipality, family_name="Prøve 3").get()
    overview = reverse("staff:overview")
    return {
        "overview: new": f"{overview}?fane=nye",
        "overview: marked": f"{overview}?fane=markerede",
        "overview: late": f"{overview}?fane=over-fristen",
        "overview: silent": f"{overview}?fane=tavse",
        "unanswered": reverse("staff:unanswered"),
        "one citizen": reverse("staff:citizen", args=[citizen.pk]),
        "development": reverse("staff:development", args=[citizen.pk]),
    }


def measure(web: Web) -> Ratios:
    """By page: how many times the floor's processor time it takes, round by round."""
    session = _session()

    def asked(address: str) -> Ask:
        return lambda: bytes_of(web.get(address, session=session))

    pages = {name: repeat(asked(address)) for name, address in addresses().items()}
    return against_floor(web, pages, lambda size: asked(f"/staff-floor/{size}/"), requests=REQUESTS)


def report(sizes: Sequence[int], times: Mapping[str, list[float]]) -> None:
    """The table: so many times the floor, and how the same page grew."""
    print(f"Times the floor's processor time; {2 * ROUNDS} rounds of {REQUESTS} a side; medians\n")
    print(head(sizes))
    for name, each in times.items():
        grew = each[-1] / each[0]
        met = max(each) <= MOST_FLOORS and grew <= MOST_GROWTH
        verdict = f"at most {MOST_FLOORS:g}, {MOST_GROWTH} at most: {'met' if met else 'NOT MET'}"
        shown = "".join(f"{one:>12.2f}" for one in each)
        print(f"{name:<20}{shown}{grew:>12.2f}  {verdict}", flush=True)


if __name__ == "__main__":
    run("benchmarks.staff", measure, report)
