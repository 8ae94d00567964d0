# Parts each line into words as readline does, and completes the last one.
source "$1"
shift
for line in "$@"; do
  read -ra COMP_WORDS <<< "${line//=/ = }"
  [[ $line == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  function=$(complete -p "${COMP_WORDS[0]}")
  function=${function#*-F }
  "${function% *}"
  echo "${COMPREPLY[*]}"
done
