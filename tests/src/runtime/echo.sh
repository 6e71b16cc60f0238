#!/usr/bin/env bash
# The smallest Lambda: answers each event with itself, or fails in the way the event names.
api=${AWS_LAMBDA_RUNTIME_API:?}
call() {
  exec 3<>"/dev/tcp/${api%:*}/${api#*:}"
  printf '%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: api\r\nConnection: close\r\nContent-Length: %s\r\n\r\n%s' \
    "$1" "$2" "${#3}" "$3" >&3
  cat <&3
  exec 3>&-
}
echo "home is '${HOME-}', control is '${FISC_CONTROL-}'"
while answer=$(call GET invocation/next ''); do
  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: \([^[:cntrl:]]*\).*/\1/p' <<<"$answer")
  event=$(tail -n 1 <<<"$answer")
  echo "event $event" >&2
  case $event in
    '"fail"') call POST "invocation/$id/error" '{"errorType":"Named","errorMessage":"why"}' ;;
    '"die"') exit 3 ;;
    '"hang"') exec sleep 60 ;;
    *) call POST "invocation/$id/response" "$event" ;;
  esac >/dev/null
done
