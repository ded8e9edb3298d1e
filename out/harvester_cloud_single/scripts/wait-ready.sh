#!/usr/bin/env bash
# Waits until a cluster of harvester_cloud_single is ready: until its VIP answers https://VIP/ping with "pong" several times in a
# row, because single answers also come during the installation.
#
#   wait-ready.sh [OPTION…]
#
#   --cluster NAME         the cluster (default: harvester_cloud_single, the only one)
#   --address HOST[:PORT]  the address to request (default: the VIP, which only the host may be able to reach)
#                          (on another machine: --address trial.example.org)
#   --times N              number of consecutive answers (default: 15)
#   --timeout SECONDS      total time limit (default: 3600; 0 sends one request)
#   --interval SECONDS     time between an answer and the next request (default: 2)
#   --cacert FILE          verifies the cluster's certificate with this CA (PEM)
#
# The exit status is 0 if the cluster is ready, 1 after a timeout, and 2 for an invalid command line.
set -euo pipefail

known=harvester_cloud_single
cluster=harvester_cloud_single
address=
times=15
timeout=3600
interval=2
# The cluster's certificate is self-signed until an administrator replaces it, so it cannot be verified yet. The request
# contains no secret and only decides when to continue; clients that log in must verify the certificate.
how=(--insecure)

say() { printf '%s\n' "$*" >&2; }

die() {
  say "wait-ready.sh: $*"
  say 'see wait-ready.sh --help'
  exit 2
}

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# number OPTION TEXT LEAST
number() {
  if ! [[ $2 =~ ^[0-9]{1,7}$ ]] || [ "$((10#$2))" -lt "$3" ]; then
    die "$1 requires a whole number of $3 or more, not '$2'"
  fi
  printf '%s' "$((10#$2))"
}

while [ $# -gt 0 ]; do
  option=$1
  case $option in
    --help)
      usage
      exit 0
      ;;
    --cluster | --address | --times | --timeout | --interval | --cacert)
      [ $# -ge 2 ] || die "$option requires a value"
      value=$2
      shift 2
      ;;
    *) die "unknown option $option" ;;
  esac
  case $option in
    --cluster) cluster=$value ;;
    --address)
      [[ $value =~ ^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$ ]] ||
        die "--address requires a host, with a port if it is not 443, such as lab.example.org:8443, not '$value'"
      address=$value
      ;;
    --times) times=$(number "$option" "$value" 1) ;;
    --timeout) timeout=$(number "$option" "$value" 0) ;;
    --interval) interval=$(number "$option" "$value" 0) ;;
    --cacert)
      [ -r "$value" ] || die "cannot read $value"
      how=(--cacert "$value")
      ;;
  esac
done

case $cluster in
  harvester_cloud_single) vip=192.168.160.40 ;;
  '') die "select a cluster with --cluster: $known" ;;
  *) die "unknown cluster $cluster; use one of $known" ;;
esac
url=https://${address:-$vip}/ping
# The VIP is on a network of this host: do not use a proxy.
[ -n "$address" ] || how+=(--noproxy '*')

# ask SECONDS: whether the answer is pong; otherwise sets $answer to a description.
ask() {
  local got status=0 code
  got=$(curl --silent --show-error --max-time "$1" "${how[@]}" --write-out '\n%{http_code}' "$url" 2>&1 |
    head -c 4096 | tr -d '\000') || status=$?
  code=${got##*$'\n'}
  case $status in
    0)
      got=$(tr -c '[:print:]' ' ' <<<"${got%$'\n'*}" | sed 's/^ *//; s/ *$//')
      [ "$code $got" = '200 pong' ] && return 0
      answer="HTTP $code"
      [ "$code" != 200 ] || answer="HTTP 200 with the text \"${got:0:60}\""
      ;;
    6) answer='unknown host name' ;;
    7) answer='connection refused or host unreachable' ;;
    28) answer="no answer in $1 s" ;;
    60) answer='certificate not issued by the CA' ;;
    *)
      answer=$(sed -n 's/.*curl: ([0-9]*) //p' <<<"$got")
      answer=${answer:-curl ended with $status}
      ;;
  esac
  return 1
}

# Overwrites the progress line, on a terminal.
progress() {
  if [ -t 2 ]; then printf '\r\033[K%s' "$1" >&2; fi
}

pongs=0
while :; do
  left=$((timeout - SECONDS))
  # A live cluster answers within this time; one that is busy with its installation gets another request.
  if ask "$((left < 1 ? 1 : left < 10 ? left : 10))"; then
    pongs=$((pongs + 1))
    answer=pong
  else
    pongs=0
  fi
  progress "$url: $pongs of $times in a row, after $SECONDS s; last answer: ${answer:0:40}"
  [ "$pongs" -lt "$times" ] || break
  if [ "$((SECONDS + interval))" -ge "$timeout" ]; then
    progress ''
    say "NOT READY  $cluster: $url did not answer pong $times times in a row within $timeout s; last answer: $answer"
    exit 1
  fi
  sleep "$interval"
done
progress ''
printf 'ready  %s\n' "$cluster: $url answered pong $times times in a row, after $SECONDS s"
