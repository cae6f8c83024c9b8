"""JSON Patch (RFC 6902), the operations that change one element."""

import copy
from typing import Any

from fut.simulator.outcomes import Refusal

Json = dict[str, Any]


def patched(resource: Json, changes: Any) -> Json:
    """A changed copy; 400 for a patch that cannot be read, 422 for a test that fails."""
    result = copy.deepcopy(resource)
    if not isinstance(changes, list):
        raise _unreadable("A JSON Patch is a list of changes.")
    for change in changes:
        try:
            _apply(result, change["op"], _parts(change["path"]), change)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise _unreadable(f"The change {change} cannot be made here.") from error
    return result


def _apply(document: Any, operation: str, path: list[str], change: Json) -> None:
    *parents, last = path
    node = document
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]
    if isinstance(node, list):
        _apply_to_list(node, operation, last, change)
        return
    if operation in {"replace", "remove", "test"} and last not in node:
        raise KeyError(last)
    match operation:
        case "add" | "replace":
            node[last] = change["value"]
        case "remove":
            del node[last]
        case "test":
            _test(node[last], change)
        case _:
            raise ValueError(operation)


def _apply_to_list(node: list[Any], operation: str, last: str, change: Json) -> None:
    match operation:
        case "add":
            node.insert(len(node) if last == "-" else int(last), change["value"])
        case "replace":
            node[int(last)] = change["value"]
        case "remove":
            del node[int(last)]
        case "test":
            _test(node[int(last)], change)
        case _:
            raise ValueError(operation)


def _test(value: Any, change: Json) -> None:
    if value != change["value"]:
        raise Refusal(422, [f"The test at {change['path']} failed."], issue_type="conflict")


def _parts(pointer: str) -> list[str]:
    """RFC 6901."""
    if not pointer.startswith("/"):
        raise ValueError(pointer)
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _unreadable(reason: str) -> Refusal:
    return Refusal(400, [reason], issue_type="structure")
