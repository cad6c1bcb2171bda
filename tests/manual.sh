#!/bin/sh
# The manual's pages as the build makes them: made from the tables of this tree,
# and read by mandoc and groff, where they are, without a complaint. Prints TAP.

tree="${TESTS_SRC:-$(cd "$(dirname "$0")/.." && pwd)}"
made=$(mktemp -d) || exit 99
trap 'rm -rf "$made"' EXIT
. "$(dirname "$0")/tap.sh"

for page in telltale.1 telltale.conf.5 telltale-signals.7; do
    awk -v tree="$tree" -f "$tree/doc/tables.awk" "$tree/doc/$page.in" \
        >"$made/$page"
done
awk -v name=telltale-query -v section=7 -v what='the filter language' \
    -f "$tree/doc/markdown.awk" "$tree/doc/query.md" >"$made/telltale-query.7"

awk -v name=telltale-feed -v section=7 -v what='events for other programs' \
    -f "$tree/doc/markdown.awk" "$tree/doc/feed.md" >"$made/telltale-feed.7"
awk -v name=telltale-nats -v section=7 -v what='several receivers' \
    -f "$tree/doc/markdown.awk" "$tree/doc/nats.md" >"$made/telltale-nats.7"

# Rows that are not made are left out, tables that are not there leave a line.
unmade() {
    for page in "$made"/*; do
        grep -n '^@' "$page" | sed "s,^,${page##*/}: ,"
        [ "$(wc -l <"$page")" -gt 40 ] || echo "${page##*/} is short"
    done
}

keys() { # keys PAGE TABLE SED: what of the table's rows is not in the page
    sed -n "$3" "$tree/$2" | sed 's/-/\\-/g' | sort -u |
        while IFS= read -r key; do
            grep -qF -- "$key" "$made/$1" || echo "$1: $key"
        done
}

# Names of pages that pages speak of are pages.
links() {
    sed -n 's/^\.BR \(telltale[a-z.\\-]*\) (\([1-8]\)).*/\1.\2/p' "$made"/* |
        tr -d '\\' | sort -u | while read -r page; do
        [ -e "$made/$page" ] || echo "$page"
    done
}

say "every page is made of its tables" "$(unmade)"
say "telltale.conf(5) has every setting" "$(keys telltale.conf.5 \
    src/config/options.def \
    '/, SECRET,/d; s/^OPTION([a-z_]*, "[a-z]*", "\([a-z_-]*\)".*/"\1 = "/p')"
say "telltale.conf(5) has every key of a mirror" "$(keys telltale.conf.5 \
    src/mirror/mirrors.def 's/^MIRROR(\([a-z_]*\),.*/.B \1/p')"
say "telltale.conf(5) has every command of a key" "$(keys telltale.conf.5 \
    ui/actions.def 's/^ACTION([a-z_]*, "\([^"]*\)".*/:\1/p')"
say "telltale-signals(7) has every kind" "$(keys telltale-signals.7 \
    src/event/signals.def 's/^SIGNAL([a-z_]*, "\([a-z-]*\)".*/.B \1/p')"
say "pages that are spoken of are there" "$(links)"
if command -v mandoc >/dev/null; then
    say "mandoc has nothing to say of them" \
        "$(mandoc -Tlint -Wwarning "$made"/* 2>&1)"
fi
if command -v groff >/dev/null; then
    say "groff has nothing to say of them" \
        "$(groff -man -K utf8 -Tutf8 -ww "$made"/* 2>&1 >/dev/null)"
fi
finish
