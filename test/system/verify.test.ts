// needs: root busybox dnsmasq ip nft nginx nsenter setpriv unshare /usr/lib/ipxe/undionly.kpxe
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
  [
    '    dhcp:\n',
    `    domain: plant.example.org\n    ntp: [192.168.178.3]\n    mtu: 1400\n    interface: ${BRIDGE}\n    dhcp:\n`,
  ],
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

/** An error on the server: how it gets there, how it ends, and a part of the difference that it causes. */
interface Planted {
  /** A shell script, and one that undoes it. nginx.conf and the tree are put back in any case. */
  readonly sh?: string;
  readonly undo?: string;
  /** An edit of nginx's configuration, by sed, with a reload. */
  readonly nginx?: string;
  /** An edit of dnsmasq's configuration, by sed. */
  readonly dnsmasq?: string;
  /** The options of a second DHCP server on the network. */
  readonly other?: readonly string[];
  readonly finds: RegExp;
}

interface Planting {
  readonly plants: Readonly<Record<string, Planted>>;
  readonly args?: readonly string[];
}

/** Without DHCP, which takes seconds. */
const FAST = ['--interface', 'lo'];
const FAST_NOTE =
  'note: DHCP on mgmt was not asked: the interface lo has no connected address in 192.168.178.0/24';

const MISSING = /files of the tree are missing on the server, or nginx may not read their directory/;
const OTHER_FILES = /the server serves other files than a build of the inventory has/;
const BOOT_PHP = 's#location = /harvester/boot.php \\{#&';
const reload = 'nginx -c $FOLDER/nginx.conf -s reload; sleep 0.2';
const BOOT_FILES = 'cd /srv/harvgen/tftp; mkdir kept; cp -a *.* kept;';
const BOOT_FILES_BACK = 'cd /srv/harvgen/tftp; mv -f kept/* .; rmdir kept';
const other = (finds: RegExp, ...options: readonly string[]): Planted => ({ other: options, finds });

