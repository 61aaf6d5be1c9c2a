#!/bin/bash
# Makes the certificates of the tests in a folder: two authorities, a server, and clients that are good, expired, or
# signed by the other authority. RSA, since the operator's signature algorithm is RSA.
# Usage: certificates.sh DIRECTORY
set -euo pipefail
mkdir -p "$1"
cd "$1"

key() { openssl genrsa -out "$1.key" 2048 2>>openssl.log && chmod 600 "$1.key"; }

authority() {
  key "$1"
  openssl req -x509 -new -key "$1.key" -sha256 -days 3650 -subj "/O=Test/CN=$1" -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>>openssl.log
  mkdir -p "$1.issued"
  touch "$1.index"
  printf '[ca]\ndefault_ca=here\n[here]\ndatabase=%s.index\nnew_certs_dir=%s.issued\nrand_serial=yes\npolicy=any\n' \
    "$1" "$1" > "$1.conf"
  printf 'default_md=sha256\nunique_subject=no\n[any]\ncommonName=supplied\norganizationalUnitName=optional\n' >> "$1.conf"
  printf 'organizationName=optional\ncountryName=optional\n' >> "$1.conf"
}

# leaf NAME AUTHORITY SUBJECT USAGE ALTERNATIVE_NAME FIRST_DAY LAST_DAY
leaf() {
  key "$1"
  openssl req -new -key "$1.key" -subj "$3" -out "$1.csr" 2>>openssl.log
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=%s\n' "$4" > "$1.ext"
  printf 'subjectAltName=%s\n' "$5" >> "$1.ext"
  openssl ca -batch -notext -preserveDN -config "$2.conf" -cert "$2.crt" -keyfile "$2.key" -extfile "$1.ext" -in "$1.csr" -out "$1.crt" \
    -startdate "${6:-20240101000000Z}" -enddate "${7:-20491231000000Z}" 2>>openssl.log
}

subject="/C=US/O=CAISO/OU=people/CN=Example Meterx1234"
authority ca
authority other
leaf server ca "/O=CAISO/CN=localhost" serverAuth "DNS:localhost,IP:127.0.0.1"
leaf wrong-host ca "/O=CAISO/CN=elsewhere" serverAuth "DNS:elsewhere.example"
leaf foreign-server other "/O=CAISO/CN=localhost" serverAuth "DNS:localhost,IP:127.0.0.1"
leaf client ca "$subject" clientAuth "DNS:client.example"
leaf foreign-client other "$subject" clientAuth "DNS:client.example"
leaf expired-client ca "$subject" clientAuth "DNS:client.example" 20200101000000Z 20200201000000Z
openssl ecparam -name prime256v1 -genkey -noout -out elliptic.key
chmod 600 elliptic.key
openssl req -x509 -new -key elliptic.key -sha256 -days 3650 -subj "$subject" -out elliptic.crt 2>>openssl.log
