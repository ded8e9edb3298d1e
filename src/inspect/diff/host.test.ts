import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cloudSite } from '../../../test/support/cloud-sites.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { File, Tree } from '../../tree/tree.ts';
import { formatText } from './format.ts';
import { plan } from './plan.ts';

const test = suite('the plan of a libvirt host');
const PLAIN = { isTerminal: false, color: false };
const HARVESTER_3 = '{ mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }';
const VM = 'vm: { preset: small, disks: [{ size: 300Gi }] }';
const RESTART = 'when its domain is shut off and started again, once scripts/host-setup.sh has redefined it:';
const RUN = '  on the boot server, after deploying: run scripts/host-setup.sh on the host';
const BLANK = 'blank unless the host still has it';
const REDEFINED = '(takes effect when shut off and started again)';

async function treeOf(site: string | { 'site.yaml': string }): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** Returns the lines of a plan without the headline and the diff. */
function linesOf(before: Tree, after: Tree): string[] {
  const folder = 'out/plant';
  const placed = { site: 'plant', folder, root: folder, plan: plan(before, after), edited: [] };
  const text = [...formatText([placed], PLAIN, { patch: false })].join('');
  return text.trimEnd().split('\n').slice(1);
}

async function diff(after: readonly Edit[], before: readonly Edit[] = []): Promise<string[]> {
  return linesOf(await treeOf(edited(NESTED, ...before)), await treeOf(edited(NESTED, ...after)));
}

async function consequences(after: readonly Edit[], before: readonly Edit[] = []): Promise<unknown> {
  const { nodes } = plan(await treeOf(edited(NESTED, ...before)), await treeOf(edited(NESTED, ...after)));
  return Object.fromEntries(nodes.map(({ node, consequence }) => [node, consequence]));
}

/** An edit that adds keys to the third node. */
function third(keys: string): Edit {
  return [HARVESTER_3, HARVESTER_3.replace(' }', `, ${keys} }`)];
}

test('a first build reports only the nodes', async () => {
  const lines = linesOf(new Map(), await treeOf(NESTED));
  assert.is(lines.length, 2);
  assert.match(lines[0] ?? '', 'harvester-1: new: will install Harvester v1.8.1 and create cluster plant');
});

test('a data disk that leaves the cloud VM, or gets another name, is deleted by tofu', async () => {
  const with3 = (name: string) =>
    cloudSite(
      'google',
      undefined,
      `{ data1: { size: 350Gi }, data2: { size: 350Gi }, ${name}: { size: 9Gi } }`,
    );
  const cloudLines = async (after: string) => {
    const lines = linesOf(
      await treeOf({ 'site.yaml': with3('scratch') }),
      await treeOf({ 'site.yaml': after }),
    );
    return lines.filter((line) => line.includes('tofu'));
  };
  const gone = (address: string) =>
    `  \`tofu apply\` deletes ${address} with its content: to keep it, run \`tofu state rm ${address}\` in cloud/ first`;
  const fewer = '{ data1: { size: 350Gi }, data2: { size: 350Gi } }';
  assert.equal(await cloudLines(cloudSite('google', undefined, fewer)), [
    gone('google_compute_disk.scratch'),
  ]);
  assert.equal(await cloudLines(with3('other')), [gone('google_compute_disk.scratch')]);
  assert.equal(await cloudLines(with3('scratch').replace('9Gi', '10Gi')), []);
  // Another provider deletes the VM and all of its disks.
  assert.equal(await cloudLines(cloudSite('azure', undefined, fewer)), [
    gone('google_compute_disk.data1'),
    gone('google_compute_disk.data2'),
    gone('google_compute_disk.scratch'),
    gone('google_compute_instance.host'),
  ]);
});

test('another size takes effect when the domain is started again', async () => {
  const edit = third('vm: { vcpus: 10, memory: 48Gi }');
  assert.equal(await diff([edit]), [
    `  harvester-3: ${RESTART}`,
    '    virtual CPUs 8 → 10',
    '    memory (MiB) 32768 → 49152',
    `${RUN}: it redefines the domain harvester-3 ${REDEFINED}`,
  ]);
  assert.equal(await consequences([edit]), { 'harvester-3': 'when-restarted' });
});

