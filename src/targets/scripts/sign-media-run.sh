
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

# extension NAME: prints an extension of the certificate.
extension() {
  openssl x509 -in "$certificate" -noout -ext "$1" 2>/dev/null || true
}

# A machine would reject each of these at its next boot; it is better to report them here.
judge_certificate() {
  local name why public
  openssl x509 -in "$certificate" -noout 2>/dev/null || die "$certificate is not a certificate (PEM)"
  openssl x509 -in "$chain" -noout 2>/dev/null || die "$chain is not a certificate (PEM)"
  why=$(openssl verify -CAfile "$chain" "$certificate" 2>&1) ||
    die "$certificate is not valid today: $(sed -n 's/^error [0-9]* at .*lookup: *//p' <<<"$why")"
  [[ "$(extension keyUsage)" = *"Digital Signature"* ]] ||
    die "$certificate must not be used for signatures: iPXE requires keyUsage digitalSignature"
  [[ "$(extension extendedKeyUsage)" = *"Code Signing"* ]] ||
    die "$certificate must not be used for code signing: iPXE requires extendedKeyUsage codeSigning"
  name=$(openssl x509 -in "$certificate" -noout -subject -nameopt multiline | sed -n 's/^ *commonName *= //p')
  [ "$name" = "$signer" ] ||
    die "$certificate belongs to $name, but the machines require signatures of $signer (server.sign.signer)"
  public=$(openssl pkey -in "$key" "${passin[@]}" -pubout) || die "cannot read $key as a key (PEM)"
  [ "$public" = "$(openssl x509 -in "$certificate" -noout -pubkey)" ] || die "$key is not the key of $certificate"
}

# certificates_in SIGNATURE: prints the number of its certificates.
certificates_in() {
  openssl pkcs7 -inform DER -in "$1" -print_certs 2>/dev/null | grep -c 'BEGIN CERTIFICATE'
}

# signed FILE SIGNATURE: whether it is a signature of the file by this certificate, and contains the chain.
signed() {
  [ -f "$2" ] &&
    openssl cms -verify -binary -inform DER -in "$2" -content "$1" -CAfile "$certificate" -partial_chain \
      -purpose any -out /dev/null 2>/dev/null &&
    [ "$(certificates_in "$2")" -eq "$certificates" ]
}

# sign FILE NAME: creates SIGNATURES/NAME.sig only if it is a valid signature of the file.
sign() {
  local signature="$signatures/$2.sig"
  kept+="$signature"$'\n'
  if signed "$1" "$signature"; then
    say "there   $2"
    return
  fi
  mkdir -p "$(dirname "$signature")"
  # A signature of an older file is useless.
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

# sign_medium VERSION NAME DIGEST: signs a file of a release. Without a DIGEST, the file is not pinned and not checked.
sign_medium() {
  local file="$media/$1/$2"
  if [ ! -f "$file" ]; then
    say "FAILED  $2: not in $media/$1: run fetch-media.sh first"
    failed=1
  elif [ -n "$3" ] && [ "$(sha512sum <"$file" | cut -d ' ' -f 1)" != "$3" ]; then
    say "FAILED  $2: SHA-512 mismatch, not signed"
    rm -f "$signatures/harvester/$1/$2.sig"
    failed=1
  else
    [ -n "$3" ] || say "not pinned in the inventory, signed without a check: $2"
    sign "$file" "harvester/$1/$2"
  fi
}

judge_certificate
certificates=$((1 + $(grep -c 'BEGIN CERTIFICATE' "$chain")))
[ -f "$tree/www/boot.ipxe" ] || die "$tree is not the tree of $site: it has no www/boot.ipxe"
mkdir -p "$signatures"

sign "$tree/www/boot.ipxe" boot.ipxe
for script in "$tree"/www/ipxe/*.ipxe "$tree"/www/ipxe/serial/*.ipxe; do
  # Without matches, the pattern itself remains.
  [ ! -f "$script" ] || sign "$script" "${script#"$tree"/www/}"
done
sign_media

# Removes only files of this script: the directory may contain other signatures.
while IFS= read -r signature; do
  [[ "$kept" = *$'\n'"$signatures/$signature"$'\n'* ]] && continue
  rm -f "$signatures/$signature"
  say "removed $signature"
done < <(cd "$signatures" && find boot.ipxe.sig* ipxe harvester -type f 2>/dev/null | LC_ALL=C sort |
  grep -E '^(boot\.ipxe|ipxe/(serial/)?[^/]+\.ipxe|harvester/[^/]+/[^/]+)\.sig(\.new)?$')

exit "$failed"
