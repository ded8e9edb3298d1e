// needs: root dnsmasq ip nft nginx nsenter setpriv unshare /usr/lib/ipxe/undionly.kpxe
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksOf } from '../support/markdown.ts';
import { edited, PLANT } from '../support/plant.ts';
import { ASKER, assertFinds, BRIDGE, openVerifyBox, type VerifyBox } from './verify-box.ts';

const TREE = '/srv/harvgen/plant';
const SCRIPT = `${TREE}/www/ipxe/52-54-00-aa-01-02.ipxe`;
const CONFIG = `${TREE}/www/config/52-54-00-aa-01-03.yaml`;
const MEDIA = '/srv/harvgen/media/v1.4.1';
const FILES = ['vmlinuz-amd64', 'initrd-amd64', 'rootfs-amd64.squashfs', 'amd64.iso'].map(
  (name) => `harvester-v1.4.1-${name}`,
);
const contentOf = (name: string) => `the content of ${name}\n`;
const pinsOf = (pin: (content: string) => string | number) =>
  `{ ${FILES.map((name) => `${name}: ${pin(contentOf(name))}`).join(', ')} }`;
const SECRETS = { cluster_token: 'the-token-of-the-plant' };

/** Pinned media, a further port, the URLs of phs, and one machine that may fetch all files. */
const SITE = edited(
  PLANT,
  [
    '  version: v1.4.1\n',
    `  version: v1.4.1\n  sha512: ${pinsOf((content) => createHash('sha512').update(content).digest('hex'))}\n  size: ${pinsOf((content) => content.length)}\n`,
  ],
  ['7\nnetworks', `7\n  allow: [${ASKER}]\n  ports: [8081]\n  compat: [phs, phs-all, oci]\nnetworks`],
  ['    dhcp:\n', `    domain: plant.example.org\n    interface: ${BRIDGE}\n    dhcp:\n`],
  ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'],
);

const PAGE = readFileSync(new URL('../../docs/how-to/verify.md', import.meta.url), 'utf8');

const test = suite('verify of a deployed boot server');
let box: VerifyBox;
let stopDnsmasq = async () => {};

const NGINX = `user www-data; worker_processes 1; daemon off; pid /run/nginx.pid; error_log /run/nginx.log; events {}
http { include /etc/nginx/mime.types; default_type application/octet-stream; include /run/plant.conf; }`;

test.before(async () => {
  box = await openVerifyBox(SITE, { secrets: SECRETS });
  await writeFile(join(box.sandbox.folder, 'nginx.conf'), NGINX);
  for (const name of FILES)
    await box.sh(`mkdir -p ${MEDIA} && echo 'the content of ${name}' >${MEDIA}/${name}`);
  await box.sh(
    `chmod -R a+rX /srv/harvgen && cp ${TREE}/nginx/plant.conf /run && cp ${TREE}/dnsmasq/plant.conf /run/dnsmasq.conf`,
  );
  await box.start(['nginx', '-c', join(box.sandbox.folder, 'nginx.conf')], '[ -s /run/nginx.pid ]');
  await box.sh(`cp -a ${TREE} ${box.sandbox.folder}/kept
    ip netns add other && ip link add port2 type veth peer name eth0 netns other && ip link set port2 master ${BRIDGE} up
    ip -n other link set eth0 address 52:54:00:99:99:99 up && ip -n other address add 192.168.178.60/24 dev eth0`);
  await startDnsmasq();
});

test.after(() => box?.close());

async function startDnsmasq() {
  await stopDnsmasq();
  const argv = [
    'dnsmasq',
    '--keep-in-foreground',
    '--no-ping',
    '--conf-file=/run/dnsmasq.conf',
    '--log-facility=-',
  ];
  stopDnsmasq = await box.start(
    [...argv, '--pid-file=/run/dnsmasq.pid', '--dhcp-leasefile=/run/leases'],
    '[ -s /run/dnsmasq.pid ]',
  );
}

/** Edits the configuration of nginx, and has it read again. */
const nginx = (script: string) =>
  `sed -i -E '${script}' /run/plant.conf; nginx -c $FOLDER/nginx.conf -s reload; sleep 0.2`;

interface Fault {
  readonly plant: string;
  readonly args?: readonly string[];
  readonly where?: 'machine' | 'server';
  readonly undo?: string;
}

/** Without DHCP, which takes seconds. */
const FAST = ['--interface', 'lo'];
const FAST_NOTE =
  'note: DHCP on mgmt was not asked: the interface lo has no connected address in 192.168.178.0/24';

