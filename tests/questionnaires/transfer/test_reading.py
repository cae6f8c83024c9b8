"""Files of every kind are read by their content, and bad ones are refused with a sentence."""

import json
import tracemalloc
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from questionnaires.engine import compile_questionnaire
from questionnaires.transfer import archives
from questionnaires.transfer.candidates import Candidate, FileRefused
from questionnaires.transfer.reading import candidates_in
from tests.questionnaires.transfer.files import SHEET, as_csv, as_json, as_xlsx, as_zip, many, simple


def read(content: bytes, name: str = "fil") -> list[Candidate]:
    return list(candidates_in(content, name=name))


def sentence(content: bytes) -> str:
    """Why nothing of it is read: of the whole file, or of the one thing in it."""
    try:
        [only] = read(content)
    except FileRefused as refusal:
        return refusal.sentence
    assert only.document is None
    return only.refusal


# --- FHIR -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf", b"\n\n  "], ids=["plain", "BOM", "space"])
def test_one_questionnaire(begin: bytes) -> None:
    [only] = read(begin + as_json(simple()), "et.json")
    assert (only.name, only.document, only.refusal) == ("et.json", simple(), "")


def test_a_bundle_gives_its_questionnaires_and_leaves_the_rest() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": simple(1)},
            {"resource": {"resourceType": "Patient"}},
            {},
            {"resource": simple(2)},
        ],
    }
    found = read(as_json(bundle), "b.json")
    assert [one.document for one in found] == [simple(1), simple(2)]
    assert [one.name for one in found] == ["b.json, nummer 1", "b.json, nummer 4"]
    assert "intet spørgeskema" in sentence(as_json({"resourceType": "Bundle", "entry": None}))


