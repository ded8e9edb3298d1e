_harvgen() {
  local line=${COMP_LINE:0:COMP_POINT} words current=${COMP_WORDS[COMP_CWORD]} head
  # Words with quotes are left to the completion of files.
  case $line in *[\"\'\\]*) return ;; esac
  IFS=$' \t\n' read -r -a words <<< "$line"
  case $line in *[[:space:]]) words+=('') ;; esac
  # bash replaces only the part behind a character of COMP_WORDBREAKS.
  case $current in [=:]) current='' ;; esac
  head=${words[${#words[@]}-1]%"$current"}
  mapfile -t COMPREPLY < <(harvgen __complete "${words[@]:1}" 2>/dev/null | cut -f 1)
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
  case ${#COMPREPLY[@]}:${COMPREPLY[0]-} in
    1:) COMPREPLY=() ;;
    1:*[.=]) compopt -o nospace 2>/dev/null ;;
  esac
}
complete -o default -F _harvgen harvgen
