# Reads .c files, then headers. Where a comment of a header begins with names
# of files ("/* ring.c: …", "/* ring.c, ring_text.c */"), what is declared below
# it, up to the next such comment, is defined in one of them: prints what is
# not, "header:line: NAME is in FILE".

function base(path) {
    sub(/.*\//, "", path)
    return path
}

# The function that begins in a line at the margin; "": none does.
function begun(text, name) {
    if (text !~ /^[a-z]/ || text ~ /^(static|typedef|extern|return) / ||
        !match(text, /[a-z_0-9]+\(/))
        return ""
    return substr(text, RSTART, RLENGTH - 1)
}

# The names of files that a comment begins with.
function heading(text, name, list) {
    sub(/^ *\/\* */, "", text)
    while (match(text, /^[a-z_0-9]+[.]c([,: ]|$)/)) {
        name = substr(text, 1, RLENGTH)
        text = substr(text, RLENGTH + 1)
        sub(/[,: ]$/, "", name)
        list = list " " name
        sub(/^ +(and )?/, "", text)
    }
    return list
}

FNR == 1 { name = group = "" }

FILENAME ~ /[.]c$/ {
    if (begun($0) != "")
        name = begun($0)
    if (/;$/ || /^}/)
        name = ""
    if (/^{/ && name != "")
        place[name] = place[name] " " base(FILENAME)
    next
}

/^ *\/\*/ && heading($0) != "" { group = heading($0) " " }

group != "" && begun($0) in place {
    found = 0
    count = split(place[begun($0)], files, " ")
    for (i = 1; i <= count; i++)
        found = found || index(group, " " files[i] " ")
    if (!found)
        print FILENAME ":" FNR ": " begun($0) "() is in" place[begun($0)]
}
