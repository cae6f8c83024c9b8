"""Building a questionnaire: pure functions from FHIR JSON to FHIR JSON, with no Django in them.

Each takes the document and the link id of an element, and gives a new document; what it is given stays as it was.
Parts that do not change are shared between both, so that an act costs as much as what it touches (`deltas`).

    tree         finding, replacing, putting in and taking out an element
    kinds        the elements in the words of those who build: section, yes/no, one choice, number line …
    elements     an empty questionnaire; add, duplicate, delete
    moves        up, down, into, out, to a place
    references   who names whom, in conditions and calculations
    settings     what can be set on an element, one `Setting` each
    answers      what can be chosen
    outline      the elements as a list, for the screen
    excerpt      the part of the questionnaire around an element, for the preview
    deltas       what changed between two documents, small enough to keep each step of the history
    patches      the few places at which a stored document is written anew
    differences  what differs between two versions, in sentences for people
    checks       hints to who builds: reading ease, lengths, languages, accessibility, logic
    translations every text side by side, and what has changed since it was translated
    trial_cases  kept answers with what is expected to follow from them
    dependencies  what is decided after what, so that nobody builds a circle
    conditions   when an element is shown, as a sentence
    scores       sums and means of questions, with bands
    significance_editing  red, yellow and green on answers and numbers
    answer_lists  options that are kept and used again
    markup       formatted texts as people write them
    texts        questions and help texts so written
    pictures_editing  pictures beside a question and its options
    refusals     why something cannot be done
"""
