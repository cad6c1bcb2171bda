# Makes the manual from telltale.1.in: a line @OPTIONS FILE@, @COMMANDS FILE@
# or @ACTIONS FILE@ becomes the rows of that table, the very table that the
# program is compiled from; @COMMENT FILE@ the comment at the top of an INI
# file, as it stands there. tree= names the source tree.

# Splits one row, NAME(a, "b, c", NULL), into field[1…]; strings lose their
# quotes. Returns how many.
function split_row(row, rest, count, value) {
    rest = row
    sub(/^[A-Z]+\(/, "", rest)
    sub(/\)[ \t]*$/, "", rest)
    count = 0
    while (rest != "") {
        sub(/^[ \t]+/, "", rest)
        if (match(rest, /^"([^"\\]|\\.)*"/)) {
            value = substr(rest, 2, RLENGTH - 2)
            gsub(/\\"/, "\"", value)
        } else if (match(rest, /^[^,]+/)) {
            value = substr(rest, 1, RLENGTH)
            if (value == "NULL")
                value = ""
        }
        field[++count] = value
        rest = substr(rest, RLENGTH + 1)
        sub(/^[ \t]*,/, "", rest)
    }
    return count
}

# Text for roff: no line of it is a request, dashes stay dashes.
function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    sub(/^[.']/, "\\\\\\&&", text)
    return text
}

function standard(value) {
    sub(/^@config/, "$XDG_CONFIG_HOME/telltale", value)
    sub(/^@state/, "$XDG_STATE_HOME/telltale", value)
    return value == "" ? "" : " (" roff(value) ")"
}

function option_row(flag) {
    flag = (field[2] == "main" ? "" : field[2] "-") field[3]
    gsub(/_/, "-", flag)
    print ".TP"
    if (field[4] == "SECRET")
        print ".BR " roff("TELLTALE_" toupper(field[1])) " \" (environment only)\""
    else
        print ".BR \"" roff("--" flag) "\"" (field[6] == "" ? "" : " \" " roff(field[6]) "\"")
    print roff(field[7]) standard(field[5]) (field[2] == "main" ? "" : \
        ". In the file: section [" field[2] "], " roff(field[3]))
}

function command_row() {
    print ".TP"
    print ".BR " roff(field[2]) (field[3] == "" ? "" : " \" " roff(field[3]) "\"")
    print roff(field[4])
}

function action_row() {
    print ".TP"
    print ".BR \"" roff(field[3] == "" ? ":" field[2] : field[3]) "\"" \
        (field[3] == "" ? "" : " \" :" roff(field[2]) "\"")
    print roff(field[8])
}

function table(kind, path, line, row) {
    row = ""
    while ((getline line < path) > 0) {
        if (row == "" && line !~ /^(OPTION|COMMAND|ACTION)\(/)
            continue
        row = row (row == "" ? "" : " ") line
        if (row !~ /\)[ \t]*$/)
            continue
        split_row(row)
        if (kind == "OPTIONS")
            option_row()
        else if (kind == "COMMANDS")
            command_row()
        else
            action_row()
        row = ""
    }
    close(path)
}

function comment(path, line) {
    print ".nf"
    while ((getline line < path) > 0 && line ~ /^;/) {
        sub(/^; ?/, "", line)
        print roff(line)
    }
    print ".fi"
    close(path)
}

/^@COMMENT .*@$/ {
    gsub(/@/, "")
    comment(tree "/" $2)
    next
}

/^@(OPTIONS|COMMANDS|ACTIONS) .*@$/ {
    gsub(/@/, "")
    table($1, tree "/" $2)
    next
}

{ print }
