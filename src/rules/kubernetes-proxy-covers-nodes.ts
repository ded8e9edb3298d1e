import { nameRanges } from '../source/name-ranges.ts';
import { placeOf } from '../source/origin.ts';
import { parseAddressOrCidr } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const kubernetesProxyCoversNodes: Rule = {
  code: 'kubernetes-proxy-covers-nodes',
  severity: 'error',
  what: 'No proxy of the ingress is on a network of the site.',
  why: "A proxy is believed for whom it asks. A machine with such an address has but to say that it asks for another one, and is handed that one's configuration with its secrets.",
  check({ server, networks = [] }, report) {
    const { proxies = [] } = server?.kubernetes?.ingress ?? {};
    proxies.forEach((proxy, index) => {
      const range = proxy === undefined ? undefined : parseAddressOrCidr(proxy);
      if (!range) return;
      const covered = networks.flatMap((network) =>
        network?.subnet && network.subnet.first <= range.last && network.subnet.last >= range.first
          ? (network.name ?? [])
          : [],
      );
      if (covered.length === 0) return;
      report({
        message: `nginx would believe ${proxy} for whom it asks, and that is on ${nameRanges(covered)}, as machines of the site are.`,
        at: placeOf(proxies, index),
        help: "name the addresses of the ingress controller alone, on the network of the cluster's pods",
      });
    });
  },
};