const WEB_FAULTS: Readonly<Record<string, Fault>> = {
  'a script of an older tree': {
    plant: `sed -i 's/sleep/ sleep/' ${SCRIPT}`,
  },
  'a symbolic link to an older tree': {
    plant: `cp -a ${TREE}/www /run/older && sed -i 's/^echo/ echo/' /run/older/boot.ipxe /run/older/ipxe/* && mv ${TREE}/www ${TREE}/new && ln -s /run/older ${TREE}/www`,
    undo: `rm ${TREE}/www && mv ${TREE}/new ${TREE}/www && rm -r /run/older`,
  },
  'a missing configuration': {
    plant: `mv ${CONFIG} /run/kept`,
    undo: `mv /run/kept ${CONFIG}`,
  },
  'a script that nginx may not read': {
    plant: `chmod 600 ${SCRIPT}`,
    undo: `chmod 644 ${SCRIPT}`,
  },
  'a directory that nginx may not read': {
    plant: `chmod 700 ${TREE}/www/config`,
    undo: `chmod 755 ${TREE}/www/config`,
  },
  'another value of a secret': {
    plant:
      "sed -i 's/the-token-of-the-plant/another/' /etc/nginx/harvgen/plant.secrets.conf; nginx -c $FOLDER/nginx.conf -s reload; sleep 0.2",
    undo: "sed -i 's/another/the-token-of-the-plant/' /etc/nginx/harvgen/plant.secrets.conf; nginx -c $FOLDER/nginx.conf -s reload; sleep 0.2",
    args: ['--secrets', 'secrets.yaml'],
  },
  'placeholders instead of secrets': {
    plant: nginx('s/^ *sub_filter_types .*|^ *include .*;//; s/_fills != [0-9a-f]+/_caller = "x"/'),
  },
  'secrets of another tree': {
    plant: nginx('s/_fills != [0-9a-f]+/_fills != 0/'),
  },
  'nginx with the configuration before a reload': {
    plant: nginx(`s/^ *${ASKER} 1;//`),
  },
  'files of nodes for every client': {
    plant: `${nginx('s/^    default 0;/    default 1;/')}; ip -n machine address add 192.168.178.51/24 dev eth0`,
    undo: 'ip -n machine address del 192.168.178.51/24 dev eth0',
  },
  'a redirection to another server': {
    plant: nginx('s#location = /boot.ipxe \\{#&return 301 http://192.168.178.9/boot.ipxe;#'),
  },
  'a page of HTML for every script': {
    plant: nginx('s#location = /boot.ipxe \\{#&return 200 "<html>";#'),
  },
  'a server error': {
    plant: nginx('s#location = /boot.ipxe \\{#&return 500;#'),
  },
  'URLs of older boot servers that do not answer': {
    plant: nginx('s#location = /harvester/boot.php \\{#&return 404;#; s#^    listen 8081;##'),
  },
  'no answer of nginx': {
    plant: 'kill -STOP $(pgrep -P $(cat /run/nginx.pid))',
    undo: 'kill -CONT $(pgrep -P $(cat /run/nginx.pid))',
  },
  'a firewall on the way to nginx': {
    plant:
      "nft 'table inet f { chain c { type filter hook input priority 0; tcp dport { 80, 8081 } reject with tcp reset; }; }'",
    undo: 'nft delete table inet f',
  },
  'a firewall on the way to TFTP': {
    plant: "nft 'table inet f { chain c { type filter hook input priority 0; udp dport 69 drop; }; }'",
    undo: 'nft delete table inet f',
  },
  'boot files that are missing or of another architecture': {
    plant: `cd /srv/harvgen/tftp; mkdir kept; cp -a *.* kept; rm undionly.kpxe; at=$(od -An -tu4 -j60 -N4 snponly.efi); printf '\\144\\252' | dd of=snponly.efi bs=1 seek=$((at + 4)) conv=notrunc`,
    undo: 'cd /srv/harvgen/tftp; mv -f kept/* .; rmdir kept',
  },
  'boot files that are empty or not readable': {
    plant: 'cd /srv/harvgen/tftp; mkdir kept; cp -a *.* kept; : >undionly.kpxe; chmod 600 snponly.efi',
    undo: 'cd /srv/harvgen/tftp; mv -f kept/* .; rmdir kept',
  },
  'media that are cut, missing, or empty': {
    plant: `cd ${MEDIA}; mkdir kept; cp -a *.* *64 kept; truncate -s 9 ${FILES[3]}; rm ${FILES[2]}; chmod 600 ${FILES[0]}`,
    undo: `cd ${MEDIA}; mv -f kept/* .; rmdir kept`,
  },
  'a medium with other bytes': {
    plant: `cd ${MEDIA}; mkdir kept; cp -a ${FILES[1]} kept; sed -i s/content/CONTENT/ ${FILES[1]}`,
    undo: `cd ${MEDIA}; mv -f kept/* .; rmdir kept`,
    args: ['--media'],
  },
};