/** The runs: each has errors that do not hide each other. */
const PLANTINGS: Readonly<Record<string, Planting>> = {
  'files of the tree': {
    plants: {
      'a script of an older tree': { sh: `sed -i 's/sleep/ sleep/' ${SCRIPT}`, finds: OTHER_FILES },
      'a missing configuration': { sh: `rm ${CONFIG}`, finds: MISSING },
      'a script that nginx may not read': {
        sh: `chmod 600 ${TREE}/www/ipxe/52-54-00-aa-01-01.ipxe`,
        finds: /nginx may not read files of the tree \(403\)/,
      },
      'a configuration with the line ends of Windows': {
        sh: `sed -i 's/$/\r/' ${TREE}/www/config/52-54-00-aa-01-01.yaml`,
        finds: /files have other line ends than those of a build/,
      },
      'the configuration of another node': {
        sh: `cp $FOLDER/kept/www/config/52-54-00-aa-01-03.yaml ${TREE}/www/config/52-54-00-aa-01-02.yaml`,
        finds: /harv-2: the server serves the configuration of harv-3 to another node/,
      },
    },
  },
  'a symbolic link': {
    plants: {
      'a symbolic link to an older tree': {
        sh: `cp -a ${TREE}/www /run/older && sed -i 's/^echo/ echo/' /run/older/boot.ipxe /run/older/ipxe/* && mv ${TREE}/www ${TREE}/new && ln -s /run/older ${TREE}/www`,
        undo: `rm ${TREE}/www && mv ${TREE}/new ${TREE}/www && rm -r /run/older`,
        finds: OTHER_FILES,
      },
    },
  },
  'a directory': {
    plants: {
      'a directory that nginx may not read': {
        sh: `chmod 700 ${TREE}/www/config`,
        undo: `chmod 755 ${TREE}/www/config`,
        finds: MISSING,
      },
    },
  },
  'a secret': {
    plants: {
      'another value of a secret': {
        sh: `sed -i 's/the-token-of-the-plant/another/' /etc/nginx/harvgen/plant.secrets.conf; ${reload}`,
        undo: `sed -i 's/another/the-token-of-the-plant/' /etc/nginx/harvgen/plant.secrets.conf`,
        finds: /another value of the secret cluster_token than --secrets/,
      },
    },
    args: ['--secrets', 'secrets.yaml'],
  },
  'no secrets': {
    plants: {
      'placeholders instead of secrets': {
        nginx: 's/^ *sub_filter_types .*|^ *include .*;//; s/_fills != [0-9a-f]+/_caller = "x"/',
        finds: /serves the placeholder of the secret cluster_token/,
      },
    },
  },
  'other secrets': {
    plants: {
      'secrets of another tree': {
        nginx: 's/_fills != [0-9a-f]+/_fills != 0/',
        finds: /nginx answers 503: its secrets are those of another tree/,
      },
    },
  },
  'server.allow': {
    plants: {
      'nginx with the configuration before a reload': {
        nginx: `s/^ *${ASKER} 1;//`,
        finds: /nginx refuses files to 192.168.178.50, to which the inventory grants them/,
      },
    },
  },
  'any client': {
    plants: {
      'files of nodes for every client': {
        nginx: 's/^    default 0;/    default 1;/',
        sh: 'ip -n machine address add 192.168.178.51/24 dev eth0',
        undo: 'ip -n machine address del 192.168.178.51/24 dev eth0',
        finds: /serves files of nodes to any client, also to 192.168.178.51/,
      },
    },
  },
  'locations of nginx': {
    plants: {
      'a redirection to another server': {
        nginx: 's#location = /boot.ipxe \\{#&return 301 http://192.168.178.9/boot.ipxe;#',
        finds: /answers 301, a redirection to http:\/\/192.168.178.9\/boot.ipxe/,
      },
      'a server error': {
        nginx: 's#location = /inventory.json \\{#&return 500;#',
        finds: /the server answers 500/,
      },
      'a URL of older boot servers that does not answer': {
        nginx: `${BOOT_PHP}return 404;#`,
        finds: /a URL answers without an iPXE script: \S+boot.php: 404/,
      },
      'a port that nginx does not listen on': {
        nginx: 's#^    listen 8081;##',
        finds: /http:\/\/192.168.178.7:8081 does not answer: it refuses the connection/,
      },
    },
  },
  'a proxy': {
    plants: {
      'a page of HTML for every script': {
        nginx: 's#location = /boot.ipxe \\{#&return 200 "<html>";#',
        finds: OTHER_FILES,
      },
      'compressed answers': {
        sh: `gzip -k ${TREE}/www/inventory.json`,
        undo: `rm ${TREE}/www/inventory.json.gz`,
        nginx: 's#autoindex off;#&gzip_static always;#',
        finds: /sends files with Content-Encoding gzip: iPXE cannot read them/,
      },
    },
  },
  'a server that hangs': {
    plants: {
      'no answer of nginx': {
        sh: 'kill -STOP $(pgrep -P $(cat /run/nginx.pid))',
        undo: 'kill -CONT $(pgrep -P $(cat /run/nginx.pid))',
        finds: /http:\/\/192.168.178.7 does not answer: nothing arrives for 5 seconds/,
      },
    },
  },
  'a firewall': {
    plants: {
      'a firewall on the way to nginx': {
        sh: "nft 'table inet f { chain c { type filter hook input priority 0; tcp dport { 80, 8081 } reject with tcp reset; udp dport 69 drop; }; }'",
        undo: 'nft delete table inet f',
        finds: /http:\/\/192.168.178.7 does not answer: it refuses the connection/,
      },
      'a firewall on the way to TFTP': { finds: /192.168.178.7 does not answer by TFTP/ },
    },
  },
  'IPv6 only': {
    plants: {
      'nginx that listens by IPv6 only': {
        nginx: 's/listen (80|8081);/listen [::]:\\1 ipv6only=on;/',
        finds: /http:\/\/192.168.178.7 does not answer: it refuses the connection/,
      },
    },
  },
  'another web server': {
    plants: {
      'another web server on the port of nginx': {
        nginx: 's/listen 80;/listen 8082;/',
        sh: 'mkdir -p /run/empty/loader /run/empty/harvester; cd /run/empty; cp /usr/lib/ipxe/snponly.efi loader; ln -s /srv/harvgen/media/* harvester; echo "#!ipxe" >harvester/boot.php; until busybox httpd -p 192.168.178.7:80 -h /run/empty; do sleep 0.1; done',
        undo: 'kill $(pidof busybox)',
        finds: /files of the tree are missing on the server, or the web server may not read/,
      },
    },
  },
  'boot files': {
    plants: {
      'a missing boot file': {
        sh: `${BOOT_FILES} rm undionly.kpxe`,
        undo: BOOT_FILES_BACK,
        finds: /harv-2: undionly.kpxe is missing or not readable/,
      },
      'a boot file of another architecture': {
        sh: `cd /srv/harvgen/tftp; at=$(od -An -tu4 -j60 -N4 snponly.efi); printf '\\144\\252' | dd of=snponly.efi bs=1 seek=$((at + 4)) conv=notrunc`,
        finds: /snponly.efi is an EFI program for another architecture/,
      },
    },
  },
  'files of TFTP': {
    plants: {
      'an empty boot file': {
        sh: `${BOOT_FILES} : >undionly.kpxe`,
        undo: BOOT_FILES_BACK,
        finds: /harv-2: undionly.kpxe is empty/,
      },
      'a boot file that the TFTP server may not read': {
        sh: 'chmod 600 /srv/harvgen/tftp/snponly.efi',
        finds: /snponly.efi is missing or not readable: .*Permission denied/,
      },
    },
  },
  media: {
    plants: {
      'an incomplete ISO image': {
        sh: `cd ${MEDIA}; mkdir kept; cp -a *.* *64 kept; truncate -s 9 ${FILES[3]}`,
        undo: `cd ${MEDIA}; mv -f kept/* .; rmdir kept`,
        finds: /files have another size than their pin: \S+amd64.iso has 9 bytes instead of 42/,
      },
      'a missing root file system': {
        sh: `rm ${MEDIA}/${FILES[2]}`,
        finds: /files are missing or not readable: .*squashfs \(404\)/,
      },
      'a kernel that nginx may not read': {
        sh: `chmod 600 ${MEDIA}/${FILES[0]}`,
        finds: /files are missing or not readable: .*vmlinuz-amd64 \(403\)/,
      },
      'an initrd with other bytes': {
        sh: `sed -i s/content/CONTENT/ ${MEDIA}/${FILES[1]}`,
        finds: /files have another SHA-512 than their pin: \S+initrd-amd64/,
      },
    },
    args: ['--media'],
  },
  'options of dnsmasq': {
    plants: {
      'another router': {
        dnsmasq: 's/router,192.168.178.1/router,192.168.178.254/',
        finds: /sends the router 192.168.178.254 instead of 192.168.178.1/,
      },
      'another DNS server': {
        dnsmasq: 's/dns-server,192.168.178.1/dns-server,9.9.9.9/',
        finds: /sends the DNS server 9.9.9.9 instead of 192.168.178.1/,
      },
      'another domain': {
        dnsmasq: 's/domain-name,plant/domain-name,other/',
        finds: /sends the domain other.example.org instead of plant.example.org/,
      },
      'another time server': {
        dnsmasq: 's/ntp-server,192.168.178.3/ntp-server,192.168.178.4/',
        finds: /sends the time server 192.168.178.4 instead of 192.168.178.3/,
      },
      'another MTU': { dnsmasq: 's/mtu,1400/mtu,9000/', finds: /sends the MTU 9000 instead of 1400/ },
      'a table of architectures without UEFI': {
        dnsmasq: 's/client-arch,7$/client-arch,77/',
        finds: /sends UEFI PXE boot the boot file \(none\) instead of snponly.efi/,
      },
      'a table of architectures without BIOS': {
        dnsmasq: 's/client-arch,0$/client-arch,78/',
        finds: /sends BIOS PXE boot the boot file \(none\) instead of undionly.kpxe/,
      },
      'another boot file for UEFI HTTP boot': {
        dnsmasq: 's#http-x86_64,http.*#&x#',
        finds: /sends UEFI HTTP boot the boot file \S+efix instead of/,
      },
      'another boot file for iPXE': {
        dnsmasq: 's#tag:ipxe,http.*#&x#',
        finds: /sends iPXE the boot file \S+ipxex instead of/,
      },
    },
  },
  'leases of dnsmasq': {
    plants: {
      'another TFTP server for BIOS': {
        dnsmasq:
          's/(undionly.kpxe),,192.168.178.7$/\\1,,192.168.178.9/; s/(,undionly.kpxe)$/\\1,,192.168.178.9/',
        finds: /sends BIOS PXE boot the TFTP server 192.168.178.9 instead of 192.168.178.7/,
      },
      'another TFTP server for UEFI': {
        dnsmasq: 's/(snponly.efi),,192.168.178.7$/\\1,,192.168.178.9/; s/(,snponly.efi)$/\\1,,192.168.178.9/',
        finds: /sends UEFI PXE boot the TFTP server 192.168.178.9 instead of 192.168.178.7/,
      },
      'no option 60': {
        dnsmasq: '/option-force/d',
        finds: /sends UEFI HTTP boot no option 60 HTTPClient/,
      },
      'another subnet mask': {
        dnsmasq: 's/,255.255.255.0,/,255.255.254.0,/',
        finds: /sends the subnet mask 255.255.254.0 instead of 255.255.255.0/,
      },
      'a reservation that dnsmasq has not read': {
        dnsmasq: '/52:54:00:aa:01:03/d',
        finds: /another address than the reserved one: .*harv-3 192.168.178.\d+ instead of 192.168.178.43/,
      },
      'a lease of the IP address by another machine': {
        sh: "echo '0 52:54:00:99:00:01 192.168.178.42 other *' >/run/leases",
        finds: /another address than the reserved one: .*harv-2 192.168.178.\d+ instead of 192.168.178.42/,
      },
    },
  },
  'two DHCP servers': {
    plants: {
      'a second DHCP server': other(
        /another DHCP server answers on mgmt: 192.168.178.60 \(52:54:00:99:99:99\): .* boot file "other.0"/,
        '--dhcp-range=192.168.178.60,192.168.178.90',
        '--dhcp-boot=other.0',
        '--dhcp-option=option:router,192.168.178.60',
      ),
    },
  },
  'the DHCP server of another network': {
    plants: {
      'only another DHCP server': other(
        /another DHCP server answers on mgmt: 192.168.178.60 \(52:54:00:99:99:99\): .*, no boot file/,
        '--dhcp-range=192.168.178.60,192.168.178.90',
      ),
      'a DHCP server for another network only': {
        dnsmasq: 's/^dhcp-range=.*//; $adhcp-range=10.99.0.1,10.99.0.9',
        finds: /no DHCP server of the site answers on mgmt, where 192.168.178.7 should/,
      },
    },
  },
};

