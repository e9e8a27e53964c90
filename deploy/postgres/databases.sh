#!/bin/sh
# A database and two roles for each service, with the passwords that the secrets say: run at every start, and it may run twice.
# `database_roles` has a line for each service: its name, the password of its owner role, the password of its own role.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PGPASSWORD=$(cat /run/secrets/postgres_password)
# An error must not bring the statement, and with it a password, into the server's log.
PGOPTIONS='-c log_min_error_statement=panic -c log_statement=none -c client_min_messages=warning'
export PGPASSWORD PGOPTIONS

run() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }

run --dbname=postgres --file="$here/server.sql"
while read -r service owner_password password; do
  OWNER_PASSWORD=$owner_password SERVICE_PASSWORD=$password \
    run --dbname=postgres --set=service="$service" --set=owner="${service}_owner" --file="$here/service.sql"
  echo "database $service: ready"
done </run/secrets/database_roles
