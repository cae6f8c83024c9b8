"""manage.py import_questionnaire: files become drafts, each by itself."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from questionnaires.models import QuestionnaireVersion
from tests.engine.small_forms import choice, form, question
from tests.factories import MunicipalityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "pain.json", form(choice("pain", "no", "yes"), title="Smerter"))
    write(tmp_path / "unusable.json", form(question("pain", "choice"), url="https://example.org/other"))
    (tmp_path / "broken.json").write_text('{"resourceType": ')
    return tmp_path


def write(path: Path, resource: Any) -> None:
    path.write_text(json.dumps(resource, ensure_ascii=False), "utf-8")


def import_files(*arguments: str | Path) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("import_questionnaire", *map(str, arguments), stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_a_file_becomes_a_national_draft_that_is_the_file(folder: Path) -> None:
    code, out = import_files(folder / "pain.json")
    version = QuestionnaireVersion.objects.get()
    assert code == 0
    assert "importeret som kladde: Smerter" in out
    assert version.questionnaire.owner is None
    assert version.is_draft
    assert version.source == json.loads((folder / "pain.json").read_text("utf-8"))


def test_a_municipality_can_own_it(folder: Path) -> None:
    municipality = MunicipalityFactory(code="0751")
    import_files(folder / "pain.json", "--municipality=0751")
    assert QuestionnaireVersion.objects.get().questionnaire.owner == municipality
    with pytest.raises(CommandError, match="0999"):
        import_files(folder / "pain.json", "--municipality=0999")


def test_one_bad_file_does_not_keep_the_others_out(folder: Path) -> None:
    names = ["broken.json", "unusable.json", "missing.json", "pain.json"]
    code, out = import_files(*[folder / name for name in names], "--format=json", "--language=en")
    outcomes = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [Path(one["file"]).name for one in outcomes] == names
    assert {one["resourceType"] for one in outcomes} == {"OperationOutcome"}
    errors = [[issue["code"] for issue in one["issue"] if issue["severity"] == "error"] for one in outcomes]
    assert errors == [["structure"], ["required"], ["not-found"], []]
    assert [one.get("imported", {}).get("title") for one in outcomes] == [None, None, None, "Smerter"]
    assert QuestionnaireVersion.objects.count() == 1


def test_whose_it_already_is_decides(folder: Path) -> None:
    MunicipalityFactory(code="0751")
    import_files(folder / "pain.json")
    code, out = import_files(folder / "pain.json", "--municipality=0751")
    assert code == 1
    assert "tilhører en anden" in out
