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

ANSWER_RULES: dict[str, Rule] = {**_RESPONSE, **_ANSWER, **_FORM}
