#!/usr/bin/env bash
# Fetches the kubeconfig of a cluster of harvester_cloud_single and adapts it to the client's location: it contains the address that
# reaches the cluster, and the cluster's own CA, with which clients verify it.
#
#   kubeconfig.sh [OPTION…]
#
#   --cluster NAME         the cluster (default: harvester_cloud_single, the only one)
#   --ssh USER@HOST        connects through the host, like `ssh -J`, for use on another machine
#                          (root@trial.example.org)
#   --address HOST[:PORT]  the address for clients (default: the VIP, which only the host may be able to reach; with
#                          --ssh the port of the host that forwards to port 6443 of the VIP)
#                          (trial.example.org)
#   --node NAME            the node to fetch from (default: the create node, or the first)
#   --output FILE          the output file, created with mode 0600 (default: standard output)
#
# It logs in to the node by ssh as rancher, with your key in os.ssh_authorized_keys of the inventory or with the
# password. Its entries have the cluster's name, so that you can merge it with others:
#   KUBECONFIG=~/.kube/config:FILE kubectl config view --flatten
#
# The exit status is 0 on success, 1 on failure, and 2 for an invalid command line.
set -euo pipefail
umask 077

known=harvester_cloud_single
cluster=harvester_cloud_single
through=
address=
node=
output=

say() { printf '%s\n' "$*" >&2; }

die() {
  say "kubeconfig.sh: $*"
  say 'see kubeconfig.sh --help'
  exit 2
}

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

while [ $# -gt 0 ]; do
  option=$1
  case $option in
    --help)
      usage
      exit 0
      ;;
    --cluster | --ssh | --address | --node | --output)
      [ -n "${2-}" ] || die "$option requires a value"
      value=$2
      shift 2
      ;;
    *) die "unknown option $option" ;;
  esac
  case $option in
    --cluster) cluster=$value ;;
    --ssh)
      [[ $value =~ ^[A-Za-z0-9_][^[:space:]]*$ ]] || die "--ssh requires a destination of ssh, such as root@lab.example.org"
      through=$value
      ;;
    --address)
      [[ $value =~ ^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$ ]] ||
        die "--address requires a host, with a port if it is not 6443, such as lab.example.org:16443, not '$value'"
      address=$value
      ;;
    --node) node=$value ;;
    --output) output=$value ;;
  esac
done

# The address by which clients reach the cluster's API through the host, if a port forwards there.
exposed=
case $cluster in
  harvester_cloud_single)
    vip=192.168.160.40
    exposed=trial.example.org
    case ${node:-harvester} in
      harvester) node=harvester ip=192.168.160.41 ;;
      *) die "$cluster has no node $node with a kubeconfig; use one of" harvester ;;
    esac
    ;;
  '') die "select a cluster with --cluster: $known" ;;
  *) die "unknown cluster $cluster; use one of $known" ;;
esac

if [ -z "$address" ] && [ -n "$through" ]; then
  address=$exposed
  [ -n "$address" ] ||
    die "no port of the host forwards to port 6443 of $vip: add it to host.expose in the inventory (and set host.address)," \
      'or set --address'
fi
address=${address:-$vip}
[[ $address =~ :[0-9]+$ ]] || address=$address:6443

case $output in
  '' | /*) ;;
  *) output=./$output ;;
esac
if [ -n "$output" ]; then
  [ -d "${output%/*}/" ] || die "cannot write $output: its directory does not exist"
  [ ! -d "$output" ] || die "$output is a directory"
  # This would also overwrite the kubeconfig of other clusters.
  if [ -s "$output" ] && { [ "$(grep -c '^ *server: ' "$output")" != 1 ] ||
    ! grep -Eq "^current-context: \"?$cluster\"?\$" "$output"; }; then
    die "$output contains more than the kubeconfig of $cluster: use another file and merge the two"
  fi
fi

# A reinstalled node has another key, and sites can share private IP addresses: the key is stored under the names of the
# node and the site.
alias=$node.harvester_cloud_single
options=(-o ConnectTimeout=15 -o StrictHostKeyChecking=accept-new -o CheckHostIP=no -o "HostKeyAlias=$alias")
[ -z "$through" ] || options+=(-J "$through")
if ! text=$(ssh "${options[@]}" "rancher@$ip" 'sudo -n cat /etc/rancher/rke2/rke2.yaml' </dev/null); then
  say "FAILED  could not fetch the kubeconfig from $node ($ip)"
  [ -n "$through" ] || say '  on another machine than the host: --ssh root@trial.example.org'
  say "  if the node was reinstalled: ssh-keygen -R $alias"
  say '  if the node is off: select another one with --node'
  exit 1
fi

# value KEY: prints the value of a key.
value() {
  printf '%s\n' "$text" | tr -d '\r' | sed -n "s/^[- ]*$1: *\"\{0,1\}\([^ \"]*\)\"\{0,1\} *\$/\1/p"
}

ca=$(value certificate-authority-data)
certificate=$(value client-certificate-data)
key=$(value client-key-data)
# Each must occur once, as PEM in base64: "-----BEGIN ".
pem='^LS0tLS1CRUdJTi[A-Za-z0-9+/]+={0,2}$'
if ! [[ "$(value kind)" = Config && $ca =~ $pem && $certificate =~ $pem && $key =~ $pem ]]; then
  say "FAILED  $node ($ip) returned no valid RKE2 kubeconfig: check that the cluster is ready (wait-ready.sh)"
  exit 1
fi

# No value contains a quote or a backslash: they are names of the inventory, addresses and base64.
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
