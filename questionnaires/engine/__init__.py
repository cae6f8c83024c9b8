"""The questionnaire engine: every FHIR R4 form, decided the same way everywhere.

Pure Python: no Django, no files, no network, no clock. Values in, values out.

A questionnaire is compiled once into an immutable `Definition`; everything else asks the definition:

    compilation = compile_questionnaire(resource)          # never raises, whatever the JSON
    definition, issues = compilation.definition, compilation.issues

    draft = new_response(definition)                        # initial values filled in
    reading = read_form_values(item, ["3,5"])               # text from a form -> answers, or an issue
    draft = with_answers(definition, draft, item.link_id, reading.answers)
    evaluation = evaluate(definition, draft)                # what is asked, what is calculated, how far
    issues = validate(definition, draft, draft=True, page=page)
    result = finish(definition, draft)                      # the QuestionnaireResponse to send
    scores(definition, result)

The signatures (all values are immutable or new; no function changes its arguments):

    compile_questionnaire(resource, *, bounds=Bounds(), value_sets={}) -> Compilation(definition | None, issues)
    new_response(definition) -> dict
    answers_of(response, link_id, *, within={}) -> tuple[AnswerValue, ...]
    with_answers(definition, response, link_id, answers, *, within={}) -> dict
    evaluate(definition, response) -> Evaluation     # enabled, calculated, is_enabled(), progress, pages
    validate(definition, response, *, draft, page=None) -> tuple[Issue, ...]
    finish(definition, response) -> dict
    scores(definition, response) -> tuple[Score, ...]
    read_form_values(item, raw) -> FormReading       # .answers, .issue
    form_values(item, answers) -> tuple[str, ...]
    display_value(item, answer, language="da") -> str

A response (draft or finished) is a FHIR QuestionnaireResponse as a plain JSON dict. `within` says which
instance of a repeating group is meant, by the group's link id; without it, the first.
"""
