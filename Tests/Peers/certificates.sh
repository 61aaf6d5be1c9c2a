#!/bin/bash
# certificates.sh DIR: the certificates of scripts/make-test-certificates, and some that only tests need.
#
#   wrong-host      a server of the trusted authority with another name
#   foreign-server  a server of the authority that nobody trusts
#   elliptic        a client of its own authority with an elliptic key
set -euo pipefail
umask 077
"$(dirname "$0")/../../scripts/make-test-certificates" "$1"
cd "$1"

server() { # NAME AUTHORITY ALTERNATIVE NAMES
  openssl req -new -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/O=DERTelemetryd test/CN=$1" -out "$1.csr"
  printf 'basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" -days 30 \
    -sha256 -extfile "$1.ext" -out "$1.crt"
  rm "$1.csr" "$1.ext"
}

{
  server wrong-host ca DNS:elsewhere.example
  server foreign-server foreign-ca DNS:localhost,IP:127.0.0.1
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout elliptic.key -days 30 \
    -subj "/C=US/O=CAISO/OU=people/CN=elliptic" -out elliptic.crt
} 2>openssl.log || { cat openssl.log >&2; exit 70; }
