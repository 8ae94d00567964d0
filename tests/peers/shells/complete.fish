# Completes each line, and prints what is offered, without descriptions.
source $argv[1]
for line in $argv[2..-1]
  echo (complete -C $line | string replace -r '\t.*' '' | string replace -r '.*=' '')
end
