#compdef harvgen
_harvgen() {
  local -a ended open
  local line word
  for line in "${(@f)$(harvgen __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    word=${line%%$'\t'*}
    case $word in
      *[.=]) open+=("$word") ;;
      ?*) ended+=("$word") ;;
    esac
  done
  (( ${#ended} + ${#open} )) || { _files; return; }
  compadd -a ended
  compadd -S '' -a open
}
if [ "$funcstack[1]" = _harvgen ]; then _harvgen "$@"; else compdef _harvgen harvgen; fi
