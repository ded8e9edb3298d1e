// needs: root busybox coredhcp dhcpd dnsmasq in.tftpd ip kea-dhcp4 libvirtd nginx nsenter openssl setpriv tgtd unshare virsh
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startDaemons } from '../../src/rehearse/daemons.ts';
import { type ServerName, startDhcpServer } from '../../src/rehearse/dhcp-servers.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { type Edit, edited, PLANT } from '../support/plant.ts';
import { startLibvirt } from './libvirt.ts';
import { ASKER, assertFinds, BRIDGE, differencesIn, openVerifyBox, type VerifyBox } from './verify-box.ts';

const SECRETS = { cluster_token: 'the-token-of-the-plant' };
const TREE = '/srv/harvgen/plant';
const ALLOW: Edit = ['7\nnetworks', `7\n  allow: [${ASKER}]\nnetworks`];
const FAST = ['--interface', 'lo'];
const FAST_NOTE =
  'note: DHCP on mgmt was not asked: the interface lo has no connected address in 192.168.178.0/24';

const test = suite('verify with other servers');
const boxes: VerifyBox[] = [];

test.after.each(async () => {
  for (const box of boxes.splice(0)) await box.close();
});

/** Opens a box that test.after.each closes. */
async function opened(...args: Parameters<typeof openVerifyBox>): Promise<VerifyBox> {
  const box = await openVerifyBox(...args);
  boxes.push(box);
  return box;
}

/** Puts media in place. */
async function putMedia(box: VerifyBox, version = 'v1.4.1'): Promise<void> {
  await box.sh(`mkdir -p /srv/harvgen/media/${version}; cd /srv/harvgen/media/${version}
    for name in vmlinuz-amd64 initrd-amd64 rootfs-amd64.squashfs amd64.iso; do echo 1 >harvester-${version}-$name; done
    chmod -R a+rX /srv/harvgen`);
}

const tftpd = 'in.tftpd --listen --address 0.0.0.0:69 --secure /srv/harvgen/tftp';

const nginx = (box: VerifyBox) => startDaemons(box.sandbox, { nginx: `${TREE}/nginx/plant.conf` });

/** Returns the output of a run that finds no difference: the lines of the machines, and the notes. */
const right = (url: string, machines: readonly string[], notes: readonly string[] = []) => ({
  stdout: `${[`plant at ${url}: no differences`, '', ...machines, ...(notes.length > 0 ? [''] : []), ...notes].join('\n')}\n`,
  stderr: '',
  code: 0,
});

const note = (text: string) => `note: ${text}`;
const NOT_HEARD = { isc: "ISC's dhcpd", kea: 'Kea' };
const OTHER = [
  ...[
    'ip',
    'netns',
    'exec',
    'machine',
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--port=0',
  ],
  '--no-ping',
  '--dhcp-range=192.168.178.60,192.168.178.90',
  '--pid-file=/run/other.pid',
  '--dhcp-leasefile=/run/other.leases',
];
const NOT_ALLOWED = note(
  'the files of nodes were not compared: 192.168.178.7 may not fetch them, run verify on an IP address of server.allow',
);

