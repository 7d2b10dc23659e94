"""A stand-in for the Hugging Face hub, on this machine: as much of its HTTP interface as its client really uses."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_LFS = (".parquet", ".safetensors", ".bin", ".arrow", ".zip", ".gz")  # kept beside the repository, named by SHA-256
_CHUNK_BYTES = 1 << 14


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with requests whose path holds `where`, the first `times` times.

    status, code: the answer's status and the hub's word for it. cut: the connection ends after so many bytes of the
    answer. gate: set to let the answer go on, chunk by chunk. content: sent instead, under the right name.
    """

    where: str
    method: str = "GET"
    times: int = 1_000_000
    status: int = 0
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    gate: Callable[[int], object] | None = None
    content: bytes | None = None


@dataclass(kw_only=True)
class Repository:
    """Files by their path. commit: changes with them. gated: asks for a token."""

    files: dict[str, bytes]
    is_gated: bool = False

    @functools.cached_property
    def commit(self) -> str:
        joined = b"".join(f"{name}\0".encode() + content for name, content in sorted(self.files.items()))
        return hashlib.sha1(joined).hexdigest()


class HubDouble:
    """Serves `datasets` and `models`; `asked` has each request as method and path, `told` the token that came with one
    and to which host."""

    def __init__(self) -> None:
        self.datasets: dict[str, Repository] = {}
        self.models: dict[str, Repository] = {}
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.ranges: list[str] = []
        self.told: set[tuple[str, str]] = set()
        self.accepts = "hf_good"  # the token of somebody
        self.is_granted = True  # who was given access to what is gated
        self.url = self.cdn_url = ""  # what is large lies on another host

    def add(self, name: str, files: dict[str, bytes], *, kind: str = "datasets", is_gated: bool = False) -> None:
        """Put a repository there, or another in its place."""
        getattr(self, kind)[name] = Repository(files=dict(files), is_gated=is_gated)

    def by_hash(self, digest: str) -> bytes:
        """A large file, by its SHA-256."""
        every = [*self.datasets.values(), *self.models.values()]
        return next(content for found in every for content in found.files.values() if _sha256(content) == digest)

    def num_bytes(self, name: str) -> int:
        """Of a dataset's files."""
        return sum(map(len, self.datasets[name].files.values()))


