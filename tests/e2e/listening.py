"""What answers over HTTP in place of a PostHog, a Slack, a telltale or a
tunnel."""

import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """One request; says nothing on standard error."""

    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def body(self):
        """What was sent; of one that was cut short, when who sent it was
        killed, nothing is made."""
        size = self.headers.get('Content-Length')
        if size is None and self.command == 'POST':
            raise ConnectionError('cut short in its head')
        data = self.rfile.read(int(size or 0))
        if len(data) < int(size or 0):
            raise ConnectionError('cut short in its body')
        return data

    def answer(self, status, data, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Listening:
    """Listens at once, on a free port; each connection is a thread of its
    own, which calls the handler. Leaving the block closes it."""

    def __init__(self, handler, context=None):
        """context: of TLS, where there is to be any."""
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                                      handler)
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket,
                                                     server_side=True)
        self.port = self.server.server_address[1]
        self.url = '%s://127.0.0.1:%d' % ('https' if context else 'http',
                                          self.port)
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def forgive(self):
        """Those it serves may be killed, or go away: that is no news."""
        self.server.handle_error = lambda *_: None

    def close(self):
        self.server.shutdown()
        self.server.server_close()
