"""Makes the dictionary that bodies are packed with (body.c), from invented
bodies: those of the tests, each many times over with other ids, names, numbers
and addresses, so that only what all webhooks share gets into it.

    python3 src/journal/dictionary.py tests/fixtures src/journal/body.dict

Journals are read with the dictionary they were written with: once a version
is out, body.dict is never made again; a better one gets the next number.
"""

import os
import random
import re
import subprocess
import sys
import tempfile

SIZE = 16384
NUMBER = 1
TIMES = 40
SMALL = 20000  # bytes; larger bodies are mostly one person's words

LETTERS = 'abcdefghijklmnopqrstuvwxyz'


def word(random_, length):
    return ''.join(random_.choice(LETTERS) for _ in range(length))


def others(random_, text):
    """text with everything in it that is somebody's own replaced."""
    seen = {}

    def same(kind, make):
        def replace(match):
            key = kind, match.group(0)
            if key not in seen:
                seen[key] = make(match.group(0))
            return seen[key]
        return replace

    def hexadecimal(old):
        return ''.join(random_.choice('0123456789abcdef') if c != '-' else c
                       for c in old)

    def alike(old):
        return ''.join(random_.choice(LETTERS + LETTERS.upper())
                       if c.isalpha() else
                       random_.choice('0123456789') if c.isdigit() else c
                       for c in old)

    text = re.sub(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
                  same('id', hexadecimal), text)
    text = re.sub(r'[\w.+-]+@[\w-]+\.example',
                  same('mail', lambda _: '%s@%s.example' % (
                      word(random_, 5), word(random_, 8))), text)
    text = re.sub(r'\b[A-Za-z0-9]{20,}\b', same('long', alike), text)
    text = re.sub(r'(?<="user_name":")[^"]+|(?<="org_name":")[^"]+',
                  same('name', alike), text)
    return re.sub(r'\d{3,}', same('number', alike), text)


def samples(folder):
    for name in sorted(os.listdir(folder)):
        if not re.match(r'(\d\d_|default_)', name):
            continue
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            text = file.read()
        if len(text) < SMALL:
            yield text


def main(folder, out):
    random_ = random.Random(NUMBER)
    with tempfile.TemporaryDirectory() as place:
        paths = []
        for text in samples(folder):
            for _ in range(TIMES):
                paths.append('%s/%d' % (place, len(paths)))
                with open(paths[-1], 'w', encoding='utf-8') as file:
                    file.write(others(random_, text))
        subprocess.run(['zstd', '-q', '-f', '--train', *paths,
                        '--maxdict=%d' % SIZE, '--dictID=%d' % NUMBER,
                        '-o', out], check=True)


main(*sys.argv[1:])
