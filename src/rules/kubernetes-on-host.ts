import { keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const kubernetesOnHost: Rule = {
  code: 'kubernetes-on-host',
  severity: 'error',
  what: 'A site with a libvirt host has no pods that serve its tree.',
  why: 'The host is the boot server of its own machines: `scripts/host-setup.sh` starts nginx there, and networks of libvirt lead to no cluster.',
  check({ host, server }, report) {
    if (!host || !server?.kubernetes) return;
    report({
      message: 'The site has a libvirt host, which serves its tree, and is to have pods that do.',
      at: keyPlaceOf(server, 'kubernetes'),
      help: 'take server.kubernetes out, or the host',
    });
  },
};
