"""What the benches in Python share: figures as lines that figures.py reads,
and the sender in C, pace. Prints, asserts nothing."""

import json
import os
import resource
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), 'e2e'))
import telltale as t  # noqa: E402

PROGRAMS = os.path.join(t.BUILD, 'tests', 'bench')


def figure(name, value, unit, **more):
    print('# figure ' + json.dumps({'name': name, 'value': value,
                                    'unit': unit, **more}), flush=True)


def median(values):
    return statistics.median(values) if values else 0.0


def cpu(pid):
    """Seconds of a processor that it took so far; 0 where it is not told."""
    try:
        with open('/proc/%d/stat' % pid, encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def cpu_of_children():
    """The same of processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def woken(pid):
    """How often its threads gave up the processor of their own accord."""
    times = 0
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/status' % (pid, task),
                  encoding='ascii') as file:
            times += int(next(line for line in file if line.startswith(
                'voluntary_ctxt_switches')).split()[1])
    return times


def memory_mb(pid):
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        for line in file:
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024
    return 0.0


def step_back():
    """All threads of this bench behind all else from now on, and what they
    start: a server played here would be on another machine."""
    for task in os.listdir('/proc/self/task'):
        os.setpriority(os.PRIO_PROCESS, int(task), 19)


class Pace:
    """pace, which posts while something else is done."""

    def __init__(self, serve, rate, seconds, first=0):
        self.process = subprocess.Popen(
            [os.path.join(PROGRAMS, 'pace'), str(serve.port), serve.token,
             str(rate), str(seconds), str(first)],
            stdout=subprocess.PIPE, text=True)

    def over(self):
        return self.process.poll() is not None

    def result(self):
        """Waits for its end: sent, kept, pace, share, p50 … max."""
        said = self.process.communicate()[0]
        if self.process.returncode != 0:
            raise SystemExit('pace ended: %s' % said)
        return json.loads(said)


def times_of(result):
    return ('%d of %d kept, sent at %.0f/s by %.0f %% of a core; answers p50 '
            '%.2f  p99 %.2f  p99.9 %.2f  worst %.1f ms'
            % (result['kept'], result['sent'], result['pace'],
               result['share'] * 100, result['p50'], result['p99'],
               result['p99.9'], result['max']))


def note_times(name, what, result):
    print('%-34s %s' % (what, times_of(result)), flush=True)
    for part in ('p50', 'p99', 'p99.9', 'max'):
        figure('%s.%s' % (name, part), result[part], 'ms')
