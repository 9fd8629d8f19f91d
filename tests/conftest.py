"""What holds for every test: no network beyond this machine, no tracing, no model hub."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.servers import ChromaServer, Postgres, chroma_server, postgres

for name in [
    name
    for name in os.environ
    if name.startswith(("SLACK_", "LORE_", "LANGCHAIN_", "LANGSMITH_", "OPENAI_", "ANTHROPIC_", "OLLAMA_"))
    or name in ("DATABASE_URL", "CHROMA_URL")
]:
    del os.environ[name]
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["ANONYMIZED_TELEMETRY"] = "False"

# A busy machine is no reason to fail.
settings.register_profile("lore", deadline=None)
settings.load_profile("lore")

_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex


def _refuse_strangers(address: Any) -> None:
    if not isinstance(address, tuple):
        return  # a Unix socket
    host = address[0]
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise AssertionError(f"a test tried to reach {host}: only loopback is allowed")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _refuse_strangers(address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _refuse_strangers(address)
    return _connect_ex(self, address)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--connection",
        choices=("core", "socket", "http", "both", "several", "several-http"),
        default="core",
        help="hold the dialogues over Socket Mode, over HTTP, or the core of them over both; or with several "
        "bots that share a PostgreSQL database and a Chroma server, with sockets or behind a load balancer",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Few long tests first, so that no process is left with them at the end."""
    long = ("tests/torture/", "tests/cases/")
    items.sort(key=lambda item: not item.nodeid.startswith(long))


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Any:
    """Sockets of this process reach loopback addresses only."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded_connect)
    patch.setattr(socket.socket, "connect_ex", _guarded_connect_ex)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture
def postgres_address(postgres_server: Postgres) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    address = postgres_server.new_database()
    yield address
    postgres_server.drop(address)


@pytest.fixture(scope="session")
def chroma() -> Iterator[ChromaServer]:
    with chroma_server() as server:
        yield server
