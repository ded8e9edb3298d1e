function __harvgen_complete
  set -l typed (commandline -ct)
  set -l last (string unescape -- "$typed"; or echo "$typed")
  set -l words (commandline -opc) "$last"
  set -l found (harvgen __complete $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path "$last"
  end
end
complete -c harvgen -f -a '(__harvgen_complete)'
