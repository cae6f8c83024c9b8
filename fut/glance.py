"""Is a resource in order at a glance? Asked before `fhir.resources` looks closely, which takes ten times as long.

Its models are read, not repeated: which elements each has, which it demands, which exclude each other, and its own
pydantic types for whatever holds no elements. A model goes through all that an element could have; here an element is
asked for what it has. What is not recognised is not in order: then the models decide, and say what is wrong.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fhir.resources.R4B import get_fhir_model_class
from fhir_core.fhirabstractmodel import FHIRAbstractModel
from fhir_core.types import FhirBase, FhirElementOrResourceBase
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

Model = type[FHIRAbstractModel]
Check = Callable[[Any], bool]

_CHECKED_HERE = FHIRAbstractModel.__pydantic_decorators__.model_validators.keys()


def is_in_order(resource: Mapping[str, Any]) -> bool:
    """True only where the model of the resource would take it."""
    try:
        return _resource(resource)
    except (AttributeError, TypeError):
        return False  # the type of a url asks what it is given to be a text


def _resource(value: Any) -> bool:
    """Any resource: which one, it says itself."""
    if type(value) is not dict or not isinstance(name := value.get("resourceType"), str):
        return False
    try:
        model = get_fhir_model_class(name)
    except ValueError:
        return False
    return model.has_resource_base() and _shape(model).fits(value)


class _Shape:
    """What a model takes, by the names that FHIR gives its elements. A check is made when it is first needed."""

    def __init__(self, model: Model) -> None:
        self._fields = {field.alias or name: field for name, field in model.model_fields.items()}
        self._checks: dict[str, Check] = {}
        if model.has_resource_base():
            self._checks["resourceType"] = lambda name: name == model.__resource_type__
        plain = model.model_construct()
        self._demanded = {name for name, field in self._fields.items() if field.is_required()}
        self._demanded |= {name for name, _ in plain.get_required_fields()}
        self._choice_of: dict[str, str] = {}
        self._demanded_choices: set[str] = set()
        for choice, names in plain.get_one_of_many_fields().items():
            fields = [model.model_fields[name] for name in names]
            self._choice_of |= {
                field.alias or name: choice for name, field in zip(names, fields, strict=True)
            }
            if any((field.json_schema_extra or {})["one_of_many_required"] for field in fields):  # type: ignore[index]
                self._demanded_choices.add(choice)
        # A model with rules of its own is always looked at closely.
        self._is_known = model.__pydantic_decorators__.model_validators.keys() == _CHECKED_HERE

    def fits(self, element: dict[str, Any]) -> bool:
        made = []
        for name, value in element.items():
            if value is None or not (self._checks.get(name) or self._check(name))(value):
                return False
            if name in self._choice_of:
                made.append(self._choice_of[name])
        return (
            self._is_known
            and self._demanded <= element.keys()
            and len(set(made)) == len(made)
            and self._demanded_choices.issubset(made)
        )

    def _check(self, name: str) -> Check:
        field = self._fields.get(name)
        if field is None:
            return _is_unknown
        check = self._checks[name] = _check_of(field)
        return check


_shape = lru_cache(maxsize=None)(_Shape)


def _check_of(field: FieldInfo) -> Check:
    """The elements of elements by their shapes, all others by the model's own type."""
    kind = _without_none(field.annotation)
    if _is_element(kind):
        return _element(kind)
    if get_origin(kind) is list and _is_element(each := get_args(kind)[0]):
        return _list(_element(each))
    as_in_model: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(as_in_model).validator.isinstance_python


def _without_none(annotation: Any) -> Any:
    """What an element that may be missing is where it is there."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    is_optional = get_origin(annotation) in (Union, UnionType) and len(kinds) == 1
    return kinds[0] if is_optional else annotation


def _is_element(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, FhirBase)


def _element(kind: type[FhirBase]) -> Check:
    if issubclass(kind, FhirElementOrResourceBase):
        return _resource if kind.get_model_klass().__name__ == "Resource" else _is_unknown
    return lambda value: type(value) is dict and _shape(kind.get_model_klass()).fits(value)


def _list(check: Check) -> Check:
    return lambda value: type(value) is list and all(map(check, value))


def _is_unknown(_: Any) -> bool:
    return False
