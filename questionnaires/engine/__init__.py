"""The questionnaire engine: every FHIR R4 form, decided the same way everywhere.

Pure Python: no Django, no files, no network, no clock. Values in, values out.

A questionnaire is compiled once into an immutable `Definition`; everything else asks the definition:

    compilation = compile_questionnaire(resource)          # never raises, whatever the JSON
    definition, issues = compilation.definition, compilation.issues

    draft = new_response(definition)                        # initial values filled in
    reading = read_form_values(item, ["3,5"])               # text from a form -> answers, or an issue
    draft = with_answers(definition, draft, item.link_id, reading.answers)
    evaluation = evaluate(definition, draft)                # what is asked, what is calculated, how far
    evaluation = evaluate(definition, draft, previous=evaluation, changed=item.link_id)   # and again, quickly
    issues = validate(definition, draft, draft=True, page=page)
    result = conclude(definition, draft, now=now)           # all that follows from the answers, calculated once:
    result.response, result.scores, result.significance, result.feedback      # the QuestionnaireResponse to send, …

The signatures (all values are immutable or new; no function changes its arguments):

    compile_questionnaire(resource, *, bounds=None, value_sets=None) -> Compilation   # .definition, .issues
    new_response(definition, *, now=None) -> dict    # start(…).response; start also gives issues
    answers_of(response, link_id, *, within={}) -> tuple[AnswerValue, ...]
    with_answers(definition, response, link_id, answers, *, within={}) -> dict
    evaluate(definition, response, *, now=None, previous=None, changed=()) -> Evaluation
                                                     # enabled, calculated, is_enabled(), progress, pages, scores, …
    validate(definition, response, *, draft, page=None) -> tuple[Issue, ...]
    validate_to_send(definition, draft, *, now=None, evaluation=None) -> tuple[Issue, ...]   # once it is finished
    conclude(definition, response, *, now=None) -> Result   # .response, .scores, .significance, …
    finish(definition, response, *, now=None) -> dict       # conclude(…).response
    scores(definition, response, *, now=None) -> tuple[Score, ...]
    read_form_values(item, raw) -> FormReading       # .answers, .issue
    split_unit(item, text) -> tuple[str, str]        # "154 lb" is 154 and lb, where the item knows that unit
    unit_called(item, name) -> coding | None         # by its name in any language; unit_key(coding) tells units apart
    in_own_unit(item, answer) -> AnswerValue | None  # 154 lb are 69.85… kg, where people choose the unit
    form_values(item, answers) -> tuple[str, ...]
    display_value(item, answer, language="da") -> str
    operation_outcome(issues, language="da") -> dict     # FHIR R4 OperationOutcome
    languages_of(definition) -> tuple[str, ...]      # beside its own; worded(definition, language) is to be shown

A response (draft or finished) is a FHIR QuestionnaireResponse as a plain JSON dict. `within` says which
instance of a repeating group is meant, by the group's link id; without it, the first. Pages name instances by keys
that stay (`rows.py`): `find_rows` gives their `within`, `with_row` and `without_row` add and remove them.
"""

from .answers import (
    Started,
    UnknownQuestion,
    answers_of,
    every_answer,
    new_response,
    start,
    with_answers,
)
from .bounds import Bounds
from .compiling import Compilation, compile_questionnaire
from .definition import (
    AnswerValue,
    Behavior,
    Colour,
    Constraint,
    Definition,
    EnableWhen,
    Expression,
    Feedback,
    Image,
    Item,
    ItemControl,
    ItemType,
    Operator,
    Option,
    Orientation,
    Page,
    Paging,
    Significance,
    SignificanceCondition,
    UsageMode,
    Variable,
    unit_key,
)
from .display import display_value, form_values, number_text
from .evaluation import Evaluation, Progress, Result, conclude, evaluate, finish, occurrences_of, scores
from .feedback import GivenFeedback, feedback_for
from .forms import FormReading, read_form_values, split_unit, unit_called
from .issues import Issue, has_errors
from .json_reading import read_json
from .occurrences import Occurrence, Occurrences, Scope
from .outcomes import operation_outcome
from .ranges import in_own_unit
from .rows import (
    MOST_ROWS,
    Rows,
    find_rows,
    has_rows,
    is_key,
    most_rows,
    outer_rows,
    own_key,
    row_keys,
    rows_of,
    with_row,
    without_row,
)
from .rules import Severity
from .scoring import Score, WithheldScore
from .significance import AnswerSignificance, most_serious
from .validation import validate, validate_to_send
from .wording import languages_of, worded

__all__ = [
    "MOST_ROWS",
    "AnswerSignificance",
    "AnswerValue",
    "Behavior",
    "Bounds",
    "Colour",
    "Compilation",
    "Constraint",
    "Definition",
    "EnableWhen",
    "Evaluation",
    "Expression",
    "Feedback",
    "FormReading",
    "GivenFeedback",
    "Image",
    "Issue",
    "Item",
    "ItemControl",
    "ItemType",
    "Occurrence",
    "Occurrences",
    "Operator",
    "Option",
    "Orientation",
    "Page",
    "Paging",
    "Progress",
    "Result",
    "Rows",
    "Scope",
    "Score",
    "Severity",
    "Significance",
    "SignificanceCondition",
    "Started",
    "UnknownQuestion",
    "UsageMode",
    "Variable",
    "WithheldScore",
    "answers_of",
    "compile_questionnaire",
    "conclude",
    "display_value",
    "evaluate",
    "every_answer",
    "feedback_for",
    "find_rows",
    "finish",
    "form_values",
    "has_errors",
    "has_rows",
    "in_own_unit",
    "is_key",
    "languages_of",
    "most_rows",
    "most_serious",
    "new_response",
    "number_text",
    "occurrences_of",
    "operation_outcome",
    "outer_rows",
    "own_key",
    "read_form_values",
    "read_json",
    "row_keys",
    "rows_of",
    "scores",
    "split_unit",
    "start",
    "unit_called",
    "unit_key",
    "validate",
    "validate_to_send",
    "with_answers",
    "with_row",
    "without_row",
    "worded",
]
