import { CIDRS_SINCE, type ClusterCidr, clusterCidrs } from '../site/cluster-cidrs.ts';
import type { Cluster, Network } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Cidr } from '../values/ipv4.ts';
import { isAtLeast } from '../values/version.ts';
import type { Finding, Rule } from './rule.ts';

export const clusterCidrOverlap: Rule = {
  code: 'cluster-cidr-overlap',
  severity: 'error',
  what: 'The pod CIDR and the service CIDR of a cluster share no address with each other, nor with a network of the site.',
  why: 'What nodes and pods send to such an address can end up inside the cluster, and after the installation the two cannot be changed (harvester/harvester#4254, #5575).',
  check({ clusters = [], networks = [] }, report) {
    for (const cluster of clusters) {
      if (!cluster) continue;
      const cidrs = clusterCidrs(cluster);
      const [pod, service] = cidrs;
      if (pod && service && overlap(pod.cidr, service.cidr)) report(withEachOther(cluster, pod, service));
      for (const network of networks) {
        for (const cidr of cidrs) {
          if (!network?.subnet || !overlap(cidr.cidr, network.subnet)) continue;
          report(cidr.at ? ofSaid(cluster, cidr, network) : ofDefault(cluster, cidr, network));
        }
      }
    }
  },
};

function withEachOther(cluster: Draft<Cluster>, pod: ClusterCidr, service: ClusterCidr): Finding {
  const [one, other] = service.at ? [service, pod] : [pod, service];
  return {
    message: `The ${one.of} CIDR ${one.cidr.text} of ${cluster.name} overlaps its ${other.of} CIDR ${other.cidr.text}${other.at ? '' : ', the default'}: pods and services would have the same addresses.`,
    at: one.at ?? placeOf(cluster, 'name'),
    related: other.at ? [{ message: `the ${other.of} CIDR is set at`, at: other.at }] : [],
    help: `choose a ${one.of} CIDR outside of ${other.cidr.text}`,
  };
}

function ofSaid(cluster: Draft<Cluster>, { of, cidr, at }: ClusterCidr, network: Draft<Network>): Finding {
  return {
    message: `The ${of} CIDR ${cidr.text} of ${cluster.name} overlaps the network ${network.name}, ${network.subnet?.text}: what is sent to that network could end up in the cluster.`,
    at: at ?? placeOf(cluster, 'name'),
    related: [{ message: `the subnet of ${network.name} is at`, at: placeOf(network, 'subnet') }],
    help: 'choose a private subnet that is used nowhere else',
  };
}

function ofDefault(
  cluster: Draft<Cluster>,
  { of, path, cidr }: ClusterCidr,
  network: Draft<Network>,
): Finding {
  const { version, name } = cluster;
  const tooOld = version !== undefined && !isAtLeast(version, CIDRS_SINCE);
  const change = of === 'service' ? `${path}, and install.cluster_dns in it` : path;
  return {
    message: `The subnet ${network.subnet?.text} of ${network.name} overlaps ${cidr.text}, the default ${of} CIDR of ${name}${tooOld ? `, which only ${CIDRS_SINCE} and newer can change` : ''}: what is sent to that network could end up in the cluster.`,
    at: placeOf(network, 'subnet'),
    related: [{ message: `${name} is at`, at: placeOf(cluster, 'name') }],
    help: tooOld
      ? `give ${network.name} another subnet; or install ${CIDRS_SINCE} or newer, and set ${change}`
      : `set ${change} for the create node; or give ${network.name} another subnet`,
  };
}

function overlap(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last;
}
