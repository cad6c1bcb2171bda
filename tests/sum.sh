#!/bin/sh
# Adds up test results: sum.sh FILE|FOLDER… reads TAP files (*.tap) and what
# automake's TAP driver leaves behind (*.trs), says which cases failed, and
# closes with the line "N passed, N failed", where N counts every case.
# Fails if any case failed or none ran.

find "$@" -name '*.tap' -o -name '*.trs' | sort | xargs awk '
    function name(line) {
        sub(/^:test-result: [A-Z]* */, "", line)
        sub(/^(not )?ok */, "", line)
        sub(/^[0-9]* *- */, "", line)
        return line
    }
    function fail(line) {
        failed++
        print "failed: " name(line) " (" FILENAME ")"
    }
    function skip(line) {
        skipped++
        print "skipped: " name(line) " (" FILENAME ")"
    }
    FILENAME ~ /tap$/ && /^(not )?ok/ {
        if (/# *SKIP/)
            skip($0)
        else if (/^ok/)
            passed++
        else
            fail($0)
    }
    FILENAME ~ /trs$/ && /^:test-result:/ {
        if ($2 == "PASS")
            passed++
        else if ($2 == "SKIP")
            skip($0)
        else
            fail($0)
    }
    END {
        if (skipped)
            print skipped " skipped"
        print passed + 0 " passed, " failed + 0 " failed"
        exit failed > 0 || passed == 0
    }' /dev/null
