#!/bin/sh
# Renews containers one service after the other, without a gap: for a new image, new settings or new secrets.
#
#   deploy/roll.sh [SERVICE…]      every service and the front end when none is named
#
# As many new replicas as there are old ones start first; when all are ready, the old ones are told to stop and finish what
# they are at. If a new one does not get ready, the new ones go, the old ones stay, and the exit code is 1.
# COMPOSE names another compose command, with its -f options if it needs any.
set -eu
compose=${COMPOSE:-docker compose}
everything='identity identity-worker booking booking-worker billing billing-worker inventory inventory-worker
notifications notifications-worker audit audit-worker web'

without() { # NEW OLD: the ids of $1 that are not in $2
  for id in $1; do
    case " $2 " in *" $id "*) ;; *) printf '%s ' "$id" ;; esac
  done
}

renew() { # SERVICE
  old=$($compose ps --quiet "$1" | tr '\n' ' ')
  [ -n "$old" ] || { echo "$1: not running, left alone"; return 0; }
  # shellcheck disable=SC2086
  count=$(set -- $old && echo $#)
  if ! $compose up --detach --no-deps --no-build --no-recreate --wait --wait-timeout 120 --scale "$1=$((count * 2))" "$1" >/dev/null 2>&1; then
    new=$(without "$($compose ps --all --quiet "$1" | tr '\n' ' ')" "$old")
    # shellcheck disable=SC2086
    { docker logs --tail 20 "${new%% *}" || true; docker rm --force $new; } >&2
    echo "$1: the new ones did not get ready; the old ones stay" >&2
    return 1
  fi
  # shellcheck disable=SC2086
  docker stop --time 15 $old >/dev/null && docker rm $old >/dev/null
  echo "$1: renewed"
}

for service in ${*:-$everything}; do renew "$service"; done
