#compdef telltale
# Completion of telltale for zsh: `telltale completion zsh` prints it. What
# there is to complete telltale itself says, by its tables.

_telltale() {
    local line word
    local -a rows more
    for line in "${(@f)$("${(Q)words[1]}" __complete \
        "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        case $line in
        :files) _files ;;
        :more) more=(-S '') ;;
        ?*)
            word=${line%%$'\t'*}
            rows+=("${word//:/\\:}:${line#*$'\t'}")
            ;;
        esac
    done
    # -U: telltale has compared, in any case
    (( ${#rows} )) && _describe -t words telltale rows -U "${more[@]}"
}

if [ "$funcstack[1]" = _telltale ]; then
    _telltale "$@"
else
    compdef _telltale telltale
fi
