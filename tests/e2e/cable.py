"""What lies between a board and its receiver."""

import socket
import threading


class Cable:
    """A TCP proxy that can be cut, frozen, or hold back what it is sent."""

    def __init__(self, port):
        self.port_there = port
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.held = threading.Event()
        self.held.set()
        self.pairs = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            try:
                there = socket.create_connection(('127.0.0.1',
                                                  self.port_there))
            except OSError:
                here.close()
                continue
            self.pairs.append((here, there))
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._pump, args=(one, other),
                                 daemon=True).start()

    def _pump(self, one, other):
        try:
            while True:
                data = one.recv(65536)
                self.held.wait()
                if not data:
                    break
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(2)
            except OSError:
                pass

    def cut(self):
        for pair in self.pairs:
            for end in pair:
                try:
                    end.shutdown(2)
                except OSError:
                    pass
        self.pairs = []

    def close(self):
        self.listener.close()
        self.cut()
