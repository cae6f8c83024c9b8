"""The shapes of FHIRPath syntax: taking parsed expressions apart, and putting pieces together."""

from collections.abc import Sequence
from typing import Any

from .fhirpath import Tree

_WAYS_DOWN = frozenset({"item", "children", "descendants", "repeat"})


def chain_of(node: Tree) -> tuple[Tree, list[Tree]]:
    """`a.b().c` as its head `a` and its steps `b()`, `c`."""
    steps: list[Tree] = []
    while node["type"] == "InvocationExpression":
        steps.append(node["children"][1])
        node = node["children"][0]
    return node, steps[::-1]


def without_brackets(node: Tree) -> Tree:
    """The node without the brackets around it."""
    while node["type"] == "TermExpression" and node["children"][0]["type"] == "ParenthesizedTerm":
        node = node["children"][0]["children"][0]
    return node


def constant_of(node: Tree) -> str | None:
    """`name` of `%name`, else None."""
    if node["type"] != "TermExpression" or node["children"][0]["type"] != "ExternalConstantTerm":
        return None
    constant = node["children"][0]["children"][0]
    return _identifier(constant["children"][0]) if constant.get("children") else None


def invocation_of(node: Tree) -> Tree | None:
    """What a term begins with where that is a name, a function or `$this`, else None."""
    if node["type"] != "TermExpression" or node["children"][0]["type"] != "InvocationTerm":
        return None
    invocation: Tree = node["children"][0]["children"][0]
    return invocation


def member_of(step: Tree) -> str | None:
    """The element that a step goes to, else None."""
    return _identifier(step["children"][0]) if step["type"] == "MemberInvocation" else None


def function_of(step: Tree) -> tuple[str, list[Tree]] | None:
    """The function that a step calls, with its parameters, else None."""
    if step["type"] != "FunctionInvocation":
        return None
    parts = step["children"][0]["children"]
    return _identifier(parts[0]), parts[1]["children"] if len(parts) > 1 else []


def string_of(node: Tree) -> str | None:
    """The text of a string literal without anything escaped in it, else None."""
    node = without_brackets(node)
    if node["type"] != "TermExpression" or node["children"][0]["type"] != "LiteralTerm":
        return None
    literals = node["children"][0].get("children") or [{"type": ""}]
    if literals[0]["type"] != "StringLiteral" or "\\" in literals[0]["text"]:
        return None
    text: str = literals[0]["text"][1:-1]
    return text


def _identifier(node: Tree) -> str:
    return str(node.get("text", "")).strip("`\"'")


def is_link_id(node: Tree) -> bool:
    """Is it the bare name `linkId`?"""
    start = invocation_of(without_brackets(node))
    return start is not None and member_of(start) == "linkId"


def is_item(node: Tree) -> bool:
    """Is it the bare name `item`?"""
    start = invocation_of(without_brackets(node))
    return start is not None and member_of(start) == "item"


def name_term(name: str) -> Tree:
    """`%name`."""
    identifier = {"type": "Identifier", "text": name, "terminalNodeText": [name]}
    constant = {"type": "ExternalConstant", "terminalNodeText": ["%"], "children": [identifier]}
    term = {"type": "ExternalConstantTerm", "terminalNodeText": [], "children": [constant]}
    return {"type": "TermExpression", "text": f"%{name}", "terminalNodeText": [], "children": [term]}


def call_of(name: str, parameters: Sequence[Tree]) -> Tree:
    """`name(parameters)`."""
    parts: list[Tree] = [{"type": "Identifier", "text": name, "terminalNodeText": [name]}]
    if parameters:
        parts.append({"type": "ParamList", "terminalNodeText": [], "children": list(parameters)})
    function = {"type": "Functn", "terminalNodeText": ["(", ")"], "children": parts}
    return {"type": "FunctionInvocation", "terminalNodeText": [], "children": [function]}


def term_of(invocation: Tree) -> Tree:
    """An invocation as the start of a path."""
    term = {"type": "InvocationTerm", "terminalNodeText": [], "children": [invocation]}
    return {"type": "TermExpression", "text": "", "terminalNodeText": [], "children": [term]}


def children_of(node: Tree, children: list[Tree]) -> dict[str, Any]:
    """The new children of a node, for a node that has any."""
    return {"children": children} if "children" in node else {}


def names_in_tree(tree: Tree) -> set[str]:
    """Every `%name`, found without recursion."""
    names: set[str] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        name = constant_of(node) if node["type"] == "TermExpression" and node.get("children") else None
        if name is not None:
            names.add(name)
        waiting.extend(node.get("children", ()))
    return names - {"resource", "rootResource", "context"}


def goes_down(tree: Tree) -> bool:
    """Does anything in it go from an item to items below? Found without recursion."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if node["type"] == "Identifier" and _identifier(node) in _WAYS_DOWN:
            return True
        waiting.extend(node.get("children", ()))
    return False
