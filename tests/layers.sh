#!/bin/sh
# Which room may include which (HACKING.md has the picture): reads every
# #include of src/ and ui/ and prints TAP. `layers.sh DIR` looks at another
# tree; that is how it tests itself.
#
# The order, from left to right; a room includes itself and what is left of
# it, never a neighbour in the same place:
#   base  config,event  journal,query  live,signal  report  net
#   source,mirror,serve,posthog  app  command  main
# ui includes ui, live and what is left of live. In it, ui/pane knows nothing
# of what is in ui itself but the table actions.def, and ui/term nothing of
# either, nor of events: of those only their categories, which have colours.
# Only net/ sees the network libraries (and of it only nats_* sees libnats),
# only ui/term sees curses, only main.c sees ui/ui.h. No two headers have the
# same guard: who includes both would get one.

tree=${1:-${TESTS_SRC:-$(dirname "$0")/..}}
. "$(dirname "$0")/tap.sh"

# "file:line include" for every #include below src/ and ui/.
includes() {
    (cd "$tree" && find src ui -name '*.[ch]' -o -name '*.def' 2>/dev/null |
        sort | xargs grep -n '^[ 	]*#[ 	]*include' /dev/null) |
        sed -n 's/^\([^:]*:[0-9]*\):[^"<]*\(["<][^">]*\)[">].*/\1 \2/p'
}

directions() {
    awk '
    BEGIN {
        split("base config,event journal,query live,signal report net " \
              "source,mirror,serve,posthog app command main", places, " ")
        for (i in places) {
            n = split(places[i], rooms, ",")
            for (j = 1; j <= n; j++)
                place[rooms[j]] = i + 0
        }
    }
    function room(path, parts) {
        sub(/^src\//, "", path)
        if (split(path, parts, "/") > 1)
            return parts[1]
        sub(/\.[a-z]+$/, "", path)
        return path
    }
    $2 ~ /^"/ {
        file = $1
        sub(/:.*/, "", file)
        from = room(file)
        target = substr($2, 2)
        if (target == "config.h" || target !~ /\// && target !~ /^app\./)
            next # made by configure, or of the same folder
        to = room(target)
        if (from == "ui")
            bad = to != "ui" && !(to in place && place[to] <= place["live"] &&
                                  to != "signal")
        else if (to == "ui")
            bad = file != "src/main.c" || target != "ui/ui.h"
        else if (!(from in place) || !(to in place))
            bad = 1
        else
            bad = from != to && place[to] >= place[from]
        if (bad)
            print $1 " includes " target
    }'
}

# From right to left in ui: the screen, its panes, the terminal.
rooms_of_ui() {
    awk '
    function room(path) {
        if (path ~ /^ui\/term\//)
            return 1
        if (path ~ /^ui\/pane\//)
            return 2
        return path ~ /^ui\// ? 3 : 0
    }
    index($1, "ui/") == 1 && $2 ~ /^"/ {
        file = $1
        sub(/:.*/, "", file)
        target = substr($2, 2)
        if (target == "config.h" || target == "ui/actions.def" &&
            room(file) > 1)
            next
        bad = room(target) > room(file)
        if (room(file) == 1 && !room(target))
            bad = target !~ /^(base|config)\// && target != "event/category.h"
        if (bad)
            print $1 " includes " target
    }'
}

kept_to() { # kept_to PATTERN FOLDER: the header is seen nowhere else
    awk -v pattern="$1" -v folder="$2" '
        substr($2, 2) ~ pattern && index($1, folder) != 1 {
            print $1 " includes " substr($2, 2)
        }'
}

check() {
    all=$(includes)
    say "includes point one way, down the layers" \
        "$(echo "$all" | directions)"
    say "only net/ includes libwebsockets and curl" \
        "$(echo "$all" | kept_to '^(libwebsockets|curl/)' src/net/)"
    say "only net/nats_* includes libnats" \
        "$(echo "$all" | kept_to '^nats/nats' src/net/nats_)"
    say "in ui: the terminal, above it panes, above them the screen" \
        "$(echo "$all" | rooms_of_ui)"
    say "only ui/term includes curses" \
        "$(echo "$all" | kept_to '^(n?curses|term[.]h|ncursesw/)' ui/term/)"
    say "command/setup is included by itself alone" \
        "$(echo "$all" | kept_to '^command/setup/' src/command/setup/)"
    say "every .c file includes base/banned.h" \
        "$(cd "$tree" && find src ui -name '*.c' 2>/dev/null | sort |
            xargs grep -L -e '^#include "base/banned.h"' -e '^/\* Made by ' /dev/null |
            grep -v '^/dev/null$')"
    say "no two headers have the same guard" \
        "$(cd "$tree" && find src ui tests -name '*.h' 2>/dev/null |
            xargs sed -n 's/^#ifndef \(TELLTALE_[A-Z0-9_]*_H\)$/\1/p' /dev/null |
            sort | uniq -d)"
}

# A tree with one mistake of each kind must fail every case.
mistakes_are_found() {
    wrong=$(mktemp -d) || exit 99
    mkdir -p "$wrong/src/base" "$wrong/src/live" "$wrong/src/command" \
        "$wrong/ui/term"
    echo '#include "live/ring.h"' >"$wrong/src/base/low.c"
    echo '#include <curses.h>' >"$wrong/src/live/draw.c"
    echo '#include <curl/curl.h>' >"$wrong/ui/fetch.c"
    mkdir -p "$wrong/src/mirror"
    echo '#include <nats/nats.h>' >"$wrong/src/mirror/nats.c"
    echo '#include "live/ring.h"' >"$wrong/ui/term/event.c"
    echo '#include "command/setup/setup.h"' >"$wrong/src/command/ask.c"
    echo '#ifndef TELLTALE_LIST_H' >"$wrong/ui/list.h"
    cp "$wrong/ui/list.h" "$wrong/src/live"
    found=$(sh "$0" "$wrong" | grep -c '^not ok')
    rm -rf "$wrong"
    [ "$found" = 8 ] || echo "found $found of 8 kinds of mistake"
}

check
if [ -z "$1" ]; then
    say "a mistake of each kind is found" "$(mistakes_are_found)"
fi
finish
