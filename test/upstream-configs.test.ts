// Configurations with the traits of config-create.yaml and config-join.yaml in harvester/ipxe-examples, as they are.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { CONFIG_CREATE, CONFIG_JOIN } from './support/ipxe-examples.ts';
import { makeSite } from './support/scratch.ts';

const test = suite("upstream's examples as the config of a node");

/** A configuration as the `config` of a node, of a build of master. */
const configOf = (text: string) => text.replaceAll('v1.7.1', 'master').replace(/^(?=.)/gm, '      ');

/** With the placeholders of upstream. */
const SITE = `site: plant
harvester: { version: master }
server: { url: http://10.10.0.5 }
networks:
  mgmt:
    subnet: 10.10.0.0/24
    gateway: 10.10.0.1
    dns: [10.10.0.1]
    dhcp: { pool: 10.10.0.200-10.10.0.250 }
cluster: { vip: 10.10.0.19, vip_mode: dhcp, vip_hw_addr: "52:54:00:ec:0e:0b", token: nine-herons-by-the-long-canal }
nodes:
  harv-a:
    mode: create
    nics: [{ name: ens5, mac: "52:54:00:aa:01:01", ip: 10.10.0.11, network: mgmt }]
    config:
${configOf(CONFIG_CREATE)}
  harv-b:
    nics: [{ name: ens5, mac: "52:54:00:aa:01:02", ip: 10.10.0.12, network: mgmt }]
    config:
${configOf(CONFIG_JOIN)}
`;

test('cause no error, only advice', async () => {
  const { diagnostics, tree } = await compile(makeSite(SITE.replace('<YOUR_CLUSTER_IP_HERE>', '10.10.0.19')));
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  const codes = new Set(diagnostics.map(({ code }) => code));
  assert.equal([...codes].sort(), [
    'bond-mode-one-nic',
    'clear-text-secret',
    'key-without-effect',
    'release-unknown',
    'two-node-cluster',
    'vip-mode-dhcp',
  ]);
  assert.ok(tree);
});

test('cause errors for their placeholders only', async () => {
  const { diagnostics } = await compile(makeSite(SITE.replace(/ssh-ed25519 .*/, 'ssh-rsa ...')));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(
    errors.map(({ code, help }) => [code, help]),
    [
      [
        'malformed-ssh-key',
        'set the line of the .pub file, such as ssh-ed25519 AAAA… name; or github:<user>',
      ],
      ['bad-value', 'replace <YOUR_CLUSTER_IP_HERE> with your own value'],
    ],
  );
});

test.run();
