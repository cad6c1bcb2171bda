#!/bin/sh
# The C sources are as `./dev format` leaves them. Prints TAP. Another major
# version of clang-format breaks other lines: then, or without one, the case is
# skipped.

. "$(dirname "$0")/tap.sh"
cd "${TESTS_SRC:-$(dirname "$0")/..}" || exit 99
major=14

sentence='the sources are in the style of .clang-format'
for tool in clang-format-$major clang-format; do
    if "$tool" --version 2>/dev/null | grep -q "version $major[.]"; then
        break
    fi
    tool=
done
if [ -z "$tool" ]; then
    leave_out "$sentence" "clang-format $major is not here"
    finish
fi
others=$(find src ui tests -name '*.[ch]' -exec "$tool" --dry-run {} + 2>&1 |
    sed -n 's/^\([^ :]*\):[0-9]*:.*/.\/dev format changes \1/p' | sort -u)
say "$sentence" "$others"
finish
