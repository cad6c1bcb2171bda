#!/bin/sh
# Which room may include which (HACKING.md has the picture): reads every
# #include of src/ and ui/ and prints TAP. `layers.sh DIR` looks at another
# tree; that is how it tests itself.
#
# The order, from left to right; a room includes itself and what is left of
# it, never a neighbour in the same place:
#   base  config,event  journal,query  live,signal  net
#   source,mirror,serve,posthog  app  command  main
# ui includes ui, live and what is left of live. Only net/ sees the network
# libraries, only ui/ sees curses, only main.c sees ui/ui.h.

tree=${1:-${TESTS_SRC:-$(dirname "$0")/..}}
cases=0
failed=0

say() { # say WHAT COMPLAINTS: one case
    cases=$((cases + 1))
    if [ -z "$2" ]; then
        echo "ok $cases - $1"
    else
        failed=$((failed + 1))
        echo "not ok $cases - $1"
        echo "$2" | sed 's/^/# /'
    fi
}

# "file:line include" for every #include below src/ and ui/.
includes() {
    (cd "$tree" && find src ui -name '*.[ch]' -o -name '*.def' 2>/dev/null |
        sort | xargs grep -n '^[ 	]*#[ 	]*include' /dev/null) |
        sed -n 's/^\([^:]*:[0-9]*\):[^"<]*\(["<][^">]*\)[">].*/\1 \2/p'
}

directions() {
    awk '
    BEGIN {
        split("base config,event journal,query live,signal net " \
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
    say "only net/ includes libwebsockets, curl and NATS" \
        "$(echo "$all" | kept_to '^(libwebsockets|curl/|nats)' src/net/)"
    say "only ui/ includes curses" \
        "$(echo "$all" | kept_to '^(n?curses|term[.]h|ncursesw/)' ui/)"
    say "every .c file includes base/banned.h" \
        "$(cd "$tree" && find src ui -name '*.c' 2>/dev/null | sort |
            xargs grep -L -e '^#include "base/banned.h"' -e '^/\* Made by ' /dev/null |
            grep -v '^/dev/null$')"
}

# A tree with one mistake of each kind must fail every case.
mistakes_are_found() {
    wrong=$(mktemp -d) || exit 99
    mkdir -p "$wrong/src/base" "$wrong/src/live" "$wrong/ui"
    echo '#include "live/ring.h"' >"$wrong/src/base/low.c"
    echo '#include <curses.h>' >"$wrong/src/live/draw.c"
    echo '#include <curl/curl.h>' >"$wrong/ui/fetch.c"
    found=$(sh "$0" "$wrong" | grep -c '^not ok')
    rm -rf "$wrong"
    [ "$found" = 4 ] || echo "found $found of 4 kinds of mistake"
}

check
if [ -z "$1" ]; then
    say "a mistake of each kind is found" "$(mistakes_are_found)"
fi
echo "1..$cases"
[ "$failed" = 0 ]
