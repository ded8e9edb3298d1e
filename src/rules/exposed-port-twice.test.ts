import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { exposedPortTwice } from './exposed-port-twice.ts';

const PORTS = '    - { port: 443 }\n    - { port: 6443, allow: [203.0.113.0/24] }\n';

/** The site with these entries of host.expose instead of its own. */
function exposing(...entries: readonly string[]) {
  return { of: NESTED, edits: [[PORTS, entries.map((entry) => `    - { ${entry} }\n`).join('')]] as const };
}

ruleTest(exposedPortTwice, {
  'one port to two ports of the VIP': {
    ...exposing('port: 443', 'port: 443, to: 6443'),
    finds: [
      {
        at: '12:15',
        message: 'Port 443 of the host is exposed already: it can lead to one place only.',
        related: ['11:15'],
      },
    ],
  },
  'one address of the host, and one of all of them': {
    ...exposing('port: 8443, address: 203.0.113.7', 'port: 443', 'port: 443, address: 203.0.113.7'),
    finds: [
      {
        at: '13:15',
        message: 'Port 443 of the host, at 203.0.113.7, is exposed already: it can lead to one place only.',
        related: ['12:15'],
      },
    ],
  },
  'three times': {
    ...exposing('port: 443', 'port: 443', 'port: 443'),
    finds: [
      {
        at: '12:15',
        message: 'Port 443 of the host is exposed already: it can lead to one place only.',
        related: ['11:15'],
      },
      {
        at: '13:15',
        message: 'Port 443 of the host is exposed already: it can lead to one place only.',
        related: ['11:15'],
      },
    ],
  },
  'one port at two addresses, and two ports to one port of the VIP': exposing(
    'port: 443, address: 203.0.113.7',
    'port: 443, address: 203.0.113.8',
    'port: 8443, to: 443',
  ),
});
