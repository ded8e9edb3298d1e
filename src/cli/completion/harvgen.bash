_harvgen() {
  local line=${COMP_LINE:0:COMP_POINT} words last head
  IFS=$' \t\n' read -r -a words <<< "$line"
  case $line in *[[:space:]]) words+=('') ;; esac
  last=${words[${#words[@]}-1]}
  head=${last%"${last##*[=:]}"}
  mapfile -t COMPREPLY < <(harvgen __complete "${words[@]:1}" 2>/dev/null | cut -f 1)
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
  case ${#COMPREPLY[@]}:${COMPREPLY[0]-} in
    1:) COMPREPLY=() ;;
    1:*[.=]) compopt -o nospace 2>/dev/null ;;
  esac
}
complete -o default -F _harvgen harvgen
