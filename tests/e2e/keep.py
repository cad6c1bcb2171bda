"""keep: what is older is deleted at the next start, and that is said."""

import telltale as t

JANUARY = '2026-01-05T10:00:00Z'
MARCH = '2026-03-05T10:00:00Z'


def run_at(clock, home, event):
    """Runs a receiver at that time, posts one event; its notes."""
    home.env['TELLTALE_CLOCK'] = clock
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body(event, timestamp=clock))[0], 200)
        return serve


def names(home):
    return [event['event'] for event in home.tail()]


def kept_in_march(config):
    home = t.Home(config)
    run_at(JANUARY, home, 'insight created')
    run_at(MARCH, home, 'survey launched')
    kept = names(home)
    home.remove()
    return kept


@t.case('what is older than keep is deleted')
def _():
    home = t.Home('[journal]\nkeep = 30d\n')
    run_at(JANUARY, home, 'insight created')
    home.env['TELLTALE_CLOCK'] = MARCH
    with t.Telltale(command='serve', home=home):
        t.wait_until(lambda: names(home) == [], 'the old event to go')
    home.remove()


@t.case('what is younger stays')
def _():
    both = ['insight created', 'survey launched']
    t.equal(kept_in_march('[journal]\nkeep = 90d\n'), both)
    t.equal(kept_in_march('[journal]\nkeep = 36500d\n'), both)


t.run()
