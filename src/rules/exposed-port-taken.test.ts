import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { exposedPortTaken } from './exposed-port-taken.ts';

const NGINX = 'nginx, which hands out what machines boot from';
const message = (port: number, who: string) =>
  `Port ${port} of the host is that of ${who}: it cannot lead to a VIP as well.`;

ruleTest(exposedPortTaken, {
  'the port of nginx': {
    of: NESTED,
    edits: [['{ port: 443 }', '{ port: 80, to: 443, address: 203.0.113.7 }']],
    finds: [{ at: '11:15', message: message(80, NGINX), related: ['3:16'] }],
  },
  'the port by which nginx hands out configurations': {
    of: NESTED,
    edits: [
      [
        'http://192.168.150.1 }',
        'http://192.168.150.1, tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key, url: https://boot.example.org } }',
      ],
    ],
    finds: [{ at: '11:15', message: message(443, NGINX), related: ['3:106'] }],
  },
  "the host's own SSH": {
    of: NESTED,
    edits: [['{ port: 443 }', '{ port: 22 }']],
    finds: [{ at: '11:15', message: message(22, 'SSH') }],
  },
  'SSH of the VIP by another port': {
    of: NESTED,
    edits: [['{ port: 443 }', '{ port: 2222, to: 22 }']],
  },
  'SSH of the host has been moved': {
    of: NESTED,
    edits: [
      ['{ port: 443 }', '{ port: 22 }'],
      ['site: plant\n', 'site: plant\nsilence: { exposed-port-taken: sshd of the host listens at 2222 }\n'],
    ],
  },
});
