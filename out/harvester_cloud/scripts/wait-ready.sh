#!/usr/bin/env bash
# Waits until a cluster of harvester_cloud is ready: until its VIP answers https://VIP/ping with "pong" several times in a
# row, since that comes and goes while the cluster is made.
#
#   wait-ready.sh [OPTION…]
#
#   --cluster NAME         which: harvester_cloud, the only one
#   --address HOST[:PORT]  where to ask; unless said the VIP, which nobody but the host may reach
#                          (elsewhere: --address lab.example.org)
#   --times N              how many times in a row: 15 unless said
#   --timeout SECONDS      how long to try: 3600 unless said; with 0, it asks once
#   --interval SECONDS     how long to wait between an answer and the next question: 2 unless said
#   --cacert FILE          verifies the cluster's certificate by this CA (PEM)
#
# The status is 0 where the cluster is ready, 1 where it is not in time, 2 where the command line is wrong.
set -euo pipefail

known=harvester_cloud
cluster=harvester_cloud
address=
times=15
timeout=3600
interval=2
# The certificate is one that the cluster made for itself, until somebody gives it another: there is nothing yet to verify
# it by. A ping says no secret, and decides no more than when to go on; whatever logs in is to verify.
how=(--insecure)

say() { printf '%s\n' "$*" >&2; }

die() {
  say "wait-ready.sh: $*"
  say 'wait-ready.sh --help says more'
  exit 2
}

# What stands at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# number OPTION TEXT LEAST
number() {
  if ! [[ $2 =~ ^[0-9]{1,7}$ ]] || [ "$((10#$2))" -lt "$3" ]; then
    die "$1 takes a whole number from $3 on, not '$2'"
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
      [ $# -ge 2 ] || die "$option needs a value"
      value=$2
      shift 2
      ;;
    *) die "there is no $option" ;;
  esac
  case $option in
    --cluster) cluster=$value ;;
    --address)
      [[ $value =~ ^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$ ]] ||
        die "--address takes a host, and a port where it is not 443, such as lab.example.org:8443, not '$value'"
      address=$value
      ;;
    --times) times=$(number "$option" "$value" 1) ;;
    --timeout) timeout=$(number "$option" "$value" 0) ;;
    --interval) interval=$(number "$option" "$value" 0) ;;
    --cacert)
      [ -r "$value" ] || die "$value is not there, or cannot be read"
      how=(--cacert "$value")
      ;;
  esac
done

case $cluster in
  harvester_cloud) vip=192.168.150.40 ;;
  '') die "there are several clusters: name one with --cluster: $known" ;;
  *) die "there is no cluster $cluster; there is $known" ;;
esac
url=https://${address:-$vip}/ping
# The VIP is on a network of this host: no proxy leads there.
[ -n "$address" ] || how+=(--noproxy '*')

# ask SECONDS: whether the answer is pong; leaves in $answer what it is else, in words.
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
    6) answer='the name is not known' ;;
    7) answer='connection refused, or nobody there' ;;
    28) answer="no answer in $1 s" ;;
    60) answer='a certificate that the CA does not vouch for' ;;
    *)
      answer=$(sed -n 's/.*curl: ([0-9]*) //p' <<<"$got")
      answer=${answer:-curl ended with $status}
      ;;
  esac
  return 1
}

# One line that is written over, where somebody sees it.
progress() {
  if [ -t 2 ]; then printf '\r\033[K%s' "$1" >&2; fi
}

pongs=0
while :; do
  left=$((timeout - SECONDS))
  # Whoever is there answers in less; a machine that is busy with its installation is asked anew.
  if ask "$((left < 1 ? 1 : left < 10 ? left : 10))"; then
    pongs=$((pongs + 1))
    answer=pong
  else
    pongs=0
  fi
  progress "$url: $pongs of $times in a row, after $SECONDS s; the last answer: ${answer:0:40}"
  [ "$pongs" -lt "$times" ] || break
  if [ "$((SECONDS + interval))" -ge "$timeout" ]; then
    progress ''
    say "NOT READY  $cluster: $url did not say pong $times times in a row within $timeout s; the last answer: $answer"
    exit 1
  fi
  sleep "$interval"
done
progress ''
printf 'ready  %s\n' "$cluster: $url said pong $times times in a row, after $SECONDS s"
