"""The texts on the screen and their English: found in the code, kept in `locale/`, compiled for gettext.

    python -m kommunalpro.translations update    find all texts, keep the translations there are
    python -m kommunalpro.translations check     what is missing, doubtful or no longer in the code
    python -m kommunalpro.translations compile   write the .mo files that the server reads

Texts are Danish in the code itself, so Danish needs no catalogue. Django's own `makemessages` calls GNU
gettext, which the machines this has to run on do not have; this does the same with Babel. Scripts hold no
texts: what they show stands in the page, so there is one catalogue and no second one for JavaScript.

Importing this needs no Django settings.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, Token, TokenType
from django.utils.text import unescape_string_literal
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en",)

# Folders that hold no texts for people of the running system.
_SKIPPED = {
    "build",
    "docs",
    "locale",
    "migrations",
    "node_modules",
    "static",
    "tests",
    "benchmarks",
    "__pycache__",
}

_HEADER = """\
# The English of Kommunal PRO. The keys are the Danish texts in the code.
# After a change: python -m kommunalpro.translations update, then translate what is empty.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


class TextNotConstant(ValueError):
    """A text that is put together before it is translated: nobody could translate it in time."""

    def __init__(self, place: str, line: int) -> None:
        super().__init__(
            f"{place}, line {line}: a text to translate has to be one constant string. "
            "Put what varies into it by name: _('Hej %(name)s') % {'name': name}."
        )


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text to translate. `plural` and `context` are None where it has none; `place` is the file."""

    place: str
    line: int
    singular: str
    plural: str | None = None
    context: str | None = None


# --- finding texts in Python ----------------------------------------------------------------------

# Where the arguments stand: (context, singular, plural) by position, None where there is none.
_ARGUMENTS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
_FUNCTIONS = {
    f"{name}{ending}": positions
    for name, positions in _ARGUMENTS.items()
    for ending in ("", "_lazy", "_noop")
}


def texts_in_python(source: str, place: str) -> Iterator[Text]:
    """The texts that a module hands to Django's gettext functions, by whatever name it imports them.

    Raises TextNotConstant for a text that is an f-string or a variable.
    """
    tree = ast.parse(source, filename=place)
    names = {
        alias.asname or alias.name: _FUNCTIONS[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in _FUNCTIONS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (positions := _positions(node.func, names)):
            yield _text_of_call(node, positions, place)


def _positions(
    called: ast.expr, names: dict[str, tuple[int | None, int, int | None]]
) -> tuple[int | None, int, int | None] | None:
    match called:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=ast.Name(id="translation"), attr=name):
            return _FUNCTIONS.get(name)
        case _:
            return None


def _text_of_call(node: ast.Call, positions: tuple[int | None, int, int | None], place: str) -> Text:
    def argument(position: int | None) -> str | None:
        if position is None:
            return None
        value = node.args[position] if position < len(node.args) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
        raise TextNotConstant(place, node.lineno)

    context, singular, plural = (argument(position) for position in positions)
    assert singular is not None  # noqa: S101 - every function has a text
    return Text(place=place, line=node.lineno, singular=singular, plural=plural, context=context)


# --- finding texts in templates -------------------------------------------------------------------

_QUOTED = r"""(?:"[^"]*"|'[^']*')"""
_TRANSLATE = re.compile(rf"^trans(?:late)?\s+({_QUOTED})")
_CONTEXT = re.compile(rf"\scontext\s+({_QUOTED})")
_BLOCK = re.compile(r"^blocktrans(?:late)?(?:\s|$)")
_END_OF_BLOCK = re.compile(r"^endblocktrans(?:late)?$")
_MARKED = re.compile(rf"(?<![\w.])_\(\s*({_QUOTED})\s*\)")


