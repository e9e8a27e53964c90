#!/bin/sh
# with_ca COMMAND…: lets pip, uv and npm believe the certificate authority that the build was given, if it was given one.
set -eu
ca=/run/secrets/ca.crt
if [ -s "$ca" ]; then
  export SSL_CERT_FILE="$ca" PIP_CERT="$ca" NODE_EXTRA_CA_CERTS="$ca"
fi
exec "$@"
