"""How big files and functions are, and how big they may be."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.house import Function, Module

FILE_LINES_MAX = 400
TEST_FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
ARGUMENTS_MAX = 6
NESTING_MAX = 3

Block = ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.TryStar | ast.Match
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def too_long_files(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        limit = TEST_FILE_LINES_MAX if module.package == "tests" else FILE_LINES_MAX
        if module.line_count > limit:
            yield module.problem(1, f"{module.line_count} lines, at most {limit}: there are two nouns in it")


def too_long_functions(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        for function in module.functions:
            if lines_of(function) > FUNCTION_LINES_MAX:
                found = f"{function.name} has {lines_of(function)} lines, at most {FUNCTION_LINES_MAX}"
                yield module.problem(function.lineno, found)


def too_many_arguments(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        for function in module.functions:
            if arguments_of(function) > ARGUMENTS_MAX:
                found = f"{function.name} takes {arguments_of(function)} arguments, at most {ARGUMENTS_MAX}"
                yield module.problem(function.lineno, found)


def too_deep_nesting(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        for function in module.functions:
            if depth_of(function) > NESTING_MAX:
                found = f"{function.name} nests {depth_of(function)} deep, at most {NESTING_MAX}"
                yield module.problem(function.lineno, found)


def lines_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def arguments_of(function: Function) -> int:
    """All that a caller passes; `self` and `cls` come by themselves."""
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([argument for argument in given if argument.arg not in ("self", "cls")])


def depth_of(node: ast.AST) -> int:
    """The deepest block in block; `elif` is no deeper than its `if`, an inner function starts anew."""
    return max((depth_below(node, child) for child in ast.iter_child_nodes(node)), default=0)


def depth_below(parent: ast.AST, child: ast.AST) -> int:
    if isinstance(child, Scope):
        return 0
    is_elif = isinstance(parent, ast.If) and isinstance(child, ast.If) and parent.orelse == [child]
    return depth_of(child) + (isinstance(child, Block) and not is_elif)
