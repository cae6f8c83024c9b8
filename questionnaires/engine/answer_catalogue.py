"""The rules about responses and answers, with their sentences.

"answer" and "form" speak to the citizen who fills a form in, "response" to whoever checks a response from elsewhere.
"""

from .rules import Rule
from .rules import error as _error
from .rules import warning as _warning

_RESPONSE = {
    "response.not-object": _error(
        "structure",
        "Besvarelsen er ikke en FHIR QuestionnaireResponse. Send et JSON-objekt.",
        "The response is no FHIR QuestionnaireResponse. Send a JSON object.",
    ),
    "response.resource-type": _error(
        "structure",
        "Besvarelsen skal have resourceType QuestionnaireResponse, ikke »{found}«.",
        "The response must have the resourceType QuestionnaireResponse, not “{found}”.",
    ),
    "response.too-large": _error(
        "too-long",
        "Besvarelsen er for stor. Den må højst fylde {limit} byte.",
        "The response is too large. It may take at most {limit} bytes.",
    ),
    "response.too-nested": _error(
        "too-long",
        "Besvarelsen har mere end {limit} lag inden i hinanden.",
        "The response has more than {limit} layers inside each other.",
    ),
    "response.too-many": _error(
        "too-long",
        "Besvarelsen har for mange gentagelser til at kunne behandles. Slet nogle af dem.",
        "The response has too many repetitions to be processed. Delete some of them.",
    ),
    "response.other-questionnaire": _error(
        "business-rule",
        "Besvarelsen hører til »{found}«, ikke til dette spørgeskema.",
        "The response belongs to “{found}”, not to this questionnaire.",
    ),
    "response.not-json": _error(
        "structure",
        "Filen kan ikke læses som JSON ({reason}). Vælg en fil med en FHIR QuestionnaireResponse i JSON-format.",
        "The file cannot be read as JSON ({reason}). Choose a file with a FHIR QuestionnaireResponse in JSON.",
    ),
    "response.questionnaire-unusable": _error(
        "processing",
        "Spørgeskemaet kan ikke læses, så besvarelsen kan ikke kontrolleres mod det. Ret spørgeskemaet først.",
        "The questionnaire cannot be read, so the response cannot be checked against it. Mend that first.",
    ),
    "response.not-questionnaire": _error(
        "invalid",
        "Besvarelsen henviser til »{found}«, som ikke er et spørgeskema. Henvis til et spørgeskema (Questionnaire).",
        "The response refers to “{found}”, which is no questionnaire. Refer to a Questionnaire.",
    ),
    "response.unknown-questionnaire": _warning(
        "not-found",
        "Spørgeskemaet »{found}« er ikke ved hånden, så svarene er ikke kontrolleret mod det.",
        "The questionnaire “{found}” is not at hand, so the answers were not checked against it.",
    ),
    "response.status": _error(
        "code-invalid",
        "Besvarelsens status »{found}« findes ikke. Brug in-progress, completed, amended, entered-in-error eller "
        "stopped.",
        "The response's status “{found}” does not exist. Use in-progress, completed, amended, entered-in-error or "
        "stopped.",
    ),
    "response.no-status": _warning(
        "required",
        "Besvarelsen har ingen status. Skriv completed, når den er færdig.",
        "The response has no status. Write completed when it is done.",
    ),
    "response.authored": _error(
        "value",
        "»{found}« er ikke et tidspunkt (authored). Skriv fx 2026-12-31 eller 2026-12-31T14:30:00+01:00.",
        "“{found}” is no point in time (authored). Write for example 2026-12-31 or 2026-12-31T14:30:00+01:00.",
    ),
    "response.outside-period": _warning(
        "business-rule",
        "Besvarelsen er fra {found}, hvor spørgeskemaet ikke var i brug (fra {start} til {end}).",
        "The response is from {found}, when the questionnaire was not in use (from {start} to {end}).",
    ),
    "response.questionnaire-retired": _warning(
        "business-rule",
        "Spørgeskemaet er trukket tilbage. Brug den nyeste udgave til nye besvarelser.",
        "The questionnaire is retired. Use the newest version for new responses.",
    ),
    "response.calculated-other": _warning(
        "business-rule",
        "Besvarelsen siger {found}, men svarene giver {expected}. Resultatet regnes ud igen ved indsendelse.",
        "The response says {found}, but the answers make {expected}. The result is calculated anew on submission.",
    ),
    "response.shape": _error(
        "structure",
        "Her er noget, der ikke er et svar. Forventet: et objekt med linkId.",
        "There is something here that is no answer. Expected: an object with a linkId.",
    ),
    "response.unknown-link": _error(
        "not-found",
        "Spørgsmålet »{link}« findes ikke i spørgeskemaet.",
        "The question “{link}” is not in the questionnaire.",
    ),
    "response.no-link": _error(
        "required",
        "Et svar mangler linkId, så det vides ikke, hvilket spørgsmål det hører til.",
        "An answer has no linkId, so it is not known which question it belongs to.",
    ),
    "response.order": _error(
        "structure",
        "»{link}« står i forkert rækkefølge. Følg spørgeskemaets rækkefølge.",
        "“{link}” stands out of order. Follow the order of the questionnaire.",
    ),
    "response.split": _warning(
        "structure",
        "Svarene på »{link}« er delt på flere elementer. Saml dem i ét; de regnes som ét.",
        "The answers to “{link}” are split over several items. Put them into one; they count as one.",
    ),
    "response.other-text": _warning(
        "business-rule",
        "Besvarelsen gentager spørgsmålet »{link}« med andre ord, end spørgeskemaet har.",
        "The response repeats the question “{link}” in other words than the questionnaire has.",
    ),
    "response.several-values": _error(
        "structure",
        "Ét svar på »{link}« har flere værdier. Giv hver værdi sit eget svar.",
        "One answer to “{link}” has several values. Give each value an answer of its own.",
    ),
    "response.empty-answer": _warning(
        "required",
        "Svaret på »{link}« er tomt og tæller ikke. Udelad det.",
        "The answer to “{link}” is empty and does not count. Leave it out.",
    ),
    "response.misplaced": _error(
        "structure",
        "Spørgsmålet »{link}« står et forkert sted i besvarelsen.",
        "The question “{link}” stands in the wrong place of the response.",
    ),
    "response.repeated": _error(
        "structure",
        "»{link}« forekommer flere gange, men må kun være der én gang.",
        "“{link}” appears several times but may only appear once.",
    ),
    "response.answer-not-allowed": _error(
        "structure",
        "»{link}« er en gruppe eller en tekst og kan ikke have et svar.",
        "“{link}” is a group or a text and cannot have an answer.",
    ),
    "response.disabled": _error(
        "business-rule",
        "Spørgsmålet er besvaret, men skal ikke besvares efter de øvrige svar. Fjern svaret.",
        "The question is answered although the other answers rule it out. Remove the answer.",
    ),
}

