#!/usr/bin/env bash
# Fetches the kubeconfig of a cluster of harvester_cloud, made to work from where you are: with the address that leads to the
# cluster, and with the cluster's own CA, by which clients verify it.
#
#   kubeconfig.sh [OPTION…]
#
#   --cluster NAME         which: harvester_cloud, the only one
#   --ssh USER@HOST        from elsewhere than the host: goes through it, as `ssh -J` does
#                          (root@lab.example.org)
#   --address HOST[:PORT]  where clients shall connect to: unless said the VIP, which nobody but the host may reach; with
#                          --ssh the port of the host that leads to its port 6443
#                          (lab.example.org)
#   --node NAME            the node to ask; unless said the create node
#   --output FILE          writes there, with mode 0600, and not to standard output
#
# It logs in to the node by ssh as rancher: your key is in os.ssh_authorized_keys of the inventory, or ssh asks for the
# password. The names in it are the cluster's, so that it can be merged with others:
#   KUBECONFIG=~/.kube/config:FILE kubectl config view --flatten
#
# The status is 0 where it was fetched, 1 where it was not, 2 where the command line is wrong.
set -euo pipefail
umask 077

known=harvester_cloud
cluster=harvester_cloud
through=
address=
node=
output=

say() { printf '%s\n' "$*" >&2; }

die() {
  say "kubeconfig.sh: $*"
  say 'kubeconfig.sh --help says more'
  exit 2
}

# What stands at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

while [ $# -gt 0 ]; do
  option=$1
  case $option in
    --help)
      usage
      exit 0
      ;;
    --cluster | --ssh | --address | --node | --output)
      [ -n "${2-}" ] || die "$option needs a value"
      value=$2
      shift 2
      ;;
    *) die "there is no $option" ;;
  esac
  case $option in
    --cluster) cluster=$value ;;
    --ssh)
      [[ $value =~ ^[A-Za-z0-9_][^[:space:]]*$ ]] || die "--ssh takes what ssh does, such as root@lab.example.org"
      through=$value
      ;;
    --address)
      [[ $value =~ ^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$ ]] ||
        die "--address takes a host, and a port where it is not 6443, such as lab.example.org:16443, not '$value'"
      address=$value
      ;;
    --node) node=$value ;;
    --output) output=$value ;;
  esac
done

# Where clients reach the cluster's API through the host, if a port leads there.
exposed=
case $cluster in
  harvester_cloud)
    vip=192.168.150.40
    exposed=lab.example.org
    case ${node:-harvester-1} in
      harvester-1) node=harvester-1 ip=192.168.150.41 ;;
      harvester-2) node=harvester-2 ip=192.168.150.42 ;;
      harvester-3) node=harvester-3 ip=192.168.150.43 ;;
      *) die "$cluster has no node $node with a kubeconfig; it has" 'harvester-1, harvester-2, harvester-3' ;;
    esac
    ;;
  '') die "there are several clusters: name one with --cluster: $known" ;;
  *) die "there is no cluster $cluster; there is $known" ;;
esac

if [ -z "$address" ] && [ -n "$through" ]; then
  address=$exposed
  [ -n "$address" ] ||
    die "no port of the host leads to port 6443 of $vip: add it to host.expose in the inventory (and say host.address)," \
      'or name with --address what does'
fi
address=${address:-$vip}
[[ $address =~ :[0-9]+$ ]] || address=$address:6443

case $output in
  '' | /*) ;;
  *) output=./$output ;;
esac
if [ -n "$output" ]; then
  [ -d "${output%/*}/" ] || die "$output cannot be written: its folder is not there"
  [ ! -d "$output" ] || die "$output is a folder"
  # A kubeconfig of other clusters, too, would be lost.
  if [ -s "$output" ] && { [ "$(grep -c '^ *server: ' "$output")" != 1 ] ||
    ! grep -Eq "^current-context: \"?$cluster\"?\$" "$output"; }; then
    die "$output holds something else than the kubeconfig of $cluster alone: name another file, and merge the two"
  fi
fi

# A node that is installed anew has another key, and private addresses are no one's for good: the key goes by the node's
# name and the site's.
alias=$node.harvester_cloud
options=(-o ConnectTimeout=15 -o StrictHostKeyChecking=accept-new -o CheckHostIP=no -o "HostKeyAlias=$alias")
[ -z "$through" ] || options+=(-J "$through")
if ! text=$(ssh "${options[@]}" "rancher@$ip" 'sudo -n cat /etc/rancher/rke2/rke2.yaml' </dev/null); then
  say "FAILED  $node ($ip) did not give its kubeconfig"
  [ -n "$through" ] || say '  elsewhere than on the host: --ssh root@lab.example.org'
  say "  if it was installed anew: ssh-keygen -R $alias"
  say '  if it is off: --node names another one'
  exit 1
fi

# value KEY: what the file says for a key.
value() {
  printf '%s\n' "$text" | tr -d '\r' | sed -n "s/^[- ]*$1: *\"\{0,1\}\([^ \"]*\)\"\{0,1\} *\$/\1/p"
}

ca=$(value certificate-authority-data)
certificate=$(value client-certificate-data)
key=$(value client-key-data)
# Each is there once, and PEM in base64: "-----BEGIN ".
pem='^LS0tLS1CRUdJTi[A-Za-z0-9+/]+={0,2}$'
if ! [[ "$(value kind)" = Config && $ca =~ $pem && $certificate =~ $pem && $key =~ $pem ]]; then
  say "FAILED  what $node ($ip) gave is not a kubeconfig of RKE2; is the cluster ready (wait-ready.sh)?"
  exit 1
fi

# None of what is written here holds a quote or a backslash: names of the inventory, addresses, base64.
write() {
  printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters:' "  - name: \"$cluster\"" '    cluster:' \
    "      certificate-authority-data: \"$ca\"" "      server: \"https://$address\""
  # The API's certificate is for the VIP (tls-san), whichever server answers, and for no other address of the host.
  [ "${address%:*}" = "$vip" ] || printf '%s\n' "      tls-server-name: \"$vip\""
  printf '%s\n' 'users:' "  - name: \"$cluster\"" '    user:' "      client-certificate-data: \"$certificate\"" \
    "      client-key-data: \"$key\"" 'contexts:' "  - name: \"$cluster\"" '    context:' \
    "      cluster: \"$cluster\"" "      user: \"$cluster\"" "current-context: \"$cluster\""
}

if [ -z "$output" ]; then
  write
  exit 0
fi
part=$(mktemp "$output.XXXXXX")
trap 'rm -f "$part"' EXIT
write >"$part"
mv -f "$part" "$output"
say "written  $output: $cluster at https://$address"
