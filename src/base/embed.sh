#!/bin/sh
# Prints C that holds text files as a table of struct embedded (embed.h).
# Usage: embed.sh SYMBOL FILE...
# The bytes go in as numbers: string literals have a length limit in ISO C.
set -e
symbol=$1
shift
echo '/* Made by embed.sh: edit the files it was made from. */'
echo '#include "base/embed.h"'
echo "extern const struct embedded $symbol[];"
n=0
for file in "$@"; do
    echo "static const unsigned char file_$n[] = {"
    od -An -v -tu1 "$file" | sed -e 's/  */ /g' -e 's/^ //' -e 's/ *$//' \
        -e 's/ /,/g' -e 's/$/,/'
    echo '0};'
    n=$((n + 1))
done
echo "const struct embedded $symbol[] = {"
n=0
for file in "$@"; do
    echo "    {\"${file##*/}\", (const char *)file_$n, sizeof file_$n - 1},"
    n=$((n + 1))
done
echo '    {0, 0, 0},'
echo '};'
