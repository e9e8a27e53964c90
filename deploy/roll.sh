#!/bin/sh
# Renews containers one service after the other, without a gap: for a new image, new settings or new secrets.
#
#   deploy/roll.sh [SERVICE…]      every service and the front end when none is named
#
# As many new replicas as there are old ones start first; when all are ready, the old ones are told to stop and finish what
# they are at. If a new one does not get ready within two minutes, the new ones go, the old ones stay, and the exit code is 1.
# COMPOSE names another compose command, with its -f options if it needs any.
set -eu
compose=${COMPOSE:-docker compose}
everything='identity identity-worker booking booking-worker billing billing-worker inventory inventory-worker
notifications notifications-worker audit audit-worker web'

ids() { $compose ps --all --quiet "$1" | tr '\n' ' '; }

without() { # SOME OTHERS: those of $1 that are not in $2
  for id in $1; do
    case " $2 " in *" $id "*) ;; *) printf '%s ' "$id" ;; esac
  done
}

ready() { # CONTAINER: asked at once, instead of waiting for the next turn of its health check
  tries=120
  until docker exec "$1" python -IS /app/probe.py 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 1
  done
}

renew() { # SERVICE
  old=$(ids "$1")
  [ -n "$old" ] || { echo "$1: not running, left alone"; return 0; }
  count=$(echo "$old" | wc -w)
  said=$($compose up --detach --no-deps --no-build --no-recreate --scale "$1=$((count * 2))" "$1" 2>&1) || true
  new=$(without "$(ids "$1")" "$old")
  [ -n "$new" ] || { echo "$said" >&2; give_up "$1" ""; return 1; }
  for id in $new; do
    ready "$id" || { give_up "$1" "$new"; return 1; }
  done
  # shellcheck disable=SC2086
  docker stop --time 15 $old >/dev/null && docker rm $old >/dev/null
  echo "$1: renewed"
}

give_up() { # SERVICE NEW
  for id in $2; do
    docker logs --tail 20 "$id" >&2 || true
    docker rm --force "$id" >/dev/null || true
  done
  echo "$1: the new ones did not get ready; the old ones stay" >&2
}

for service in ${*:-$everything}; do renew "$service"; done
