"""A Slack that enforces Slack's rules, and remembers what it took.

Rules (docs.slack.dev: rate limits, Block Kit; error bodies as incoming
webhooks give them): one message a second and channel with a short burst
tolerated, then 429 with Retry-After; whoever goes on before that time is
noted; 50 blocks; 3,000 characters of text in a section, 75 in a button,
3,000 in a URL; text for notifications is required; about 13,200 characters
of block text in all. More than the tolerated messages in a minute would be
hidden silently: those are counted as hidden.
"""

import json
import threading
import time

import listening

BURST = 2          # messages tolerated at once
HIDE_PER_MINUTE = 100
TOTAL_TEXT = 13200
SECRET = 'xS3cr3tx'  # of the address: nothing may ever print it


def block_errors(message):
    """What Slack would refuse a message for; None: nothing."""
    if not isinstance(message, dict) or not message.get('text'):
        return 'no_text'
    if len(message['text']) > 40000:
        return 'msg_too_long'
    blocks = message.get('blocks', [])
    if len(blocks) > 50:
        return 'invalid_blocks'
    total = 0
    for block in blocks:
        if block.get('type') == 'section':
            text = block['text']['text']
            if not 1 <= len(text) <= 3000:
                return 'invalid_blocks'
            total += len(text)
        elif block.get('type') == 'actions':
            elements = block['elements']
            if not 1 <= len(elements) <= 25:
                return 'invalid_blocks'
            for element in elements:
                label = element['text']
                if (element['type'] != 'button' or
                        label['type'] != 'plain_text' or
                        not 1 <= len(label['text']) <= 75 or
                        len(element.get('url', '')) > 3000):
                    return 'invalid_blocks'
                total += len(label['text'])
        else:
            return 'invalid_blocks'
    return 'msg_blocks_too_long' if total > TOTAL_TEXT else None


class FakeSlack(listening.Listening):
    """Starts at once on a free port. mode: 'ok', or what goes wrong:
    'down' (503), 'hang', 'drop' (takes the message, says nothing),
    'gone' (404 no_service), 'refuse' (400 for every message), 'moved' (302
    to itself), or what a bot is told: 'bot' (ok) and 'bot:ERROR'."""

    def __init__(self, context=None):
        self.lock = threading.Lock()
        self.mode = 'ok'
        self.taken = []          # parsed bodies that were accepted
        self.raw = []
        self.headers = []
        self.limited = 0         # 429 answers
        self.ignored = 0         # requests before a Retry-After was over
        self.hidden = 0
        self.refused = []        # why bodies were refused
        self.seen = 0            # requests of any kind
        self.followed = 0        # GETs: somebody followed a redirect
        self.dropped = 0         # taken in mode 'drop', without an answer
        self._tokens = float(BURST)
        self._last = time.monotonic()
        self._until = 0.0
        self._minute = []
        fake = self

        class Handler(listening.Handler):
            def do_GET(self):
                fake.followed += 1
                self.answer(200, b'ok')

            def do_POST(self):
                fake.seen += 1
                fake.handle(self, self.body())

        self.stopping = threading.Event()
        super().__init__(Handler, context)
        self.forgive()
        self.url += '/services/T0/B0/' + SECRET

    def close(self):
        self.stopping.set()
        super().close()

    def _allow(self, now):
        """None, or how many seconds to wait."""
        if now < self._until:
            self.ignored += 1
            return self._until - now
        self._tokens = min(BURST, self._tokens + (now - self._last))
        self._last = now
        if self._tokens < 0.95:  # a message a second, clocks being clocks
            self._until = now + 1
            return 1
        self._tokens -= 1
        return None

    def has_room(self):
        """Would the next message be taken at once?"""
        with self.lock:
            now = time.monotonic()
            return (now >= self._until and
                    min(BURST, self._tokens + now - self._last) >= 1)

    def _answer(self, handler, status, text, headers=()):
        handler.answer(status, text.encode(), headers)

    def handle(self, handler, data):
        mode = self.mode
        if mode == 'down':
            return self._answer(handler, 503, 'service_unavailable')
        if mode == 'hang':
            self.stopping.wait(60)
            handler.close_connection = True
            return None
        if mode == 'gone':
            return self._answer(handler, 404, 'no_service')
        if mode == 'refuse':
            return self._answer(handler, 400, 'invalid_payload')
        if mode == 'moved':
            return self._answer(handler, 302, 'Moved to ' + handler.path,
                                [('Location', handler.path)])
        if mode.startswith('bot:'):
            return self._answer(handler, 200, json.dumps(
                {'ok': False, 'error': mode[4:]}))
        with self.lock:
            wait = self._allow(time.monotonic())
            if wait is not None:
                self.limited += 1
                return self._answer(
                    handler, 429,
                    '{"retry_after":1,"ok":false,"error":"rate_limited"}',
                    [('Retry-After', '1')])
            try:
                message = json.loads(data.decode('utf-8'))
            except ValueError:
                message = None
            wrong = block_errors(message)
            if wrong:
                self.refused.append(wrong)
                return self._answer(handler, 400, wrong)
            now = time.monotonic()
            self._minute = [at for at in self._minute if at > now - 60]
            self._minute.append(now)
            if len(self._minute) > HIDE_PER_MINUTE:
                self.hidden += 1
            self.taken.append(message)
            self.raw.append(data)
            self.headers.append(dict(handler.headers))
            if mode == 'drop':
                self.dropped += 1
                handler.close_connection = True
                handler.connection.close()
                return None
        return self._answer(
            handler, 200, '{"ok":true,"ts":"1"}' if mode == 'bot' else 'ok')

    def text(self):
        """All that a person would read, message by message."""
        lines = []
        for message in self.taken:
            for block in message.get('blocks', []):
                if block['type'] == 'section':
                    lines.append(block['text']['text'])
        return '\n'.join(lines)


class Hook(FakeSlack):
    """Anything with a URL: takes everything, and remembers what came."""

    def handle(self, handler, data):
        with self.lock:
            self.raw.append(data)
            self.headers.append(dict(handler.headers))
        self._answer(handler, 200, '{}')

    def items(self, bodies=None):
        """The events and signals in these bodies, or in all that came."""
        found = []
        for data in list(self.raw) if bodies is None else bodies:
            item = json.loads(data)
            found += item if isinstance(item, list) else [item]
        return found
