
failed=0
kept=$'\n'

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 2
}

[ $# -eq 3 ] || die "usage: sign-media.sh CERTIFICATE KEY CHAIN"
certificate=$1
key=$2
chain=$3
passin=(${PASSIN:+-passin "$PASSIN"})

# extension NAME: what the certificate says of itself.
extension() {
  openssl x509 -in "$certificate" -noout -ext "$1" 2>/dev/null || true
}

# A machine would refuse each of these at its next boot; it is better said here.
judge_certificate() {
  local name why public
  openssl x509 -in "$certificate" -noout 2>/dev/null || die "$certificate is not a certificate (PEM)"
  openssl x509 -in "$chain" -noout 2>/dev/null || die "$chain is not a certificate (PEM)"
  why=$(openssl verify -CAfile "$chain" "$certificate" 2>&1) ||
    die "$certificate does not hold today: $(sed -n 's/^error [0-9]* at .*lookup: *//p' <<<"$why")"
  [[ "$(extension keyUsage)" = *"Digital Signature"* ]] ||
    die "$certificate is not for signatures: iPXE wants keyUsage digitalSignature"
  [[ "$(extension extendedKeyUsage)" = *"Code Signing"* ]] ||
    die "$certificate is not for signing code: iPXE wants extendedKeyUsage codeSigning"
  name=$(openssl x509 -in "$certificate" -noout -subject -nameopt multiline | sed -n 's/^ *commonName *= //p')
  [ "$name" = "$signer" ] ||
    die "$certificate is of $name, and the machines want signatures of $signer (server.sign.signer)"
  public=$(openssl pkey -in "$key" "${passin[@]}" -pubout) || die "$key is not a key that can be read (PEM)"
  [ "$public" = "$(openssl x509 -in "$certificate" -noout -pubkey)" ] || die "$key is not the key of $certificate"
}

# certificates_in SIGNATURE: how many there are in it.
certificates_in() {
  openssl pkcs7 -inform DER -in "$1" -print_certs 2>/dev/null | grep -c 'BEGIN CERTIFICATE'
}

# signed FILE SIGNATURE: whether it is this certificate's signature of the file, with the chain in it.
signed() {
  [ -f "$2" ] &&
    openssl cms -verify -binary -inform DER -in "$2" -content "$1" -CAfile "$certificate" -partial_chain \
      -purpose any -out /dev/null 2>/dev/null &&
    [ "$(certificates_in "$2")" -eq "$certificates" ]
}

# sign FILE NAME: leaves SIGNATURES/NAME.sig there only if it is a good signature of the file.
sign() {
  local signature="$signatures/$2.sig"
  kept+="$signature"$'\n'
  if signed "$1" "$signature"; then
    say "there   $2"
    return
  fi
  mkdir -p "$(dirname "$signature")"
  # A signature that is not of what is there now helps nobody.
  rm -f "$signature" "$signature.new"
  if openssl cms -sign -binary -noattr -md sha256 -in "$1" -signer "$certificate" -inkey "$key" "${passin[@]}" \
    -certfile "$chain" -outform DER -out "$signature.new" && signed "$1" "$signature.new"; then
    chmod 0644 "$signature.new"
    mv "$signature.new" "$signature"
    say "signed  $2"
  else
    rm -f "$signature.new"
    say "FAILED  $2: openssl could not sign it"
    failed=1
  fi
}

# sign_medium VERSION NAME DIGEST: a file of a release; without a DIGEST it is not pinned, and signed as it is.
sign_medium() {
  local file="$media/$1/$2"
  if [ ! -f "$file" ]; then
    say "FAILED  $2: it is not in $media/$1: run fetch-media.sh first"
    failed=1
  elif [ -n "$3" ] && [ "$(sha512sum <"$file" | cut -d ' ' -f 1)" != "$3" ]; then
    say "FAILED  $2: it is not what its SHA-512 says, and is not signed"
    rm -f "$signatures/harvester/$1/$2.sig"
    failed=1
  else
    [ -n "$3" ] || say "not pinned in the inventory, so signed as it is: $2"
    sign "$file" "harvester/$1/$2"
  fi
}

judge_certificate
certificates=$((1 + $(grep -c 'BEGIN CERTIFICATE' "$chain")))
[ -f "$tree/www/boot.ipxe" ] || die "$tree is not the tree of $site: it has no www/boot.ipxe"
mkdir -p "$signatures"

sign "$tree/www/boot.ipxe" boot.ipxe
for script in "$tree"/www/ipxe/*.ipxe "$tree"/www/ipxe/serial/*.ipxe; do
  # Of names that there are none of, the pattern is left.
  [ ! -f "$script" ] || sign "$script" "${script#"$tree"/www/}"
done
sign_media

# Only what this script makes: somebody may have named a folder with other signatures in it.
while IFS= read -r signature; do
  [[ "$kept" = *$'\n'"$signatures/$signature"$'\n'* ]] && continue
  rm -f "$signatures/$signature"
  say "removed $signature"
done < <(cd "$signatures" && find boot.ipxe.sig* ipxe harvester -type f 2>/dev/null | LC_ALL=C sort |
  grep -E '^(boot\.ipxe|ipxe/(serial/)?[^/]+\.ipxe|harvester/[^/]+/[^/]+)\.sig(\.new)?$')

exit "$failed"