_ANSWER = {
    "answer.required": _error("required", "Besvar spørgsmålet.", "Answer the question."),
    "answer.required-choice": _error("required", "Vælg et svar.", "Choose an answer."),
    "answer.required-choices": _error("required", "Vælg mindst ét svar.", "Choose at least one answer."),
    "answer.required-text": _error("required", "Skriv et svar.", "Write an answer."),
    "answer.required-number": _error("required", "Skriv et tal{what}.", "Write a number{what}."),
    "answer.required-date": _error(
        "required", "Skriv en dato, fx 31-12-2026.", "Write a date, for example 31-12-2026."
    ),
    "answer.required-time": _error(
        "required", "Skriv et klokkeslæt, fx 14:30.", "Write a time, for example 14:30."
    ),
    "answer.required-file": _error("required", "Vælg en fil.", "Choose a file."),
    "answer.required-date-time": _error(
        "required",
        "Skriv en dato og et klokkeslæt, fx 31-12-2026 14:30.",
        "Write a date and a time, for example 31-12-2026 14:30.",
    ),
    "answer.required-group": _error(
        "required",
        "Besvar mindst ét af spørgsmålene her.",
        "Answer at least one of the questions here.",
    ),
    "answer.too-many": _error("structure", "Giv kun ét svar.", "Give one answer only."),
    "answer.type": _error(
        "structure",
        "Svaret har en forkert type. Forventet: {expected}.",
        "The answer has the wrong type. Expected: {expected}.",
    ),
    "answer.not-option": _error(
        "code-invalid",
        "Vælg et af de svar, der står på listen.",
        "Choose one of the answers in the list.",
    ),
    "answer.too-few": _error("required", "Giv mindst {limit} svar.", "Give at least {limit} answers."),
    "answer.too-many-answers": _error(
        "structure",
        "Giv højst {limit} svar. Du har givet {count}.",
        "Give at most {limit} answers. You have given {count}.",
    ),
    "answer.too-few-groups": _error(
        "required",
        "Udfyld dette mindst {limit} gange. Det er udfyldt {count}.",
        "Fill this in at least {limit} times. It is filled in {count}.",
    ),
    "answer.too-many-groups": _error(
        "structure",
        "Udfyld dette højst {limit} gange. Det er udfyldt {count}.",
        "Fill this in at most {limit} times. It is filled in {count}.",
    ),
    "answer.option-unknown": _warning(
        "not-found",
        "Svarmulighederne er ikke ved hånden, så svaret er ikke kontrolleret mod dem.",
        "The options are not at hand, so the answer was not checked against them.",
    ),
    "answer.option-as-text": _warning(
        "business-rule",
        "»{option}« er en af svarmulighederne. Vælg den i stedet for at skrive den, så tæller den med.",
        "“{option}” is one of the options. Choose it rather than writing it, then it counts.",
    ),
    "answer.other-display": _error(
        "invalid",
        "Svarets kode betyder »{option}«, men svaret siger det samme som en anden svarmulighed. Ret det, så det er "
        "klart, hvad der er valgt.",
        "The answer's code means “{option}”, but the answer says what another option says. Mend it, so that it is "
        "clear which was chosen.",
    ),
    "answer.reworded-display": _warning(
        "business-rule",
        "Svarets kode hører til »{option}«, men svaret siger det med andre ord.",
        "The answer's code belongs to “{option}”, but the answer says it in other words.",
    ),
    "answer.line-break": _warning(
        "value",
        "Svaret har flere linjer, men der er kun plads til én.",
        "The answer has several lines where there is room for only one.",
    ),
    "answer.exclusive": _error(
        "invariant",
        "»{option}« kan ikke vælges sammen med andre svar. Vælg enten det eller de andre.",
        "“{option}” cannot be chosen together with other answers. Choose either it or the others.",
    ),
    "answer.number-bounds": _error("value", "Skriv et tal{what}.", "Write a number{what}."),
    "answer.date-bounds": _error("value", "Skriv en dato{what}.", "Write a date{what}."),
    "answer.time-bounds": _error("value", "Skriv et tidspunkt{what}.", "Write a time{what}."),
    "answer.too-long": _error(
        "too-long",
        "Skriv højst {limit} tegn. Du har skrevet {length}.",
        "Write at most {limit} characters. You have written {length}.",
    ),
    "answer.too-short": _error(
        "value",
        "Skriv mindst {limit} tegn. Du har skrevet {length}.",
        "Write at least {limit} characters. You have written {length}.",
    ),
    "answer.decimals": _error(
        "value",
        "Skriv højst {limit} cifre efter kommaet.",
        "Write at most {limit} digits after the decimal point.",
    ),
    "answer.no-decimals": _error(
        "value",
        "Skriv et helt tal uden decimaler.",
        "Write a whole number without decimals.",
    ),
    "answer.pattern": _error(
        "value",
        "Svaret har ikke den rigtige form.{what}",
        "The answer does not have the right form.{what}",
    ),
    "answer.pattern-slow": _warning(
        "timeout",
        "Mønsteret kunne ikke kontrolleres i tide, så svaret er ikke kontrolleret mod det.",
        "The pattern could not be checked in time, so the answer was not checked against it.",
    ),
    "answer.unit": _error(
        "value",
        "Angiv svaret i {unit}.",
        "Give the answer in {unit}.",
    ),
    "answer.unit-unknown": _warning(
        "not-found",
        "De tilladte enheder er ikke ved hånden, så enheden er ikke kontrolleret.",
        "The units allowed are not at hand, so the unit was not checked.",
    ),
    "answer.attachment-type": _error(
        "value",
        "Filen har en forkert type. Vælg en fil af typen {expected}.",
        "The file has the wrong type. Choose a file of the type {expected}.",
    ),
    "answer.attachment-size": _error(
        "too-long",
        "Filen er for stor. Vælg en fil på højst {limit} byte.",
        "The file is too large. Choose a file of at most {limit} bytes.",
    ),
    "answer.attachment-data": _error(
        "value",
        "Filens indhold kan ikke læses. Vælg filen igen.",
        "The file's content cannot be read. Choose the file again.",
    ),
    "answer.reference-shape": _error(
        "invalid",
        "»{given}« er ikke en gyldig henvisning. Skriv fx Patient/123.",
        "“{given}” is no valid reference. Write for example Patient/123.",
    ),
    "answer.reference-unknown": _error(
        "invalid",
        "Typen »{found}« i henvisningen findes ikke i FHIR R4.",
        "The type “{found}” of the reference does not exist in FHIR R4.",
    ),
    "answer.reference-target": _error(
        "invalid",
        "Henvisningen er til »{found}«. Henvis til {expected}.",
        "The reference is to “{found}”. Refer to {expected}.",
    ),
}

