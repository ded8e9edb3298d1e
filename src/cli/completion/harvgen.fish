function __harvgen_complete
  set -l last (commandline -ct)
  set -l words (commandline -opc) (string unescape -- "$last"; or echo "$last")
  set -l found (harvgen __complete $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path "$last"
  end
end
complete -c harvgen -f -a '(__harvgen_complete)'
