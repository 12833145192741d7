#!/bin/sh
# Replicas of one service share one volume, and every node needs a data directory and a name of its own: it takes the
# first that nobody holds. The lock is held by the process itself, so a killed node's place is free at once, and whoever
# starts next goes on with its sessions.
set -eu
if [ "${1-}" = run ] && [ -z "${ACTORLB_DATA_DIR-}" ]; then
  place=0
  while [ "$place" -lt 1000 ]; do
    place=$((place + 1))
    mkdir -p "/data/$place"
    exec 9> "/data/$place/place.lock"
    flock -n 9 && break
  done
  export ACTORLB_DATA_DIR="/data/$place"
  export ACTORLB_NODE_NAME="${ACTORLB_NODE_NAME:-lb-$place}"
fi
if [ "${1-}" = backend ]; then
  case " $* " in *" --name "*) ;; *) set -- "$@" --name "$(hostname)" ;; esac
fi
exec dotnet /app/ActorLb.Node.dll "$@"
