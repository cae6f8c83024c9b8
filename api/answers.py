"""How answers are written: JSON, FHIR JSON, and lists by page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

FHIR_JSON = "application/fhir+json"


class FhirRenderer(JSONRenderer):
    """FHIR JSON (FHIR R4, 3.1.0.1.9)."""

    media_type = FHIR_JSON
    format = "fhir"


class WhatThereIs(BaseContentNegotiation):
    """Each address answers in one way, whatever Accept says; a client that cannot read it finds out by itself."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """The parser for what was sent; None gives 415."""
        kind = (request.content_type or "").partition(";")[0].strip()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The view's own."""
        own = next(iter(renderers))
        return own, str(own.media_type)


class Bundle(PageNumberPagination):
    """A page of a list as a FHIR Bundle of type searchset, with links to the pages around it."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "_count"

    def get_paginated_response(self, data: Any) -> Response:
        """`data` are the resources of the page."""
        assert self.page is not None  # noqa: S101 - `paginate_queryset` ran
        around = {"self": self.request.build_absolute_uri(), "next": self.get_next_link()}  # type: ignore[union-attr]
        around["previous"] = self.get_previous_link()
        return Response(
            {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": self.page.paginator.count,
                "link": [{"relation": name, "url": url} for name, url in around.items() if url],
                "entry": [{"resource": resource, "search": {"mode": "match"}} for resource in data],
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same for OpenAPI."""
        text = {"type": "string"}
        return {
            "type": "object",
            "required": ["resourceType", "type", "total", "link", "entry"],
            "properties": {
                "resourceType": {"type": "string", "enum": ["Bundle"]},
                "type": {"type": "string", "enum": ["searchset"]},
                "total": {"type": "integer", "minimum": 0},
                "link": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"relation": text, "url": text}},
                },
                "entry": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "resource": schema.get("items", schema),
                            "search": {"type": "object", "properties": {"mode": text}},
                        },
                    },
                },
            },
        }