test('compares the leases of another DHCP server, and the boot files of the proxy beside it', async () => {
  const dhcp: Edit = [
    '    dhcp:\n      pool: 192.168.178.200-192.168.178.250',
    `    interface: ${BRIDGE}\n    dhcp: { server: external, proxy: true, pool: 192.168.178.200-192.168.178.250 }`,
  ];
  const firmware: Edit = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'];
  const box = await opened(edited(PLANT, ALLOW, dhcp, firmware), { secrets: SECRETS });
  await putMedia(box);
  await nginx(box);
  const proxy = [
    ...['dnsmasq', '--keep-in-foreground', `--conf-file=${TREE}/dnsmasq/plant.conf`],
    ...['--pid-file=/run/proxy.pid', '--dhcp-leasefile=/run/proxy.leases'],
  ];
  const stopProxy = await box.start(proxy, '[ -s /run/proxy.pid ]');
  await box.sh(`ip netns add router; ip link add router-port type veth peer name eth0 netns router
    ip link set router-port master ${BRIDGE} up; ip -n router link set eth0 up
    ip -n router address add 192.168.178.1/24 dev eth0`);
  const options = ['1', '2', '3'].map((n) => `--dhcp-host=52:54:00:aa:01:0${n},192.168.178.4${n}`);
  const router = (...further: readonly string[]) => [
    ...[
      'ip',
      'netns',
      'exec',
      'router',
      ...OTHER.slice(4, -3),
      '--dhcp-range=192.168.178.0,static',
      '--dhcp-option=6,192.168.178.1',
      ...options,
    ],
    ...['--pid-file=/run/router.pid', '--dhcp-leasefile=/run/router.leases', ...further],
  ];
  const stopRouter = await box.start(router(), '[ -s /run/router.pid ]');
  const url = 'http://192.168.178.7';
  const machines = ['1', '2', '3'].map((n) => `harv-${n}: 192.168.178.4${n}, script, configuration`);
  assert.equal(await box.verify(), right(url, machines));
  await stopProxy();
  await stopRouter();
  await box.sh('rm /run/router.pid');
  await box.start(router('--dhcp-boot=pxelinux.0'), '[ -s /run/router.pid ]');
  assert.equal((await box.verify()).stdout.split('\n'), [
    `plant at ${url}: 3 differences`,
    '',
    ...machines.map((line) => `${line}; differs: 1, 2, 3`),
    '',
    "1. DHCP: harv-1 to harv-3 (3 nodes): DHCP server 192.168.178.1 sends the boot file pxelinux.0: firmware may load it instead of the proxy's",
    '   remove the boot file from the external DHCP server',
    '',
    '2. DHCP: harv-1 to harv-3 (3 nodes): no proxyDHCP server of the site answers on mgmt: firmware gets no boot file',
    '   deploy the tree again, then `systemctl restart dnsmasq` on the boot server',
    '',
    '3. TFTP: harv-1 to harv-3 (3 nodes): 192.168.178.7 does not answer by TFTP',
    '   start dnsmasq on the boot server; a firewall on the way must pass UDP port 69 and its answers',
    '',
  ]);
});

for (const server of ['isc', 'kea', 'coredhcp'] as const) {
  test(`finds no difference with ${server}, also on the boot server itself`, async () => {
    const dhcp: Edit = ['    dhcp:\n', `    interface: ${BRIDGE}\n    dhcp:\n      server: ${server}\n`];
    const firmware: Edit = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'];
    const inventory = edited(PLANT, ALLOW, dhcp, firmware, [
      'nodes:\n',
      'silence: { coredhcp-no-boot-file: a test }\nnodes:\n',
    ]);
    const box = await opened(inventory, { secrets: SECRETS });
    await putMedia(box);
    await box.sh(tftpd);
    await nginx(box);
    await startDhcpServer(box.sandbox, (path) => fileText(box.tree, path), server as ServerName, 'plant');
    await box.sh('ip -n machine link set eth0 address 52:54:00:99:99:99');
    const fromMachine = await box.verify();
    if (server === 'kea') {
      await box.start(OTHER, '[ -s /run/other.pid ]');
    }
    const fromServer = await box.verify([], 'server');
    const url = 'http://192.168.178.7';
    // coredhcp sends no boot file.
    const [uefi, bios] = server === 'coredhcp' ? ['', ''] : [', snponly.efi', ', undionly.kpxe'];
    const machines = [
      `harv-1: 192.168.178.41${uefi}`,
      `harv-2: 192.168.178.42${bios}`,
      `harv-3: 192.168.178.43${uefi}`,
    ];
    assert.equal(
      fromMachine,
      right(
        url,
        machines.map((line) => `${line}, script, configuration`),
      ),
    );
    const program = server === 'coredhcp' ? undefined : NOT_HEARD[server];
    const onServer = program
      ? right(
          url,
          ['harv-1', 'harv-2', 'harv-3'].map((name) => `${name}: nothing was compared`),
          [
            note(
              `DHCP on mgmt was not asked: ${program} does not hear its own machine, run verify on another one`,
            ),
            NOT_ALLOWED,
          ],
        )
      : right(url, machines, [NOT_ALLOWED]);
    if (server === 'kea')
      assertFinds('another DHCP server beside one that does not hear the boot server', fromServer);
    else assert.equal(fromServer, onServer);
  });
}