test('a console is a key of the configuration, and an older release has a warning', async () => {
  const console = (tty: string): Edit => ['  config:\n', `  config:\n    install: { tty: "${tty}" }\n`];
  const lines = await diff([console('ttyS1')], [console('ttyS0')]);
  assert.equal(lines.slice(1), ['    install.tty: ttyS0 → ttyS1']);
  const older = await diff([['v1.8.1', 'v1.8.0']]);
  assert.ok(
    older.includes(
      '    Harvester v1.8.1 → v1.8.0, which is older: it cannot join a cluster with the newer release',
    ),
  );
  const newer = await diff([], [['v1.8.1', 'v1.8.0']]);
  assert.ok(
    newer.includes(
      '    Harvester v1.8.0 → v1.8.1; part of the release: upgrade Harvester with a Version and an Upgrade',
    ),
  );
});

test('a preset with the same values does not affect the machine', async () => {
  assert.equal(await diff([[VM, VM.replace('preset: small', 'vcpus: 8, memory: 32Gi')]]), [
    '  harvester-1 to harvester-3 (3 nodes), each: only in www/inventory.json:',
    '    vm.preset: small → not set',
  ]);
});

test('a larger disk does not grow on the host, and a new disk is blank', async () => {
  assert.equal(
    await diff([
      [
        VM,
        VM.replace('{ size: 300Gi }', '{ size: 400Gi }, { size: 100GB, bus: scsi, on: data1, name: more }'),
      ],
    ]),
    [
      `  harvester-1 to harvester-3 (3 nodes), each: ${RESTART}`,
      '    disk vda: size 300Gi → 400Gi; an existing image keeps its size',
      '    disk sda is new: blank unless the host still has it',
      `${RUN}: it redefines the domains harvester-1 to harvester-3 (3 nodes) ${REDEFINED}`,
    ],
  );
});

test('a node whose system disk is another image is installed on it', async () => {
  const installs = 'will install: its system disk is a new image';
  const [images, data] = ['/var/lib/libvirt/images', '/var/lib/libvirt/images/data1'];
  for (const [disk, where] of [
    ['size: 300Gi, on: data1', ` in ${data}, ${BLANK}; the old image stays in ${images}`],
    ['size: 300Gi, format: raw', ` (raw), ${BLANK}; the old image stays on the host`],
  ]) {
    const edit = third(`vm: { disks: [{ ${disk} }] }`);
    assert.is((await diff([edit]))[0], `  harvester-3: ${installs}${where}`);
    assert.equal(await consequences([edit]), { 'harvester-3': 'installs' });
  }
  const never = third('install: never, vm: { disks: [{ size: 300Gi, on: data1 }] }');
  assert.equal(await consequences([never], [third('install: never')]), { 'harvester-3': 'boots-otherwise' });
  const always = third('install: always, vm: { disks: [{ size: 300Gi, on: data1 }] }');
  assert.equal(await consequences([always], [third('install: always')]), { 'harvester-3': 'reinstalls' });
});

test('a renamed node keeps its disk', async () => {
  const renamed: Edit = ['harvester-3:', 'harvester-9:'];
  assert.equal(await diff([renamed]), [
    '  harvester-9: renamed, was harvester-3: its domain is powered off and re-created, an installed system keeps its old name',
    `    ${RESTART}`,
    '      disk vda keeps its content: scripts/host-setup.sh renames its image',
    `${RUN}: it redefines the network plant-mgmt (takes effect when it is restarted with its machines off), powers off and re-creates the domain harvester-3 as harvester-9 and reloads nginx`,
  ]);
  assert.equal(await consequences([renamed]), { 'harvester-9': 'when-restarted' });
});

