"""Sites on this machine, and what the door to the network connects to."""

from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from tests.ingest.web_site import Site, web_site


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as one:
        yield one


@pytest.fixture
def other_site() -> Iterator[Site]:
    with web_site() as one:
        yield one


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to, none of which answers."""
    reached: list[str] = []

    def connect(_self: Any, host: str, *_: Any, **__: Any) -> httpcore.NetworkStream:
        reached.append(host)
        raise httpcore.ConnectError("nobody is there")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return reached


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; behind each of them is this machine."""
    reached: list[str] = []
    really = httpcore.SyncBackend.connect_tcp

    def connect(self: Any, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
        reached.append(host)
        return really(self, "127.0.0.1", port, *rest, **more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return reached
