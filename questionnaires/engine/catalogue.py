"""Every rule of the engine that can be broken: how severe, which FHIR issue type, and the sentences.

One place, so that tone and wording stay even. The rules here and in `item_catalogue.py` speak to the administrator
who imports a form; `answer_catalogue.py` has those about responses and answers. Codes: http://hl7.org/fhir/R4/valueset-issue-type.html
"""

from collections.abc import Mapping
from types import MappingProxyType

from .answer_catalogue import ANSWER_RULES
from .item_catalogue import ITEM_RULES
from .rules import Rule, Severity
from .rules import error as _error
from .rules import note as _note
from .rules import warning as _warning

__all__ = ["CATALOGUE", "Rule", "Severity"]

_QUESTIONNAIRE = {
    "questionnaire.not-object": _error(
        "structure",
        "Filen indeholder ikke et spørgeskema. Vælg en JSON-fil med en FHIR Questionnaire.",
        "The file holds no questionnaire. Choose a JSON file with a FHIR Questionnaire.",
    ),
    "questionnaire.not-json": _error(
        "structure",
        "Filen kan ikke læses som JSON ({reason}). Vælg en fil med en FHIR Questionnaire i JSON-format.",
        "The file cannot be read as JSON ({reason}). Choose a file with a FHIR Questionnaire in JSON.",
    ),
    "questionnaire.resource-type": _error(
        "structure",
        "Filen er ikke et spørgeskema, men »{found}«. Vælg en fil, hvor resourceType er Questionnaire.",
        "The file is no questionnaire but “{found}”. Choose a file whose resourceType is Questionnaire.",
    ),
    "questionnaire.refused": _error("business-rule", "{reason}", "{reason}"),
    "file.no-value-set": _error(
        "invalid",
        "Filen er ikke en FHIR ValueSet eller CodeSystem med en url og bruges ikke.",
        "The file is no FHIR ValueSet or CodeSystem with a url and is not used.",
    ),
    "questionnaire.too-large": _error(
        "too-long",
        "Spørgeskemaet fylder mere end {limit} byte. Del det op i flere spørgeskemaer.",
        "The questionnaire takes more than {limit} bytes. Split it into several questionnaires.",
    ),
    "questionnaire.too-nested": _error(
        "too-long",
        "Filen har mere end {limit} lag inden i hinanden og kan ikke læses sikkert. Gør den enklere.",
        "The file has more than {limit} layers inside each other and cannot be read safely. Make it simpler.",
    ),
    "questionnaire.too-many-items": _error(
        "too-long",
        "Spørgeskemaet har mere end {limit} spørgsmål og tekster. Del det op i flere spørgeskemaer.",
        "The questionnaire has more than {limit} questions and texts. Split it into several questionnaires.",
    ),
    "questionnaire.too-deep": _error(
        "too-long",
        "Spørgeskemaet har mere end {limit} niveauer af grupper. Brug færre niveauer.",
        "The questionnaire has more than {limit} levels of groups. Use fewer levels.",
    ),
    "questionnaire.empty": _error(
        "required",
        "Spørgeskemaet har ingen spørgsmål. Tilføj mindst ét.",
        "The questionnaire has no questions. Add at least one.",
    ),
    "questionnaire.no-url": _warning(
        "required",
        "Spørgeskemaet har ingen adresse (url), så besvarelser kan ikke henvise til det. Giv det en url.",
        "The questionnaire has no address (url), so responses cannot refer to it. Give it a url.",
    ),
    "questionnaire.no-title": _warning(
        "required",
        "Spørgeskemaet har ingen titel. Giv det en, som borgeren forstår.",
        "The questionnaire has no title. Give it one that citizens understand.",
    ),
    "questionnaire.no-status": _warning(
        "required",
        "Spørgeskemaet har ingen status. Det importeres som kladde.",
        "The questionnaire has no status. It is imported as a draft.",
    ),
    "questionnaire.terminology-server": _note(
        "informational",
        "Formularen nævner en terminologiserver. Den bruges ikke: svarmuligheder skal følge med filen.",
        "The form names a terminology server. It is not used: options must come with the file.",
    ),
    "element.extension": _warning(
        "structure",
        "Udvidelsen »{name}« har ingen værdi, der kan bruges, og er sprunget over.",
        "The extension “{name}” has no value that can be used and was skipped.",
    ),
    "element.modifier": _error(
        "extension",
        "»{url}« kan ændre betydningen (modifierExtension) og kendes ikke. Fjern den, hvis den ikke er nødvendig.",
        "“{url}” may change the meaning (modifierExtension) and is not known. Remove it if it is not needed.",
    ),
    "element.active-content": _warning(
        "security",
        "Teksten indeholder »{found}«, som ikke hører hjemme i et spørgeskema. Det fjernes, når teksten vises.",
        "The text holds “{found}”, which does not belong in a questionnaire. It is removed when the text is shown.",
    ),
    "element.shape": _warning(
        "structure",
        "»{name}« har en forkert form og er sprunget over. Forventet: {expected}.",
        "“{name}” has the wrong shape and was skipped. Expected: {expected}.",
    ),
}

