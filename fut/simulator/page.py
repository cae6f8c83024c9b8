"""The simulator's front page: what it holds, for people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from fut.simulator.faults import Fault, Kind, When
from fut.simulator.store import Store
from fut.simulator.telephones import Telephones

LATEST = 25

KINDS = {
    Kind.LATENCY: "sent svar",
    Kind.STATUS: "fejlsvar",
    Kind.DROP: "forbindelsen ryger",
    Kind.EXPIRED: "token udløber",
    Kind.MALFORMED: "ulæseligt svar",
}
TIMES = {When.BEFORE: "før det er udført", When.AFTER: "efter det er udført"}

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ccc; vertical-align: top; }
th, td { white-space: nowrap; }
td:last-child { white-space: normal; min-width: 10rem; }
.trouble { border-left: .3rem solid #a11; padding-left: .75rem; }
.quiet { color: #4d4d4d; }
"""

TELEPHONE_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 24rem; padding: 0 1rem; color: #1a1a1a; }
main { border: .6rem solid #1a1a1a; border-radius: 2rem; background: #f2f2f2; padding: 1.5rem 1rem;
  min-height: 34rem; }
nav { margin: 0 0 1rem; }
h1 { font-size: 1.1rem; margin: 0 0 1rem; text-align: center; }
ol { list-style: none; margin: 0; padding: 0; }
li { margin: 0 0 1.25rem; }
li p { margin: 0; }
.from { font-weight: 600; }
.text { background: #fff; border-radius: .25rem 1rem 1rem 1rem; padding: .75rem 1rem; overflow-wrap: anywhere; }
time, .hint { color: #4d4d4d; font-size: .875rem; }
"""

# The page shows what comes while somebody looks at it: it asks for itself every two seconds.
FRESH = """
setInterval(async () => {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const here = document.querySelector("main"), there = page.querySelector("main");
  if (answer.ok && here.innerHTML !== there.innerHTML) here.replaceWith(there);
}, 2000);
"""

DENMARK = ZoneInfo("Europe/Copenhagen")


def front_page(store: Store, telephones: Telephones, faults: Sequence[Fault] = ()) -> str:
    """The telephones, what goes wrong on request, and what is stored; no CPR number is shown whole."""
    return f"""<!doctype html>
<html lang="da">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>FUT-simulator</title><style>{STYLE}</style>
</head>
<body>
<main>
<h1>FUT-simulator</h1>
<p>Står i stedet for FUT-infrastrukturen og NemSMS på denne maskine. Intet herfra når ud af den.</p>
{_telephones(telephones.telephones())}
{_faults(faults)}
{_table("Lagret", ("Ressource", "Antal"), store.counts().items())}
{_table(f"De seneste {LATEST}", ("Ressource", "Version", "Status", "Gemt"), map(_row, store.latest(LATEST)))}
{_table("Sendte sms’er", ("Modtaget", "Til", "Fra", "Tekst"), map(_message, telephones.messages()[:LATEST]))}
</main>
</body>
</html>
"""


def _faults(faults: Sequence[Fault]) -> str:
    """What was ordered to go wrong; nothing where nothing was."""
    if not faults:
        return ""
    names = ("Fejl", "Hvornår", "Kald", "Ramte", "Af så mange")
    rows = ((KINDS[one.kind], TIMES[one.when], _meant(one), one.applied, one.matched) for one in faults)
    return f'<div class="trouble">{_table("Fejl, der er bestilt", names, rows)}</div>'


def _meant(fault: Fault) -> str:
    return " ".join(filter(None, (fault.method, fault.service, fault.target))) or "alle kald"


def telephone_page(telephone: Mapping[str, Any], messages: Sequence[Mapping[str, str]]) -> str:
    """The citizen's telephone: who it is by date of birth, and the messages, the oldest first."""
    owner = escape(telephone["cpr"])
    shown = "".join(map(_bubble, messages)) or '<li class="hint">Ingen beskeder endnu.</li>'
    enrolled = "Tilmeldt NemSMS" if telephone["enrolled"] else "Ikke tilmeldt NemSMS"
    return f"""<!doctype html>
<html lang="da">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Borgerens telefon {owner}</title><style>{TELEPHONE_STYLE}</style><script type="module">{FRESH}</script>
</head>
<body>
<nav aria-label="Telefoner"><a href="/">Alle telefoner</a></nav>
<main aria-live="polite">
<h1>Borgerens telefon<br><span class="hint">{owner} · {enrolled}</span></h1>
<ol>{shown}</ol>
</main>
</body>
</html>
"""


def _bubble(message: Mapping[str, str]) -> str:
    at = datetime.fromisoformat(message["receivedAt"]).astimezone(DENMARK)
    return (
        f'<li><p class="from">{escape(message["sender"])}</p><p class="text">{escape(message["text"])}</p>'
        f'<p><time datetime="{at.isoformat()}">{at:%d-%m-%Y kl. %H.%M}</time></p></li>'
    )


def _telephones(telephones: Iterable[Mapping[str, Any]]) -> str:
    """Links to the telephones, those with the latest message first."""
    links = "".join(map(_link, telephones))
    shown = f"<ul>{links}</ul>" if links else '<p class="quiet">Ingen endnu.</p>'
    return f"<h2>Borgernes telefoner</h2>{shown}"


def _link(telephone: Mapping[str, Any]) -> str:
    enrolled = "tilmeldt" if telephone["enrolled"] else "ikke tilmeldt"
    many = telephone["messages"]
    messages = f"{many} {'besked' if many == 1 else 'beskeder'}"
    address = f"/telefon/{telephone['number']}"
    return f'<li><a href="{address}">{escape(telephone["cpr"])}</a>: {enrolled}, {messages}</li>'


def _row(resource: Mapping[str, Any]) -> tuple[str, ...]:
    name = f"{resource['resourceType']}/{resource['id']}"
    meta = resource["meta"]
    return name, meta["versionId"], str(resource.get("status", "")), _clock(meta["lastUpdated"])


def _message(message: Mapping[str, str]) -> tuple[str, ...]:
    return _clock(message["receivedAt"]), message["cpr"], message["sender"], message["text"]


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(DENMARK):%d-%m kl. %H.%M.%S}"


def _table(heading: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    if not body:
        return f'<h2>{escape(heading)}</h2><p class="quiet">Intet endnu.</p>'
    return (
        f'<h2>{escape(heading)}</h2><div class="wide" tabindex="0" role="region" aria-label="{escape(heading)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