test('the system disk is the installation disk, and the boot order is reported', async () => {
  const vm = (disks: string, device: string) =>
    third(`vm: { disks: [${disks}] }, config: { install: { device: /dev/disk/by-id/virtio-${device} } }`);
  const [a, b] = ['{ size: 300Gi, serial: a }', '{ size: 300Gi, serial: b }'];
  const onB = vm(`${a}, ${b}`, 'b');
  // Another image of a data disk does not install; another image of the system disk does.
  const other = await diff([vm(`{ size: 300Gi, serial: a, on: data1 }, ${b}`, 'b')], [onB]);
  assert.equal(other.slice(0, 2), [
    `  harvester-3: ${RESTART}`,
    '    disk vda is a new image in /var/lib/libvirt/images/data1, blank unless the host still has it; the old image stays in /var/lib/libvirt/images',
  ]);
  assert.match(
    (await diff([vm(`${a}, { size: 300Gi, serial: b, on: data1 }`, 'b')], [onB]))[0] ?? '',
    'harvester-3: will install: its system disk is a new image',
  );
  const moved = await diff([onB], [vm(`${a}, ${b}`, 'a')]);
  assert.ok(moved.includes('    boot order: vda, vdb, network → vdb, vda, network'), moved.join('\n'));
  assert.not(moved.some((line) => line.includes('blank')));
});

test('effects of another MAC address are reported with it', async () => {
  const lines = await diff([['0c:01:03', '0c:01:13']]);
  assert.not(lines.some((line) => /UUID|serial/.test(line)));
  assert.is(
    lines[0],
    '  harvester-3: boots from another MAC address: 52:54:00:0c:01:03 → 52:54:00:0c:01:13: its domain is powered off and re-created',
  );
  assert.match(lines.at(-1) ?? '', 'powers off and re-creates the domain harvester-3');
  assert.not.match(lines.at(-1) ?? '', 'redefines the domain');
});

test('a domain definition that changes for another reason is reported', async () => {
  const lines = await diff([['threads: 32', 'threads: 32\n  domain_type: qemu']]);
  assert.equal(lines, [
    `  harvester-1 to harvester-3 (3 nodes), each: ${RESTART}`,
    '    its domain definition changes: see the patch',
    `${RUN}: it redefines the domains harvester-1 to harvester-3 (3 nodes) ${REDEFINED}`,
  ]);
  assert.equal((await diff([third('vm: { vnc: { port: 5903 } }')])).slice(1, 2), [
    '    VNC port not set → 5903',
  ]);
  assert.equal((await diff([third('vm: { autostart: false }')])).slice(0, 2), [
    `  harvester-3: ${RESTART}`,
    '    autostart true → false',
  ]);
});

test('a network that libvirt creates', async () => {
  assert.equal(await diff([['lease: 7d }', 'lease: 7d }\n    libvirt: { forward: route }']]), [
    '  network mgmt: forwarding nat → route',
    `${RUN}: it redefines the network plant-mgmt (takes effect when it is restarted with its machines off)`,
  ]);
  const more: Edit = [
    'cluster: {',
    '  vms: { subnet: 192.168.151.0/24, libvirt: { forward: isolated } }\ncluster: {',
  ];
  assert.equal((await diff([more])).slice(-2), [
    '  network vms is new',
    `${RUN}: it creates the network plant-vms and reloads the firewall`,
  ]);
  assert.equal((await diff([], [more])).slice(-1), [
    `${RUN}: it removes the network plant-vms and reloads the firewall`,
  ]);
});

test('a new machine and a gone machine', async () => {
  const fourth: Edit = [
    HARVESTER_3,
    `${HARVESTER_3}\n  harvester-4: { mac: 52:54:00:0c:01:04, ip: 192.168.150.44, role: worker, vm: { memory: 16Gi } }`,
  ];
  const added = await diff([fourth]);
  assert.match(added.at(-1) ?? '', 'creates the domain harvester-4');
  const removed = await diff([], [fourth]);
  assert.is(
    removed[0],
    '  harvester-4: gone: its domain is powered off and removed from the host, its images stay; a machine with its MAC address is now unknown',
  );
  assert.match(removed.at(-1) ?? '', 'powers off and removes the domain harvester-4, whose images stay');
});

test('one step does everything after the secrets', async () => {
  const lines = (
    await diff([
      ['v1.8.1', 'v1.8.0'],
      ['secret:cluster_token', 'secret:other_token'],
    ])
  ).slice(-2);
  assert.equal(lines, [
    '  before deploying: install the secrets again',
    '  on the boot server, after deploying: run scripts/host-setup.sh on the host: it fetches Harvester v1.8.0 amd64 and reloads nginx',
  ]);
});

