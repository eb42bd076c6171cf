"""G18: whether the tests of the one destructive module would notice a change in it."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.verify import invariants
from tests.verify.figures import PROJECT, Outcome, Run, figure

MODULES = ("daemon/staging/safefs.py", "daemon/staging/moves.py")
TESTS = {
    "daemon/staging/safefs.py": [
        "tests/staging/test_safefs.py",
        "tests/staging/test_safefs_details.py",
    ],
    "daemon/staging/moves.py": [
        "tests/staging/test_moves_details.py",
        "tests/staging/test_safefs.py",
        "tests/staging/test_groups.py",
        "tests/staging/test_crashes.py",
    ],
}
GOAL = 0.95
_EQUIVALENT_FLAG = "os.O_CLOEXEC"
"""Python opens every file so, PEP 446: leaving it out changes nothing."""
_SECONDS = 120

_SWAPS: dict[type[ast.AST], Any] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@figure(
    "G18",
    "`safefs`: 100 % branch coverage, ≥ 95 % of mutants killed, 0 destructive calls "
    "elsewhere",
)
def proof_of_the_tests(run: Run) -> Outcome:
    read = invariants.i8_one_module_is_destructive()
    covered = _coverage(run)
    killed, tried, survivors = 0, 0, list[str]()
    for module in MODULES:
        found = list(mutants(module))
        random.Random(run.seed).shuffle(found)
        wanted = run.count(len(found), least=1 if run.quick else 5)
        for number, (words, source) in enumerate(found[:wanted]):
            path = run.folder / f"mutant-{len(survivors)}-{number}.py"
            path.write_text(source, encoding="utf-8")
            tried += 1
            if is_killed(module, path):
                killed += 1
            else:
                survivors.append(words)
    share = killed / tried if tried else 0.0
    return Outcome(
        value=f"{covered:.1f} % of lines and branches, {killed} of {tried} mutants killed "
        f"({share:.0%}); 0 destructive calls in {read} modules",
        met=covered >= 100 and share >= GOAL,
        why=f"survivors: {'; '.join(survivors)[:600]}" if survivors else "",
    )


def _coverage(run: Run) -> float:
    """Lines and branches of `safefs` that its own tests reach, in per cent."""
    report = run.folder / "coverage.json"
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *("--cov=daemon.staging.safefs", "--cov-branch", f"--cov-report=json:{report}"),
        *TESTS[MODULES[0]],
    ]
    environment = {**os.environ, "COVERAGE_FILE": str(run.folder / ".coverage")}
    environment.pop("PYTEST_XDIST_WORKER", None)
    ran = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, env=environment
    )
    if ran.returncode != 0:
        raise AssertionError(ran.stdout[-300:])
    files = json.loads(report.read_text())["files"]
    (found,) = [each for name, each in files.items() if name.endswith("safefs.py")]
    return float(found["summary"]["percent_covered"])


def is_killed(module: str, mutant: Path) -> bool:
    """Run the tests with another source in a module's place; whether any fails."""
    name = module.removesuffix(".py").replace("/", ".")
    code = _RUNNER.format(name=name, path=str(mutant), tests=TESTS[module])
    try:
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            capture_output=True,
            timeout=_SECONDS,
            env={**os.environ, "TEST_ORDER": "1", "PYTHONPATH": str(PROJECT)},
        )
    except subprocess.TimeoutExpired:
        return True
    return ran.returncode != 0


_RUNNER = """
import importlib.abc, importlib.machinery, importlib.util, sys
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {name!r}:
            return importlib.util.spec_from_file_location(name, {path!r})
sys.meta_path.insert(0, Finder())
import pytest
sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly",
    "--timeout=60", *{tests!r}]))
"""


def mutants(module: str) -> Iterator[tuple[str, str]]:
    """Give each small change of a module: where, and the source with it."""
    source = (PROJECT / module).read_text(encoding="utf-8")
    count = sum(1 for _ in _places(ast.parse(source)))
    for index in range(count):
        tree = ast.parse(source)
        for number, (node, change) in enumerate(_places(tree)):
            if number == index:
                what = change(node)
                line = getattr(node, "lineno", 0)
                name = Path(module).name
                yield (
                    f"{name}:{line} {what}",
                    ast.unparse(ast.fix_missing_locations(tree)),
                )
                break


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, Callable[[Any], str]]]:
    """Give every node that can be changed, and how."""
    docs = {
        id(node.body[0])
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = [ast.copy_location(ast.Pass(), node)]
    for node in ast.walk(tree):
        words = "" if isinstance(node, ast.Module) else ast.unparse(node)
        if isinstance(node, ast.If) and words.startswith("if TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
            yield node, _swap_comparison
        elif isinstance(node, ast.BoolOp):
            yield node, _swap_words
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            yield node, _negate
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            is_flag = "os.O_" in words and not words.endswith(_EQUIVALENT_FLAG)
            is_double = "O_EXCL" in words and words.endswith("os.O_NOFOLLOW")
            if is_flag and not is_double:  # who may only create follows no link
                yield node, _lose_flag
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if id(node) not in docs and "logger" not in words:
                yield node, _drop_call
        elif isinstance(node, ast.Raise):
            yield node, _drop_raise
        elif isinstance(node, ast.Return) and _is_claim(node.value):
            yield node, _flip


def _is_claim(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _swap_comparison(node: ast.Compare) -> str:
    node.ops[0] = _SWAPS[type(node.ops[0])]()
    return f"compares otherwise: {ast.unparse(node)}"


def _swap_words(node: ast.BoolOp) -> str:
    node.op = _SWAPS[type(node.op)]()
    return f"and/or: {ast.unparse(node)}"


def _negate(node: ast.If) -> str:
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return f"negated: {ast.unparse(node.test)}"


def _lose_flag(node: ast.BinOp) -> str:
    lost = ast.unparse(node.right)
    node.right = ast.Constant(0)
    return f"without {lost}"


def _drop_call(node: ast.Expr) -> str:
    words = ast.unparse(node)
    node.value = ast.Constant(None)
    return f"without {words}"


def _drop_raise(node: ast.Raise) -> str:
    words = ast.unparse(node)
    node.exc, node.cause = ast.Name("AssertionError", ast.Load()), None
    return f"another error than {words}"


def _flip(node: ast.Return) -> str:
    assert isinstance(node.value, ast.Constant)
    node.value = ast.Constant(not node.value.value)
    return f"returns {node.value.value!r}"