_CONDITION = {
    "condition.incomplete": _error(
        "required",
        "Betingelsen mangler {missing}. Ret den, eller fjern den.",
        "The condition has no {missing}. Mend or remove it.",
    ),
    "condition.unknown-question": _error(
        "not-found",
        "Betingelsen på »{link}« henviser til spørgsmålet »{question}«, som ikke findes. Ret henvisningen.",
        "The condition on “{link}” names the question “{question}”, which does not exist. Mend the reference.",
    ),
    "condition.unknown-operator": _error(
        "code-invalid",
        "Betingelsens operator »{operator}« findes ikke. Brug exists, =, !=, >, <, >= eller <=.",
        "The condition's operator “{operator}” does not exist. Use exists, =, !=, >, <, >= or <=.",
    ),
    "condition.exists-boolean": _error(
        "invariant",
        "Operatoren exists skal have answerBoolean. Ret betingelsen. (que-7)",
        "The operator exists needs answerBoolean. Mend the condition. (que-7)",
    ),
    "condition.inside": _error(
        "business-rule",
        "Betingelsen henviser til spørgsmålet selv eller til noget inden i det. Henvis til et andet spørgsmål.",
        "The condition names the question itself or something inside it. Name another question.",
    ),
    "condition.later": _warning(
        "business-rule",
        "Betingelsen henviser til »{question}«, som kommer senere. Borgeren møder spørgsmålet før årsagen.",
        "The condition names “{question}”, which comes later. Citizens meet the question before its reason.",
    ),
    "condition.not-question": _warning(
        "business-rule",
        "Betingelsen henviser til »{question}«, som ikke er et spørgsmål. Den får aldrig et svar.",
        "The condition names “{question}”, which is no question. It never gets an answer.",
    ),
    "condition.type": _warning(
        "business-rule",
        "Betingelsen sammenligner med {expected}, men »{question}« besvares med {found}. Det er aldrig ens.",
        "The condition compares with {expected}, but “{question}” is answered with {found}. Never equal.",
    ),
    "condition.order": _warning(
        "business-rule",
        "Større og mindre giver ikke mening for {expected}. Betingelsen er aldrig opfyldt.",
        "Greater and less make no sense for {expected}. The condition is never met.",
    ),
    "condition.coding-system": _warning(
        "business-rule",
        "Betingelsens kode »{coding}« har intet system, og svarmulighederne afgør det ikke. Skriv systemet.",
        "The condition's code “{coding}” has no system and the options do not settle it. Write the system.",
    ),
    "condition.coding-text": _warning(
        "business-rule",
        "Betingelsen har kun en tekst, ingen kode. Teksten sammenlignes. Brug en kode.",
        "The condition has only a text, no code. The text is compared. Use a code.",
    ),
    "condition.not-option": _warning(
        "business-rule",
        "Betingelsens svar »{coding}« er ikke blandt svarmulighederne til »{question}«.",
        "The condition's answer “{coding}” is not among the options of “{question}”.",
    ),
    "condition.behavior-missing": _warning(
        "invariant",
        "Der er flere betingelser, men enableBehavior mangler. Én opfyldt betingelse er nok. (que-12)",
        "There are several conditions but no enableBehavior. One met condition is enough. (que-12)",
    ),
    "condition.behavior-unknown": _warning(
        "code-invalid",
        "enableBehavior »{behavior}« findes ikke. Én opfyldt betingelse er nok. Brug all eller any.",
        "enableBehavior “{behavior}” does not exist. One met condition is enough. Use all or any.",
    ),
    "condition.cycle": _warning(
        "business-rule",
        "Betingelserne går i ring mellem: {links}. Bryd ringen, så det er klart, hvad der afgøres først.",
        "The conditions run in a circle among: {links}. Break it, so that it is clear what is decided first.",
    ),
    "condition.expression": _warning(
        "not-supported",
        "Betingelsen (enableWhenExpression) kan ikke udregnes, så spørgsmålet vises altid.",
        "The condition (enableWhenExpression) cannot be calculated, so the question is always shown.",
    ),
    "condition.outside": _warning(
        "not-supported",
        "Betingelsen bruger noget, der ikke er her: {names}. Spørgsmålet vises derfor altid.",
        "The condition uses what is not here: {names}. Therefore the question is always shown.",
    ),
}

