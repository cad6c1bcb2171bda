#!/bin/sh
# The line that closes every test run must be right itself. Prints TAP.

. "$(dirname "$0")/tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT

expect() { # expect SENTENCE STATUS LINE: of sum.sh on what is in folder
    said=$(sh "$here/sum.sh" "$folder" | tail -n 1)
    sh "$here/sum.sh" "$folder" >"$folder/said"
    status=$?
    if [ "$status" = "$2" ] && [ "$said" = "$3" ]; then
        say "$1" ""
    else
        say "$1" "exit status $status, said: $said"
    fi
}

expect "nothing ran is a failure" 1 "0 passed, 0 failed"
printf 'ok 1 - one\nok 2 - two # SKIP not here\n1..2\n' >"$folder/a.tap"
printf ':test-result: PASS 1 - three\n:global-test-result: PASS\n' \
    >"$folder/b.trs"
expect "every case of every kind is counted once" 0 "2 passed, 0 failed"
printf 'not ok 1 - four\n' >"$folder/c.tap"
expect "a failed case is a failure" 1 "2 passed, 1 failed"
printf ':test-result: ERROR - too few tests run\n' >"$folder/d.trs"
expect "a test that ends early is a failure" 1 "2 passed, 2 failed"
finish