/** The configuration of dnsmasq, edited; another DHCP server on the network, if it has arguments. */
interface DhcpFault {
  readonly edits?: string;
  readonly before?: string;
  readonly other?: readonly string[];
}

const DHCP_FAULTS: Readonly<Record<string, DhcpFault>> = {
  'wrong router, DNS server, domain and table of architectures': {
    edits:
      's/router,192.168.178.1/router,192.168.178.254/; s/dns-server,192.168.178.1/dns-server,9.9.9.9/; s/domain-name,plant/domain-name,other/; s/client-arch,7$/client-arch,77/; s/client-arch,0$/client-arch,78/; s#http-x86_64,http.*#&x#',
  },
  'no second stage, another TFTP server, no option 60': {
    edits:
      's/^dhcp-userclass=.*//; s/(undionly.kpxe|snponly.efi),,192.168.178.7$/\\1,,192.168.178.9/; s/(,undionly.kpxe|,snponly.efi)$/\\1,,192.168.178.9/; /option-force/d; s/,255.255.255.0,/,255.255.254.0,/',
  },
  'a reservation that dnsmasq has not read, and a lease that has another address': {
    edits: '/52:54:00:aa:01:03/d',
    before: "echo '0 52:54:00:99:00:01 192.168.178.42 other *' >/run/leases",
  },
  'a second DHCP server': {
    other: [
      '--dhcp-range=192.168.178.60,192.168.178.90',
      '--dhcp-boot=other.0',
      '--dhcp-option=option:router,192.168.178.60',
    ],
  },
  'a DHCP server for other machines only': {
    edits: 's/^dhcp-range=.*//; $adhcp-range=10.99.0.1,10.99.0.9',
    other: ['--dhcp-range=192.168.178.60,192.168.178.90'],
  },
};

async function run(fault: Fault) {
  const args = (fault.args ?? []).map((arg) =>
    arg === 'secrets.yaml' ? join(box.sandbox.folder, arg) : arg,
  );
  const sh = (script: string) => box.sh(`FOLDER=${box.sandbox.folder}; ${script}`);
  await sh(fault.plant);
  try {
    return await box.verify([...args, ...FAST], fault.where);
  } finally {
    const whole = `cp ${TREE}/nginx/plant.conf /run; cp -a $FOLDER/kept/. ${TREE}/; nginx -c $FOLDER/nginx.conf -s reload; sleep 0.2`;
    await sh(`${fault.undo ?? 'true'}; ${whole}`);
  }
}

const RIGHT = `plant at http://192.168.178.7: no differences

harv-1: 192.168.178.41, snponly.efi, script, configuration
harv-2: 192.168.178.42, undionly.kpxe, script, configuration
harv-3: 192.168.178.43, snponly.efi, script, configuration
`;

/** Returns the output of the command line of a page, run there; the site has another name. */
async function asOnPage(command: string): Promise<string> {
  const [, args = ''] = /^sudo npx harvgen verify (.*)sites\/location_x\n$/.exec(command) ?? [];
  const { stdout } = await box.verify(args.split(' ').filter(Boolean));
  return stdout.replaceAll('plant', 'location_x');
}

test('finds no difference on a server that is as the inventory, and prints what the page shows', async () => {
  const [command = ''] = blocksOf(PAGE, 'sh verify');
  assert.equal(await asOnPage(command), blocksOf(PAGE, 'text verify')[0]);
  assert.equal(blocksOf(PAGE, 'text verify')[0]?.replaceAll('location_x', 'plant'), RIGHT);
});

test('finds what the page shows, on a server with two differences', async () => {
  const [, command = ''] = blocksOf(PAGE, 'sh verify');
  await box.sh(`sed -i s/router,192.168.178.1/router,192.168.178.254/ /run/dnsmasq.conf
    mv /srv/harvgen/tftp/undionly.kpxe /run`);
  await startDnsmasq();
  assert.is(await asOnPage(command), blocksOf(PAGE, 'text verify')[1]);
  await box.sh(`mv /run/undionly.kpxe /srv/harvgen/tftp; cp ${TREE}/dnsmasq/plant.conf /run/dnsmasq.conf`);
  await startDnsmasq();
});

