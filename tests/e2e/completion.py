"""Completion: what telltale offers for a command line, and that each shell
which is here makes it into what is typed."""

import os
import re
import shlex
import shutil
import subprocess

import telltale as t
from terminal import Terminal

BOOK = ('organization_id,organization_name\n'
        'acme-1,Acme Corporation\nacme-2,Ácme Two\nbor-1,Borealis Freight\n')
CONFIG = ('[mirror slack]\nurl = https://x.example/1\nwindow = 3s\n'
          '[mirror zapier]\ntype = json\nurl = https://x.example/2\n')


def home(config=CONFIG):
    """A home with a book and mirrors, and telltale in the path."""
    place = t.Home()
    place.write('config/telltale/accounts.csv', BOOK)
    path = place.write('config/telltale/config.ini', config)
    os.chmod(path, 0o600)
    place.env['PATH'] = t.BUILD + ':' + place.env['PATH']
    return place


def offers(place, *words):
    done = place.run('__complete', *words)
    t.equal((done.returncode, done.stderr), (0, ''), words)
    return [line.split('\t')[0] for line in done.stdout.splitlines()]


def offered(*words, config=CONFIG):
    place = home(config)
    try:
        return offers(place, *words)
    finally:
        place.remove()


def commands():
    """The names of the table."""
    path = os.path.join(t.SOURCE, 'src/command/commands.def')
    with open(path, encoding='utf-8') as file:
        return re.findall(r'^COMMAND\(\w+, "([a-z-]+)"', file.read(), re.M)


def own_options():
    """(command, option, verbs) of the table."""
    path = os.path.join(t.SOURCE, 'src/command/command_options.def')
    with open(path, encoding='utf-8') as file:
        return re.findall(
            r'^COMMAND_OPTION\((\w+), \w+, "(--[a-z-]+)", [^,]+, [^,]+, '
            r'\w+, (?:NULL|"([a-z ]+)")', file.read(), re.M)


@t.case('all commands are offered, and those that begin so')
def _():
    t.equal(offered(''), commands())
    t.equal(offered('ta'), ['tail'])
    t.equal(offered('--theme', 'x', 'ta'), ['tail'])
    t.equal(offered('nonesuch', ''), [])


@t.case('each option of the table is offered to its command')
def _():
    place = home()
    rows = own_options()
    assert len(rows) > 20, rows
    try:
        for command, option, verbs in rows:
            words = [command] + verbs.split()[:1]
            got = offers(place, *words, '--')
            assert option in got, (words, option, got)
            got = offers(place, *words, '--', option)
            assert option not in got, ('behind --', words, got)
    finally:
        place.remove()


@t.case('an option is offered to the verbs that take it')
def _():
    assert '--dry-run' in offered('accounts', 'pull', '--')
    assert '--dry-run' not in offered('accounts', 'list', '--')


@t.case('settings are offered once they are begun, secrets never')
def _():
    assert '--listen' not in offered('tail', '--')
    assert '--listen' in offered('tail', '--l')
    assert '--posthog-api-key' not in offered('tail', '--posthog')
    assert '--listen' in offered('--')


@t.case('verbs, then what they take')
def _():
    t.equal(offered('accounts', ''), ['list', 'unlisted', 'check', 'pull'])
    t.equal(offered('accounts', 'check', ''), [':files'])
    t.equal(offered('accounts', 'list', ''), [])
    t.equal(offered('destination', 'p'), ['pause'])


@t.case('accounts and mirrors are those that are there')
def _():
    t.equal(offered('signals', '--account', 'ac'),
            ['Acme Corporation', 'Ácme Two'])
    t.equal(offered('signals', '--account=bo'),
            ['--account=Borealis Freight'])
    t.equal(offered('forget', 'acme'), ['acme-1', 'acme-2'])
    t.equal(offered('check', '--mirror', ''), ['slack', 'zapier'])
    t.equal(offered('check', '--mirror=z'), ['--mirror=zapier'])


@t.case('the book and the settings are those of the line')
def _():
    place = home()
    try:
        other = place.write('other.csv', BOOK.replace('Acme', 'Aster'))
        t.equal(offers(place, '--accounts', other, 'signals', '--account',
                       'as'), ['Aster Corporation'])
        t.equal(offers(place, 'signals', '--accounts=' + other, '--account',
                       'as'), ['Aster Corporation'])
    finally:
        place.remove()


