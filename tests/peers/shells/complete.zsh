# Completes each line in an interactive zsh, and prints what became of it. The
# completions are a file to source, or a folder for fpath.
zmodload zsh/zpty
setup="PS1= PS2= RPS1=; setopt no_prompt_sp; autoload -Uz compinit
  [[ -d ${(q)1} ]] && fpath=(${(q)1} \$fpath); compinit -u -D
  [[ -f ${(q)1} ]] && source ${(q)1}
  show() { zle complete-word; print -r -- \"<\$BUFFER>\" }
  zle -N show; bindkey '^T' show; print -r 'REA''DY'"
zpty shell zsh -f -i
zpty -w shell ${setup//$'\n'/;}
zpty -r -m shell seen '*READY*' || exit 1
for line in "${@[2,-1]}"; do
  zpty -w -n shell "$line"$'\x14'
  zpty -r -m shell seen '*<*>*'
  print -r -- "${${seen##*<}%%>*}"
  zpty -w -n shell $'\x15'
done
zpty -d shell
