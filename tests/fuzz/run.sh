#!/bin/sh
# Lets every fuzzer search for a while, two at a time, and prints TAP:
# run.sh BUILD SECONDS, where BUILD was configured with --enable-libfuzzer.
# A search starts from the fixtures and from tests/fuzz/corpus/NAME; what it
# adds stays in BUILD. The input of a crash is kept there too and named.

build=$1
seconds=$2
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)

# Texts of names are short: what a longer input says has been said before, and
# costs its length each time. 0: as long as the seeds.
longest() { # longest NAME
    case $1 in
    names_fuzz) echo 400 ;;
    sanitise_fuzz) echo 2000 ;;
    *) echo 0 ;;
    esac
}

search() { # search NAME
    name=$1
    longest=$(longest "$name")
    found=$build/found/$name
    mkdir -p "$found"
    set -- "$found"
    for folder in "$here/corpus/$name" "$here/../fixtures"; do
        if [ -d "$folder" ]; then
            set -- "$@" "$folder"
        fi
    done
    "$build/tests/fuzz/$name" -max_total_time="$seconds" -timeout=20 \
        -rss_limit_mb=1024 -print_final_stats=1 -max_len="$longest" \
        -artifact_prefix="$found-crash-" "$@" >"$build/$name.log" 2>&1
    echo $? >"$build/$name.status"
}

report() { # report NAME
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$1.log")
    if [ "$(cat "$build/$1.status")" = 0 ] && [ "${runs:-0}" -gt 0 ]; then
        say "$1 survives $seconds s" ""
        echo "# $runs inputs"
    else
        say "$1 survives $seconds s" "$(grep -A 25 -e ERROR: \
            -e 'runtime error' "$build/$1.log")
all of it: $build/$1.log"
    fi
}

fuzzers=
for program in "$build"/tests/fuzz/*_fuzz; do
    if [ -x "$program" ]; then
        fuzzers="$fuzzers $(basename "$program")"
    fi
done
# shellcheck disable=SC2086
set -- $fuzzers
while [ $# -gt 0 ]; do
    search "$1" &
    if [ $# -gt 1 ]; then
        search "$2"
    fi
    wait
    for name in "$1" ${2+"$2"}; do
        report "$name"
    done
    shift
    if [ $# -gt 0 ]; then
        shift
    fi
done
finish
