#!/usr/bin/env bash
# Prints what a cluster of location_z runs, for `harvgen drift` and `harvgen import cluster`: its nodes, settings, add-ons, CloudInit
# resources, networks, images and VMs, as JSON. It changes nothing.
#
#   dump-cluster.sh [OPTION…] >FILE
#
# The options are those of kubectl, such as --kubeconfig FILE and --context NAME. Resources that the release lacks are left out.
# The output has no Secret objects, and replaces passwords, tokens, private keys, hashes, and logins in URLs. Texts in which nothing
# marks a secret stay: read the output before you share it.
#
# The exit status is 0 on success and 1 on failure.
set -euo pipefail

wanted='nodes namespaces services settings.harvesterhci.io addons.harvesterhci.io cloudinits.node.harvesterhci.io nodeconfigs.node.harvesterhci.io clusternetworks.network.harvesterhci.io vlanconfigs.network.harvesterhci.io hostnetworkconfigs.network.harvesterhci.io network-attachment-definitions.k8s.cni.cncf.io storageclasses.storage.k8s.io settings.longhorn.io virtualmachineimages.harvesterhci.io keypairs.harvesterhci.io virtualmachines.kubevirt.io schedulevmbackups.harvesterhci.io resourcequotas.harvesterhci.io'

die() {
  printf 'dump-cluster.sh: %s\n' "$*" >&2
  exit 1
}

if [ "${1-}" = --help ]; then
  sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"
  exit 0
fi
command -v kubectl >/dev/null || die 'kubectl is not installed: see https://kubernetes.io/docs/tasks/tools/'

# kubectl fails if one of many API groups does not answer, but prints the others.
known=$(kubectl "$@" api-resources --verbs=list -o name) || [ -n "$known" ] ||
  die 'the cluster does not answer: check the kubeconfig'
resources=
for resource in $wanted; do
  if grep -Fqx -- "$resource" <<<"$known"; then resources+=" $resource"; fi
done
grep -Fqw settings.harvesterhci.io <<<"$resources" ||
  die 'this is not a Harvester cluster: it has no settings.harvesterhci.io'

removed='removed-by-dump-cluster'

# A value is in one line of kubectl's JSON. In its texts can be JSON, with \" around texts, and YAML, with \n after a line.
key='[a-z_-]*(passw(or)?d|passphrase|token|secret(_?access)?(_?key)?|access_?key_?id|private_?key|auth|username)'
json='([^"\\]|\\u[0-9a-f]{4}|\\\\([^"\\]|\\\\|\\"))*'
yaml='([^"\\ |>{[]|\\[^n])([^"\\]|\\[^n])*'

printf '# harvgen dump:%s\n' "$resources"
kubectl "$@" get "$(tr ' ' ',' <<<"${resources# }")" --all-namespaces -o json |
  sed -E \
    -e 's/("kubectl\.kubernetes\.io\/last-applied-configuration": )".*"(,?)$/\1"'$removed'"\2/' \
    -e 's/("userDataBase64": )"[^"]*"/\1"'$removed'"/' \
    -e 's/-----BEGIN [A-Z ]*PRIVATE KEY-----([^"\\]|\\.)*-----END [A-Z ]*PRIVATE KEY-----/'$removed'/g' \
    -e 's#[$](1|2[aby]|5|6|y)[$][A-Za-z0-9./$=,]{20,}#'$removed'#g' \
    -e 's/(:\/\/)[^\/@" \\]*@/\1'$removed'@/g' \
    -e 's/(\/v3\/import\/)[A-Za-z0-9_-]+/\1'$removed'/g' \
    -e "s/(\\\\\"$key\\\\\" *: *\\\\\")$json\\\\\"/\\1$removed\\\\\"/gI" \
    -e "s/(([^A-Za-z_-]|\\\\n)$key: +)$yaml/\\1$removed/gI"
