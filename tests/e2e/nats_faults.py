"""telltale serve --publish and --source nats://…: what receivers keep is at
every viewer once, in each receiver's order, whatever dies meanwhile: the
leader of the stream, all servers, a receiver, a viewer, the network."""

import signal

import telltale as t
import jetstream as js
from board import rows
from stream import (
    EVENTS, Traffic, looked_at, metrics, post, same, serving, viewing,
    wait_for, wait_for_word)


@t.case('the leader of the stream is killed while events come, and comes back')
def _():
    with js.Cluster() as cluster, \
            serving(cluster.url(), home=looked_at()) as one, \
            serving(cluster.url()) as two, \
            viewing(cluster.url()) as viewer:
        with Traffic(one, two) as traffic:
            traffic.wait_for(0.2)
            leader = cluster.leader()
            leader.kill()
            traffic.wait_for(0.7)
            leader.start()
        wait_for(viewer, EVENTS)
        same([one, two], viewer, traffic)
        t.note('sent again: %s' % metrics(one, 'publish_again_total'))
        t.equal(cluster.leader().streams()['TEST']['config']['num_replicas'],
                3)


@t.case('all three servers are killed at once and started again')
def _():
    with js.Cluster() as cluster, \
            serving(cluster.url()) as one, serving(cluster.url()) as two, \
            viewing(cluster.url()) as viewer:
        with Traffic(one, two) as traffic:
            traffic.wait_for(0.2)
            cluster.leader()
            for server in cluster.servers:
                server.kill()
            traffic.wait_for(0.5)
            for server in cluster.servers:
                server.start(wait=False)
            cluster.wait()
        wait_for(viewer, EVENTS)
        same([one, two], viewer, traffic)


@t.case('a receiver is killed five times: every event once, in its order')
def _():
    with js.Server() as server, serving(server.url()) as one, \
            serving(server.url()) as two, viewing(server.url()) as viewer:
        one.words[2] = '127.0.0.1:%d' % one.port
        with Traffic(one, two) as traffic:
            for share in 0.1, 0.3, 0.5, 0.7, 0.9:
                traffic.wait_for(share)
                one.stop(signal.SIGKILL)
                one.start()
        known = rows(one.home.journal, 'seq') + rows(two.home.journal, 'seq')
        wait_for(viewer, len(known))
        same([one, two], viewer, traffic)


@t.case('a viewer is killed five times: it resumes, and nothing is twice')
def _():
    with js.Server() as server, serving(server.url()) as one, \
            serving(server.url()) as two, viewing(server.url()) as viewer:
        with Traffic(one, two) as traffic:
            for share in 0.1, 0.3, 0.5, 0.7, 0.9:
                traffic.wait_for(share)
                viewer.stop(signal.SIGKILL)
                viewer.start()
        wait_for(viewer, EVENTS)
        same([one, two], viewer, traffic)


@t.case('the network is cut and stalls, of a receiver and of a viewer')
def _():
    with js.Server() as server:
        to_serve, to_view = js.Proxy(server.port), js.Proxy(server.port)
        with serving(to_serve.url(), home=looked_at()) as one, \
                serving(server.url()) as two, \
                viewing(to_view.url()) as viewer:
            with Traffic(one, two) as traffic:
                for number in range(6):
                    traffic.wait_for((number + 1) / 8)
                    proxy = (to_serve, to_view)[number % 2]
                    proxy.cut()
            wait_for(viewer, EVENTS)
            same([one, two], viewer, traffic)
            t.wait_until(lambda: metrics(one, 'publish_waiting_events') == 0,
                         'nothing that waits')
            to_serve.stalled = True
            post(one, 20)
            # It is not acknowledged, and it says so.
            wait_for_word(one, 'is not acknowledged')
            t.equal(metrics(one, 'publish_waiting_events'), 20)
            to_serve.cut()
            to_serve.stalled = False
            wait_for(viewer, EVENTS + 20)
            same([one, two], viewer)
        to_serve.close()
        to_view.close()


@t.case('without any server events wait, and the answers do not')
def _():
    with js.Server() as server:
        server.kill()
        with serving(server.url(), home=looked_at()) as serve, \
                viewing(server.url()) as viewer:
            post(serve, 500)
            wait_for_word(serve, 'not published to')
            wait_for_word(viewer, 'no link to')
            t.equal(metrics(serve, 'publish_up'), 0)
            t.wait_until(lambda: metrics(serve, 'publish_waiting_events') ==
                         500, 'events that wait')
            server.start()
            wait_for(viewer, 500)
            same([serve], viewer)
            t.wait_until(lambda: metrics(serve, 'publish_waiting_events') == 0,
                         'nothing that waits')
            t.equal(metrics(serve, 'publish_up'), 1)


if __name__ == '__main__':
    js.skip()
    t.run()
