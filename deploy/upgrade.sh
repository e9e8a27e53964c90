#!/bin/sh
# Brings a running chain to the version that is checked out, without a pause: databases first, then topics, then one container
# after the other. What a release does to a schema, the release before it can live with, so both may run for a while.
# COMPOSE names another compose command, with its -f options if it needs any.
set -eu
cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}

job() { echo "$1" && $compose run --rm --no-deps "$1"; }

deploy/secrets.sh ${NEEDLEPOINT_SECRETS:+"$NEEDLEPOINT_SECRETS"}
$compose build --quiet
job databases
for service in identity booking billing inventory notifications audit; do job "$service-migrate"; done
job topics
COMPOSE=$compose deploy/roll.sh
# The gateway holds its ports alone: for a second or two, connections are refused. It is renewed only if it has changed.
$compose up --detach --no-deps gateway