def test_ndjson_gives_one_a_line_and_refuses_the_half_line_alone() -> None:
    content = b"\n".join([as_json(simple(1)), b"", as_json(simple(2)), as_json(simple(3))[:-9]])
    one, two, half = read(content, "alle.ndjson")
    assert [one.document, two.document] == [simple(1), simple(2)]
    assert half.document is None
    assert half.name == "alle.ndjson, linje 3"
    assert "JSON" in half.refusal


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "tom"),
        (b" \n\t ", "tom"),
        (b"\xef\xbb\xbf", "tom"),
        (as_json(simple())[:-20], "JSON"),
        (as_json(simple()).replace(b"Pr", b"\xe6"), "JSON"),
        (json.dumps(simple()).encode("utf-16"), "UTF-16"),
        (b'{"a": 1, "a": 2}', "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, ".xlsx"),
        (b"%PDF-1.4 ...", "overskrifterne"),
        (b"\x89PNG\r\n\x1a\n\0\0", "tegnkodning"),
        (b"PK\x03\x04 and not the rest", "beskadiget"),
        (many(3)[:-40], "beskadiget"),
        (as_zip({}), "tom"),
        (as_zip({"a/": b"", "__MACOSX/x": b"x"}), "tom"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(content: bytes, words: str) -> None:
    assert words in sentence(content)


# --- zip --------------------------------------------------------------------------------------------


def test_a_zip_gives_each_of_its_files_by_itself() -> None:
    found = read(as_zip({"a.json": as_json(simple(1)), "mappe/b.json": b"{", "c.csv": as_csv(SHEET)}))
    assert [one.name for one in found] == ["a.json", "mappe/b.json", "c.csv"]
    assert [one.document is not None for one in found] == [True, False, True]


def test_names_with_paths_are_shown_and_never_used(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["../../etc/passwd.json", "/tmp/x.json", "C:\\x.json", "a\x1b[2J\n.json", "x" * 5000 + ".json"]
    found = read(as_zip({name: as_json(simple(n)) for n, name in enumerate(names)}))
    assert [one.document for one in found] == [simple(n) for n in range(len(names))]
    assert found[0].name == "../../etc/passwd.json"
    assert all(one.name.isprintable() and len(one.name) <= 200 for one in found)
    assert list(tmp_path.iterdir()) == []


def test_a_zip_in_a_zip_is_refused_by_itself() -> None:
    inner, good = read(as_zip({"inde.json": many(2), "god.json": as_json(simple())}))
    assert "zip-fil i en zip-fil" in inner.refusal
    assert good.document == simple()


def test_a_bomb_is_given_up_while_it_is_read() -> None:
    bomb = as_zip({"bombe.json": b"0" * 40_000_000})
    assert len(bomb) < 100_000
    tracemalloc.start()
    assert "5 MB" in sentence(bomb)
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()


def test_many_small_bombs_are_one_large_one() -> None:
    with pytest.raises(FileRefused, match="langt mere"):
        read(as_zip({f"{n}.json": b"0" * 900_000 for n in range(50)}))


def test_what_the_zip_says_of_itself_is_not_believed() -> None:
    """A directory that says 10 bytes where there are 40 million."""
    bomb = bytearray(as_zip({"bombe.json": b" " * 40_000_000}))
    said = (40_000_000).to_bytes(4, "little")
    while (place := bomb.find(said)) >= 0:
        bomb[place : place + 4] = (10).to_bytes(4, "little")
    [only] = read(bytes(bomb))
    assert only.document is None


def test_a_file_past_five_megabytes_is_refused_by_itself() -> None:
    words = ("".join(chr(97 + n * n % 23) for n in range(1000)) + "\n") * 20
    large = as_json(simple(description=words * 270))
    assert len(large) > 5_000_000
    found = read(as_zip({"stor.json": large, "god.json": as_json(simple())}), "x")
    assert "5 MB" in found[0].refusal or "langt mere" in found[0].refusal
    assert found[1].document == simple()


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    with pytest.raises(FileRefused, match="6 filer"):
        read(many(6))


def test_a_file_behind_a_password_is_refused_by_itself() -> None:
    content = bytearray(many(1))
    for header in (b"PK\x03\x04", b"PK\x01\x02"):
        place = content.find(header) + (6 if header == b"PK\x03\x04" else 8)
        content[place] |= 1
    [only] = read(bytes(content))
    assert "kode" in only.refusal


def test_a_damaged_file_in_a_zip_is_refused_by_itself() -> None:
    content = bytearray(as_zip({"a.json": as_json(simple(1)), "b.json": as_json(simple(2))}))
    content[60] ^= 0xFF
    found = read(bytes(content))
    assert found[0].document is None
    assert found[1].document == simple(2)


# --- XML --------------------------------------------------------------------------------------------

ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    '<ClinicalDocument xmlns="urn:hl7-org:v3">&b;</ClinicalDocument>'
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (ENTITIES, "sikkerheden"),
        ('<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><x/>', "sikkerheden"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "sikkerheden"),
        ("<ClinicalDocument xmlns='urn:hl7-org:v3'><title>Hal", "XML"),
        ("<x/>", "QFDD"),
        ("<ClinicalDocument xmlns='urn:hl7-org:v3'/>", "QFDD"),
        ("<Questionnaire xmlns='http://hl7.org/fhir'/>", "JSON"),
        ("<a>" * 5_000 + "</a>" * 5_000, "indlejret"),
        ("<x>" + "<y/>" * 150_000 + "</x>", "stor"),
        ('<?xml version="1.0" encoding="UTF-7"?><x/>', "XML"),
    ],
)
def test_xml_that_brings_more_than_it_should(content: str, words: str) -> None:
    assert words in sentence(content.encode())


# --- spreadsheets -------------------------------------------------------------------------------------

FILES = {
    "csv as Danish Excel writes it": as_csv(SHEET, encoding="cp1252"),
    "csv in UTF-8 with a BOM": as_csv(SHEET),
    "csv with commas": as_csv(SHEET, encoding="utf-8", delimiter=","),
    "csv with tabs": as_csv(SHEET, delimiter="\t"),
    "xlsx": as_xlsx(SHEET),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_spreadsheet_is_the_same_questionnaire_in_every_kind_of_file(content: bytes) -> None:
    [only] = read(content, "smerter.csv")
    assert (only.refusal, only.notes) == ("", ())
    compilation = compile_questionnaire(only.document)
    assert compilation.is_usable, compilation.issues
    definition = compilation.definition
    assert definition is not None
    assert (definition.title, definition.url) == (
        "Smerter i hverdagen",
        "https://example.org/Questionnaire/smerter",
    )
    assert [item.text for item in definition.items] == ["Smerter", "Om dig"]
    pain, often, scale, weight, where, thanks = [
        one for one in definition.walk() if one.type.value != "group"
    ]
    assert (pain.type.value, pain.required) == ("boolean", True)
    assert [(option.label, str(option.weight)) for option in often.options] == [
        ("Sjældent", "0"),
        ("Ofte", "1.5"),
    ]
    assert (str(scale.min_value), str(scale.max_value), scale.help_text) == ("0", "10", "0 er ingen")
    assert [one.operator.value for one in scale.enable_when] == ["=", "exists"]
    assert scale.enable_behavior.value == "all"
    assert (str(weight.max_value), weight.unit) == ("300.5", "kg")
    assert [option.label for option in where.options] == ["Ryg", "Knæ", "Ærme"]
    assert (where.repeats, where.enable_behavior.value) == (True, "any")
    assert (thanks.link_id, thanks.type.value) == ("6", "display")


HEAD = [
    "Spørgsmål",
    "Type",
    "Svarmuligheder",
    "Vises når",
    "Mindst",
    "Højst",
    "Enhed",
    "Skal besvares",
    "Nr.",
]
BAD_ROWS = {
    "no such type": (["Hvad?", "gæt"], "Typen »gæt« kendes ikke"),
    "no question": (["", "tekst"], "mangler en tekst"),
    "no options": (["Hvad?", "valg"], "Skriv svarmulighederne"),
    "options to a text": (["Hvad?", "tekst", "a;b"], "Kun »valg«"),
    "a question further down": (["Hvad?", "tekst", "", "7 = ja"], "nummer »7«"),
    "no comparison": (["Hvad?", "tekst", "", "altid"], "skal skrives som"),
    "and with or": (["Hvad?", "tekst", "", "1 = ja og 1 = nej eller 1 = ja"], "blande"),
    "no such answer": (["Hvad?", "tekst", "", "2 = c"], "ikke er en svarmulighed"),
    "no number": (["Hvad?", "tal", "", "", "lidt"], "ikke et tal"),
    "half a number": (["Hvad?", "heltal", "", "", "1,5"], "helt tal"),
    "bounds of a text": (["Hvad?", "tekst", "", "", "1"], "kan ikke bruges ved tekst"),
    "a unit to a text": (["Hvad?", "tekst", "", "", "", "", "kg"], "enhed"),
    "a scale without ends": (["Hvad?", "skala"], "skala"),
    "neither yes nor no": (["Hvad?", "tekst", "", "", "", "", "", "måske"], "ja eller nej"),
    "a number twice": (["Hvad?", "tekst", "", "", "", "", "", "", "1"], "bruges af to"),
}


@pytest.mark.parametrize(("row", "words"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_wrong_cell_is_told_with_its_row(row: list[str], words: str) -> None:
    first, second = ["Først?", "ja/nej"], ["Så?", "valg", "a;b"]
    told = sentence(as_csv([HEAD, first, second, row]))
    assert words in told
    assert "Række 4" in told


def test_a_spreadsheet_without_our_headings_or_rows() -> None:
    assert "overskrifterne" in sentence(as_csv([["navn", "alder"], ["a", "3"]]))
    assert "ingen spørgsmål" in sentence(as_csv([HEAD]))


def test_columns_that_are_not_read_are_named() -> None:
    [only] = read(as_csv([[*HEAD, "Vores egen"], ["Hvad?", "tekst"]]))
    assert "Vores egen" in only.notes[0]


def test_half_a_csv_file_and_one_with_nul() -> None:
    assert "CSV" in sentence(as_csv([HEAD]) + b'\r\n"Hvad er')
    assert "tegnkodning" in sentence(as_csv([HEAD]) + b"\0")


def test_a_workbook_with_a_document_type_or_too_much_in_it_is_refused() -> None:
    def changed(change: Any) -> bytes:
        written = BytesIO()
        with ZipFile(BytesIO(as_xlsx(SHEET))) as old, ZipFile(written, "w", 8) as new:
            for info in old.infolist():
                new.writestr(info.filename, change(info.filename, old.read(info)))
        return written.getvalue()

    sheet = "xl/worksheets/sheet1.xml"
    dtd = changed(lambda name, xml: b"<!DOCTYPE x []>" + xml if name == sheet else xml)
    assert "XML" in sentence(dtd)
    bomb = changed(lambda name, xml: xml + b" " * 30_000_000 if name == sheet else xml)
    assert "langt mere" in sentence(bomb)
    broken = changed(lambda name, xml: xml[: len(xml) // 2] if name == sheet else xml)
    assert sentence(broken)
    assert "kan ikke læses" in sentence(changed(lambda name, xml: b"" if name == "xl/workbook.xml" else xml))
