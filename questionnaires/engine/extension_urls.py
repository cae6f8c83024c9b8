"""The addresses of every extension the engine reads: FHIR core, Structured Data Capture and FUT.

Sources: http://hl7.org/fhir/R4/questionnaire-profiles.html, http://hl7.org/fhir/uv/sdc/ (3.0), the FHIR extensions
pack (for those that core named later) and FUT's implementation guide, https://ehealth.sundhed.dk/fhir/.
"""

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
_FUT = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"

# --- what is shown -----------------------------------------------------------------------------

ITEM_CONTROL = f"{_CORE}questionnaire-itemControl"
CHOICE_ORIENTATION = f"{_CORE}questionnaire-choiceOrientation"
HIDDEN = f"{_CORE}questionnaire-hidden"
USAGE_MODE = f"{_CORE}questionnaire-usageMode"
XHTML = f"{_CORE}rendering-xhtml"
STYLE_SENSITIVE = f"{_CORE}rendering-styleSensitive"
TRANSLATION = f"{_CORE}translation"
SHORT_TEXTS = (f"{_SDC}shortText", f"{_FUT}ehealth-questionnaire-shortText")
HELP_TEXT = f"{_FUT}ehealth-questionnaire-helpText"
INSTRUCTION = f"{_CORE}questionnaire-instruction"
OPEN_LABEL = f"{_SDC}openLabel"
IMAGE = f"{_FUT}ehealth-questionnaire-image"
ITEM_MEDIA = (f"{_SDC}itemMedia", f"{_SDC}itemAnswerMedia")
IS_COPYRIGHT = f"{_FUT}ehealth-questionnaire-item-is-copyright"
EMPLOYEE_TITLE = f"{_FUT}ehealth-employee-title"
USAGE = f"{_FUT}ehealth-usage"

# --- what may be answered ----------------------------------------------------------------------

MIN_OCCURS = f"{_CORE}questionnaire-minOccurs"
MAX_OCCURS = f"{_CORE}questionnaire-maxOccurs"
MIN_VALUES = (f"{_CORE}minValue", f"{_SDC}minQuantity")
MAX_VALUES = (f"{_CORE}maxValue", f"{_SDC}maxQuantity")
MIN_LENGTH = f"{_CORE}minLength"
MAX_DECIMALS = f"{_CORE}maxDecimalPlaces"
ENTRY_FORMAT = f"{_CORE}entryFormat"
REGEX = f"{_CORE}regex"
SLIDER_STEPS = (
    f"{_CORE}questionnaire-sliderStepValue",
    f"{_FUT}ehealth-questionnaire-sliderStepValueDecimal",
)
UNIT = f"{_CORE}questionnaire-unit"
UNIT_OPTION = f"{_CORE}questionnaire-unitOption"
UNIT_VALUE_SET = f"{_CORE}questionnaire-unitValueSet"
MIME_TYPE = f"{_CORE}mimeType"
MAX_SIZE = f"{_CORE}maxSize"
REFERENCE_RESOURCE = f"{_CORE}questionnaire-referenceResource"
REFERENCE_PROFILE = f"{_CORE}questionnaire-referenceProfile"
OPTION_EXCLUSIVE = f"{_CORE}questionnaire-optionExclusive"
OPTION_PREFIX = f"{_CORE}questionnaire-optionPrefix"
SUB_QUESTIONNAIRE = f"{_SDC}subQuestionnaire"
TERMINOLOGY_SERVERS = (f"{_SDC}preferredTerminologyServer", f"{_CORE}terminology-server")

# --- what an answer means ----------------------------------------------------------------------

WEIGHTS = (
    f"{_CORE}itemWeight",
    f"{_CORE}ordinalValue",
    f"{_CORE}questionnaire-ordinalValue",
    f"{_CORE}codesystem-ordinalValue",
    f"{_CORE}valueset-ordinalValue",
)
"""Where a score may stand, the newest first (SDC 3.0's `weight()`: itemWeight, else ordinalValue)."""

ANSWER_SIGNIFICANCE = f"{_FUT}ehealth-questionnaire-answerSignificance"
ANSWER_CONDITIONS = (f"{_FUT}ehealth-answer-Condition", "answerCondition")
"""FUT's guide names the part "answerCondition", but its address is that of the extension it is made of."""

FEEDBACK = f"{_FUT}ehealth-questionnaire-feedback"

# --- what is calculated ------------------------------------------------------------------------

VARIABLE = f"{_CORE}variable"
LAUNCH_CONTEXT = f"{_SDC}launchContext"
POPULATION_CONTEXT = f"{_SDC}itemPopulationContext"
INITIAL_EXPRESSION = f"{_SDC}initialExpression"
CALCULATED = f"{_SDC}calculatedExpression"
CQF_EXPRESSION = f"{_CORE}cqf-expression"
ENABLE_WHEN_EXPRESSION = f"{_SDC}enableWhenExpression"
ANSWER_EXPRESSION = f"{_SDC}answerExpression"
CONSTRAINTS = (f"{_CORE}questionnaire-constraint", f"{_CORE}targetConstraint")
