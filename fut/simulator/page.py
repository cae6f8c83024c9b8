"""The simulator's front page: what it holds, for people."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from fut.simulator import nemsms
from fut.simulator.store import Store

LATEST = 25

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
caption { text-align: left; font-weight: 600; font-size: 1.25rem; padding: .5rem 0; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ccc; vertical-align: top; }
"""


def front_page(store: Store) -> str:
    """Counts by kind, the latest resources and the messages; no CPR number is shown whole."""
    return f"""<!doctype html>
<html lang="da">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>FUT-simulator</title><style>{STYLE}</style>
</head>
<body>
<h1>FUT-simulator</h1>
<p>Står i stedet for FUT-infrastrukturen og NemSMS på denne maskine. Intet herfra når ud af den.</p>
{_table("Lagret", ("Ressource", "Antal"), store.counts().items())}
{_table(f"De seneste {LATEST}", ("Ressource", "Version", "Status", "Gemt"), map(_row, store.latest(LATEST)))}
{_table("NemSMS", ("Modtaget", "Til", "Fra", "Tekst"), map(_message, nemsms.messages(store)[:LATEST]))}
</body>
</html>
"""


def _row(resource: Mapping[str, Any]) -> tuple[str, ...]:
    name = f"{resource['resourceType']}/{resource['id']}"
    meta = resource["meta"]
    return name, meta["versionId"], str(resource.get("status", "")), meta["lastUpdated"]


def _message(message: Mapping[str, str]) -> tuple[str, ...]:
    return message["receivedAt"], message["cpr"], message["sender"], message["text"]


def _table(caption: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body or '<tr><td>Intet endnu</td></tr>'}</tbody></table>"
    )
