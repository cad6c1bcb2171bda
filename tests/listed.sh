#!/bin/sh
# Every file of the tree that is source, test or data is named in
# Makefile.am (or lies in a folder that is), so that it reaches the tarball
# and the build. Prints TAP.

. "$(dirname "$0")/tap.sh"
cd "${TESTS_SRC:-$(dirname "$0")/..}" || exit 99

words=$(sed 's/#.*//' Makefile.am | tr -s ' \t\\' '\n\n\n')
folders=$(for word in $words; do
    if [ -d "$word" ]; then
        echo "$word/"
    fi
done)

unlisted() {
    find src ui themes doc tests \( -name '*.[ch]' -o -name '*.def' -o \
        -name '*.ini' -o -name '*.sql' -o -name '*.theme' -o -name '*.py' -o \
        -name '*.sh' -o -name '*.[1-8]' -o -name '*.awk' \) -type f \
        2>/dev/null | sort | awk -v words="$words" -v folders="$folders" '
        BEGIN {
            count = split(words, list, "\n")
            for (i = 1; i <= count; i++)
                listed[list[i]] = 1
            count = split(folders, folder, "\n")
        }
        {
            found = $0 in listed
            for (i = 1; i <= count; i++)
                if (folder[i] != "" && index($0, folder[i]) == 1)
                    found = 1
            if (!found)
                print
        }'
}

say "every source file is listed in Makefile.am" "$(unlisted)"
finish
