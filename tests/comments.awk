# Reads C files, then documents, and prints what a comment or a document names
# and is not there: "file:line: NAME". A name is a word with () behind it, or
# a file ending in .h, .c, .def and the like. `-v files=LIST` has every file of
# the tree, a line each; `-v others=WORDS` what belongs to nobody here.
#
# A name() is there when code has the word, as a function, a macro or a
# member; that a comment names it where it no longer belongs is not seen. So is
# a comment's noun_verb without (), where noun.h is a file. A file is there by
# its path, by the end of its path, or included as <file.h>.

BEGIN {
    count = split(files, list, "\n")
    for (i = 1; i <= count; i++) {
        path = list[i]
        sub(/^[.]\//, "", path)
        while (path != "") {
            there[path] = 1
            if (path ~ /^[a-z0-9_]*[.]h$/)
                noun[substr(path, 1, length(path) - 2)] = 1
            if (!sub(/^[^\/]*\//, "", path))
                break
        }
    }
    count = split(others, list, " ")
    for (i = 1; i <= count; i++)
        word[list[i]] = there[list[i]] = 1
}

# The first of the marks that end code: its place in text, or 0.
function mark(text) {
    return match(text, /"|'|\/\*|\/\//) ? RSTART : 0
}

# What is behind a literal that begins text; it ends with its line. Its words
# are somebody's names too: of columns, of keys.
function behind(text, quote, all) {
    all = text
    quote = substr(text, 1, 1)
    text = substr(text, 2)
    while (text != "" && substr(text, 1, 1) != quote)
        text = substr(text, substr(text, 1, 1) == "\\" ? 3 : 2)
    words_of(substr(all, 1, length(all) - length(text)))
    return substr(text, 2)
}

function words_of(text) {
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*/)) {
        word[substr(text, RSTART, RLENGTH)] = 1
        text = substr(text, RSTART + RLENGTH)
    }
}

function code(text, token) {
    if (match(text, /^[ \t]*#[ \t]*include[ \t]*<[^>]*>/)) {
        token = substr(text, RSTART, RLENGTH)
        sub(/.*</, "", token)
        sub(/>/, "", token)
        there[token] = 1
    }
    words_of(text)
}

function said(text) {
    texts++
    what[texts] = text
    where[texts] = FILENAME ":" FNR
}

function line(text, at) {
    while (text != "") {
        if (comment) {
            at = index(text, "*/")
            said(at ? substr(text, 1, at - 1) : text)
            if (!at)
                return
            comment = 0
            text = substr(text, at + 2)
            continue
        }
        at = mark(text)
        code(at ? substr(text, 1, at - 1) : text)
        if (!at)
            return
        text = substr(text, at)
        if (substr(text, 1, 2) == "//") {
            said(substr(text, 3))
            return
        }
        if (substr(text, 1, 2) == "/*") {
            comment = 1
            text = substr(text, 3)
        } else {
            text = behind(text)
        }
    }
}

FNR == 1 { comment = 0 }
FILENAME ~ /[.]md$/ { said($0); next }
{ line($0) }

function functions(text, at, name) {
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*\(\)/)) {
        name = substr(text, RSTART, RLENGTH - 2)
        if (!(name in word) && name !~ /_NAME$/)
            print at ": " name "()"
        text = substr(text, RSTART + RLENGTH)
    }
}

function verbs(text, at, name, first) {
    while (match(text, /[A-Za-z0-9_.*\/-]+/)) {
        name = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        first = name
        if (name ~ /^[a-z0-9]+(_[a-z0-9]+)+$/ && !(name in word) &&
            name !~ /_[0-9]+$/ && substr(text, 1, 2) != "()" &&
            sub(/_.*/, "", first) && first in noun)
            print at ": " name
    }
}

function names(text, at, name, before) {
    while (match(text, /[A-Za-z0-9_\/.*{-]*[A-Za-z0-9_*}]\.(h|c|def|ini|sql|py|sh|awk|md)/)) {
        name = substr(text, RSTART, RLENGTH)
        before = RSTART > 1 ? substr(text, RSTART - 1, 1) : ""
        text = substr(text, RSTART + RLENGTH)
        # A part of a longer word: a domain, another suffix, a pattern.
        if (text ~ /^[A-Za-z0-9_\/-]/ || text ~ /^[.][A-Za-z0-9]/ ||
            before ~ /[@:~$"%\\]/ || name ~ /[*{}]|NAME|NOUN|^\/|^[.]/)
            continue
        if (!(name in there))
            print at ": " name
    }
}

END {
    for (i = 1; i <= texts; i++) {
        functions(what[i], where[i])
        if (where[i] !~ /[.]md:/)
            verbs(what[i], where[i])
        names(what[i], where[i])
    }
}
