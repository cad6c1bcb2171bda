"""kill -9 at random moments under load: what was acknowledged is there
afterwards, and nothing is there twice. `kill.py N`, or KILLS in the
environment, says how often (20)."""

import os
import random
import signal
import sqlite3
import sys
import threading
import time
import uuid

import telltale as t

KILLS = int(sys.argv[1] if len(sys.argv) > 1 else
            os.environ.get('KILLS', '20'))
SENDERS = 6


class Sender(threading.Thread):
    """Posts events on one connection until the other side is gone; what got
    no answer is posted again after the next start, as PostHog does."""

    def __init__(self, watch, acknowledged, unanswered):
        super().__init__(daemon=True)
        self.watch = watch
        self.acknowledged = acknowledged
        self.unanswered = unanswered
        self.sent = 0
        self.worst = 0.0

    def run(self):
        connection = self.watch.connect()
        path = '/hook/' + self.watch.token
        key = None
        try:
            while True:
                again = self.unanswered.pop() if self.unanswered else None
                key = again or str(uuid.uuid4())
                since = time.monotonic()
                connection.request('POST', path, t.body(uuid=key))
                self.sent += 1
                answer = connection.getresponse()
                answer.read()
                self.worst = max(self.worst, time.monotonic() - since)
                if answer.status == 200:
                    self.acknowledged.add(key)
                    key = None
        except (OSError, t.http.client.HTTPException):
            if key:
                self.unanswered.append(key)
        finally:
            connection.close()


def one_life(watch, acknowledged, unanswered, chance):
    """Starts it, loads it, kills it; how many requests were sent, and the
    slowest answer."""
    watch.start()
    enough = len(acknowledged) + chance.randint(1, 400)
    senders = [Sender(watch, acknowledged, unanswered)
               for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    t.wait_until(lambda: len(acknowledged) >= enough, 'answers')
    time.sleep(chance.random() * 0.005)
    watch.stop(signal.SIGKILL)
    for sender in senders:
        sender.join(t.PATIENCE)
    return (sum(sender.sent for sender in senders),
            max(sender.worst for sender in senders))


@t.case('kill -9 under load loses nothing that was acknowledged')
def _():
    chance = random.Random(int(os.environ.get('SEED', '1')))
    acknowledged, unanswered, sent, worst = set(), [], 0, 0.0
    with t.Telltale(command='serve', start=False) as watch:
        for _ in range(KILLS):
            more, slowest = one_life(watch, acknowledged, unanswered, chance)
            sent += more
            worst = max(worst, slowest)
        kept = [event['uuid'] for event in watch.home.tail()]
        with sqlite3.connect(watch.home.journal) as database:
            sound = database.execute('PRAGMA integrity_check').fetchone()[0]
        seqs = [event['seq'] for event in watch.home.tail()]
        lost = acknowledged - set(kept)
        t.note('%d kills, %d sent, %d acknowledged, %d kept, %d lost, '
               '%d twice, %d unanswered at the end' %
               (KILLS, sent, len(acknowledged), len(kept), len(lost),
                len(kept) - len(set(kept)), len(unanswered)))
        t.row('fault', case='%d kill -9 under load' % KILLS, sent=sent,
              acknowledged=len(acknowledged), kept=len(kept),
              doubled=len(kept) - len(set(kept)), lost=len(lost),
              worst=worst)
        t.equal(len(lost), 0, 'lost')
        t.equal(len(kept), len(set(kept)), 'twice')
        t.equal(seqs, sorted(set(seqs)), 'seq')
        t.equal(sound, 'ok')


t.run()
