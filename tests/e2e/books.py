"""The book of business while telltale runs: one that turns bad does not take
the accounts away, and nothing waits for one that is large."""

import os
import re
import signal

import telltale as t

GOOD = t.fixture('accounts.csv').decode()
HEADER = 'organization_id,organization_name\n'
BOOK = 'config/telltale/accounts.csv'


def receiver(command='serve', book=GOOD):
    home = t.Home()
    home.write(BOOK, book)
    return home, t.Telltale(command=command, home=home)


@t.case('a book that turns bad is told in log and check; the good one stays')
def _():
    home, serve = receiver()
    with serve:
        home.write(BOOK, HEADER + 'n/a,Alder\n#REF!,Borealis\n')
        serve.process.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'not read again: ' in serve.stderr(), 'the log')
        assert 'the 6 accounts of before stay' in serve.stderr()
        t.equal(serve.post(t.body())[0], 200)
        t.equal(home.tail()[0]['account']['listed'], False,
                'what tail reads is the file')
        done = home.run('check')
        t.equal(done.returncode, 1, done.stderr)
        assert '! it has not read the book again: ' in done.stdout, \
            done.stdout
        home.write(BOOK, GOOD)
        serve.process.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'read again: 6 accounts' in serve.stderr(),
                     'the good book')
        assert 'not read the book' not in home.run('check').stdout
    home.remove()


def in_journal(home):
    """id → name and whether it is in the book, as reports have it."""
    return {key: (name, listed) for key, name, listed in t.select(
        home.journal, 'SELECT key, name, listed FROM accounts')}


@t.case('an account that does nothing more gets the name of the new book too, '
        'and leaves reports with it')
def _():
    home, serve = receiver(book=HEADER + 'a-1,Alder\nb-1,Borealis\n')
    with serve:
        for account in 'a-1', 'b-1', 'c-1':
            t.equal(serve.post(t.body(org_id=account, org_name='Other'))[0],
                    200)
        t.equal(in_journal(home), {'a-1': ('Alder', 1), 'b-1': ('Borealis', 1),
                                   'c-1': ('Other', 0)})
        home.write(BOOK, HEADER + 'a-1,Alder & Sons\nc-1,Cedar\n')
        serve.process.send_signal(signal.SIGHUP)
        wanted = {'a-1': ('Alder & Sons', 1), 'b-1': ('Borealis', 0),
                  'c-1': ('Cedar', 1)}
        t.wait_until(lambda: in_journal(home) == wanted, 'the new names')
        report = home.run('report').stdout
        assert 'Alder & Sons' in report and 'Borealis' not in report, report
    home.write(BOOK, HEADER + 'b-1,Birch\n')
    with serve.start():
        t.wait_until(lambda: in_journal(home)['b-1'] == ('Birch', 1),
                     'the names at a start')
    home.remove()


@t.case('tail prints without a book that cannot be read, and check goes on')
def _():
    home, serve = receiver()
    with serve:
        t.equal(serve.post(t.body())[0], 200)
        home.write(BOOK, 'no,such,columns\n')
        done = home.run('tail')
        t.equal(done.returncode, 0, done.stderr)
        assert 'created' in done.stdout, done.stdout
        assert 'without the book: ' in done.stderr, done.stderr
        done = home.run('check')
        t.equal(done.returncode, 1, done.stderr)
        assert '! ' in done.stdout and 'no column' in done.stdout
        assert '1 event, ' in done.stdout, done.stdout
    home.remove()


@t.case('posts are answered while a large book is read')
def _():
    home, serve = receiver()
    with serve:
        t.equal(serve.post(t.body())[0], 200)
        home.write(BOOK, HEADER + ''.join(
            'org-%d,Account %d\n' % (n, n) for n in range(400000)))
        serve.process.send_signal(signal.SIGHUP)
        answered = 0
        while 'read again' not in serve.stderr():
            t.equal(serve.post(t.body())[0], 200)
            answered += 1
        t.note('%d answered' % answered)
        assert answered > 20, answered
        assert 'read again: 400000 accounts' in serve.stderr()
        serve.process.send_signal(signal.SIGHUP)
        t.equal(serve.stop(), 0)  # in the middle of it
    home.remove()


@t.case('a stop waits for no book, even for one that never ends')
def _():
    home, serve = receiver()
    with serve:
        path = os.path.join(home.path, BOOK)
        os.remove(path)
        os.mkfifo(path)
        serve.process.send_signal(signal.SIGHUP)
        # Opens once it is read; nothing more comes, and no end either.
        with open(path, 'w', encoding='utf-8') as pipe:
            pipe.write(HEADER + 'org-1,Account 1\n' * 1000)
            pipe.flush()
            t.equal(serve.post(t.body())[0], 200)
            t.equal(serve.stop(), 0)
    home.remove()


@t.case('accounts check says of each row left out why')
def _():
    home = t.Home()
    path = home.write('big.csv', HEADER + GOOD.splitlines()[1] + '\n' +
                      'n/a,Nobody\n' * 300 + 'Total,\n')
    done = home.run('accounts', 'check', path)
    t.equal(done.returncode, 1)
    t.equal(done.stdout.count('no organisation id'), 300)
    assert 'big.csv:303: a sum, no account' in done.stdout, done.stdout
    home.remove()


@t.case('without a book it is said where it would be, and what makes one')
def _():
    home = t.Home()
    for words in ([], ['check']):
        done = home.run('accounts', *words)
        t.equal(done.returncode, 3)
        assert re.search('no book of accounts at .*/accounts.csv: telltale '
                         'accounts pull .*--accounts FILE', done.stderr), \
            done.stderr
    done = home.run('accounts', 'check', '/none.csv')
    t.equal((done.returncode, done.stderr),
            (3, 'telltale: /none.csv: No such file or directory\n'))
    home.remove()


t.run()
