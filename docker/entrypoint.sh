#!/bin/sh
# Replicas of one service share one volume, and every node needs a data directory and a name of its own: it takes the
# first that nobody holds. The lock is held by the process itself, so a killed node's place is free at once, and whoever
# starts next goes on with its sessions.
# "secrets" makes what the nodes of one cluster share, in files that nobody else may read: a volume for all of them.
set -eu
secrets=/secrets
if [ "${1-}" = secrets ]; then
  umask 077
  for name in cluster-secret admin-token; do
    if [ ! -s "$secrets/$name" ]; then
      dotnet /app/ActorLb.Node.dll keys secret > "$secrets/$name.new"
      chmod 400 "$secrets/$name.new"
      mv "$secrets/$name.new" "$secrets/$name"
    fi
  done
  echo "The cluster's secret is in $secrets/cluster-secret, the admin API's token in $secrets/admin-token"
  echo "(docker compose exec lb cat $secrets/admin-token). Deleted, they are made anew at the next start of all."
  exit
fi
if [ "${1-}" = run ] && [ -z "${ACTORLB_DATA_DIR-}" ]; then
  place=0
  while [ "$place" -lt 1000 ]; do
    place=$((place + 1))
    mkdir -p -m 700 "/data/$place"
    exec 9> "/data/$place/place.lock"
    flock -n 9 && break
  done
  export ACTORLB_DATA_DIR="/data/$place"
  export ACTORLB_NODE_NAME="${ACTORLB_NODE_NAME:-lb-$place}"
fi
if [ "${1-}" = backend ]; then
  case " $* " in *" --name "*) ;; *) set -- "$@" --name "$(hostname)" ;; esac
elif [ -z "${ACTORLB_ADMIN_TOKEN-}" ] && [ -r "$secrets/admin-token" ]; then
  ACTORLB_ADMIN_TOKEN=$(cat "$secrets/admin-token")
  if [ "${1-}" = run ]; then
    # A node needs to know it, not to have it: whoever may apply a topology may read its environment.
    ACTORLB_ADMIN_TOKEN="sha256:$(printf %s "$ACTORLB_ADMIN_TOKEN" | sha256sum | cut -d ' ' -f 1)"
    echo "The admin API's token is in $secrets/admin-token (docker compose exec lb cat $secrets/admin-token)" >&2
  fi
  export ACTORLB_ADMIN_TOKEN
fi
exec dotnet /app/ActorLb.Node.dll "$@"
