"""A board on a terminal: its keys are pressed and its screen is read."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

import telltale as t


class Board:
    """A board on a terminal of its own; text: what is on it."""

    def __init__(self, home, *words):
        self.home = home
        here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ,
                    struct.pack('HHHH', 40, 140, 0, 0))
        self.here, self.data = here, b''
        self.process = subprocess.Popen(
            [t.PROGRAM, *words], env=dict(home.env, TERM='xterm-256color'),
            stdin=there, stdout=there, stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(there)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            while True:
                self.data += os.read(self.here, 65536)
        except OSError:
            pass

    def keys(self, text):
        os.write(self.here, text.encode())

    def wait_for(self, text, since=0):
        t.wait_until(lambda: text in self.plain(since),
                     '%r on the screen: %r' % (text, self.plain(since)[-3000:]))

    def plain(self, since=0):
        data = self.data[since:].decode(errors='replace')
        return re.sub(r'\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]', '', data)

    def close(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(t.PATIENCE)
        os.close(self.here)
        self.thread.join(t.PATIENCE)


def attached(serve, token, home=None, **environment):
    home = home or t.Home(TELLTALE_VIEWER_TOKEN=token, **environment)
    return Board(home, 'attach', 'http://127.0.0.1:%d' % serve.port)
