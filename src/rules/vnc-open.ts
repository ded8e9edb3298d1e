import { placeOf } from '../source/origin.ts';
import { contains, parseCidr } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

const LOOPBACK = parseCidr('127.0.0.0/8');

export const vncOpen: Rule = {
  code: 'vnc-open',
  severity: 'warning',
  what: 'The screen of a virtual machine is on the loopback of its host.',
  why: 'VNC has no encryption and no password here: whoever reaches it has the screen and the keyboard, with them the boot menu, and so the machine.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const vnc = node?.domain?.vnc;
      if (!node || !vnc?.listen || !LOOPBACK || contains(LOOPBACK, vnc.listen)) continue;
      report({
        node,
        oncePerPlace: true,
        message: `The screen of ${node.name} is shown to everybody who reaches ${vnc.listen === '0.0.0.0' ? 'any address of the host' : `${vnc.listen} of the host`}: VNC asks for no password.`,
        at: placeOf(vnc, 'listen'),
        help: 'remove listen, and reach it through SSH: `ssh -L 5900:127.0.0.1:5900 <host>`',
      });
    }
  },
};
