"""Clients that take room and time: idle connections, heads that stop half way, bodies that never end."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAD = b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
UNSIGNED = HEAD + b"content-length: 100000\r\n\r\n{"
CONNECTIONS = 1000


@contextmanager
def slow_clients(port: int) -> Iterator[None]:
    """So many connections at any time; those that are shown out come back."""
    stop = threading.Event()
    clients: list[socket.socket] = []

    def besiege() -> None:
        turn = 0
        while not stop.is_set():
            try:
                client = socket.create_connection(("127.0.0.1", port), 5)
                client.sendall((b"", HEAD, UNSIGNED)[turn % 3])
                clients.append(client)
            except OSError:
                stop.wait(0.01)
            turn += 1
            if len(clients) > CONNECTIONS:
                clients.pop(0).close()
                stop.wait(0.005)

    thread = threading.Thread(target=besiege)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for client in clients:
            client.close()
