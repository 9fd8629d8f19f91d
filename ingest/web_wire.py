"""Connections that end at addresses which were looked at first, within a time that was set before."""

import contextlib
import functools
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import certifi
import httpcore

from ingest.web_addresses import Refused, literal, why_refused
from knowledge.ports import Clock

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a host, in the order in which the system prefers them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class World:
    """What the door to the network needs of the world: names, sleep, clocks and chance.

    `monotonic` and `sleep` are in seconds; `chance` gives a number from 0 to 1.
    """

    resolve: Resolve = resolve
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    clock: Clock = lambda: datetime.now(UTC)
    chance: Callable[[], float] = random.random


@functools.cache
def tls() -> ssl.SSLContext:
    """Certificates are checked against those of the system and of certifi."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Wire(httpcore.SyncBackend):
    """Connects to a host only at addresses that were judged in the same breath."""

    def __init__(self, private_network: bool, world: World) -> None:
        self._private_network = private_network
        self._world = world
        self._until = threading.local()

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Whatever this thread connects to, reads and writes here takes `seconds` together at most."""
        self._until.at = self._world.monotonic() + seconds
        try:
            yield
        finally:
            self._until.at = None

    def left(self, timeout: float | None) -> float | None:
        """The time limit of one step. Raises httpcore.ReadTimeout when there is no time left."""
        at = getattr(self._until, "at", None)
        if at is None:
            return timeout
        left = float(at - self._world.monotonic())
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)

    def checked(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host. Raises Refused when any may not be reached, OSError without any."""
        addresses = [host] if literal(host) is not None else self._world.resolve(host, port)
        for text in addresses:
            address = literal(text.partition("%")[0])
            reason = "it is none" if address is None else why_refused(address, self._private_network)
            if reason:
                raise Refused(f"{host} is at {text}, which is not reached: {reason}")
        if not addresses:
            raise OSError(f"{host} has no address")
        return addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self.checked(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address: {error}") from None
        failure: Exception = httpcore.ConnectError(host)
        for address in addresses:
            try:
                stream = super().connect_tcp(address, port, self.left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self)
        raise failure

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise Refused("a socket on this machine is no web address")


class _Timed(httpcore.NetworkStream):
    """A stream whose every step ends in time."""

    def __init__(self, stream: httpcore.NetworkStream, wire: Wire) -> None:
        self._stream = stream
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._wire.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._wire.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = self._wire.left(timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, timeout), self._wire)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