test('finds no difference with libvirt, and a network that is not active', async () => {
  const inventory = edited(
    NESTED.replaceAll('192.168.150.', '192.168.178.'),
    ['178.1 }\nhost', `178.1, allow: [${ASKER}] }\nhost`],
    [
      'cluster: {',
      '  other: { subnet: 10.9.0.0/24, libvirt: { forward: isolated, address: 10.9.0.1 } }\ncluster: {',
    ],
  );
  const box = await opened(inventory, {
    server: '192.168.178.1',
    secrets: { ...SECRETS, node_password: 'password' },
  });
  await putMedia(box, 'v1.8.1');
  await box.sh(`ip link del ${BRIDGE}`);
  const libvirt = await startLibvirt(box.sandbox);
  const tree = join(box.sandbox.folder, 'tree/libvirt');
  for (const path of ['network.xml', 'networks/other.xml'])
    await libvirt.virsh('net-define', join(tree, path));
  await libvirt.virsh('net-start', 'plant-mgmt');
  await libvirt.virsh('net-start', 'plant-other');
  await box.sh('ip link set virbr-mgmt type bridge stp_state 0; ip link set port master virbr-mgmt up');
  await nginx(box);
  const fromMachine = await box.verify();
  const fromHost = await box.verify([], 'server');
  await libvirt.virsh('net-destroy', 'plant-other');
  const partly = await box.verify(FAST, 'server');
  const url = 'http://192.168.178.1';
  const machines = [1, 2, 3].map((number) => `harvester-${number}: 192.168.178.4${number}, snponly.efi`);
  const files = machines.map((line) => `${line}, script, configuration`);
  const elsewhere =
    'the networks of libvirt were not checked: this machine is not the host, or none is active';
  assert.equal(fromMachine, right(url, files, [note(elsewhere)]));
  const notAllowed = NOT_ALLOWED.replace('178.7', '178.1');
  assert.equal(fromHost, right(url, machines, [notAllowed]));
  assert.equal(differencesIn(partly.stdout), [
    'libvirt: the network plant-other is not active: it has no bridge virbr-other -> `virsh net-start plant-other`; if it is not defined, run scripts/host-setup.sh',
    `${FAST_NOTE}\n${notAllowed}`,
  ]);
  assert.is(partly.code, 1);
});

const WITHOUT_ACCESS_CONTROL = `site: plant
server: { url: http://192.168.178.7, allow: [${ASKER}] }
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.1 }
nodes:
  one: { mac: 52:54:00:0b:01:01, ip: 192.168.178.11, boot: { os: linux, kernel: one/kernel, initrd: one/initrd } }
  two: { mac: 52:54:00:0b:01:02, ip: 192.168.178.12, boot: { os: linux, kernel: two/kernel, initrd: two/initrd } }
`;

test('finds once that a plain web server serves all files to all, and asks nothing of other machines', async () => {
  const box = await opened(WITHOUT_ACCESS_CONTROL);
  const www = `${TREE}/www`;
  await box.sh(`mkdir -p ${box.sandbox.folder}/www/images/one; cp -r ${www}/. ${box.sandbox.folder}/www
    cd ${box.sandbox.folder}/www/images/one; echo 1 >kernel; echo 1 >initrd`);
  await box.start(
    ['busybox', 'httpd', '-f', '-p', '80', '-h', `${box.sandbox.folder}/www`],
    'grep -q ":0050 " /proc/net/tcp /proc/net/tcp6',
  );
  assertFinds('a web server without access control', await box.verify(['--as', 'one'], 'server'));
  await box.sh('ip -n machine address add 192.168.178.51/24 dev eth0');
  const { stdout } = await box.verify(['--as', 'one']);
  assert.match(stdout, /: 1 difference\n\none: script, configuration; differs: 1\n/);
});

