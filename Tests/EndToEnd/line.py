"""A line between the daemon and the operator that can be held at the worst moment."""

import contextlib
import socket
import threading

# More than a client sends for the handshake with its certificate, less than with a signed message after it.
HANDSHAKE_LIMIT = 4_500


class Line:
    """Passes bytes on from a port of its own; sees nothing of what is in them, since it is TLS."""

    def __init__(self, target):
        self.target = target
        self.struck = threading.Event()
        self._held = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections = []
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_next(self, what):
        """Holds the next `request` before it is whole, or the next `answer` before a byte of it arrives.

        `struck` tells when that has happened. The held connection stays silent until either side ends.
        """
        self.struck.clear()
        self._held = what

    def pass_on(self):
        self._held = None

    def close(self):
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        self._connections += [client, server]
        passage = Passage(self, client, server)
        threading.Thread(target=passage.answers, daemon=True).start()
        passage.requests()

    def take(self, what):
        """Whether this is what is to be held; it is held once."""
        if self._held != what:
            return False
        self._held = None
        self.struck.set()
        return True


class Passage:
    """One connection through the line."""

    def __init__(self, line, client, server):
        self.line, self.client, self.server = line, client, server
        self.sent = 0

    def requests(self):
        def is_held(data):
            self.sent += len(data)
            return self.sent > HANDSHAKE_LIMIT and self.line.take("request")

        self._pass_on(self.client, self.server, is_held)

    def answers(self):
        self._pass_on(self.server, self.client, lambda _: self.sent > HANDSHAKE_LIMIT and self.line.take("answer"))

    @staticmethod
    def _pass_on(source, target, is_held):
        holds = False
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                holds = holds or is_held(data)
                if not holds:
                    target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
