# Completion of telltale for fish: `telltale completion fish` prints it. What
# there is to complete telltale itself says, by its tables.

function __telltale_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct | string replace -r '^["\']' '')
    for line in ($words[1] __complete $words[2..-1] "$typed" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$typed"
            case :more
            case '*'
                echo $line
        end
    end
end

complete -c telltale -f -a '(__telltale_complete)'
