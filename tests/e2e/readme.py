"""Every command line of README.md does what it says: each is run by a shell,
as it stands there, beside a telltale that receives and a pretended PostHog.
Names of places that are examples are put right first. `./dev`, sudo and what
belongs to a machine are run by tests/bare.sh and tests/package.sh."""

import os
import re
import shutil
import signal
import subprocess

import fake_posthog
import telltale as t
from past import EVENTS, Past, happened, now_ms

OWNER = 'csm@team.example'
VIEWER = 'v' * 22
ELSEWHERE = ('./dev', 'sudo ')
# They go on until they are stopped: what is waited for then.
ENDLESS = (
    (r'^telltale watch', 'listening on'),
    (r'^telltale serve', 'listening on'),
    (r'^telltale tail .*-f', 'insight'),
    (r'^telltale attach', 'insight'),
    (r'^curl -N', 'hello'),
)
# What they say no to, since it is not there: a signal of that number, somebody
# at the other end of the mirror, a destination for which nobody listens.
OTHERWISE = {
    r'signals (done|snooze) 12': (1, '12'),
    r'check --mirror slack': (4, 'slack'),
    r'check --zone': (1, 'running'),
    r'tail --rejects': (0, ''),
}
CONFIG = """[mirror slack]
type = slack
url_file = ~/slack-url
query = signal:stuck
allow_http = yes
"""


def command_lines():
    with open(os.path.join(t.SOURCE, 'README.md'), encoding='utf-8') as file:
        text = file.read()
    lines = [line.strip() for block in
             re.findall(r'```sh\n(.*?)```', text, re.S)
             for line in block.splitlines()]
    rest = re.sub(r'```.*?```', '', text, flags=re.S)
    lines += [' '.join(code.split()) for code in re.findall(r'`([^`]+)`', rest)]
    lines = [re.sub(r' +# .*', '', line) for line in lines]
    return list(dict.fromkeys(
        line for line in lines
        if re.match(r'(telltale|curl|sudo|\./dev)( |$)', line)
        and line not in ('telltale', '[MIT](LICENSE)')))


class Place:
    """A home in which all that the lines name is there."""

    def __init__(self):
        self.fake = fake_posthog.FakePostHog()
        rows = fake_posthog.answer_of('query_200.json')['results']
        self.fake.warehouse.make('salesforce_account')
        self.fake.warehouse.salesforce(rows, OWNER)
        self.fake.warehouse.heard([row[0] for row in rows])
        past = Past([happened('survey launched', now_ms() - 86400000)])
        self.fake.table(EVENTS, past.answer)
        self.home = t.Home(CONFIG, TELLTALE_VIEWER_TOKEN=VIEWER,
                           **self.fake.environment())
        os.chmod(self.home.write('slack-url', 'http://127.0.0.1:1/x\n'), 0o600)
        os.makedirs(self.home.path + '/bin')
        os.symlink(t.PROGRAM, self.home.path + '/bin/telltale')
        self.home.env['PATH'] = (self.home.path + '/bin:'
                                 + self.home.env['PATH'])
        self.watch = t.Telltale(command='serve', home=self.home)
        self.hub = 'http://127.0.0.1:%d' % self.watch.port
        self.home.env['TELLTALE_PUBLIC_URL'] = self.hub
        self.home.env['TELLTALE_LISTEN'] = self.hub[7:]
        t.equal(self.watch.post(t.body())[0], 200)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.watch.stop()
        self.home.remove()
        self.fake.close()

    def made_right(self, line):
        for example, here in (('127.0.0.1:8420', self.hub[7:]),
                              ('TOKEN -d', self.watch.token + ' -d'),
                              ('https://hub.example', self.hub),
                              ('EMAIL', '--yes maya@alderfinch.example'),
                              ('--account acme', '--account alder'),
                              ('jq .', 'jq --unbuffered .')):
            line = line.replace(example, here)
        return line

    def run(self, line):
        done = subprocess.run(
            ['sh', '-c', self.made_right(line)], env=self.home.env,
            cwd=self.home.path, stdin=subprocess.DEVNULL, text=True,
            capture_output=True, timeout=3 * t.PATIENCE)
        code, said = next((what for pattern, what in OTHERWISE.items()
                           if re.search(pattern, line)), (0, ''))
        out = done.stdout + done.stderr
        t.equal(done.returncode, code, '%s: %s' % (line, out))
        assert said in out, (line, out)

    def run_until(self, line, said):
        """One that goes on, with a journal of its own if it is to own one."""
        env = dict(self.home.env)
        if re.match('telltale (watch|serve|attach)', line):
            env.update(XDG_STATE_HOME=self.home.path + '/other',
                       TELLTALE_LISTEN='127.0.0.1:0')
        path = self.home.path + '/said'
        with open(path, 'wb') as out:
            process = subprocess.Popen(
                ['sh', '-c', self.made_right(line)], env=env, stdout=out,
                stderr=out, stdin=subprocess.DEVNULL, cwd=self.home.path,
                start_new_session=True)

        def look():
            with open(path, encoding='utf-8') as out:
                return said in out.read() or process.poll() is not None
        t.wait_until(look, '%r of %s' % (said, line))
        ended = process.poll()
        os.killpg(process.pid, signal.SIGINT) if ended is None else None
        process.wait(t.PATIENCE)
        t.equal(ended, None, open(path, encoding='utf-8').read())


def is_missing(line):
    return next((tool for tool in ('jq', 'curl')
                 if re.search(r'(^|\| )%s ' % tool, line)
                 and not shutil.which(tool)), None)


@t.case('every command line of README.md can be run as it stands there')
def _():
    lines = [line for line in command_lines()
             if not line.startswith(ELSEWHERE)]
    assert len(lines) > 35, lines
    # Who is forgotten is not there for those that come after.
    lines.sort(key=lambda line: ' forget ' in line)
    lines.sort(key=lambda line: not line.startswith('telltale setup'))
    wrong = []
    with Place() as place:
        for line in lines:
            if is_missing(line):
                t.note('left out, there is no %s: %s'
                       % (is_missing(line), line))
                continue
            said = next((said for pattern, said in ENDLESS
                         if re.search(pattern, line)), None)
            try:
                place.run_until(line, said) if said else place.run(line)
            except Exception as problem:
                wrong.append('%s: %s' % (line, problem))
    t.note('%d command lines' % len(lines))
    t.equal(wrong, [])


t.run()
