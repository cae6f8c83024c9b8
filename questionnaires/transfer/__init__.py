"""Questionnaires as files, in and out.

    for candidate in candidates_in(content, name="skemaer.zip"): …    bytes → what is in them (`reading`)
    rows, header = rows_of(definition)                                → a spreadsheet's rows (`sheet_rows`)
    written = as_qfdd(definition, …)                                  → HL7 CDA (`qfdd_writing`)
    document = empty_form(definition, …)                              → PDF to fill in by hand (`paper`)

Readers are pure: bytes in, `Candidate`s out, nothing stored. `questionnaires/import_batches.py` keeps what was
uploaded until somebody has chosen among it.
"""
