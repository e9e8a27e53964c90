#!/bin/sh
# Makes the secrets of an installation, each in a file of its own; what is there stays as it is.
#
#   deploy/secrets.sh [FOLDER]     deploy/secrets when none is named; NEEDLEPOINT_DATABASE_HOST names another server
#
# To change a secret, delete its file (or write another value into it) and run this again: what is made out of several
# secrets (addresses of databases, the list of service keys) is written anew each time. docs/operations.md says what to
# restart. Containers run as users of their own, so the files can be read by all; the folder lets in nobody but its owner.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/secrets}
host=${NEEDLEPOINT_DATABASE_HOST:-postgres:5432}
services='identity booking billing inventory notifications audit'

put() { # NAME: what comes in, whole or not at all
  cat >"$folder/.$1.new"
  chmod 0444 "$folder/.$1.new"
  mv -f "$folder/.$1.new" "$folder/$1"
}

keep() { # NAME: a random value, unless there is one
  [ -s "$folder/$1" ] || od -An -N32 -tx1 /dev/urandom | tr -d ' \n' | put "$1"
}

value() { tr -d '\n' <"$folder/$1"; }

address() { # ROLE DATABASE
  printf 'postgresql://%s:%s@%s/%s' "$1" "$(value "$1_password")" "$host" "$2"
}

mkdir -p "$folder"
chmod 0700 "$folder"
for name in postgres_password key_encryption_key web_secret metrics_token grafana_password; do keep "$name"; done
[ -e "$folder/key_encryption_keys_before" ] || printf '[]' | put key_encryption_keys_before
[ -e "$folder/smtp_password" ] || put smtp_password </dev/null

roles='' keys='' urls=''
for service in $services; do
  keep "${service}_password"
  keep "${service}_owner_password"
  keep "${service}_service_key"
  address "$service" "$service" | put "${service}_database_url"
  address "${service}_owner" "$service" | put "${service}_migration_url"
  roles="$roles$service $(value "${service}_owner_password") $(value "${service}_password")
"
  urls="$urls${urls:+, }\"$service\": \"$(address "$service" "$service")\""
  keys="$keys${keys:+, }\"$service\": \"$(value "${service}_service_key")\""
done
printf '%s' "$roles" | put database_roles
printf '{%s}' "$keys" | put service_keys
printf '{%s}' "$urls" | put database_urls