@t.case('a filter: fields, their words, accounts, events')
def _():
    t.equal(offered('tail', 'cat'), [':more', 'category:'])
    t.equal(offered('tail', 'category:bil'), ['category:billing'])
    t.equal(offered('tail', 'account:ac'),
            ['account:"Acme Corporation"', 'account:"Ácme Two"'])
    assert 'event:"billing trial activated"' in offered('tail', 'event:bil')
    assert '-event:"billing trial activated"' in offered('tail', '--',
                                                         '-event:bil')


@t.case('values of settings: choices, files')
def _():
    t.equal(offered('--source', ''), ['webhook', 'posthog'])
    t.equal(offered('watch', '--source=p'), ['--source=posthog'])
    t.equal(offered('--journal', ''), [':files'])
    t.equal(offered('--listen', ''), [])


@t.case('what is wrong in the settings or the book stops nothing')
def _():
    t.equal(offered('ta', config='colour = red\n'), ['tail'])
    t.equal(offered('check', '--mirror', '', config='colour = red\n'), [])
    place = home()
    try:
        place.write('config/telltale/accounts.csv', 'nothing\n')
        t.equal(offers(place, 'signals', '--account', ''), [])
        os.remove(os.path.join(place.path, 'config/telltale/accounts.csv'))
        t.equal(offers(place, 'signals', '--account', ''), [])
    finally:
        place.remove()


@t.case('nothing that a terminal would obey is offered')
def _():
    place = home()
    try:
        place.write('config/telltale/accounts.csv',
                    'organization_id,organization_name\n'
                    'a-1,"Ac\x1b[31mme"\na-2,"Ac\tme"\na-3,"Ac$(id)"\n')
        done = place.run('__complete', 'signals', '--account', '')
        assert '\x1b' not in done.stdout, done.stdout
        for line in done.stdout.splitlines():
            t.equal(line.count('\t'), 1, line)
    finally:
        place.remove()


@t.case('no more than 500 of a large book')
def _():
    place = home()
    try:
        place.write('config/telltale/accounts.csv',
                    'organization_id,organization_name\n' + ''.join(
                        'id-%d,Name %d\n' % (i, i) for i in range(600)))
        t.equal(len(offers(place, 'signals', '--account', '')), 500)
        t.equal(offers(place, 'signals', '--account', 'name 599'),
                ['Name 599'])
    finally:
        place.remove()


# The shells themselves. Each is started on a terminal, gets the script as a
# user would load it, a line that ends in a Tab, and then a mark.

def shell_script(place, shell):
    done = place.run('completion', shell)
    t.equal((done.returncode, done.stderr), (0, ''), shell)
    return place.write('script.' + shell, done.stdout)


class Shell(Terminal):
    """An interactive shell on a terminal of its own; .seen is text."""

    seen = ''
    ARGV = {'bash': ['bash', '--norc', '--noprofile', '-i'],
            'zsh': ['zsh', '-f', '-i'],
            'fish': ['fish', '--no-config', '-i']}
    LOAD = {'bash': '. {0}', 'zsh': 'autoload -U compinit; compinit -u -D; '
            '. {0}', 'fish': 'source {0}'}

    def __init__(self, place, shell):
        env = dict(place.env, TERM='dumb', PS1='$ ', INPUTRC='/dev/null',
                   LC_ALL='C.UTF-8')
        super().__init__(self.ARGV[shell], env, folder=place.path)
        script = shlex.quote(shell_script(place, shell))
        self.say(self.LOAD[shell].format(script))

    def took(self, got):
        self.seen += got.decode('utf-8', 'replace')

    def say(self, line):
        """Runs it, and waits until it ran."""
        self.seen = ''
        self.type((line + '; echo re""ady\r').encode())
        self.wait_for('ready')

    def complete(self, typed):
        """The words that the shell makes of the line, its Tab pressed: the
        line runs, with printf in place of telltale."""
        self.seen = ''
        self.type((typed + '\t').encode())
        self.type(b'\r')
        self.wait_for(r'\|end\|')
        found = re.findall(r'\|begin\|(.*?)\|end\|', self.seen, re.S)
        return found[-1].split('|')