test("asks the URLs of OpenCHAMI's services of the sample, and finds what differs there", async () => {
  const sample = readFileSync(new URL('../../sites/ochami/site.yaml', import.meta.url), 'utf8');
  const inventory = edited(
    sample,
    ['site: ochami\n', 'site: plant\n'],
    ['  compat: [ochami] ', '  allow: [172.16.0.254]\n  compat: [ochami] '],
  );
  const box = await opened(inventory, { server: '172.16.0.254', secrets: { munge_key: 'munge' } });
  await box.sh(`mkdir -p /srv/harvgen/images/rocky8; cd /srv/harvgen/images/rocky8
    for name in vmlinuz-4.18.0-477.21.1.el8_8.x86_64 initramfs-4.18.0-477.21.1.el8_8.x86_64.img compute.squashfs; do echo 1 >$name; done
    chmod -R a+rX /srv/harvgen`);
  await box.sh(tftpd);
  await nginx(box);
  const found = async () => {
    const { stdout, stderr } = await box.verify([...FAST, '--as', 'cg01,cg02'], 'server');
    assert.is(stderr, '');
    assert.match(stdout, /^cg01: /m);
    return differencesIn(stdout).filter((one) => !one.startsWith('note: '));
  };
  assert.equal(await found(), []);
  await box.sh(`cd ${TREE}; sed -i 's/ro,/rw,/; s/nomodeset/modeset/' www/boot/v1/by-node/bootscript/cg02
    echo '[]' >www/hsm/v2/State/Components; rm www/boot/v1/bootparameters`);
  const url = 'http://172.16.0.254';
  const deploy = 'deploy the tree to /srv/harvgen/plant again: the README of out/plant has the commands';
  assert.equal(await found(), [
    `HTTP: files of the tree are missing on the server, or nginx may not read their directory: ${url}/boot/v1/bootparameters -> ${deploy}; \`chmod -R a+rX /srv/harvgen/plant\` on the boot server`,
    `HTTP: cg02: the server serves other files than a build of the inventory has: ${url}/boot/v1/bootscript?mac=52:54:00:7c:60:02 from line 2; ${url}/hsm/v2/State/Components from line 1 -> ${deploy}. A symbolic link may lead to an older tree`,
  ]);
});

const NAME = 'boot.example.org';

interface Certificate {
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
  readonly ca?: string;
  readonly bundle?: string;
}

const CERTIFICATES: Readonly<Record<string, Certificate>> = {
  'a valid certificate': { name: NAME },
  'a certificate of another name': {
    name: 'other.example.org',
  },
  'an expired certificate': {
    name: NAME,
    to: '20200201000000Z',
  },
  'a certificate that is not valid yet': {
    name: NAME,
    from: '20990101000000Z',
  },
  'an unknown authority': {
    name: NAME,
    ca: 'other',
  },
  'a chain without the intermediate certificate': {
    name: NAME,
    ca: 'root',
  },
};

