#!/bin/sh
# Adds up test results: sum.sh FILE|FOLDER… reads TAP files (*.tap) and what
# automake's TAP driver leaves behind (*.trs), says which cases failed, and
# closes with the line "N passed, N failed", where N counts every case.
# Fails if any case failed or none ran.

find "$@" -name '*.tap' -o -name '*.trs' | sort | awk '
    function tell(what, line) {
        sub(/^:test-result: /, "", line)
        sub(/^(not )?ok */, "", line)
        sub(/^[0-9]* *- */, "", line)
        print what ": " line " (" file ")"
    }
    function count(verdict, line) {
        if (verdict == "PASS") {
            passed++
        } else if (verdict == "SKIP") {
            skipped++
            tell("skipped", line)
        } else {
            failed++
            tell("failed", line)
        }
    }
    {
        file = $0
        while ((getline line < file) > 0) {
            if (file ~ /tap$/ && line ~ /^(not )?ok/)
                count(line ~ /# *SKIP/ ? "SKIP" : \
                      line ~ /^ok/ ? "PASS" : "FAIL", line)
            else if (file ~ /trs$/ && split(line, word, " ") &&
                     word[1] == ":test-result:")
                count(word[2], line)
        }
        close(file)
    }
    END {
        if (skipped)
            print skipped " skipped"
        print passed + 0 " passed, " failed + 0 " failed"
        exit failed > 0 || passed == 0
    }'
