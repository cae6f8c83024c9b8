"""How a channel stands, in plain words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from outbox.bookkeeping import Standing
from outbox.models import ChannelState, ReceiverState

# Beat asks every five seconds.
NOBODY_ASKS_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Words:
    """`kind` is one of the status component's kinds; `text` its word, `more` the sentence under it."""

    kind: str
    text: str
    more: str = ""


def words_of(state: ChannelState, now: datetime) -> Words:
    """A person's pause comes first, then the receiver's word, the breaker, and workers that do not ask."""
    if state.paused_at is not None:
        return Words(
            "late",
            _("På pause"),
            _("Sat på pause %(when)s af %(who)s: %(why)s")
            % {"when": stamp(state.paused_at), "who": state.paused_by, "why": state.pause_reason},
        )
    if state.held_until is not None and now < state.held_until:
        until = {"when": stamp(state.held_until)}
        return Words("waiting", _("Venter"), _("Modtageren har bedt os vente til %(when)s.") % until)
    if state.breaker.is_open(now) and state.open_until is not None:
        until = {"when": stamp(state.open_until)}
        return Words(
            "failed",
            _("Modtageren svarer ikke"),
            _("Intet bliver sendt nu. Vi prøver med en enkelt igen %(when)s.") % until,
        )
    if not state.breaker.is_closed:
        return Words(
            "late",
            _("Prøver igen"),
            _("Modtageren svarede ikke. Nu sender vi en enkelt for at se, om den er tilbage."),
        )
    if state.asked_at is None or now - state.asked_at > NOBODY_ASKS_AFTER:
        return Words(
            "failed",
            _("Ingen sender"),
            _("Ingen worker har spurgt efter arbejde i flere minutter. Se, om worker, beat og Redis kører."),
        )
    if state.failures:
        return Words("neutral", _("Kører"), _("Den seneste levering fejlede, og vi prøver igen."))
    return Words("done", _("Kører"))


def words_of_standing(standing: Standing, now: datetime) -> Words:
    """As the channel stands; where it goes on and a part of its receiver does not answer, that."""
    words = words_of(standing.state, now)
    away = [one for one in standing.parts if not one.breaker.is_closed]
    if not away or words.kind not in {"done", "neutral"}:
        return words
    return Words(
        "late",
        _("Svarer delvist"),
        _("Det, der skal til %(parts)s, venter. Resten bliver sendt.")
        % {"parts": ", ".join(one.receiver for one in away)},
    )


def words_of_part(part: ReceiverState, now: datetime) -> Words:
    """A service of the receiver's that has an address of its own."""
    if part.breaker.is_open(now) and part.open_until is not None:
        until = {"when": stamp(part.open_until)}
        return Words("failed", _("Svarer ikke"), _("Vi prøver med en enkelt igen %(when)s.") % until)
    if not part.breaker.is_closed:
        return Words("late", _("Prøver igen"))
    if part.failures:
        return Words("neutral", _("Fejlede sidst"))
    return Words("done", _("Svarer"))


def stamp(moment: datetime) -> str:
    """“23.11. kl. 08.00.05”, on a clock in Denmark."""
    local = timezone.localtime(moment)
    return _("%(day)s kl. %(time)s") % {"day": date_format(local, "j.n."), "time": f"{local:%H.%M.%S}"}


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits: “3 min.”."""
    seconds = max(0, round((now - since).total_seconds()))
    if seconds < 60:
        return _("%(number)s sek.") % {"number": seconds}
    if seconds < 3600:
        return _("%(number)s min.") % {"number": seconds // 60}
    if seconds < 48 * 3600:
        return _("%(number)s timer") % {"number": seconds // 3600}
    return _("%(number)s dage") % {"number": seconds // 86400}