test('finds each wrong certificate', async () => {
  const tls = `  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/private/boot.key }\n`;
  const inventory = edited(PLANT, ALLOW, ['http://192.168.178.7\n', `https://${NAME}\n${tls}`]);
  const box = await opened(inventory, { secrets: SECRETS });
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  await box.sh(`cd ${box.sandbox.folder}; echo '192.168.178.7 ${NAME}' >>/etc/hosts
    for name in root other; do openssl req -x509 ${key} -days 30 -subj "/CN=$name" -keyout $name.key -out $name.pem 2>/dev/null; done
    openssl req ${key} -subj /CN=between -keyout between.key -out between.csr 2>/dev/null
    : >index; printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\nrand_serial=yes\\nunique_subject=no\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=optional\\n' >ca.conf
    echo basicConstraints=critical,CA:true >ca.ext
    openssl x509 -req -in between.csr -CA root.pem -CAkey root.key -days 20 -extfile ca.ext -out between.pem 2>/dev/null`);
  let stop = async () => {};
  await putMedia(box);
  await box.sh(tftpd);
  for (const [
    name,
    { name: host, from = '20200101000000Z', to = '21000101000000Z', ca = 'root' },
  ] of Object.entries(CERTIFICATES)) {
    await stop();
    const chain = name.includes('without') ? 'boot.pem' : 'boot.pem between.pem';
    await box.sh(`cd ${box.sandbox.folder}; mkdir -p /etc/ssl/private; echo subjectAltName=DNS:${host} >names
      openssl req ${key} -subj /CN=x -keyout boot.key -out boot.csr 2>/dev/null
      openssl ca -batch -notext -config ca.conf -cert between.pem -keyfile between.key -in boot.csr -extfile names -startdate ${from} -enddate ${to} -out boot.pem 2>/dev/null
      cat ${chain} >/etc/ssl/boot.pem; cp boot.key /etc/ssl/private/boot.key`);
    const daemons = await nginx(box);
    stop = () => daemons.stop();
    const run = await box.verify([...FAST, '--ca', join(box.sandbox.folder, `${ca}.pem`)]);
    assertFinds(name, run);
  }
});

test('reports hostile answers as text, and ends', async () => {
  const pins = '  size: { harvester-v1.4.1-initrd-amd64: 9 }\n';
  const digests = `  sha512: { harvester-v1.4.1-initrd-amd64: "${'0'.repeat(128)}" }\n`;
  const inventory = edited(PLANT, ALLOW, ['  version: v1.4.1\n', `  version: v1.4.1\n${digests}${pins}`]);
  const box = await opened(inventory, { secrets: SECRETS });
  const program = fileURLToPath(new URL('hostile-server.mjs', import.meta.url));
  await box.start([process.execPath, program], 'grep -q ":0050 " /proc/net/tcp');
  assertFinds('hostile answers', await box.verify(['--media']));
});

const DISKS = `site: plant
server:
  url: http://192.168.178.7
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.1, dhcp: {} }
images:
  golden: {}
defaults:
  boot: { os: iscsi, image: golden }
nodes:
  cn01: { mac: 52:54:00:0b:01:01, ip: 192.168.178.11 }
  cn02: { mac: 52:54:00:0b:01:02, ip: 192.168.178.12 }
`;

test('connects to the iSCSI server, and prints the command for the rest', async () => {
  const box = await opened(DISKS);
  const found = async () => {
    const { stdout, stderr } = await box.verify(FAST);
    assert.is(stderr, '');
    const notes = stdout.split('\n').filter((line) => /^note: .*iSCSI/.test(line));
    return [...differencesIn(stdout).filter((one) => one.startsWith('iSCSI')), ...notes];
  };
  assert.equal(await found(), [
    'iSCSI: cn01 and cn02: 192.168.178.7:3260 does not answer by iSCSI: it refuses the connection -> start tgt on the iSCSI server; a firewall on the way must pass TCP port 3260',
  ]);
  await box.sh(`rm -f /etc/tgt/conf.d/*; mkdir -p /run/tgtd; tgtd </dev/null >/run/tgtd.log 2>&1
    timeout 20 sh -c 'until tgtadm --mode sys --op show; do sleep 0.05; done' 2>/dev/null`);
  assert.equal(await found(), [
    'note: only the connection to the iSCSI server 192.168.178.7:3260 was checked: `iscsiadm --mode discovery --type sendtargets --portal 192.168.178.7:3260` on a node lists the targets that it may use',
  ]);
});

test.run();
