#!/bin/sh
# What ./dev asks of configure and make, both of which only note here what they
# were asked, in a tree of nothing else. Prints TAP.

. "$(dirname "$0")/tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
cp "${TESTS_SRC:-${here%/tests}}/dev" "$folder/dev"
echo 'PKG_CHECK_MODULES([SQLITE], [sqlite3 >= 3.38])' >"$folder/configure.ac"
mkdir "$folder/bin"

# No apt-get and the like among them: nothing is installed.
for tool in cat dirname getconf mkdir rm sed sh; do
    ln -s "$(command -v $tool)" "$folder/bin"
done

fake() { # fake FILE LINE…: a program of those lines
    file=$1
    shift
    printf '%s\n' '#!/bin/sh' "$@" >"$file"
    chmod +x "$file"
}

fake "$folder/configure" "echo configure >>'$folder/asked'" ': >Makefile'
fake "$folder/bin/make" "echo \"make \$*\" >>'$folder/asked'"
fake "$folder/bin/pkg-config" "cat '$folder/version'"
fake "$folder/bin/python3" :

asked() { # asked WORD: a line each, of what ./dev WORD asks
    : >"$folder/asked"
    PATH=$folder/bin "$folder/dev" "$1" >/dev/null 2>&1
    cat "$folder/asked"
}

# `all` is a make of its own: another goal beside it makes the same library at
# the same time.
goals() {
    asked faults | grep -q ' all$' || echo "./dev faults does not make all"
    asked faults | grep -q 'kill_journal$' || echo "… nor kill_journal"
    for word in build run faults pictures bench; do
        asked $word | grep -E ' all [a-z]|[a-z] all( |$)' |
            sed "s/^/.\/dev $word asks: /"
    done
}

configures() { # configures VERSION: how often, with that one installed
    echo "$1" >"$folder/version"
    asked build | grep -c '^configure$'
}

looked_for() {
    rm -rf "$folder/build"
    [ "$(configures 3.40)" = 1 ] || echo "the first time it is not"
    [ "$(configures 3.40)" = 0 ] || echo "with nothing new it is, again"
    [ "$(configures 3.41)" = 1 ] || echo "with another version it is not"
    [ "$(configures 3.41)" = 0 ] || echo "after that it is, again"
}

echo 3.40 >"$folder/version"
say "make is given one goal at a time" "$(goals)"
say "a build is configured anew when what is installed is another" \
    "$(looked_for)"
finish
