"""The interface for other programs: /api/v1/, JSON and FHIR JSON, described by its own OpenAPI schema.

A web module like the others: thin views over selectors and use cases. Who is here is the session, as on the
pages, or the key that a program sends along.
"""
