#!/bin/sh
# What README.md and HACKING.md name is there: files, words of ./dev,
# telltale's commands and flags; and what comments name: files and functions.
# Prints TAP.

. "$(dirname "$0")/tap.sh"
cd "${TESTS_SRC:-$(dirname "$0")/..}" || exit 99

# Everything between backticks and in code blocks, a word a line.
words() {
    awk '/^```/ { code = !code; next }
         code { print; next }
         { n = split($0, part, "`")
           for (i = 2; i <= n; i += 2) print part[i] }' README.md HACKING.md
}

paths() {
    words | tr ' \t,' '\n\n\n' |
        grep -E '^(src|ui|doc|tests|themes|build-aux)/[a-z0-9_./-]*$' |
        sed 's/[.]*$//' | sort -u | while read -r path; do
        [ -e "$path" ] || [ -e "$path.c" ] || echo "$path"
    done
    sed -n 's/.*](\([^)#h][^)]*\)).*/\1/p' README.md HACKING.md |
        while read -r path; do
            [ -e "$path" ] || echo "$path"
        done
}

dev_words() {
    words | sed -n 's/.*\.\/dev \([a-z]*\).*/\1/p' | sort -u |
        while read -r word; do
            grep -q "^$word)" dev || echo "./dev $word"
        done
}

commands() {
    words | sed -n 's/^telltale \([a-z][a-z]*\).*/\1/p' | sort -u |
        while read -r word; do
            grep -q "\"$word\"" src/command/commands.def ||
                echo "telltale $word"
        done
}

# What a command takes and nobody asks for would be taken for nothing; what is
# read past the table would be in no help.
options_of_commands() {
    sed -n 's/^COMMAND_OPTION(\([a-z_]*\), \([a-z_]*\),.*/ARG_\1_\2/p' \
        src/command/command_options.def | while read -r id; do
        grep -rqw --include='*.c' "$id" src/command || echo "$id, asked for"
    done
    grep -rlE --include='*.c' '>arg[cv]\b' src/command |
        grep -vE '/(command|setup)[.]c$' | sed 's/$/ reads words itself/'
}

settings() {
    words | sed -n 's/^\([a-z_]*\) = .*/\1/p' | sort -u |
        while read -r key; do
            name=$(echo "$key" | tr _ -)
            grep -q -e "\"$key\"" -e "\"$name\"" -e "^MIRROR($key," \
                src/config/options.def src/mirror/mirrors.def ||
                echo "$key = …"
        done
}

# What comments and HACKING.md may name that is not in the tree: functions of
# the libraries underneath that are spoken of and not called, files of the
# user's, files of PostHog's own source, an example.
others="iconv isalpha cJSON_InsertItemInArray toString noun_verb batch_imports
    config.ini events.ini posthog/rate_limit.py cdp/filters.py
    hogql/property.py posthog/permissions.py session_recording_api.py
    posthog/api/personal_api_key.py"

sources() { # sources FOLDER…: what has comments in C
    find "$@" \( -name '*.[ch]' -o -name '*.def' \) | sort
}

# shellcheck disable=SC2046
comments() {
    awk -v files="$(find src ui tests doc themes dev HACKING.md README.md \
        -type f; echo config.h; sed -n 's,^\(src/[a-z_/]*[.]c\):.*,\1,p' \
        Makefile.am)" -v others="$(echo $others)" -f tests/comments.awk \
        $(sources src ui tests) HACKING.md
}

# Headers say which file has what they declare.
headings() {
    # shellcheck disable=SC2046
    awk -f tests/headings.awk $(find src ui tests -name '*.c') \
        $(find src ui tests -name '*.h')
}

# One that stands under another file's name, among some that do not.
mistake_in_headings() {
    wrong=$(mktemp -d) || exit 99
    printf 'int\nring_get(int turn)\n{\n}\n' >"$wrong/ring.c"
    printf 'static int ring_at(int turn)\n{\n}\nint ring_put(int turn)\n{\n}\n' \
        >"$wrong/ring_put.c"
    printf '%s\n' '/* ring.c: gives. */' 'int ring_get(int turn);' \
        'int ring_put(int turn);' '/* Takes. */' 'int ring_at(int turn);' \
        '/* ring.c, ring_put.c */' 'int ring_put(int turn);' >"$wrong/ring.h"
    said=$(cd "$wrong" && awk -f "$1" ring.c ring_put.c ring.h)
    rm -rf "$wrong"
    [ "$said" = 'ring.h:3: ring_put() is in ring_put.c' ] ||
        echo "found: $said"
}

# A .c file opens with a paragraph on what it is.
openings() {
    sources src ui tests | grep '[.]c$' | while read -r file; do
        case $(head -n 1 "$file") in
        '/* '*) ;;
        *) echo "$file" ;;
        esac
    done
}

# A name of each kind that is wrong, among some that are right.
mistakes_in_comments() {
    wrong=$(mktemp -d) || exit 99
    cat >"$wrong/ring.c" <<'EOF'
/* See ring.h, <stdio.h>, ring_get(), ring_turn and gone.h: gone(), ring_gone
 * is not there, "other_gone" and events.ini are nobody's. */
#include <stdio.h>
const char *words = "/* lost() */"; // ring_lost() takes lost.c
int ring_get(int ring_turn);
EOF
    awk -v files="$(printf 'ring.h\nring.c\n')" -v others=events.ini \
        -f tests/comments.awk "$wrong/ring.c" | sed 's/.*: //' | LC_ALL=C sort |
        tr '\n' ' ' >"$wrong/said"
    said=$(cat "$wrong/said")
    rm -rf "$wrong"
    [ "$said" = 'gone() gone.h lost.c ring_gone ring_lost() ' ] ||
        echo "found: $said"
}

# Lines that tests/mutate_same.tsv says something of and that are no more.
stale() {
    grep -v '^#' tests/mutate_same.tsv |
        while IFS="$(printf '\t')" read -r file line changed why; do
            [ -n "$changed" ] && [ -n "$why" ] &&
                grep -qF -- "$line" "$file" || echo "$file: $line"
        done
}

say "files named in the documents exist" "$(paths)"
say "./dev knows the words the documents use" "$(dev_words)"
say "telltale has the commands the documents use" "$(commands)"
say "what commands take is asked for, by the table" "$(options_of_commands)"
say "settings in the documents are options" "$(settings)"
say "files and functions that comments name exist" "$(comments)"
say "headers list functions under the file they are in" "$(headings)"
say "one that is listed under another is found" \
    "$(mistake_in_headings "$PWD/tests/headings.awk")"
say "each .c file opens with what it is" "$(openings)"
say "lines that nobody could see changed are there" "$(stale)"
say "a mistake of each kind in a comment is found" "$(mistakes_in_comments)"
finish
