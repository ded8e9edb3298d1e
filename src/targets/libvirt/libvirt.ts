import { domainPath, libvirtNetworks, networkPath } from '../../tree/host-paths.ts';
import type { Target } from '../target.ts';
import { domainData } from './domain.ts';
import { networkData } from './network.ts';

/** What libvirt makes on the site's host: its networks, and a domain for every node that is a virtual machine. */
export const libvirt: Target = {
  name: 'libvirt',
  *emit(site, render) {
    if (!site.host) return;
    for (const network of libvirtNetworks(site)) {
      const data = networkData(site, network, render);
      yield { path: networkPath(site, network), content: render('libvirt/network.xml', data) };
    }
    for (const node of site.nodes) {
      const data = domainData(site, node);
      if (data) yield { path: domainPath(node), content: render('libvirt/domain.xml', data) };
    }
  },
};
