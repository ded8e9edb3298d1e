import { keyPlaceOf } from '../source/origin.ts';
import { type AwayServer, awayServers } from './away-servers.ts';
import type { Rule } from './rule.ts';

export const isolatedAway: Rule = {
  code: 'isolated-away',
  severity: 'warning',
  what: 'Machines that boot from an isolated network of libvirt are told of no DNS or time server on the internet.',
  why: 'Nothing is forwarded out of such a network: the servers never answer, the clocks of the nodes drift apart, and etcd and certificates suffer from that.',
  check(site, report) {
    // Of a site without any way to the internet air-gapped says the same.
    if (site.airGapped) return;
    for (const node of site.nodes ?? []) {
      const network = node?.bootNic?.network;
      const { libvirt } = network ?? {};
      if (!node || !network || libvirt?.forward !== 'isolated') continue;
      const os = node.said?.os;
      const said = { dns: os?.dns_nameservers, ntp: os?.ntp_servers };
      for (const list of [network, said]) {
        for (const server of awayServers(list, network, site)) {
          report({
            node,
            oncePerPlace: true,
            message: `The ${server.kind} server ${server.server} is on the internet, and nothing leaves the isolated network ${network.name}, which ${node.name} boots from: it would never answer.`,
            at: server.at,
            related: [{ message: 'the network is isolated by', at: keyPlaceOf(libvirt, 'forward') }],
            help: `${INSTEAD[server.kind]}; or let the network out with \`libvirt: {forward: nat}\``,
          });
        }
      }
    }
  },
};

const INSTEAD: Readonly<Record<AwayServer['kind'], string>> = {
  DNS: "name a server that the network reaches, such as the host's address on it",
  time: 'say `air_gapped: true`, with which the host tells the time, and remove it',
};