def in_shell(shell, lines, book=BOOK):
    """telltale is found by its name for completing, and prints its words when
    it is run: a wrapper stands before the program in the path."""
    if not shutil.which(shell):
        t.note('%s is not here: left out' % shell)
        return
    place = home()
    try:
        place.write('other.csv', BOOK)
        place.write('config/telltale/accounts.csv', book)
        wrapper = place.write(
            'bin/telltale', '#!/bin/sh\n'
            'case $1 in __complete|completion) exec %s "$@" ;; esac\n'
            'printf "|begin|"\nfor w; do printf "%%s|" "$w"; done\n'
            'printf "end|\\n"\n' % shlex.quote(t.PROGRAM))
        os.chmod(wrapper, 0o755)
        place.env['PATH'] = os.path.dirname(wrapper) + ':' + place.env['PATH']
        running = Shell(place, shell)
        try:
            for typed, wanted in lines:
                t.equal(running.complete(typed), wanted, typed)
        finally:
            running.close()
    finally:
        place.remove()


LINES = (
    ('telltale sig', ['signals']),
    ('telltale accounts un', ['accounts', 'unlisted']),
    ('telltale tail --fol', ['tail', '--follow']),
    ('telltale check --mirror za', ['check', '--mirror', 'zapier']),
    ('telltale check --mirror=za', ['check', '--mirror=zapier']),
    ('telltale signals --account bor',
     ['signals', '--account', 'Borealis Freight']),
    ('telltale tail category:bil', ['tail', 'category:billing']),
    ("telltale tail 'account:\"Bor", ['tail', 'account:"Borealis Freight"']),
    ('telltale accounts check oth', ['accounts', 'check', 'other.csv']),
)
# Fish takes only what goes on as it was typed, in any case.
UNQUOTED = (('telltale tail account:bor',
             ['tail', 'account:"Borealis Freight"']),)


@t.case('bash completes words, values, names with blanks and filters')
def _():
    in_shell('bash', LINES + UNQUOTED)


@t.case('bash completes within quotes')
def _():
    in_shell('bash', [
        ("telltale signals --account 'Bor",
         ['signals', '--account', 'Borealis Freight']),
        ('telltale signals --account "Bor',
         ['signals', '--account', 'Borealis Freight'])])


@t.case('nothing of a name is run by a shell, in quotes or without')
def _():
    name = 'Zed $(touch owned) `touch owned` it\'s'
    book = 'organization_id,organization_name\nzed,%s\n' % name
    for shell in ('bash', 'zsh', 'fish'):
        in_shell(shell, [
            ('telltale signals --account ' + quote + 'Zed',
             ['signals', '--account', name])
            for quote in (('', '"', "'") if shell != 'fish' else ('',))], book)


@t.case('zsh completes words, values, names with blanks and filters')
def _():
    in_shell('zsh', LINES + UNQUOTED)


@t.case('fish completes words, values, names with blanks and filters')
def _():
    in_shell('fish', LINES)


@t.case('make install puts each script where its shell looks')
def _():
    made = t.Home()
    try:
        target = os.path.join(made.path, 'root')
        subprocess.run(['make', '-s', 'install-data-local',
                        'DESTDIR=' + target], cwd=t.BUILD, check=True,
                       stdout=subprocess.DEVNULL, timeout=t.PATIENCE)
        found = sorted(
            os.path.relpath(os.path.join(folder, name), target).split(
                'share/', 1)[1]
            for folder, _, names in os.walk(target) for name in names)
        t.equal(found, ['bash-completion/completions/telltale',
                        'fish/vendor_completions.d/telltale.fish',
                        'zsh/site-functions/_telltale'])
        subprocess.run(['make', '-s', 'uninstall-local',
                        'DESTDIR=' + target], cwd=t.BUILD, check=True,
                       stdout=subprocess.DEVNULL, timeout=t.PATIENCE)
        t.equal([name for _, _, names in os.walk(target)
                 for name in names], [], 'left')
    finally:
        made.remove()


t.run()