test('units, the firewall and the clock by their changes', async () => {
  const tree = await treeOf(NESTED);
  const text = (content: string): File => ({ content });
  const before = new Map(tree)
    .set('systemd/harvgen-plant-expose-443.service', text('old'))
    .set('systemd/harvgen-plant-expose-80.service', text('old'))
    .set('host/chrony.conf', text('old'))
    .set('host/cloud-config', text('old'))
    .set('host/firewall.nft', text('old'));
  const after = new Map(tree)
    .set('systemd/harvgen-plant-expose-443.service', text('new'))
    .set('systemd/harvgen-plant-watchdog.timer', text('new'))
    .set('host/cloud-config', text('new'))
    .set('host/firewall.nft', text('new'));
  assert.equal(linesOf(before, after), [
    `${RUN}: it reloads the firewall, removes the site's part from chrony, restarts harvgen-plant-expose-443.service, cutting connections, restarts harvgen-plant-watchdog.timer and stops harvgen-plant-expose-80.service`,
  ]);
  const other = new Map(tree).set('scripts/host-setup.sh', text('new'));
  assert.equal(linesOf(new Map(tree).set('scripts/host-setup.sh', text('old')), other), [RUN]);
  assert.equal(linesOf(new Map(tree).set('host/cloud-config', text('old')), after).length, 1);
});

test('a host with another IP address, a new host, a removed host', async () => {
  assert.equal(await diff([['address: lab.example.org', 'address: lab2.example.org']]), [
    '  on the boot server, after deploying: if lab2.example.org is another machine than lab.example.org, set it up as README.md describes; run scripts/host-setup.sh on the host',
  ]);
  const bare: Edit[] = [
    [NESTED.slice(NESTED.indexOf('host:'), NESTED.indexOf('networks:')), ''],
    ['server: libvirt, ', ''],
    [VM, 'disks: [{ path: /dev/disk/by-id/wwn-0x1 }]'],
    ['config:\n', 'config:\n    install: { device: /dev/disk/by-id/wwn-0x1 }\n'],
  ];
  const removed = await diff(bare);
  assert.ok(
    removed.includes('  harvester-2: its domain is powered off and removed from the host; its images stay'),
    removed.join('\n'),
  );
  assert.ok(
    removed.includes(
      '  the site no longer has a libvirt host: run scripts/down.sh there before deploying, because this tree does not contain it',
    ),
  );
  const added = await diff([], bare);
  assert.ok(
    added.includes(
      '  harvester-2: will install: it is now a domain on the host, its disks blank unless the host still has them',
    ),
  );
  assert.ok(added.includes('  the site now has a libvirt host'));
  assert.match(
    added.at(-1) ?? '',
    "remove dnsmasq's link to plant.conf, restart dnsmasq; run scripts/host-setup.sh on the host: it creates the network plant-mgmt, creates the domains harvester-1 to harvester-3 (3 nodes)",
  );
});

test('a renamed node whose image has the name of another disk is held', async () => {
  const h3 = 'harvester-3: { mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }';
  const held = (line: string) => line.includes('does not define');
  const tail = 'scripts/host-setup.sh does not define';
  // harvester-2 is gone, and harvester-3 gets its name
  const h2 = 'harvester-2: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }';
  const lines = await diff([
    [`  ${h2}\n`, ''],
    [h3, h3.replace('-3:', '-2:')],
  ]);
  assert.equal(lines.filter(held), [
    `  disk vda of harvester-2 gets the image name of another disk: ${tail} harvester-2 again; choose an unused name`,
  ]);
  // harvester-3 is renamed, and a new node gets its name
  const fresh = h3.replace('01:03', '01:07').replace('.43', '.47');
  const chain = await diff([
    [`  ${h2}\n`, ''],
    [h3, `${h3.replace('-3:', '-9:')}\n  ${fresh}`],
  ]);
  assert.equal(chain.filter(held), [
    `  another disk gets the image name of disk vda of harvester-9: ${tail} harvester-9 again; choose an unused name`,
    `  disk vda of harvester-3 gets the image name of another disk: ${tail} harvester-3 again; choose an unused name`,
  ]);
  // a renamed node, and a new one, each with an unused name
  assert.equal((await diff([[h3, h3.replace('-3:', '-9:')]])).filter(held), []);
});

test.run();
