#!/bin/sh
# A write policy as operators have them: takes the kinds it is given, for example `kinds.sh 1 7`.
while IFS= read -r line; do
  id=$(printf '%s' "$line" | sed 's/^{"type":"new","event":{"id":"\([0-9a-f]*\)".*/\1/')
  kind=$(printf '%s' "$line" | sed 's/.*"created_at":[0-9]*,"kind":\([0-9]*\),.*/\1/')
  action=reject
  for allowed in "$@"; do
    [ "$kind" = "$allowed" ] && action=accept
  done
  printf '{"id":"%s","action":"%s","msg":"kind %s is not for this relay"}\n' "$id" "$action" "$kind"
done
