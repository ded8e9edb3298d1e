// Configurations with the traits of config-create.yaml and config-join.yaml in harvester/ipxe-examples, as they are.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { makeSite } from './support/scratch.ts';

const test = suite("upstream's examples as the config of a node");

const SITE = `site: plant
harvester: { version: master }
server: { url: http://10.10.0.5 }
networks:
  mgmt:
    subnet: 10.10.0.0/24
    gateway: 10.10.0.1
    dns: [10.10.0.1]
    dhcp: { pool: 10.10.0.200-10.10.0.250 }
cluster: { vip: 10.10.0.19, vip_mode: dhcp, vip_hw_addr: "52:54:00:ec:0e:0b", token: plant-one }
nodes:
  one:
    mode: create
    nics: [{ name: ens5, mac: "52:54:00:aa:01:01", ip: 10.10.0.11, network: mgmt }]
    config:
      scheme_version: 1
      token: plant-one         # Replace
      os:
        hostname: one
        ssh_authorized_keys:
        - github:octocat       # Replace
        password: Pl4nt-p@ss   # Replace
        ntp_servers:
        - 0.suse.pool.ntp.org
        - 1.suse.pool.ntp.org
      install:
        mode: create
        management_interface:
          interfaces:
          - name: ens5
          default_route: true
          method: dhcp
          bond_options:
            mode: balance-tlb
            miimon: 100
        device: /dev/sda
        iso_url: https://releases.rancher.com/harvester/master/harvester-master-amd64.iso
        vip: 10.10.0.19
        vip_mode: dhcp
        vip_hw_addr: 52:54:00:ec:0e:0b
  two:
    nics: [{ name: ens5, mac: "52:54:00:aa:01:02", ip: 10.10.0.12, network: mgmt }]
    config:
      scheme_version: 1
      server_url: https://10.10.0.19:443
      token: plant-one         # Replace
      os:
        hostname: two
        ssh_authorized_keys:
        - github:octocat       # Replace
        password: Pl4nt-p@ss   # Replace
        ntp_servers:
        - 0.suse.pool.ntp.org
        - 1.suse.pool.ntp.org
      install:
        mode: join
        management_interface:
          interfaces:
          - name: ens5
          default_route: true
          method: dhcp
          bond_options:
            mode: balance-tlb
            miimon: 100
        device: /dev/sda
        iso_url: https://releases.rancher.com/harvester/master/harvester-master-amd64.iso
`;

test('cause no error, only advice', async () => {
  const { diagnostics, tree } = await compile(makeSite(SITE));
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

test.run();
