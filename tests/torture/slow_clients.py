"""Clients that take room and time: idle connections, heads that stop half way, bodies that never end."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEAD = b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
UNSIGNED = HEAD + b"content-length: 100000\r\n\r\n{"
CONNECTIONS = 1000
CONNECTED = f"{CONNECTIONS} are connected\n"


@contextmanager
def slow_clients(port: int) -> Iterator[None]:
    """So many connections at any time, from a process of their own; those that are shown out come back.

    Begins when all of them have connected.
    """
    command = [sys.executable, "-m", "tests.torture.slow_clients", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as besieger:
        assert besieger.stdout is not None
        try:
            assert besieger.stdout.readline() == CONNECTED
            yield
            assert besieger.poll() is None, "they were there to the end"
        finally:
            besieger.kill()


def besiege(port: int) -> None:
    """Until killed."""
    clients: list[socket.socket] = []
    turn, besieged = 0, False
    while True:
        try:
            client = socket.create_connection(("127.0.0.1", port), 5)
            client.sendall((b"", HEAD, UNSIGNED)[turn % 3])
            clients.append(client)
        except OSError:
            time.sleep(0.01)
        turn += 1
        if len(clients) == CONNECTIONS and not besieged:
            besieged = True
            print(CONNECTED, end="", flush=True)
        if len(clients) > CONNECTIONS:
            clients.pop(0).close()
            time.sleep(0.005)


if __name__ == "__main__":
    besiege(int(sys.argv[1]))
