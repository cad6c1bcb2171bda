"""A program in a terminal of its own, a pty: what it wrote, what is typed,
and how it ended."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import telltale as t

SIZE = 40, 120


class Terminal:
    """Leaving the block ends the program, if it has not ended. What it wrote
    is in .seen: bytes, or what took() of a class makes of them."""

    seen = b''

    def __init__(self, argv, env, size=SIZE, folder=None):
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ,
                            struct.pack('HHHH', *size, 0, 0))
                os.chdir(folder or os.getcwd())
                os.execvpe(argv[0], argv, env)
            finally:  # or the child would go on with the tests
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def close(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()

    def hang_up(self):
        """The terminal goes away."""
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None

    def type(self, text):
        os.write(self.fd, text)

    def took(self, got):
        self.seen += got

    def read(self, seconds=0.02):
        """Takes what is there; False at the end of it."""
        if self.fd is None:
            time.sleep(seconds)
            return False
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            return False
        self.took(got)
        return bool(got)

    def wait_for(self, pattern):
        """Waits until what it wrote matches; returns the match."""
        def look():
            self.read()
            return re.search(pattern, self.seen, re.S)
        return t.wait_until(look, lambda: '%r after %r' %
                            (pattern, self.seen[-5000:]))

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def wait_for_end(self):
        """Waits for it; returns the exit code, or minus the signal."""
        def look():
            self.read()
            return self.ended()
        t.wait_until(look, lambda: 'the end after %r' % self.seen[-5000:])
        self.read()
        return os.waitstatus_to_exitcode(self.status)

    def local_modes(self):
        return termios.tcgetattr(self.fd)[3]