test('prints JSON as its schema has it', async () => {
  const { stdout, code } = await box.verify(['--format', 'json', ...FAST]);
  const schema = JSON.parse(
    readFileSync(new URL('../../schema/verify.schema.json', import.meta.url), 'utf8'),
  );
  const validate = new Ajv2020({ strict: true }).compile(schema);
  const json = JSON.parse(stdout);
  const isValid: boolean = validate(json);
  assert.ok(isValid, JSON.stringify(validate.errors));
  const programs = json.programs.map(({ url, sha256 }: { url: string; sha256: string }) => {
    const bytes = readFileSync(`/usr/lib/ipxe/${url.replace(/^.*\//, '')}`);
    return [url, sha256 === createHash('sha256').update(bytes).digest('hex')];
  });
  const server = '192.168.178.7';
  assert.equal(programs, [
    [`http://${server}/loader/snponly.efi`, true],
    [`tftp://${server}/snponly.efi`, true],
    [`tftp://${server}/undionly.kpxe`, true],
  ]);
  assert.equal(
    [code, json.nodes[0], json.notes],
    [
      0,
      { name: 'harv-1', gets: ['script', 'configuration'], differences: [] },
      [FAST_NOTE.replace('note: ', '')],
    ],
  );
});

test('runs without root, except DHCP, and reports each wrong argument', async () => {
  const rootless = await box.verify(['--as', 'harv-1'], 'machine', [
    'setpriv',
    '--inh-caps=-all',
    '--bounding-set=-all',
  ]);
  assert.equal(rootless, {
    code: 0,
    stdout:
      'plant at http://192.168.178.7: no differences\n\nharv-1: script, configuration\n\nnote: DHCP was not asked: its port 68 needs root, run verify by sudo\n',
    stderr: '',
  });
  const wrong: Readonly<Record<string, readonly [number, string]>> = {
    '--as harv-9': [
      2,
      'plant has no node harv-9: did you mean harv-1? Nodes: harv-1, harv-2, harv-3\nSee harvgen --help.',
    ],
    '--interface eth9': [
      2,
      'this machine has no interface eth9 with an IPv4 address; interfaces: lo, eth0\nSee harvgen --help.',
    ],
    '--format xml': [2, 'unknown format xml; formats: text, json\nSee harvgen --help.'],
    '--ca /nowhere': [1, "--ca /nowhere cannot be read: ENOENT: no such file or directory, open '/nowhere'"],
    '--ca /etc/hostname': [1, '--ca /etc/hostname cannot be read: it contains no certificate in PEM'],
  };
  for (const [args, [code, stderr]] of Object.entries(wrong))
    assert.equal(
      await box.verify(args.split(' ')),
      { code, stdout: '', stderr: `harvgen: ${stderr}\n` },
      args,
    );
});

test('finds no difference on a server that is as the inventory, with secrets and media', async () => {
  const { stdout, stderr, code } = await box.verify([
    '--media',
    '--secrets',
    join(box.sandbox.folder, 'secrets.yaml'),
  ]);
  assert.equal({ stdout, stderr, code }, { stdout: RIGHT, stderr: '', code: 0 });
});

for (const [name, fault] of Object.entries(WEB_FAULTS)) {
  test(`finds ${name}`, async () => {
    assertFinds(name, await run(fault));
  });
}

for (const [name, { edits = '', before = '', other }] of Object.entries(DHCP_FAULTS)) {
  test(`finds ${name}`, async () => {
    await stopDnsmasq();
    await box.sh(
      `rm -f /run/leases; cp ${TREE}/dnsmasq/plant.conf /run/dnsmasq.conf; sed -i -E '${edits}' /run/dnsmasq.conf; ${before}`,
    );
    await startDnsmasq();
    const argv = [
      'ip',
      'netns',
      'exec',
      'other',
      'dnsmasq',
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--no-ping',
    ];
    const stop =
      other &&
      (await box.start(
        [...argv, '--pid-file=/run/other.pid', '--dhcp-leasefile=/run/other.leases', ...other],
        '[ -s /run/other.pid ]',
      ));
    const found = await box.verify();
    await stop?.();
    assertFinds(name, found);
  });
}

test.run();