_FORM = {
    "form.number": _error(
        "value",
        "»{given}« kan ikke læses som et tal. Skriv et tal{what}, fx {example}.",
        "“{given}” cannot be read as a number. Write a number{what}, for example {example}.",
    ),
    "form.integer": _error(
        "value",
        "»{given}« er ikke et helt tal. Skriv et helt tal{what} uden decimaler, fx {example}.",
        "“{given}” is no whole number. Write a whole number{what} without decimals, for example {example}.",
    ),
    "form.date": _error(
        "value",
        "»{given}« kan ikke læses som en dato. Skriv dag, måned og år, fx 31-12-2026.",
        "“{given}” cannot be read as a date. Write day, month and year, for example 31-12-2026.",
    ),
    "form.date-year": _error(
        "value",
        "Skriv årstallet med fire cifre, fx 31-12-2026.",
        "Write the year with four digits, for example 31-12-2026.",
    ),
    "form.date-impossible": _error(
        "value",
        "Datoen {given} findes ikke i kalenderen. Skriv dag, måned og år, fx 31-12-2026.",
        "The date {given} is not in the calendar. Write day, month and year, for example 31-12-2026.",
    ),
    "form.date-missing": _error("value", "Skriv også {what}.", "Write the {what} as well."),
    "form.date-day": _error(
        "value",
        "Dagen »{given}« findes ikke. Skriv et tal fra 1 til 31.",
        "There is no day “{given}”. Write a number from 1 to 31.",
    ),
    "form.date-month": _error(
        "value",
        "Måneden »{given}« findes ikke. Skriv et tal fra 1 til 12.",
        "There is no month “{given}”. Write a number from 1 to 12.",
    ),
    "form.date-time": _error(
        "value",
        "»{given}« kan ikke læses som dato og klokkeslæt. Skriv dem sådan: 31-12-2026 14:30.",
        "“{given}” cannot be read as a date and time. Write them like this: 31-12-2026 14:30.",
    ),
    "form.time": _error(
        "value",
        "»{given}« kan ikke læses som et klokkeslæt. Skriv timer og minutter, fx 14:30.",
        "“{given}” cannot be read as a time. Write hours and minutes, for example 14:30.",
    ),
    "form.boolean": _error("value", "Vælg ja eller nej.", "Choose yes or no."),
    "form.url": _error(
        "value",
        "Skriv en internetadresse uden mellemrum, fx https://www.sundhed.dk.",
        "Write a web address without spaces, for example https://www.sundhed.dk.",
    ),
    "form.not-askable": _error(
        "not-supported",
        "Spørgsmålet kan ikke besvares her endnu.",
        "The question cannot be answered here yet.",
    ),
}

_FILE = {
    "file.unreadable": _error(
        "not-found",
        "Filen kan ikke åbnes: {reason}. Se efter, om stien er rigtig.",
        "The file cannot be opened: {reason}. See whether the path is right.",
    ),
}

_CONSTRAINT = {
    "constraint.error": _error("invariant", "{human}", "{human}"),
    "constraint.warning": _warning("invariant", "{human}", "{human}"),
    "constraint.failed": _warning(
        "processing",
        "Reglen »{constraint}« kunne ikke kontrolleres: {reason}",
        "The rule “{constraint}” could not be checked: {reason}",
    ),
}

ANSWER_RULES: dict[str, Rule] = {**_RESPONSE, **_ANSWER, **_CONSTRAINT, **_FORM, **_FILE}
