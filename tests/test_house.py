"""The house's caps and bans, read from the source: sizes, docstrings, and what the code may never do."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("modellab", "workers", "ui")
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60

PICKLING_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
SERVING_MODULES = {
    "socketserver",
    "http.server",
    "wsgiref",
    "xmlrpc.server",
    "multiprocessing.connection",
    "multiprocessing.managers",
}
SERVING_NAMES = {"create_server", "start_server", "start_unix_server", "serve_forever"} | {
    "QTcpServer",
    "QLocalServer",
    "QSslServer",
    "QWebSocketServer",
}
BANNED_CALLS = {
    "torch.load": "unpickles",
    "torch.save": "writes a pickle",
    "torch.hub.load": "runs downloaded code",
    "pandas.read_pickle": "unpickles",
    "pd.read_pickle": "unpickles",
    "os.fork": "forks; processes are spawned",
    "exec": "runs text as code",
    "eval": "runs text as code",
}
# A keyword that may be given only as the constant False (weights_only: only as True).
DANGEROUS_KEYWORDS = {"trust_remote_code": False, "allow_pickle": False, "weights_only": True}


@dataclass(frozen=True, kw_only=True)
class Module:
    """One source file, read and parsed once."""

    name: str
    text: str
    tree: ast.Module


def read_modules() -> list[Module]:
    """Every Python file of the three packages."""
    paths = [path for package in PACKAGES for path in sorted((REPOSITORY / package).rglob("*.py"))]
    modules = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(REPOSITORY).as_posix()
        modules.append(Module(name=name, text=text, tree=ast.parse(text, filename=name)))
    return modules


MODULES = read_modules()
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


def test_that_there_is_source_to_check():
    assert {module.name.split("/")[0] for module in MODULES} == set(PACKAGES)


@each_module
def test_that_a_module_is_no_longer_than_its_cap(module: Module):
    num_lines = len(module.text.splitlines())
    assert num_lines <= MAX_MODULE_LINES, f"{module.name} has {num_lines} lines; split it."


@each_module
def test_that_a_function_is_no_longer_than_its_cap(module: Module):
    assert not list(long_functions(module.tree))


@each_module
def test_that_a_module_opens_with_what_it_is_for(module: Module):
    assert not module.tree.body or ast.get_docstring(module.tree), f"{module.name} has no docstring."


@each_module
def test_that_a_module_does_nothing_the_house_bans(module: Module):
    assert not list(banned(module.tree))


@pytest.mark.parametrize(
    "source",
    [
        "from os.path import *",
        "import pickle",
        "import torch, dill",
        "from pickle import loads",
        "import joblib.externals",
        "import torch\ntorch.load('a')",
        "from torch import load",
        "import torch as t\nt.load('a')",
        "torch.save({}, 'a')",
        "AutoModel.from_pretrained('a', trust_remote_code=True)",
        "AutoModel.from_pretrained('a', trust_remote_code=trusted)",
        "np.load('a.npy', allow_pickle=True)",
        "anything(weights_only=False)",
        "import socket\nsocket.socket().listen()",
        "import http.server",
        "from http import server",
        "from multiprocessing import managers",
        "from multiprocessing.connection import Listener",
        "asyncio.start_server(f)",
        "from PySide6.QtNetwork import QTcpServer",
        "exec('x')",
        "eval('x')",
        "import os\nos.fork()",
    ],
)
def test_that_a_banned_thing_is_seen(source: str):
    assert list(banned(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "model.eval()",
        "app.exec()",
        "np.load('a.npy', allow_pickle=False)",
        "from safetensors.torch import load_file",
        "tap.listen(f)",
        "spec.load()",
        "from http import HTTPStatus",
        "import torch\ntorch.loadtxt",
    ],
)
def test_that_a_harmless_thing_is_let_be(source: str):
    assert not list(banned(ast.parse(source)))


def test_that_a_long_function_is_seen_and_one_at_the_cap_is_not():
    body = "    x = 1\n"
    assert list(long_functions(ast.parse("def f():\n" + body * MAX_FUNCTION_LINES)))
    assert not list(long_functions(ast.parse("def f():\n" + body * (MAX_FUNCTION_LINES - 1))))


def long_functions(tree: ast.Module) -> Iterator[str]:
    """A sentence for each function, at any depth, over the cap."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            num_lines = node.end_lineno - node.lineno + 1
            if num_lines > MAX_FUNCTION_LINES:
                yield f"line {node.lineno}: {node.name} has {num_lines} lines; the cap is {MAX_FUNCTION_LINES}."


def banned(tree: ast.Module) -> Iterator[str]:
    """A sentence for each thing in the module that the house bans."""
    aliases = dict(_aliases(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            complaints = _banned_imports(node)
        elif isinstance(node, ast.Call):
            complaints = _banned_calls(node, aliases)
        else:
            continue
        for complaint in complaints:
            yield f"line {node.lineno}: {complaint}"


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What each imported name stands for: `import torch as t` gives ("t", "torch")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name
                else:
                    yield alias.name.split(".")[0], alias.name.split(".")[0]


def _banned_imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        imported = [alias.name for alias in node.names]
    else:
        imported = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    for name in imported:
        last = name.rpartition(".")[2]
        if last == "*":
            yield f"a star import of {name}"
        if name.split(".")[0] in PICKLING_MODULES:
            yield f"{name} reads or writes pickles"
        if any(name == module or name.startswith(f"{module}.") for module in SERVING_MODULES) or last in SERVING_NAMES:
            yield f"{name} opens a listening socket"
        if name in BANNED_CALLS:
            yield f"{name} {BANNED_CALLS[name]}"


def _banned_calls(node: ast.Call, aliases: dict[str, str]) -> Iterator[str]:
    called = ast.unparse(node.func)
    first, dot, rest = called.partition(".")
    called = aliases.get(first, first) + dot + rest
    last = called.rpartition(".")[2]
    if called in BANNED_CALLS:
        yield f"{called} {BANNED_CALLS[called]}"
    if last in SERVING_NAMES or (last == "listen" and "socket" in aliases.values()):
        yield f"{called} opens a listening socket"
    for keyword in node.keywords:
        if keyword.arg in DANGEROUS_KEYWORDS:
            only = DANGEROUS_KEYWORDS[keyword.arg]
            if not (isinstance(keyword.value, ast.Constant) and keyword.value.value is only):
                yield f"{keyword.arg} may be given only as {only}"


@pytest.mark.parametrize("path", sorted((REPOSITORY / "benchmarks").glob("[a-z]*.py")), ids=lambda path: path.name)
def test_that_a_benchmark_finds_the_packages_when_it_is_started_as_a_file(path: Path):
    """`make bench` starts each so: the repository is put on the path before anything of ours is imported."""
    packages = {*PACKAGES, "benchmarks"}
    is_on_path = False
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        is_on_path = is_on_path or "sys.path.insert" in ast.unparse(node)
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
        assert is_on_path or not packages & {name.split(".")[0] for name in names}, ast.unparse(node)
