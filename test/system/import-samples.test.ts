// needs: dhcpd dnsmasq virsh virt-xml-validate
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DHCPD_CONF,
  DHCPD_LEASES,
  DNSMASQ_CONF,
  DNSMASQ_HOSTS,
  DNSMASQ_LEASES,
  DNSMASQ_OPTIONS,
  LIBVIRT_DOMAINS,
  LIBVIRT_NETWORK,
} from '../support/machine-files.ts';
import { scratchFolder, writeFiles } from '../support/scratch.ts';

/** The programs themselves accept the samples that import tests use. */
const test = suite('samples of files to import');

/** Runs a program, which must succeed. Returns its output. */
function validate(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.is(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout + stderr;
}

test('dnsmasq reads its configuration, hosts, options and leases', () => {
  const folder = writeFiles(scratchFolder(), {
    hosts: DNSMASQ_HOSTS,
    options: DNSMASQ_OPTIONS,
    leases: DNSMASQ_LEASES,
  });
  const configuration = DNSMASQ_CONF.replace('/etc/dhcp-hostsfile', join(folder, 'hosts'))
    .replace('/etc/dhcp-optsfile', join(folder, 'options'))
    .concat(`dhcp-leasefile=${join(folder, 'leases')}\n`);
  writeFiles(folder, { configuration });
  assert.match(validate('dnsmasq', '--test', '-C', join(folder, 'configuration')), 'syntax check OK');
});

test('dhcpd reads its configuration and leases', () => {
  const folder = writeFiles(scratchFolder(), { 'dhcpd.conf': DHCPD_CONF, 'dhcpd.leases': DHCPD_LEASES });
  validate('dhcpd', '-t', '-cf', join(folder, 'dhcpd.conf'), '-lf', join(folder, 'dhcpd.leases'));
  validate('dhcpd', '-T', '-cf', join(folder, 'dhcpd.conf'), '-lf', join(folder, 'dhcpd.leases'));
});

test("libvirt's schemas accept its networks and domains, and libvirt prints them back", () => {
  const domains = LIBVIRT_DOMAINS.split(/(?=<domain )/).filter((text) => text.startsWith('<domain'));
  assert.is(domains.length, 2);
  const folder = writeFiles(scratchFolder(), {
    'network.xml': LIBVIRT_NETWORK,
    ...Object.fromEntries(domains.map((text, index) => [`domain-${index}.xml`, text])),
  });
  for (const name of ['domain-0.xml', 'domain-1.xml'])
    validate('virt-xml-validate', join(folder, name), 'domain');
  const printed = validate(
    'virsh',
    '-c',
    'test:///default',
    `net-define ${join(folder, 'network.xml')}; net-dumpxml racks`,
  );
  assert.match(printed, "<host mac='52:54:00:7c:52:cc' name='rk-head' ip='10.31.4.2'/>");
});

test.run();