/** Runs the command with the errors of a run on the server. */
async function run({ plants, args = [] }: Planting) {
  const all = Object.values(plants);
  const joined = (of: (one: Planted) => string | undefined, by: string) =>
    all.flatMap((one) => of(one) ?? []).join(by);
  const sh = (script: string) => box.sh(`FOLDER=${box.sandbox.folder}; ${script}`);
  const edits = joined((one) => one.dnsmasq, '; ');
  const ofNginx = joined((one) => one.nginx, '; ');
  const second = all.flatMap((one) => one.other ?? []);
  const hasDhcp = edits !== '' || second.length > 0;
  const setUp = [
    ...all.map((one) => `(${one.sh ?? ':'})`),
    ofNginx === '' ? ':' : `sed -i -E '${ofNginx}' /run/plant.conf; ${reload}`,
  ];
  if (hasDhcp) await stopDnsmasq();
  // Another web server needs the port of nginx.
  await sh(`rm -f /run/leases; ${(ofNginx.includes('8082') ? setUp.reverse() : setUp).join('\n')}`);
  let stop: (() => Promise<void>) | undefined;
  try {
    if (hasDhcp) {
      await box.sh(`sed -i -E '${edits}' /run/dnsmasq.conf`);
      await startDnsmasq();
    }
    const argv = ['ip', 'netns', 'exec', 'other', 'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null'];
    const files = ['--pid-file=/run/other.pid', '--dhcp-leasefile=/run/other.leases'];
    if (second.length > 0)
      stop = await box.start(
        [...argv, '--port=0', '--no-ping', ...files, ...second],
        '[ -s /run/other.pid ]',
      );
    const own = args.map((arg) => (arg === 'secrets.yaml' ? join(box.sandbox.folder, arg) : arg));
    return await box.verify([...own, ...(hasDhcp ? [] : FAST)]);
  } finally {
    await stop?.();
    const undo = joined((one) => one.undo && `(${one.undo})`, '\n');
    await sh(
      `${undo || ':'}; cp ${TREE}/nginx/plant.conf /run; cp ${TREE}/dnsmasq/plant.conf /run/dnsmasq.conf; cp -a $FOLDER/kept/. ${TREE}/; ${reload}`,
    );
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

/** The errors that were found. */
const found = new Set<string>();

for (const [name, planting] of Object.entries(PLANTINGS)) {
  const plants = Object.entries(planting.plants);
  test(`finds ${plants.map(([plant]) => plant).join('; ')}`, async () => {
    const differences = assertFinds(name, await run(planting));
    for (const [plant, { finds }] of plants) {
      assert.is(differences.filter((one) => finds.test(one)).length, 1, `${plant} is reported once`);
      found.add(plant);
    }
    for (const one of differences)
      assert.ok(
        plants.some(([, { finds }]) => finds.test(one)),
        `no error of this run: ${one}`,
      );
  });
}

test('finds at least 40 different errors', () => {
  assert.ok(found.size >= 40, String(found.size));
});

test.run();
