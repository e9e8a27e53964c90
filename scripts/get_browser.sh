#!/usr/bin/env bash
# Sees to it that the browser tests find a Chromium. Installs one where that needs no question; else says what is lost.
set -u

command -v chromium-headless-shell >/dev/null && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests..."
    apt-get update -qq && apt-get install -y -qq chromium-headless-shell >/dev/null && exit 0
fi

command -v chromium >/dev/null && exit 0

cat >&2 <<'WARNING'

  ############################################################################
  #  NO CHROMIUM: the browser tests will be skipped.                         #
  #  Unproved then: that the pages work for a person - keyboard, drag, live  #
  #  updates, accessibility, the strict content security policy.             #
  #  Install the package `chromium-headless-shell`, or `chromium`, and run   #
  #  this again.                                                             #
  ############################################################################

WARNING
