"""A hub that answers: a stand-in on this machine, with a cache of its own for each test."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modellab.hub import models
from modellab.hub.datasets import hub_tables
from tests.hub_double import HubDouble, serving


def parquet(columns: dict[str, Any], *, class_names: dict[str, list[str]] | None = None) -> bytes:
    """A table as the hub keeps it; class_names: of label columns, as `datasets` writes them down."""
    features = {name: {"names": names, "_type": "ClassLabel"} for name, names in (class_names or {}).items()}
    features |= {name: {"dtype": "string", "_type": "Value"} for name in columns if name not in features}
    told = {b"huggingface": json.dumps({"info": {"features": features}}).encode()} if class_names else None
    file = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(told), file)
    return file.getvalue()


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[HubDouble]:
    with serving(HubDouble()) as double:
        yield double


@pytest.fixture
def hub(server: HubDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubDouble:
    """The client's libraries, which read their environment when they are imported, ask the double."""
    import datasets
    import huggingface_hub

    constants = huggingface_hub.constants
    for name, value in (("ENDPOINT", server.url), ("HF_HUB_OFFLINE", False), ("HF_HUB_CACHE", str(tmp_path / "cache"))):
        monkeypatch.setattr(constants, name, value)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.url + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", server.url)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "arrow")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("modellab.hub.fetch._WAITS_SECONDS", (0.0,))
    huggingface_hub.HfFileSystem.clear_instance_cache()
    forget()
    server.__dict__.update({name: value for name, value in vars(HubDouble()).items() if "url" not in name})
    return server


def forget() -> None:
    """As another process would begin: it knows nothing but what is on the disk."""
    hub_tables.cache_clear()
    models._known.clear()
    models._refused.clear()