@contextmanager
def serving(double: HubDouble) -> Iterator[HubDouble]:
    """The double answers at `double.url` within."""

    class Handler(_Handler):
        hub = double

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    double.cdn_url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: HubDouble
    protocol_version = "HTTP/1.1"

    def log_message(self, *_said: Any) -> None:
        """Nothing: `asked` has it."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        self.fault = self._fault(path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.hub.told.add((token, "cdn" if path.startswith("/cdn/") else "hub"))
        if self.fault is not None and self.fault.status:
            self._refuse(self.fault.status, self.fault.code, **self.fault.headers)
        elif path.startswith("/cdn/"):
            self._send_file(self.hub.by_hash(path.removeprefix("/cdn/")), etag=path.removeprefix("/cdn/"), commit="")
        elif path.startswith("/api/"):
            self._api(path.removeprefix("/api/"), token)
        else:
            self._resolve(path.removeprefix("/"), token)

    def _fault(self, path: str) -> Fault | None:
        for fault in self.hub.faults:
            if fault.where in path and fault.times > 0 and fault.method in (self.command, "ANY"):
                fault.times -= 1
                return fault
        return None

    def _api(self, path: str, token: str) -> None:
        kind, _, rest = path.partition("/")
        name, repository, rest = self._found(kind, rest)
        if not self._may_read(repository, token, is_told=rest != "auth-check"):
            return
        assert repository is not None
        verb, _, where = rest.partition("/")
        revision, _, inner = where.partition("/")
        if verb == "auth-check":
            self._send_json({})
        elif verb and revision not in ("main", repository.commit):
            self._refuse(404, "RevisionNotFound")
        elif verb == "tree":
            self._tree(repository, inner)
        elif verb == "paths-info":
            wanted = parse_qs(self._body.decode())["paths"]
            self._send_json([_entry(found, repository.files[found]) for found in wanted if found in repository.files])
        else:
            files = [{"rfilename": found} for found in repository.files]
            told = {"sha": repository.commit, "siblings": files, "private": False, "gated": repository.is_gated}
            self._send_json({"id": name, **told, "disabled": False, "tags": [], "downloads": 1, "likes": 0})

    def _tree(self, repository: Repository, folder: str) -> None:
        inside = f"{folder}/" if folder else ""
        found = [name for name in repository.files if name.startswith(inside)]
        if inside and not found:
            self._refuse(404, "EntryNotFound")
            return
        is_deep = "recursive=true" in self.path.lower()
        folders = {
            str(parent)
            for name in found
            for parent in PurePosixPath(name).parents
            if str(parent).startswith(inside) and str(parent) != "."
        }
        if not is_deep:
            found = [name for name in found if "/" not in name.removeprefix(inside)]
            folders = {name for name in folders if "/" not in name.removeprefix(inside)}
        tree = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": name} for name in sorted(folders)]
        self._send_json(tree + [_entry(name, repository.files[name]) for name in sorted(found)])

    def _resolve(self, path: str, token: str) -> None:
        kind, _, rest = path.partition("/") if path.startswith("datasets/") else ("models", "", path)
        _, repository, rest = self._found(kind, rest)
        if not self._may_read(repository, token):
            return
        assert repository is not None
        revision, _, file = rest.removeprefix("resolve/").partition("/")
        if revision not in ("main", repository.commit):
            self._refuse(404, "RevisionNotFound")
            return
        if file not in repository.files:
            self._refuse(404, "EntryNotFound", **{"X-Repo-Commit": repository.commit})
            return
        content = repository.files[file]
        if not file.endswith(_LFS):
            self._send_file(content, etag=_git_hash(content), commit=repository.commit)
            return
        digest = _sha256(content)
        self.send_response(302)
        for header, value in {
            "Location": f"{self.hub.cdn_url}/cdn/{digest}",
            "X-Repo-Commit": repository.commit,
            "X-Linked-Etag": f'"{digest}"',
            "X-Linked-Size": str(len(content)),
            "Content-Length": "0",
        }.items():
            self.send_header(header, value)
        self.end_headers()

    def _found(self, kind: str, rest: str) -> tuple[str, Repository | None, str]:
        """The repository whose name the path begins with, and what follows."""
        known: dict[str, Repository] = getattr(self.hub, kind, {})
        for name, repository in known.items():
            if rest == name or rest.startswith(f"{name}/"):
                return name, repository, rest.removeprefix(name).removeprefix("/")
        return "", None, ""

    def _may_read(self, repository: Repository | None, token: str, *, is_told: bool = False) -> bool:
        """Of a gated one everybody is told what it holds; else why not is answered."""
        if token not in ("", self.hub.accepts):
            message = "Invalid credentials in Authorization header"
            self._refuse(401, "", **{"X-Error-Message": message})
        elif repository is None:  # whether it is private or is not there at all is told to no stranger
            self._refuse(404 if token else 401, "RepoNotFound")
        elif repository.is_gated and not is_told and token != self.hub.accepts:
            self._refuse(401, "GatedRepo")
        elif repository.is_gated and not is_told and not self.hub.is_granted:
            self._refuse(403, "GatedRepo")
        else:
            return True
        return False

    def _send_file(self, content: bytes, *, etag: str, commit: str) -> None:
        wanted = self.headers.get("Range", "")
        if wanted and self.command == "GET":
            self.hub.ranges.append(wanted)
        if self.fault is not None and self.fault.content is not None and self.command == "GET":
            content = self.fault.content
        first = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted.startswith("bytes=") else 0
        if first and first >= len(content):
            self._refuse(416, "")
            return
        part = content[first:]
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", f'"{etag}"')
        self.send_header("Accept-Ranges", "bytes")
        if commit:
            self.send_header("X-Repo-Commit", commit)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if self.command == "GET":
            self._send_body(part)

    def _send_body(self, part: bytes) -> None:
        fault = self.fault
        cut = len(part) if fault is None or fault.cut is None else min(len(part), fault.cut)
        try:
            for start in range(0, cut, _CHUNK_BYTES):
                if fault is not None and fault.gate is not None:
                    fault.gate(start)
                self.wfile.write(part[start : min(cut, start + _CHUNK_BYTES)])
                self.wfile.flush()
        except OSError:  # whoever asked has gone
            self.close_connection = True
        if cut < len(part):
            self.close_connection = True

    def _send_json(self, told: Any) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: int, code: str, **headers: str) -> None:
        body = json.dumps({"error": code or f"status {status}"}).encode()
        self.send_response(status)
        for header, value in ({"X-Error-Code": code} if code else {}).items() | headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _entry(name: str, content: bytes) -> dict[str, Any]:
    """A file as a listing has it."""
    told: dict[str, Any] = {"type": "file", "oid": _git_hash(content), "size": len(content), "path": name}
    if name.endswith(_LFS):
        digest = _sha256(content)
        told["lfs"] = {"oid": digest, "sha256": digest, "size": len(content), "pointerSize": 130}
    return told


def _git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@functools.lru_cache(maxsize=256)
def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
