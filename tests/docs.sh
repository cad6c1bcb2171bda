#!/bin/sh
# What README.md and HACKING.md name is there: files, words of ./dev,
# telltale's commands and flags. Prints TAP.

cd "${TESTS_SRC:-$(dirname "$0")/..}" || exit 99
cases=0
failed=0

say() { # say WHAT MISSING: one case
    cases=$((cases + 1))
    if [ -z "$2" ]; then
        echo "ok $cases - $1"
    else
        failed=1
        echo "not ok $cases - $1"
        printf '%s\n' "$2" | sed 's/^/# not there: /'
    fi
}

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

settings() {
    words | sed -n 's/^\([a-z_]*\) = .*/\1/p' | sort -u |
        while read -r key; do
            name=$(echo "$key" | tr _ -)
            grep -q -e "\"$key\"" -e "\"$name\"" \
                src/config/options.def src/mirror/settings.c ||
                echo "$key = …"
        done
}

say "files named in the documents exist" "$(paths)"
say "./dev knows the words the documents use" "$(dev_words)"
say "telltale has the commands the documents use" "$(commands)"
say "settings in the documents are options" "$(settings)"
echo "1..$cases"
exit $failed
