# Makes the manual from telltale.1.in and its like: a line @OPTIONS FILE@ (as
# flags), @CONFIG FILE@ (the same as keys of the file), @ACTIONS FILE@, @MIRRORS
# FILE@ or @SIGNALS FILE@ becomes the rows of that table, the very table that the program is compiled
# from; @COMMANDS COMMANDS TAKEN OPTIONS@ the rows of the first with what each
# command takes, by the other two; @COMMENT FILE@ the comment at the top of an
# INI file, as it stands there. tree= names the source tree.

# Splits one row, NAME(a, "b, c", NULL), into field[1…]; strings lose their
# quotes. Returns how many.
function split_row(row, rest, count, value) {
    rest = row
    sub(/^[A-Z_]+\(/, "", rest)
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

# "yes|no", and more of them than a line holds: it may end after each.
function choice(text) {
    gsub(/\|/, "|\\:", text)
    return text
}

function standard(value) {
    sub(/^@config/, "$XDG_CONFIG_HOME/telltale", value)
    sub(/^@state/, "$XDG_STATE_HOME/telltale", value)
    return value == "" ? "" : " (" roff(value) ")"
}

# "--receiver-max-body", of the row in field.
function flag_name(flag) {
    flag = "--" (field[2] == "main" ? "" : field[2] "-") field[3]
    gsub(/_/, "-", flag)
    return flag
}

function flag_row() {
    flag_of[field[1]] = flag_name()
    argument_of[field[1]] = field[6]
    help_of[field[1]] = field[7]
}

function option_row(flag) {
    flag = flag_name()
    print ".TP"
    if (field[4] == "SECRET")
        print ".BR " roff("TELLTALE_" toupper(field[1])) " \" (environment only)\""
    else
        print ".BR \"" roff(flag) "\"" (field[6] == "" ? "" : " \" " choice(roff(field[6])) "\"")
    print roff(field[7]) standard(field[5]) (field[2] == "main" ? "" : \
        ". In the file: section [" field[2] "], " roff(field[3]))
}

# The bold text, the italic one behind it (one of them may be ""), what it
# means.
function item(bold, italic, help) {
    print ".TP"
    if (bold == "")
        print ".I \"" quoted(italic) "\""
    else
        print ".BI \"" quoted(bold) (italic == "" ? "\"" : \
            " \" \"" choice(quoted(italic)) "\"")
    print roff(help)
}

function quoted(text) {
    text = roff(text)
    gsub(/"/, "\\(dq", text)
    return text
}

# What a command takes is kept as "kind TAB bold TAB italic TAB help", a row
# each, before the commands are printed.
function taken_row(kind) {
    if (kind == "COMMAND_OPTION")
        take(field[1], (field[4] == "0" ? "" : "-" substr(field[4], 2, 1) \
            ", ") field[3], field[5], field[8])
    else if (kind == "COMMAND_SETTING")
        take(field[1], flag_of[field[2]], argument_of[field[2]], \
            field[4] == "" ? help_of[field[2]] : field[4])
    else if (kind == "COMMAND_VERB")
        take(field[1], field[2], field[3], field[5])
    else
        take(field[1], "", field[2], field[4])
}

function take(command, bold, italic, help) {
    taken[command, ++taken_count[command]] = bold "\t" italic "\t" help
}

function command_row(i, part) {
    print ".TP"
    print ".B " roff(field[2])
    print roff(field[3])
    if (!taken_count[field[1]])
        return
    print ".RS"
    for (i = 1; i <= taken_count[field[1]]; i++) {
        split(taken[field[1], i], part, "\t")
        item(part[1], part[2], part[3])
    }
    print ".RE"
}

# A key of the file, its section in front of the first; secrets are none.
function config_row(what) {
    if (field[4] == "SECRET")
        return
    if (field[2] != section)
        print ".SH [" toupper(field[2]) "]"
    section = field[2]
    what = field[4] == "FLAG" ? "yes|no" : field[6]
    print ".TP"
    print ".BI \"" roff(field[3]) " = \" \"" choice(roff(what)) "\""
    print roff(field[7]) standard(field[5])
}

function signal_row() {
    print ".TP"
    print ".B " roff(field[2])
    print "\\(lq" roff(field[6]) "\\(rq Or: \\(lq" roff(field[7]) "\\(rq" \
        (field[4] > 0 ? " (" field[4] " days)" : "")
}

# What stands between ` is bold.
function marked(text, count, part, out, i) {
    count = split(text, part, "`")
    for (i = 1; i <= count; i++)
        out = out (i % 2 ? roff(part[i]) : "\\fB" roff(part[i]) "\\fR")
    return out
}

function mirror_row(range) {
    print ".TP"
    print ".B " roff(field[1])
    range = field[4] ~ /[.][.]/ ? ", " roff(field[4]) : ""
    print marked(field[6]) (field[5] == "" ? "" : \
        " (" roff(field[5]) range ")")
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
        if (row == "" && line !~ /^[A-Z_]+\(/)
            continue
        row = row (row == "" ? "" : " ") line
        if (row !~ /\)[ \t]*$/)
            continue
        split_row(row)
        if (kind == "OPTIONS")
            option_row()
        else if (kind == "FLAGS")
            flag_row()
        else if (kind == "TAKEN")
            taken_row(substr(row, 1, index(row, "(") - 1))
        else if (kind == "COMMANDS")
            command_row()
        else if (kind == "CONFIG")
            config_row()
        else if (kind == "MIRRORS")
            mirror_row()
        else if (kind == "SIGNALS")
            signal_row()
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

/^@COMMANDS .*@$/ {
    gsub(/@/, "")
    table("FLAGS", tree "/" $4)
    table("TAKEN", tree "/" $3)
    table("COMMANDS", tree "/" $2)
    next
}

/^@(OPTIONS|CONFIG|ACTIONS|MIRRORS|SIGNALS) .*@$/ {
    gsub(/@/, "")
    table($1, tree "/" $2)
    next
}

{ print }
