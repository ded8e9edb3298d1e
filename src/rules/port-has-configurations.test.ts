import { ruleTest } from '../../test/support/rule-test.ts';
import { portHasConfigurations } from './port-has-configurations.ts';

/** A boot server that speaks https at two ports of the same or another name, and at further ones. */
function withPorts(name: string, ports: string) {
  const tls = `{ certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key, url: 'https://${name}:8443' }`;
  return [
    'url: http://192.168.178.7',
    `url: https://boot.example.org\n  tls: ${tls}\n  ports: [${ports}]`,
  ] as const;
}

ruleTest(portHasConfigurations, {
  'the port of the configurations': {
    edits: [withPorts('boot.example.org', '10000, 8443')],
    finds: [
      {
        at: '7:18',
        message:
          'Port 8443 is that of server.tls.url, at which nginx hands out configurations and nothing else.',
        related: ['6:71'],
      },
    ],
  },
  'the same by another name': { edits: [withPorts('config.example.org', '8443')] },
  'ports beside it, and that of the URL once more': { edits: [withPorts('boot.example.org', '10000, 443')] },
  'everything at one port': {
    edits: [
      [
        'url: http://192.168.178.7',
        'url: https://boot.example.org\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }\n  ports: [8443, 443]',
      ],
    ],
  },
});
