# Makes a manual page of a document in Markdown, of what these documents use:
# "# title" (left out: the page has its own), "## section", paragraphs, code in
# ``` blocks and between `, [words](address), lists with * or -, tables. name=
# is the page's, section= its number, what= the line of NAME.

BEGIN {
    printf ".TH %s %s 2026-11-30 \"telltale\" \"Manual\"\n", toupper(name), section
    printf ".SH NAME\n%s \\- %s\n.SH DESCRIPTION\n", name, what
    after_head = 1
}

function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    sub(/^[.']/, "\\\\\\&&", text)
    return text
}

# `code` is bold; of [words](address) the words stay.
function marked(text, count, part, out, i) {
    while (match(text, /\[[^]]*\]\([^)]*\)/)) {
        part[0] = substr(text, RSTART + 1, RLENGTH - 1)
        sub(/\].*/, "", part[0])
        text = substr(text, 1, RSTART - 1) part[0] \
            substr(text, RSTART + RLENGTH)
    }
    gsub(/[*][*]/, "", text)
    count = split(text, part, "`")
    for (i = 1; i <= count; i++)
        out = out (i % 2 ? roff(part[i]) : "\\fB" roff(part[i]) "\\fR")
    if (out ~ /^[.']/)
        out = "\\&" out
    return out
}

function paragraph() {
    if (waiting && !after_head)
        print ".PP"
    waiting = after_head = 0
}

/^```/ {
    code = !code
    if (code)
        paragraph()
    print code ? ".EX" : ".EE"
    next
}
code { print roff($0); next }
/^# / || /^<!--/ { next }
/^##+ / {
    sub(/^#+ /, "")
    print ".SH " toupper(marked($0))
    waiting = 0
    after_head = 1
    next
}
/^[ \t]*$/ { waiting = 1; next }
/^[*-] / {
    sub(/^[*-] /, "")
    print ".IP \\(bu 2"
    waiting = after_head = 0
}
{
    sub(/^[ \t]+/, "")
    paragraph()
    print marked($0)
}
END { print ".SH SEE ALSO\n.BR telltale (1)" }
