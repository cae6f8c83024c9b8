"""Every rule of the engine that can be broken: how severe, which FHIR issue type, and the sentences.

One place, so that tone and wording stay even. The rules here, beginning with "questionnaire", "item", "option",
"condition" and "expression", speak to the administrator who imports a form; `answer_catalogue.py` has those about
responses and answers. Codes: http://hl7.org/fhir/R4/valueset-issue-type.html
"""

from collections.abc import Mapping
from types import MappingProxyType

from .answer_catalogue import ANSWER_RULES
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
    "element.shape": _warning(
        "structure",
        "»{name}« har en forkert form og er sprunget over. Forventet: {expected}.",
        "“{name}” has the wrong shape and was skipped. Expected: {expected}.",
    ),
}

_ITEM = {
    "item.no-link-id": _error(
        "required",
        "Spørgsmålet »{text}« mangler et linkId. Giv det et, der er entydigt i spørgeskemaet.",
        "The question “{text}” has no linkId. Give it one that is unique in the questionnaire.",
    ),
    "item.duplicate-link-id": _error(
        "duplicate",
        "Flere spørgsmål har linkId »{link}«. Giv hvert spørgsmål sit eget. (que-2)",
        "Several questions have the linkId “{link}”. Give each question its own. (que-2)",
    ),
    "item.no-type": _error(
        "required",
        "Spørgsmålet mangler en type. Vælg fx choice, integer eller string.",
        "The question has no type. Choose for example choice, integer or string.",
    ),
    "item.unknown-type": _error(
        "code-invalid",
        "Typen »{type}« findes ikke i FHIR R4. Vælg en af de 16 typer.",
        "The type “{type}” does not exist in FHIR R4. Choose one of the 16 types.",
    ),
    "item.not-askable": _error(
        "not-supported",
        "Spørgsmål af typen »{type}« kan ikke stilles endnu. Fjern spørgsmålet, eller vælg en anden type.",
        "Questions of the type “{type}” cannot be asked yet. Remove the question or choose another type.",
    ),
    "item.no-text": _warning(
        "required",
        "Spørgsmålet har ingen tekst, så borgeren kan ikke se, hvad der spørges om. Skriv en.",
        "The question has no text, so citizens cannot see what is asked. Write one.",
    ),
    "item.empty-group": _warning(
        "invariant",
        "Gruppen er tom og vises kun som en overskrift. Tilføj spørgsmål, eller brug typen display. (que-1)",
        "The group is empty and shown as a heading only. Add questions or use the type display. (que-1)",
    ),
    "item.display-children": _warning(
        "invariant",
        "En tekst (display) kan ikke have spørgsmål under sig. Brug en gruppe. (que-1)",
        "A text (display) cannot have questions below it. Use a group. (que-1)",
    ),
    "item.display-code": _warning(
        "invariant",
        "En tekst (display) kan ikke have koder. Fjern dem. (que-3)",
        "A text (display) cannot have codes. Remove them. (que-3)",
    ),
    "item.display-flags": _warning(
        "invariant",
        "En tekst (display) kan ikke være påkrævet eller gentages. Fjern required og repeats. (que-6)",
        "A text (display) cannot be required or repeat. Remove required and repeats. (que-6)",
    ),
    "item.unexpected-initial": _warning(
        "invariant",
        "Grupper og tekster kan ikke have et svar på forhånd. Det er sprunget over. (que-8)",
        "Groups and texts cannot have an initial answer. It was skipped. (que-8)",
    ),
    "item.display-read-only": _warning(
        "invariant",
        "En tekst (display) kan ikke være skrivebeskyttet. Fjern readOnly. (que-9)",
        "A text (display) cannot be read-only. Remove readOnly. (que-9)",
    ),
    "item.unexpected-max-length": _warning(
        "invariant",
        "maxLength gælder kun for svar, der skrives. Det er sprunget over for typen »{type}«. (que-10)",
        "maxLength is only for answers that are written. It was skipped for the type “{type}”. (que-10)",
    ),
    "item.initial-with-options": _warning(
        "invariant",
        "Spørgsmålet har både svarmuligheder og initial. Brug initialSelected på svarmuligheden. (que-11)",
        "The question has both options and initial. Use initialSelected on the option. (que-11)",
    ),
    "item.several-initial": _warning(
        "invariant",
        "Spørgsmålet har flere svar på forhånd, men kan kun have ét. Det første bruges. (que-13)",
        "The question has several initial answers but takes only one. The first is used. (que-13)",
    ),
    "item.initial-type": _warning(
        "structure",
        "Svaret på forhånd passer ikke til spørgsmålets type og er sprunget over.",
        "The initial answer does not fit the question's type and was skipped.",
    ),
    "item.control-unknown": _note(
        "not-supported",
        "Visningen »{control}« kendes ikke. Spørgsmålet vises på den almindelige måde.",
        "The item control “{control}” is not known. The question is shown in the ordinary way.",
    ),
    "item.hidden-required": _warning(
        "business-rule",
        "Spørgsmålet er både skjult og påkrævet og får intet svar af sig selv. Det kræves ikke.",
        "The question is both hidden and required and gets no answer by itself. It is not demanded.",
    ),
    "item.bounds-reversed": _warning(
        "value",
        "Den mindste værdi er større end den største. Grænserne er sprunget over.",
        "The least value is greater than the greatest. The bounds were skipped.",
    ),
    "item.regex-invalid": _warning(
        "value",
        "Mønsteret (regex) kan ikke læses og er sprunget over: {reason}",
        "The pattern (regex) cannot be read and was skipped: {reason}",
    ),
    "option.none": _error(
        "required",
        "Spørgsmålet har ingen svarmuligheder. Tilføj dem, eller vælg en anden type.",
        "The question has no options. Add some or choose another type.",
    ),
    "option.value-set": _error(
        "not-found",
        "Svarmulighederne »{url}« følger ikke med filen. Indsæt dem i spørgeskemaet (contained eller answerOption).",
        "The options “{url}” are not in the file. Put them into the questionnaire (contained or answerOption).",
    ),
    "option.value-set-open": _warning(
        "not-found",
        "Svarmulighederne »{url}« følger ikke med filen. Borgeren kan kun skrive sit eget svar.",
        "The options “{url}” are not in the file. Citizens can only write their own answer.",
    ),
    "option.both": _warning(
        "invariant",
        "Spørgsmålet har både answerOption og answerValueSet. answerOption bruges. (que-4)",
        "The question has both answerOption and answerValueSet. answerOption is used. (que-4)",
    ),
    "option.unexpected": _warning(
        "invariant",
        "Typen »{type}« har ikke svarmuligheder. De er sprunget over. (que-5)",
        "The type “{type}” has no options. They were skipped. (que-5)",
    ),
    "option.no-value": _warning(
        "required",
        "En svarmulighed har ingen værdi og er sprunget over.",
        "An option has no value and was skipped.",
    ),
    "option.duplicate": _warning(
        "duplicate",
        "Svarmuligheden »{option}« findes to gange. Den første bruges.",
        "The option “{option}” appears twice. The first is used.",
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
        "Betingelsen er et udtryk (enableWhenExpression), som ikke kan bruges endnu. Spørgsmålet vises altid.",
        "The condition is an expression (enableWhenExpression), not usable yet. The question is always shown.",
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
    {**_QUESTIONNAIRE, **_ITEM, **_CONDITION, **_EXPRESSION, **ANSWER_RULES}
)
