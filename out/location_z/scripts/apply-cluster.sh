#!/usr/bin/env bash
# Applies the Kubernetes objects of the cluster of location_z with kubectl, in the order in which they need each other.
# It waits until the images are imported before it creates VMs. It changes only what the objects set, also where it was changed
# in the dashboard, and removes nothing.
#
#   apply-cluster.sh [OPTION…]
#
#   --dry-run       asks the cluster to check the objects, and changes nothing. It cannot check objects in new namespaces
#   --secrets FILE  the values of secrets, - for standard input: the lines that `harvgen secrets --format cluster` prints.
#                   Without them, objects with secrets are skipped
#   --upgrade       also applies Version and Upgrade objects, which start an upgrade
#   --timeout TIME  the time to wait for each image (default: 30m)
#
# kubectl uses your kubeconfig: KUBECONFIG=FILE selects another. The exit status is 0 on success, 1 on failure, and 2 for an
# invalid command line.
set -euo pipefail

known=location_z
cluster=location_z

# Sets the data of a cluster: its nodes, and its steps with their files.
select_cluster() {
  case $1 in
    location_z)
      nodes=( r5-n1 r5-n2 r5-n3 r5-n4 r5-n5 )
      steps=(
        '= settings'
        cluster/settings/setting-overcommit-config.yaml
        cluster/settings/setting-support-bundle-timeout.yaml
        cluster/settings/setting-http-proxy.yaml
        cluster/settings/setting-additional-ca.yaml
        cluster/settings/setting-ntp-servers.yaml
        cluster/os/cloud-init-harvgen-os.yaml
        cluster-secrets/os/cloud-init-harvgen-os-secrets.yaml
        '= settings of networks'
        cluster/settings/setting-storage-network.yaml
      )
      ;;
    '') die "select a cluster with --cluster: $known" ;;
    *) die "unknown cluster $1; use one of $known" ;;
  esac
}

say() { printf '%s\n' "$*" >&2; }

die() {
  say "apply-cluster.sh: $*"
  say 'see apply-cluster.sh --help'
  exit 2
}

fail() {
  say "FAILED  $*"
  exit 1
}

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

dry=
failed=0
secrets=
upgrade=
timeout=30m
dry_run=()
while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
    --help)
      usage
      exit 0
      ;;
    --dry-run) dry=1 ;;
    --upgrade) upgrade=1 ;;
    --cluster | --secrets | --timeout)
      [ -n "${1-}" ] || die "$option requires a value"
      case $option in
        --cluster) cluster=$1 ;;
        --secrets) secrets=$1 ;;
        --timeout) timeout=$1 ;;
      esac
      shift
      ;;
    *) die "unknown option $option" ;;
  esac
done
[[ $timeout =~ ^[1-9][0-9]*[smh]$ ]] || die "--timeout requires a time such as 30m, not $timeout"
[ -z "$dry" ] || dry_run=(--dry-run=server)
nodes=()
steps=()
select_cluster "$cluster"
command -v kubectl >/dev/null || fail 'there is no kubectl: install it'
# The values stay in memory.
values=
if [ "$secrets" = - ]; then
  values=$(cat)
elif [ -n "$secrets" ]; then
  values=$(cat -- "$secrets") || fail "cannot read $secrets"
fi
cd -- "$(dirname -- "$0")/.." || exit

# A kubeconfig of another cluster would change that one.
found=$(kubectl get nodes --output name) || fail 'kubectl cannot reach the cluster: see its error above'
is_of_cluster() {
  local node
  for node in "${nodes[@]}"; do
    if grep -qxF "node/$node" <<<"$found"; then return 0; fi
  done
  return 1
}
is_of_cluster || fail "the cluster of your kubeconfig has none of the nodes of $cluster: select its kubeconfig with KUBECONFIG=FILE"

# filled FILE: prints a file with the values of secrets.
filled() {
  local text line
  text=$(cat -- "$1")
  while IFS= read -r line; do
    # Quotes keep the value from being a pattern or a reference to the match.
    [ -z "$line" ] || text=${text//"${line%% *}"/"${line#* }"}
  done < <(printf '%s\n' "$values")
  case $text in
    *@@secret:*) fail "$1 has a secret without a value: --secrets requires the output of harvgen secrets --format cluster" ;;
  esac
  printf '%s\n' "$text"
}

# apply NAME FILE…: applies the files of a step at once.
apply() {
  local name=$1 file part text=
  shift
  say "$name"
  for file; do
    case $file in
      addon:*)
        part=${file#addon:}
        merge_addon "${part%%:*}" "${part#*:}"
        ;;
      *)
        part=$(filled "$file") || exit 1
        text+=$'---\n'$part$'\n'
        ;;
    esac
  done
  [ -n "$text" ] || return 0
  # A here-string could be a temporary file.
  printf '%s\n' "$text" |
    kubectl apply --server-side --field-manager=harvgen --force-conflicts ${dry_run[@]+"${dry_run[@]}"} --filename - ||
    rejected "a part of: $name"
}

# rejected WHAT: ends the script, because later steps need the earlier ones; a dry run reports all.
rejected() {
  [ -n "$dry" ] || fail "the cluster rejected $1. Later steps were not applied"
  say "FAILED  the cluster would reject $1"
  failed=1
}

# merge_addon NAMESPACE/NAME FILE: sets only the fields of the file. The release owns the others.
merge_addon() {
  local text
  text=$(filled "$2") || exit 1
  printf '%s\n' "$text" |
    kubectl patch addons.harvesterhci.io "${1#*/}" --namespace "${1%%/*}" --type merge --field-manager harvgen \
      ${dry_run[@]+"${dry_run[@]}"} --patch-file /dev/stdin ||
    rejected "the add-on ${1#*/}"
}

# await_images FILE…: waits until the cluster has imported the images of the files.
await_images() {
  local file
  for file; do
    say "waits until the image in $file is imported"
    kubectl wait --for=condition=Imported --timeout="$timeout" --filename "$file" >/dev/null ||
      fail "the image in $file is not imported after $timeout: kubectl describe --filename $file"
  done
}

# obstacle FILE: prints why a file is skipped, or nothing.
obstacle() {
  local node=${1##*/node-}
  case $1 in
    */nodes/node-*)
      # The API server would create a node without a machine.
      grep -qxF "node/${node%.yaml}" <<<"$found" || echo "the cluster has no node ${node%.yaml}"
      ;;
    cluster-secrets/*)
      if [ -z "$values" ] && grep -qF '@@secret:' -- "$1"; then echo 'pass --secrets'; fi
      ;;
  esac
}

name=
files=()
skipped=()
# run: applies the step that was read.
run() {
  local file
  if [ "$name" = upgrade ] && [ -z "$upgrade" ]; then
    for file in ${files[@]+"${files[@]}"}; do skipped+=("$file: pass --upgrade"); done
    return 0
  fi
  [ ${#files[@]} -gt 0 ] || return 0
  apply "$name" "${files[@]}"
  if [ "$name" = images ] && [ -z "$dry" ]; then await_images "${files[@]}"; fi
}
for word in "${steps[@]}"; do
  case $word in
    '= '*)
      run
      name=${word#= }
      files=()
      ;;
    *)
      why=$(obstacle "${word##*:}")
      if [ -z "$why" ]; then files+=("$word"); else skipped+=("${word##*:}: $why"); fi
      ;;
  esac
done
run
for file in ${skipped[@]+"${skipped[@]}"}; do say "SKIPPED $file"; done
exit "$failed"
