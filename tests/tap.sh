# Read by the tests that are shell scripts: TAP. A case is ok when there is
# nothing to say against it.

cases=0
failed=0

say() { # say WHAT WRONG: one case
    cases=$((cases + 1))
    if [ -z "$2" ]; then
        echo "ok $cases - $1"
    else
        failed=1
        echo "not ok $cases - $1"
        printf '%s\n' "$2" | head -40 | sed 's/^/# /'
    fi
}

leave_out() { # leave_out WHAT WHY: one case
    cases=$((cases + 1))
    echo "ok $cases - $1 # SKIP $2"
}

quietly() { # quietly COMMAND…: what it says, if it fails
    said=$("$@" 2>&1) || { printf '%s\n' "$said" | tail -40; echo "$* failed"; }
}

finish() { # after the last case
    echo "1..$cases"
    exit $failed
}
