#!/bin/sh
# Builds and starts the containers and waits until all of them work: up.sh [PROFILES], such as demo,dev,observe.
# With `demo` the sign-in page offers the accounts of the demo chain; with `dev` messages go out as e-mail, to Mailpit.
# COMPOSE names another compose command. What an installation for real patients is started with stands in docs/operations.md.
set -eu
cd "$(dirname "$0")/.."
profiles=${1:-}
deploy/secrets.sh ${NEEDLEPOINT_SECRETS:+"$NEEDLEPOINT_SECRETS"}
case ",$profiles," in *,demo,*) NEEDLEPOINT_DEMO_ACCOUNTS=$(cat deploy/demo_accounts.json) && export NEEDLEPOINT_DEMO_ACCOUNTS ;; esac
case ",$profiles," in *,dev,*) NEEDLEPOINT_CHANNEL=email && export NEEDLEPOINT_CHANNEL ;; esac
COMPOSE_PROFILES=$profiles ${COMPOSE:-docker compose} up --detach --build --wait
echo "Needlepoint is running at https://${NEEDLEPOINT_DOMAIN:-localhost}:${NEEDLEPOINT_HTTPS_PORT:-8443}"