_EXPRESSION = {
    "expression.language": _warning(
        "not-supported",
        "Udregningen er skrevet i »{language}«, som ikke kan regnes. Feltet forbliver tomt. Brug text/fhirpath.",
        "The calculation is in “{language}”, which cannot be calculated. It stays empty. Use text/fhirpath.",
    ),
    "expression.invalid": _warning(
        "invalid",
        "Udregningen kan ikke læses, så feltet forbliver tomt: {reason}",
        "The calculation cannot be read, so the field stays empty: {reason}",
    ),
    "expression.outside": _warning(
        "not-supported",
        "Udregningen bruger noget, der ikke er her: {names}. Det, den skulle give, forbliver tomt.",
        "The calculation uses what is not here: {names}. What it should give stays empty.",
    ),
    "expression.initial-outside": _note(
        "not-supported",
        "Svaret på forhånd skulle hentes udefra: {names}. Spørgsmålet begynder uden svar.",
        "The initial answer should come from outside: {names}. The question starts without an answer.",
    ),
    "expression.query": _note(
        "not-supported",
        "Variablen »{name}« skulle hentes fra en server. Det sker ikke her, så den har ingen værdi.",
        "The variable “{name}” should be fetched from a server. That is not done here, so it has no value.",
    ),
    "expression.variable-no-name": _warning(
        "required",
        "En variabel har intet navn og kan ikke bruges. Giv den et.",
        "A variable has no name and cannot be used. Give it one.",
    ),
    "expression.variable-twice": _warning(
        "duplicate",
        "Variablen »{name}« findes to gange samme sted. Den første bruges.",
        "The variable “{name}” is there twice in the same place. The first is used.",
    ),
    "expression.cycle": _warning(
        "business-rule",
        "Udregningerne går i ring mellem: {links}. Bryd ringen, så det er klart, hvad der regnes først.",
        "The calculations run in a circle among: {links}. Break it, so that it is clear what comes first.",
    ),
    "constraint.incomplete": _warning(
        "required",
        "Reglen (constraint) har intet udtryk og er sprunget over.",
        "The rule (constraint) has no expression and was skipped.",
    ),
    "constraint.outside": _warning(
        "not-supported",
        "Reglen (constraint) bruger noget, der ikke er her: {names}. Den er sprunget over.",
        "The rule (constraint) uses what is not here: {names}. It was skipped.",
    ),
    "constraint.no-words": _warning(
        "required",
        "Reglen »{name}« har ingen tekst (human), så borgeren kan ikke se, hvad der er galt. Skriv en.",
        "The rule “{name}” has no text (human), so citizens cannot see what is wrong. Write one.",
    ),
    "constraint.severity": _warning(
        "code-invalid",
        "Reglens alvor »{found}« findes ikke. Den regnes som error. Brug error eller warning.",
        "The rule's severity “{found}” does not exist. It counts as error. Use error or warning.",
    ),
    "constraint.location": _warning(
        "not-found",
        "Reglens sted »{location}« er ikke et spørgsmål i spørgeskemaet. Skriv et linkId.",
        "The rule's location “{location}” is no question of the questionnaire. Write a linkId.",
    ),
    "expression.failed": _warning(
        "processing",
        "Udregningen kunne ikke gennemføres for disse svar: {reason}",
        "The calculation could not be done for these answers: {reason}",
    ),
    "expression.type": _warning(
        "value",
        "Udregningen gav noget, der ikke passer til spørgsmålets type ({type}). Feltet forbliver tomt.",
        "The calculation gave something that does not fit the question's type ({type}). It stays empty.",
    ),
    "expression.unsettled": _warning(
        "processing",
        "Udregningerne påvirker hinanden i ring og falder ikke til ro. Feltet forbliver tomt.",
        "The calculations affect each other in a circle and do not settle. The field stays empty.",
    ),
    "expression.no-time": _warning(
        "incomplete",
        "Udtrykket spørger om dags dato eller tid, men tidspunktet er ikke oplyst. Det giver intet resultat.",
        "The expression asks for today's date or the time, but no time was given. It gives no result.",
    ),
    "condition.failed": _warning(
        "processing",
        "Betingelsen (enableWhenExpression) kunne ikke afgøres for disse svar. Spørgsmålet stilles ikke: {reason}",
        "The condition (enableWhenExpression) could not be decided for these answers. It is not asked: {reason}",
    ),
    "initial.failed": _warning(
        "processing",
        "Svaret på forhånd (initialExpression) kunne ikke udregnes, så spørgsmålet begynder uden svar: {reason}",
        "The initial answer (initialExpression) could not be calculated, so it starts unanswered: {reason}",
    ),
    "score.missing-answers": _note(
        "incomplete",
        "Scoren kan ikke beregnes: {answered} af {asked} spørgsmål er besvaret, og mindst {needed} skal være det.",
        "The score cannot be calculated: {answered} of {asked} questions are answered and at least {needed} must be.",
    ),
    "score.no-value": _note(
        "incomplete",
        "Scoren kan ikke beregnes af de svar, der er givet.",
        "The score cannot be calculated from the answers given.",
    ),
}

CATALOGUE: Mapping[str, Rule] = MappingProxyType(
    {**_QUESTIONNAIRE, **ITEM_RULES, **_CONDITION, **_EXPRESSION, **ANSWER_RULES}
)
