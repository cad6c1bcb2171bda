"""Two boards of a team side by side, in one picture: doc/team.svg. What is on
them is the demo's, at its moment that is always the same; both look at the
same account. Usage: team.py BUILD FOLDER; pictures.sh does it. Port 8420 must
be free."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD, FOLDER = sys.argv[1:3]
PROGRAM = os.path.join(BUILD, 'telltale')
PICTURE = os.path.join(BUILD, 'tests/screen/picture')
PORT = os.environ.get('PORT', '8420')
URL = 'http://127.0.0.1:' + PORT
CLOCK = '2026-09-14T10:48:50Z'
KEYS = sys.argv[3] if len(sys.argv) > 3 else 'Ajjjjjj'


class Home:
    """Somebody's folders, and the environment that names them."""

    def __init__(self, root, name, **more):
        self.path = os.path.join(root, name)
        os.makedirs(self.path + '/config/telltale')
        self.extra = dict(
            HOME=self.path, XDG_STATE_HOME=self.path + '/state',
            XDG_CONFIG_HOME=self.path + '/config', TZ='UTC0',
            TELLTALE_CLOCK=CLOCK, COLORTERM='truecolor', **more)
        self.env = {name: value for name, value in os.environ.items()
                    if not name.startswith('TELLTALE_')}
        self.env.update(self.extra)

    def run(self, *words):
        return subprocess.run([PROGRAM, *words], env=self.env, check=True,
                              capture_output=True, text=True).stdout

    def start(self, *words):
        return subprocess.Popen(
            [PROGRAM, *words], env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def picture(self, file, *words):
        extras = [word for pair in self.extra.items()
                  for word in ('-e', '%s=%s' % pair)]
        return subprocess.Popen(
            [PICTURE, '-o', file, '-s', '38x100', '-q', '4', *words, *extras,
             PROGRAM, 'attach', '--theme', 'night', URL])


def stopped(process):
    process.terminate()
    process.wait()


def past(root):
    """All that the demo begins with, as lines."""
    demo = Home(root, 'demo', TMPDIR=root)
    process = demo.start('demo', '--json', '--listen', '127.0.0.1:' + PORT)
    lines, before = '', None
    while not lines or lines != before:
        time.sleep(2)
        before = lines
        journals = glob.glob(root + '/telltale-demo-*/journal.db')
        if process.poll() is not None:
            raise SystemExit('the demo does not run')
        if journals:
            lines = demo.run('export', '--journal', journals[0])
    stopped(process)
    return lines


def book(lines):
    """Everybody's book: whoever is listed in the demo's."""
    accounts = {}
    for line in lines.splitlines():
        account = json.loads(line).get('account') or {}
        if account.get('listed'):
            accounts[account['id']] = account['name']
    return 'organization_id,organization_name\n' + ''.join(
        '%s,"%s"\n' % pair for pair in sorted(accounts.items()))


def beside(files, out):
    """One SVG of several."""
    parts, at, height = [], 0, 0
    for file in files:
        with open(file, encoding='utf-8') as source:
            text = source.read()
        text = text[text.index('<svg'):]
        size = [float(re.search(r'<svg[^>]*\b%s="([\d.]+)"' % name,
                                text).group(1)) for name in
                ('width', 'height')]
        parts.append(text.replace('<svg', '<svg x="%.2f"' % at, 1))
        at, height = at + size[0] + 12, max(height, size[1])
    with open(out, 'w', encoding='utf-8') as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" width="%.2f" '
                   'height="%.2f">\n%s</svg>\n' %
                   (at - 12, height, ''.join(parts)))


def main(root):
    lines = past(root)
    hub = Home(root, 'hub')
    people = {name: Home(root, name) for name in ('maya', 'ben')}
    for home in (hub, *people.values()):
        with open(home.path + '/config/telltale/accounts.csv', 'w',
                  encoding='utf-8') as file:
            file.write(book(lines))
    with open(root + '/lines', 'w', encoding='utf-8') as file:
        file.write(lines)
    hub.run('import', root + '/lines')
    for name, home in people.items():
        token = hub.run('viewers', 'add', name).strip()
        home.extra['TELLTALE_VIEWER_TOKEN'] = token
        home.env['TELLTALE_VIEWER_TOKEN'] = token
    serve = hub.start('serve', '--listen', '127.0.0.1:' + PORT)
    boards = []
    for name, other in ('maya', 'ben'), ('ben', 'maya'):
        boards.append(people[name].picture(
            '%s/%s.svg' % (root, name), '-l', '12', '-w', '8', '-k', KEYS,
            '-U', 'Also here: ' + other))
    codes = [board.wait() for board in boards]
    stopped(serve)
    beside(['%s/%s.svg' % (root, name) for name in people],
           os.path.join(FOLDER, 'team.svg'))
    return max(codes)


if __name__ == '__main__':
    place = tempfile.mkdtemp(prefix='telltale-team-')
    try:
        sys.exit(main(place))
    finally:
        shutil.rmtree(place)
