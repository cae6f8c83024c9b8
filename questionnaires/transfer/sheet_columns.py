"""The columns of our spreadsheets: their headings, the words for types, and how a condition is written.

A spreadsheet has facts about the whole questionnaire first (“Titel”, “Adresse” …), one a row, then a row of headings,
then one row for each question or text to read. docs/kam.md shows an example.
"""

from enum import StrEnum

from questionnaires.engine import ItemType


class Column(StrEnum):
    """A column, by its heading."""

    SECTION = "Afsnit"
    NUMBER = "Nr."
    QUESTION = "Spørgsmål"
    TYPE = "Type"
    OPTIONS = "Svarmuligheder"
    REQUIRED = "Skal besvares"
    HELP = "Hjælp"
    CONDITION = "Vises når"
    LEAST = "Mindst"
    MOST = "Højst"
    UNIT = "Enhed"


class Fact(StrEnum):
    """A row before the headings: its first cell, the second holds the value."""

    TITLE = "Titel"
    URL = "Adresse"
    DESCRIPTION = "Beskrivelse"
    LANGUAGE = "Sprog"
    PUBLISHER = "Udgiver"
    COPYRIGHT = "Ophavsret"


WIDTHS = [22, 8, 44, 16, 40, 12, 36, 26, 10, 10, 12]
"""Of the columns in Excel, in letters."""

COLUMN_NAMES = {
    **{column.value.lower(): column for column in Column},
    "nr": Column.NUMBER,
    "nummer": Column.NUMBER,
    "sektion": Column.SECTION,
    "spørgsmålstype": Column.TYPE,
    "svar": Column.OPTIONS,
    "påkrævet": Column.REQUIRED,
    "obligatorisk": Column.REQUIRED,
    "hjælpetekst": Column.HELP,
    "vis når": Column.CONDITION,
    "betingelse": Column.CONDITION,
    "min": Column.LEAST,
    "max": Column.MOST,
    "maks": Column.MOST,
}
FACT_NAMES = {fact.value.lower(): fact for fact in Fact}

SEVERAL = "flere valg"
SLIDER = "skala"
TYPES: dict[str, ItemType] = {
    "ja/nej": ItemType.BOOLEAN,
    "valg": ItemType.CHOICE,
    SEVERAL: ItemType.CHOICE,
    "valg eller tekst": ItemType.OPEN_CHOICE,
    "heltal": ItemType.INTEGER,
    "tal": ItemType.DECIMAL,
    SLIDER: ItemType.INTEGER,
    "mål": ItemType.QUANTITY,
    "tekst": ItemType.STRING,
    "lang tekst": ItemType.TEXT,
    "dato": ItemType.DATE,
    "dato og tid": ItemType.DATE_TIME,
    "klokkeslæt": ItemType.TIME,
    "link": ItemType.URL,
    "fil": ItemType.ATTACHMENT,
    "information": ItemType.DISPLAY,
}
"""The words for types. Of two words for one type the first is written where nothing else tells them apart."""

TYPE_NAMES: dict[ItemType, str] = {
    type_: word for word, type_ in reversed(TYPES.items()) if word not in (SEVERAL, SLIDER)
}
YES = {"ja", "x", "1", "true", "sand", "j", "yes"}
NO = {"", "nej", "0", "false", "falsk", "n", "no"}

ANSWERED, NOT_ANSWERED = "er besvaret", "er ikke besvaret"
OPERATORS = {
    "≥": ">=",
    ">=": ">=",
    "≤": "<=",
    "<=": "<=",
    "≠": "!=",
    "!=": "!=",
    "<>": "!=",
    "=": "=",
    ">": ">",
    "<": "<",
}
"""As written → as FHIR has it; the longer before those that begin them."""
