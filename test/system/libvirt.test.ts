// needs: root ip libvirtd qemu-system-x86_64 unshare virsh /usr/share/OVMF/OVMF_CODE_4M.fd

import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { consoleLog } from '../../src/tree/paths.ts';
import { type Libvirt, startLibvirt } from './libvirt.ts';
import { until } from './until.ts';

/* The rig's own test: a handwritten network and domain, no generated ones. */

/** A name that no other process has on its command line. */
const DOMAIN = `rig-${process.pid}`;

const NETWORK = `<network>
  <name>${DOMAIN}</name>
  <bridge name='virbr-rig'/>
  <forward mode='nat'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.150.200' end='192.168.150.250'/>
      <host mac='52:54:00:0c:01:01' ip='192.168.150.41'/>
    </dhcp>
  </ip>
</network>
`;

const MACHINE = `<domain type='qemu'>
  <name>${DOMAIN}</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <bios useserial='yes'/>
    <boot dev='network'/>
  </os>
  <features><acpi/></features>
  <devices>
    <interface type='network'>
      <mac address='52:54:00:0c:01:01'/>
      <source network='${DOMAIN}'/>
      <model type='virtio'/>
    </interface>
    <serial type='pty'>
      <log file='${consoleLog({ name: DOMAIN })}'/>
    </serial>
  </devices>
</domain>
`;

const test = suite<{ sandbox: Sandbox; libvirt: Libvirt }>('libvirt in a sandbox');

test.before(async (context) => {
  context.sandbox = await openSandbox();
  context.libvirt = await startLibvirt(context.sandbox);
});

test.after(async ({ sandbox }) => sandbox?.close());

test('libvirt sees no network and no domain of the machine', async ({ libvirt }) => {
  assert.is((await libvirt.virsh('list', '--all', '--name')).trim(), '');
  assert.is((await libvirt.virsh('net-list', '--all', '--name')).trim(), '');
});

test('a network with NAT starts, and its dnsmasq serves a domain that starts', async ({
  libvirt,
  sandbox,
}) => {
  const [network, machine] = [join(sandbox.folder, 'network.xml'), join(sandbox.folder, 'machine.xml')];
  await writeFile(network, NETWORK);
  await writeFile(machine, MACHINE);
  await libvirt.virsh('net-define', network);
  await libvirt.virsh('net-start', DOMAIN);
  await libvirt.virsh('define', machine);
  await libvirt.virsh('start', DOMAIN);
  await libvirt.waitForState(DOMAIN, 'running');
  await libvirt.waitForConsole(DOMAIN, /Configuring \(net0 52:54:00:0c:01:01\)/);
  await until(async () => (await libvirt.virsh('net-dhcp-leases', DOMAIN)).includes('192.168.150.41/24'));
  assert.ok(processesOf(DOMAIN) > 1, 'qemu and dnsmasq');
});

test('no process remains after the sandbox is closed', async ({ sandbox }) => {
  await sandbox.close();
  assert.is(processesOf(DOMAIN), 0);
});

test.run();

/** Returns the number of processes of the whole machine with a text on their command lines. */
function processesOf(text: string): number {
  const all = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(text)).length;
}