def texts_in_template(source: str, place: str) -> Iterator[Text]:
    """The texts of `translate`, `blocktranslate` and `_("…")` in a Django template.

    Percent signs are doubled, as Django doubles them before it looks a text up.
    """
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type == TokenType.BLOCK:
            if token.contents == "comment" or token.contents.startswith("comment "):
                _skip_to(tokens, "endcomment")
                continue
            if _BLOCK.match(token.contents):
                yield _text_of_block(token, tokens, place)
            elif found := _TRANSLATE.match(token.contents):
                yield Text(
                    place=place,
                    line=token.lineno or 0,
                    singular=_unquoted(found[1]),
                    context=_context_of(token),
                )
        if token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            for marked in _MARKED.findall(token.contents):
                yield Text(place=place, line=token.lineno or 0, singular=_unquoted(marked))


def _skip_to(tokens: Iterator[Token], end: str) -> None:
    for token in tokens:
        if token.token_type == TokenType.BLOCK and token.contents == end:
            return


def _text_of_block(opening: Token, tokens: Iterator[Token], place: str) -> Text:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.BLOCK:
            if _END_OF_BLOCK.match(token.contents):
                break
            parts.append([])  # the only other block allowed inside is {% plural %}
        elif token.token_type == TokenType.VAR:
            parts[-1].append(f"%({token.contents})s")
        elif token.token_type == TokenType.TEXT:
            parts[-1].append(token.contents.replace("%", "%%"))
    texts = ["".join(part) for part in parts]
    if "trimmed" in opening.split_contents():
        texts = [trim_whitespace(text) for text in texts]
    return Text(
        place=place,
        line=opening.lineno or 0,
        singular=texts[0],
        plural=texts[1] if len(texts) > 1 else None,
        context=_context_of(opening),
    )


def _context_of(token: Token) -> str | None:
    found = _CONTEXT.search(token.contents)
    return _unquoted(found[1]).replace("%%", "%") if found else None


def _unquoted(quoted: str) -> str:
    return unescape_string_literal(quoted).replace("%", "%%")


# --- the whole project ----------------------------------------------------------------------------


def texts_in(root: Path) -> list[Text]:
    """Every text to translate below `root`, by file and line."""
    return sorted(
        (text for path in _files(root) for text in _texts_in_file(path, path.relative_to(root).as_posix())),
        key=lambda text: (text.place, text.line, text.singular),
    )


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in _SKIPPED and not path.name.startswith("."):
                yield from _files(path)
        elif path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts):
            yield path


def _texts_in_file(path: Path, place: str) -> Iterator[Text]:
    find = texts_in_python if path.suffix == ".py" else texts_in_template
    yield from find(path.read_text(encoding="utf-8"), place)


def template_catalogue(texts: Iterable[Text]) -> Catalog:
    """The catalogue without translations that these texts make."""
    catalogue = Catalog(charset="utf-8")
    for text in texts:
        message_id = text.singular if text.plural is None else (text.singular, text.plural)
        # Files without line numbers: a moved line is no change of a text.
        catalogue.add(message_id, context=text.context, locations=[(text.place, None)])  # type: ignore[list-item]
    return catalogue


# --- the catalogues -------------------------------------------------------------------------------


