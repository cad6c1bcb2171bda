# Completion of telltale for bash: `telltale completion bash` prints it. What
# there is to complete telltale itself says, by its tables.

# The words up to the cursor into the array words, as they were meant: bash
# splits them at : and = too, and keeps the quotes.
_telltale_words() {
    local rest=${COMP_LINE:0:COMP_POINT} left piece i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        left=${rest#"${rest%%[![:space:]]*}"}
        piece=${COMP_WORDS[i]}
        [[ $left == "$piece"* ]] || piece=$left
        if [[ $i == 0 || $left != "$rest" || -z $piece ]]; then
            words+=("$piece")
        else
            words[${#words[@]} - 1]+=$piece
        fi
        rest=${left#"$piece"}
    done
}

_telltale() {
    local words typed before line i
    _telltale_words
    typed=${words[${#words[@]} - 1]}
    for i in "${!words[@]}"; do
        words[i]=${words[i]//\\/}
        case ${words[i]} in
        \"*) words[i]=${words[i]#\"} words[i]=${words[i]%\"} ;;
        \'*) words[i]=${words[i]#\'} words[i]=${words[i]%\'} ;;
        esac
    done
    COMPREPLY=()
    # readline replaces what is behind the last : or = only, outside quotes
    case $typed in
    [\"\']*) ;;
    *[:=]*)
        [[ $COMP_WORDBREAKS == *:* && $COMP_WORDBREAKS == *=* ]] &&
            before=${typed%"${typed##*[:=]}"}
        ;;
    esac
    while IFS= read -r line; do
        case $line in
        :files)
            compopt -o default 2>/dev/null
            continue
            ;;
        :more)
            compopt -o nospace 2>/dev/null
            continue
            ;;
        esac
        line=${line%%$'\t'*}
        # A name may be a stranger's: nothing of it is run
        case $typed in
        \"*)
            for i in '\' '"' '$' '`'; do
                line=${line//"$i"/"\\$i"}
            done
            ;;
        \'*) line=${line//"'"/"'\\''"} ;;
        *) printf -v line %q "$line" ;;
        esac
        COMPREPLY+=("${line#"$before"}")
    done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
}

complete -F _telltale telltale
