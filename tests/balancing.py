"""A load balancer before several processes: each connection goes to the next one that takes it."""

import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle, islice

LOOPBACK = "127.0.0.1"


class Balancer(socketserver.ThreadingTCPServer):
    """Bytes are passed on as they are, since signatures are over them; `taken` counts who got connections."""

    def __init__(self, ports: Sequence[int]) -> None:
        super().__init__((LOOPBACK, 0), _PassingOn)
        self.port: int = self.server_address[1]
        self.taken: Counter[int] = Counter()
        self._ports = ports
        self._turns = cycle(ports)
        self._turn = threading.Lock()

    def next_open(self) -> socket.socket:
        """A connection to whose turn it is, or to the one after where nobody listens any more.

        Raises OSError when nobody does.
        """
        with self._turn:
            for port in islice(self._turns, len(self._ports)):
                with suppress(ConnectionRefusedError):
                    connection = socket.create_connection((LOOPBACK, port))
                    self.taken[port] += 1
                    return connection
        raise ConnectionRefusedError("no process listens")


class _PassingOn(socketserver.BaseRequestHandler):
    server: Balancer
    request: socket.socket

    def handle(self) -> None:
        with suppress(ConnectionRefusedError), self.server.next_open() as inner:
            back = threading.Thread(target=_pass_on, args=(inner, self.request))
            back.start()
            _pass_on(self.request, inner)
            back.join()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    """Until the end of what comes, which is passed on too."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            to.sendall(data)
    with suppress(OSError):
        to.shutdown(socket.SHUT_WR)


@contextmanager
def balanced(ports: Sequence[int]) -> Iterator[Balancer]:
    """A balancer before these ports of loopback."""
    with Balancer(ports) as balancer:
        thread = threading.Thread(target=balancer.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield balancer
        finally:
            balancer.shutdown()
            thread.join()
