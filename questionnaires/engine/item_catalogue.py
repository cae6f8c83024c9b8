"""The rules about single items of a questionnaire, for the administrator who imports it; see `catalogue.py`."""

from collections.abc import Mapping

from .rules import Rule, error, note, warning

ITEM_RULES: Mapping[str, Rule] = {
    "item.no-link-id": error(
        "required",
        "Spørgsmålet »{text}« mangler et linkId. Giv det et, der er entydigt i spørgeskemaet.",
        "The question “{text}” has no linkId. Give it one that is unique in the questionnaire.",
    ),
    "item.duplicate-link-id": error(
        "duplicate",
        "Flere spørgsmål har linkId »{link}«. Giv hvert spørgsmål sit eget. (que-2)",
        "Several questions have the linkId “{link}”. Give each question its own. (que-2)",
    ),
    "item.no-type": error(
        "required",
        "Spørgsmålet mangler en type. Vælg fx choice, integer eller string.",
        "The question has no type. Choose for example choice, integer or string.",
    ),
    "item.unknown-type": error(
        "code-invalid",
        "Typen »{type}« findes ikke i FHIR R4. Vælg en af de 16 typer.",
        "The type “{type}” does not exist in FHIR R4. Choose one of the 16 types.",
    ),
    "item.not-askable": error(
        "not-supported",
        "Spørgsmålet er påkrævet, men typen »{type}« kan ikke stilles endnu. Fjern required, eller vælg en anden type.",
        "The question must be answered, but the type “{type}” cannot be asked yet. Remove required or change the type.",
    ),
    "item.not-asked": warning(
        "not-supported",
        "Spørgsmål af typen »{type}« kan ikke stilles endnu. Det må springes over, så borgeren får det ikke at se.",
        "Questions of the type “{type}” cannot be asked yet. It may be skipped, so citizens do not get to see it.",
    ),
    "item.sub-questionnaire": error(
        "incomplete",
        "Her skal spørgsmål hentes fra et andet spørgeskema: »{url}«. Sæt dem ind i filen, før den importeres.",
        "Questions must be fetched from another questionnaire here: “{url}”. Put them into the file first.",
    ),
    "item.required-group-not-asked": warning(
        "business-rule",
        "Gruppen er påkrævet, men ingen spørgsmål i den kan besvares. Den kræves ikke.",
        "The group is required, but none of its questions can be answered. It is not demanded.",
    ),
    "item.occurs-without-repeats": warning(
        "invariant",
        "minOccurs og maxOccurs over 1 gælder kun for det, der kan gentages. Sæt repeats, eller fjern dem.",
        "minOccurs and maxOccurs above 1 are only for what repeats. Set repeats or remove them.",
    ),
    "item.occurs-reversed": warning(
        "value",
        "Det mindste antal er større end det største, eller det største er 0. Begge er sprunget over.",
        "The least number is greater than the greatest, or the greatest is 0. Both were skipped.",
    ),
    "item.step-type": warning(
        "value",
        "Trinnet {step} passer ikke til et helt tal og er sprunget over. Brug et helt trin eller typen decimal.",
        "The step {step} does not fit a whole number and was skipped. Use a whole step or the type decimal.",
    ),
    "item.copyright-question": warning(
        "business-rule",
        "Kun grupper og tekster kan være ophavsret (isCopyright), ikke et spørgsmål. FUT vil afvise det.",
        "Only groups and texts can be a copyright notice (isCopyright), no question. FUT will refuse it.",
    ),
    "item.no-text": warning(
        "required",
        "Spørgsmålet har ingen tekst, så borgeren kan ikke se, hvad der spørges om. Skriv en.",
        "The question has no text, so citizens cannot see what is asked. Write one.",
    ),
    "item.empty-group": warning(
        "invariant",
        "Gruppen er tom og vises kun som en overskrift. Tilføj spørgsmål, eller brug typen display. (que-1)",
        "The group is empty and shown as a heading only. Add questions or use the type display. (que-1)",
    ),
    "item.display-children": warning(
        "invariant",
        "En tekst (display) kan ikke have spørgsmål under sig. Brug en gruppe. (que-1)",
        "A text (display) cannot have questions below it. Use a group. (que-1)",
    ),
    "item.display-code": warning(
        "invariant",
        "En tekst (display) kan ikke have koder. Fjern dem. (que-3)",
        "A text (display) cannot have codes. Remove them. (que-3)",
    ),
    "item.display-flags": warning(
        "invariant",
        "En tekst (display) kan ikke være påkrævet eller gentages. Fjern required og repeats. (que-6)",
        "A text (display) cannot be required or repeat. Remove required and repeats. (que-6)",
    ),
    "item.unexpected-initial": warning(
        "invariant",
        "Grupper og tekster kan ikke have et svar på forhånd. Det er sprunget over. (que-8)",
        "Groups and texts cannot have an initial answer. It was skipped. (que-8)",
    ),
    "item.display-read-only": warning(
        "invariant",
        "En tekst (display) kan ikke være skrivebeskyttet. Fjern readOnly. (que-9)",
        "A text (display) cannot be read-only. Remove readOnly. (que-9)",
    ),
    "item.unexpected-max-length": warning(
        "invariant",
        "maxLength gælder kun for svar, der skrives. Det er sprunget over for typen »{type}«. (que-10)",
        "maxLength is only for answers that are written. It was skipped for the type “{type}”. (que-10)",
    ),
    "item.initial-with-options": warning(
        "invariant",
        "Spørgsmålet har både svarmuligheder og initial. Brug initialSelected på svarmuligheden. (que-11)",
        "The question has both options and initial. Use initialSelected on the option. (que-11)",
    ),
    "item.several-initial": warning(
        "invariant",
        "Spørgsmålet har flere svar på forhånd, men kan kun have ét. Det første bruges. (que-13)",
        "The question has several initial answers but takes only one. The first is used. (que-13)",
    ),
    "item.initial-type": warning(
        "structure",
        "Svaret på forhånd passer ikke til spørgsmålets type og er sprunget over.",
        "The initial answer does not fit the question's type and was skipped.",
    ),
    "item.control-unknown": note(
        "not-supported",
        "Visningen »{control}« kendes ikke. Spørgsmålet vises på den almindelige måde.",
        "The item control “{control}” is not known. The question is shown in the ordinary way.",
    ),
    "item.hidden-required": warning(
        "business-rule",
        "Spørgsmålet er både skjult og påkrævet og får intet svar af sig selv. Det kræves ikke.",
        "The question is both hidden and required and gets no answer by itself. It is not demanded.",
    ),
    "item.bounds-reversed": warning(
        "value",
        "Den mindste længde er større end den største. Grænserne er sprunget over.",
        "The least length is greater than the greatest. The bounds were skipped.",
    ),
    "item.values-reversed": error(
        "value",
        "Den mindste værdi er større end den største, så intet svar ville være rigtigt. Ret grænserne.",
        "The least value is greater than the greatest, so no answer would be right. Mend the bounds.",
    ),
    "item.regex-invalid": warning(
        "value",
        "Mønsteret (regex) kan ikke læses og er sprunget over: {reason}",
        "The pattern (regex) cannot be read and was skipped: {reason}",
    ),
    "option.none-not-asked": warning(
        "required",
        "Spørgsmålet har ingen svarmuligheder. Ingen bliver spurgt, så det er taget med.",
        "The question has no options. Nobody is asked, so it was imported.",
    ),
    "option.only-initial": warning(
        "required",
        "Spørgsmålet har ingen svarmuligheder, kun et svar på forhånd. Det svar står fast, og ingen bliver spurgt.",
        "The question has no options, only an initial answer. That answer stands and nobody is asked.",
    ),
    "option.none": error(
        "required",
        "Spørgsmålet har ingen svarmuligheder. Tilføj dem, eller vælg en anden type.",
        "The question has no options. Add some or choose another type.",
    ),
    "option.value-set": error(
        "not-found",
        "Svarmulighederne »{url}« følger ikke med filen. Indsæt dem i spørgeskemaet (contained eller answerOption).",
        "The options “{url}” are not in the file. Put them into the questionnaire (contained or answerOption).",
    ),
    "option.value-set-open": warning(
        "not-found",
        "Svarmulighederne »{url}« følger ikke med filen. Borgeren kan kun skrive sit eget svar.",
        "The options “{url}” are not in the file. Citizens can only write their own answer.",
    ),
    "option.value-set-not-asked": warning(
        "not-found",
        "Svarmulighederne »{url}« følger ikke med filen. Ingen bliver spurgt, så spørgsmålet er taget med.",
        "The options “{url}” are not in the file. Nobody is asked, so the question was imported.",
    ),
    "option.value-set-partial": warning(
        "incomplete",
        "Kun en del af svarmulighederne »{url}« følger med filen. Se efter, om de rækker.",
        "Only some of the options “{url}” are in the file. See whether they will do.",
    ),
    "option.expression-outside": warning(
        "not-supported",
        "Svarmulighederne udregnes af noget, der ikke er her: {names}. Kun de svarmuligheder, der står i filen, vises.",
        "The options are calculated from what is not here: {names}. Only the options in the file are shown.",
    ),
    "option.both": warning(
        "invariant",
        "Spørgsmålet har både answerOption og answerValueSet. answerOption bruges. (que-4)",
        "The question has both answerOption and answerValueSet. answerOption is used. (que-4)",
    ),
    "option.unexpected": warning(
        "invariant",
        "Typen »{type}« har ikke svarmuligheder. De er sprunget over. (que-5)",
        "The type “{type}” has no options. They were skipped. (que-5)",
    ),
    "option.no-value": warning(
        "required",
        "En svarmulighed har ingen værdi og er sprunget over.",
        "An option has no value and was skipped.",
    ),
    "option.duplicate": warning(
        "duplicate",
        "Svarmuligheden »{option}« findes to gange. Den første bruges.",
        "The option “{option}” appears twice. The first is used.",
    ),
    "image.missing": warning(
        "not-found",
        "Billedet »{reference}« følger ikke med filen og vises ikke. Læg det ind i spørgeskemaet (contained).",
        "The image “{reference}” is not in the file and is not shown. Put it into the questionnaire (contained).",
    ),
    "image.elsewhere": warning(
        "not-supported",
        "Billedet ligger et andet sted (»{url}«) og vises ikke. Læg det ind i spørgeskemaet (contained).",
        "The image lies elsewhere (“{url}”) and is not shown. Put it into the questionnaire (contained).",
    ),
    "image.type": warning(
        "not-supported",
        "Billedet (»{type}«) kan ikke vises. Brug PNG, JPEG eller SVG.",
        "The image (“{type}”) cannot be shown. Use PNG, JPEG or SVG.",
    ),
    "image.too-large": warning(
        "too-long",
        "Billedet fylder mere end {limit} KB, så FUT vil afvise spørgeskemaet. Gør det mindre.",
        "The image takes more than {limit} KB, so FUT will refuse the questionnaire. Make it smaller.",
    ),
    "unit.value-set": warning(
        "not-found",
        "Enhederne »{url}« følger ikke med filen, så der kan ikke vælges mellem dem.",
        "The units “{url}” are not in the file, so there is no choosing among them.",
    ),
    "significance.no-question": warning(
        "business-rule",
        "Kun svar på spørgsmål kan få en farve (answerSignificance). Den er sprunget over.",
        "Only answers to questions can get a colour (answerSignificance). It was skipped.",
    ),
    "significance.unusable": warning(
        "structure",
        "Farven kan ikke bruges og er sprunget over. Brug red, yellow eller green med en eller to betingelser.",
        "The colour cannot be used and was skipped. It must be red, yellow or green with one or two conditions.",
    ),
    "significance.type": warning(
        "business-rule",
        "Farvens betingelse sammenligner med {expected}, men svaret er {found}. Den farve gives aldrig.",
        "The colour's condition compares with {expected}, but the answer is {found}. That colour is never given.",
    ),
    "significance.not-option": warning(
        "business-rule",
        "Farvens svar »{coding}« er ikke blandt svarmulighederne. Den farve gives aldrig.",
        "The colour's answer “{coding}” is not among the options. That colour is never given.",
    ),
    "feedback.unusable": warning(
        "structure",
        "Tilbagemeldingen til borgeren mangler tekst eller grænser (min, max) og er sprunget over.",
        "The feedback to the citizen has no text or no bounds (min, max) and was skipped.",
    ),
    "feedback.no-number": warning(
        "business-rule",
        "Tilbagemeldingen er for tal, men svaret er hverken et tal eller giver point. Den er sprunget over.",
        "The feedback is for numbers, but the answer is no number and has no score. It was skipped.",
    ),
}
