import { keyPlaceOf, lacks } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const libvirtWithoutHost: Rule = {
  code: 'libvirt-without-host',
  severity: 'error',
  what: 'A network that libvirt makes belongs to a site with a host.',
  why: 'The definition of the network, and what defines and starts it, are made for the host: without one there is no such network, nobody answers DHCP on it, and its machines never boot.',
  check(site, report) {
    if (!lacks(site, 'host')) return;
    for (const network of site.networks ?? []) {
      if (!network?.libvirt) continue;
      const { dhcp } = network;
      report({
        message: `libvirt is to make the network ${network.name}, and the site has no host: nobody would bring it up.`,
        at: dhcp?.server === 'libvirt' ? keyPlaceOf(dhcp, 'server') : keyPlaceOf(network, 'libvirt'),
        help: 'say where the virtual machines live with `host: {address: …}`; or, where the network is there already, name its server with `dhcp: {server: external}` and remove libvirt',
      });
    }
  },
};
