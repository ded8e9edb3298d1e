import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bigPlant, macOf } from '../../../test/support/big-plant.ts';
import { fileText } from '../../../test/support/file-text.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const test = suite('sizes of tables by the number of machines');

/** Returns the lines of the servers' configurations whose values depend on the number of machines. */
async function sizes(site: string): Promise<string[]> {
  const { tree } = await compile(makeSite(site));
  const files = ['dnsmasq/plant.conf', 'dnsmasq/plant.options', 'nginx/plant.conf', 'k8s/nginx/nginx.conf'];
  const lines = files.flatMap((path) => fileText(tree, path)?.split('\n') ?? []);
  return lines.filter((line) => /lease-?max|^leasefile|conn_zone|worker_[cr]/.test(line));
}

const zone = (megabytes: number) =>
  `limit_conn_zone $binary_remote_addr zone=harvgen_plant_connections:${megabytes}m;`;

// One entry for each architecture and kind of client: a second one that iPXE also matched would make it load itself (ipxe/ipxe#908).
test('proxyDHCP has one entry for each client, by its network, architecture and boot loader', async () => {
  const external: [string, string] = ['{ pool: 10.1.0.200-10.1.0.250 }', '{ server: external, proxy: true }'];
  const { tree } = await compile(makeSite(edited(LINUX_PLANT, external)));
  const lines = fileText(tree, 'dnsmasq/plant.conf')?.split('\n') ?? [];
  assert.equal(lines.slice(lines.indexOf('dhcp-userclass=set:ipxe,iPXE')), [
    'dhcp-userclass=set:ipxe,iPXE',
    'dhcp-mac=set:grub,52:54:00:7c:52:02',
    'dhcp-range=set:plant-mgmt,10.1.0.0,proxy,255.255.255.0',
    'pxe-service=tag:plant-mgmt,tag:!ipxe,0,iPXE,undionly.kpxe',
    'pxe-service=tag:plant-mgmt,tag:!ipxe,6,iPXE,snponly-i386.efi',
    ...[7, 9].map((code) => `pxe-service=tag:plant-mgmt,tag:!ipxe,tag:!grub,${code},iPXE,snponly.efi`),
    'pxe-service=tag:plant-mgmt,tag:!ipxe,tag:!grub,11,iPXE,snponly-arm64.efi',
    ...[7, 9].map((code) => `pxe-service=tag:plant-mgmt,tag:!ipxe,tag:grub,${code},grub,grubnetx64.efi`),
    'pxe-service=tag:plant-mgmt,tag:!ipxe,tag:grub,11,grub,grubnetaa64.efi',
    'dhcp-boot=tag:plant-mgmt,tag:ipxe,http://10.1.0.1/boot.ipxe',
    '',
  ]);
  assert.match(fileText(tree, 'README.md') ?? '', 'so that server must send none');
});

test('keeps the defaults of a small site', async () => {
  assert.equal(await sizes(PLANT), [zone(1)]);
  const pods = edited(PLANT, ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']);
  assert.equal(await sizes(pods), [zone(1), '    worker_connections 1024;']);
});

test('allows a lease for each address of a large pool, and keeps the file of leases', async () => {
  const site = edited(
    PLANT,
    ['192.168.178.0/24', '192.168.176.0/20'],
    ['192.168.178.200-192.168.178.250', '192.168.180.0-192.168.184.0'],
  );
  assert.equal(await sizes(site), ['dhcp-lease-max=2048', zone(1)]);
});

test('allows a lease and a connection for every node, without the file of leases', async () => {
  const expected = ['dhcp-lease-max=2048', 'leasefile-ro', zone(1)];
  assert.equal(await sizes(bigPlant(1001)), expected);
  const pods = edited(bigPlant(1025), ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']);
  const own = ['worker_rlimit_nofile 16384;', '    worker_connections 8192;'];
  assert.equal(await sizes(pods), [...expected, ...own]);
});

test('lists the number of leases for an existing dnsmasq, and has a larger table of connections', async () => {
  const site = bigPlant(12_001).replace(
    '    dhcp:\n',
    '    dhcp:\n      server: external\n      hosts_files: true\n',
  );
  assert.equal(await sizes(site.replace(/^ +pool: .*\n/m, '')), ['#   dhcp-lease-max=16384', zone(2)]);
});

test('has a larger table of connections for nodes with several IP addresses', async () => {
  const external = 'dhcp: { server: external }';
  const withSecond = (nodes: number) =>
    bigPlant(nodes)
      .replace('networks:\n', `networks:\n  storage: { subnet: 10.2.0.0/16, ${external} }\n`)
      .replace(/dhcp:\n +pool: .*/, external)
      .replace(/node-(\d+): \{ (mac: .*?, ip: 10\.1)([\d.]+)/g, (_, n, first, rest) => {
        const second = `{ mac: ${macOf(Number(n) + nodes).mac}, ip: 10.2${rest} }`;
        return `node-${n}: { nics: [{ ${first}${rest}, boot: true }, ${second}]`;
      });
  assert.equal((await sizes(withSecond(6000))).slice(-1), [zone(1)]);
  assert.equal((await sizes(withSecond(6001))).slice(-1), [zone(2)]);
});

test.run();