def catalogue_path(root: Path, language: str) -> Path:
    """Where a language's translations stand."""
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(root: Path, language: str) -> Catalog:
    """The translations there are; an empty catalogue where there is no file yet."""
    path = catalogue_path(root, language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update_catalogue(root: Path, language: str) -> Catalog:
    """Bring a language's file up to the code: new texts empty, texts that are gone taken out."""
    catalogue = read_catalogue(root, language)
    catalogue.update(template_catalogue(texts_in(root)), no_fuzzy_matching=True, keep_user_comments=True)
    catalogue.obsolete.clear()
    write_catalogue(root, language, catalogue)
    return catalogue


def write_catalogue(root: Path, language: str, catalogue: Catalog) -> None:
    """Write a language's file, by file and text, the same bytes for the same translations."""
    content = BytesIO()
    # The header of our own names neither dates nor the tool's version: they would change every time.
    write_po(content, catalogue, width=110, omit_header=True, sort_by_file=True, include_lineno=False)
    path = catalogue_path(root, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_HEADER.format(language=language).encode() + content.getvalue())


def problems(root: Path, language: str) -> list[str]:
    """What keeps a language from being complete, one sentence each; empty when all is well."""
    catalogue = read_catalogue(root, language)
    wanted = template_catalogue(texts_in(root))
    found: list[str] = []
    for message in _messages(wanted):
        name = _shown(message)
        translated = catalogue.get(message.id, message.context)
        if translated is None or not all(_strings(translated)):
            found.append(f"not translated: {name} ({message.locations[0][0]})")
        elif translated.fuzzy:
            found.append(f"marked fuzzy: {name}")
        elif isinstance(message.id, tuple) != isinstance(translated.id, tuple):
            found.append(f"has a plural on one side only: {name}")
        else:
            found += [f"{name}: {trouble}" for trouble in _differing_placeholders(translated)]
    found += [
        f"no longer in the code: {_shown(message)}"
        for message in _messages(catalogue)
        if wanted.get(message.id, message.context) is None
    ]
    return found


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> tuple[str, ...]:
    if isinstance(message.string, str):
        return (message.string,)
    return tuple(message.string or ("",))


def _shown(message: Message) -> str:
    return " / ".join(f"“{text}”" for text in _ids(message)) + (
        f" [{message.context}]" if message.context else ""
    )


# %(name)s and %s of gettext, {name} of str.format; %% is a percent sign and no placeholder.
_PLACEHOLDER = re.compile(r"%%|%\(\w+(?:\.\w+)*\)[a-z]|%[a-z]|\{\w*\}")


def _differing_placeholders(message: Message) -> Iterator[str]:
    """A translation has to fill the same blanks; one form of a plural may leave out the number."""
    per_form = [_placeholders(text) for text in _ids(message)]
    known = set().union(*per_form)
    for number, translation in enumerate(_strings(message)):
        there = _placeholders(translation)
        if len(per_form) == 1 and there != known:
            yield f"{_listed(known)} in Danish, {_listed(there)} in “{translation}”"
        elif not per_form[min(number, len(per_form) - 1)] <= there | (known if number == 0 else set()):
            yield f"“{translation}” leaves out {_listed(known - there)}"
        elif not there <= known:
            yield f"“{translation}” has {_listed(there - known)}, which Danish does not"


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text)) - {"%%"}


def _listed(placeholders: set[str]) -> str:
    return ", ".join(sorted(placeholders)) or "nothing"


def compile_catalogues(root: Path = ROOT) -> list[Path]:
    """Write the .mo file beside each .po file below `root`/locale that is newer; the files written."""
    written = []
    for path in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = path.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime:
            continue
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.parent.parent.name)
        unfinished = compiled.with_suffix(".mo.new")
        with unfinished.open("wb") as target:
            write_mo(target, catalogue)
        unfinished.replace(compiled)  # a server that starts meanwhile never reads half a file
        written.append(compiled)
    return written


# --- the command ----------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `update`, `check` or `compile`; the exit code is 1 where `check` finds something."""
    parser = argparse.ArgumentParser(prog="python -m kommunalpro.translations", description=__doc__)
    parser.add_argument("task", choices=("update", "check", "compile"))
    task = parser.parse_args(arguments).task
    say = sys.stdout.write
    if task == "compile":
        for path in compile_catalogues(ROOT):
            say(f"{path.relative_to(ROOT)}\n")
        return 0
    if task == "update":
        for language in LANGUAGES:
            update_catalogue(ROOT, language)
    found = [f"{language}: {problem}" for language in LANGUAGES for problem in problems(ROOT, language)]
    say("".join(f"{line}\n" for line in found) or "Every text is translated.\n")
    return 1 if found and task == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
