import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const of = LINUX_PLANT;

ruleTest('missing-kernel', {
  'a profile without a kernel: reported once': {
    of,
    edits: [['      kernel: rocky9/vmlinuz\n', '']],
    finds: [{ at: '16:11', message: 'cg01 boots Linux but has no boot.kernel.' }],
  },
  'a kernel at the node': {
    of,
    edits: [
      ['      kernel: rocky9/vmlinuz\n', ''],
      ['profiles: [compute] }', 'profiles: [compute], boot: { kernel: vmlinuz } }'],
      ['profiles: [compute, grub] }', 'profiles: [compute], boot: { kernel: "http://10.1.0.9/vmlinuz" } }'],
      ['  grub:\n    boot: { loader: grub }\n', ''],
    ],
  },
});

const INITRD = '      initrd: rocky9/initramfs.img\n';

ruleTest('live-root-needs-initrd', {
  'a squashfs that nothing fetches': {
    of,
    edits: [[INITRD, '']],
    finds: [{ at: '18:25', message: 'cg01 has a live root but no initrd to fetch it: the kernel panics.' }],
  },
  'an empty list of initrds': {
    of,
    edits: [['initrd: rocky9/initramfs.img', 'initrd: []']],
    finds: [{ at: '19:25', message: 'cg01 has a live root but no initrd to fetch it: the kernel panics.' }],
  },
  'a root that the kernel itself mounts': {
    of,
    edits: [
      [INITRD, ''],
      ['{ squashfs: rocky9/root.squashfs }', '/dev/nfs'],
    ],
  },
});

const message = (what: string) => `${what} has no effect: cg01 boots Linux, which is not installed.`;

ruleTest('linux-installs-nothing', {
  'keys of an installation in a profile: reported once': {
    of: LINUX_PLANT,
    edits: [['    groups: [compute]\n', '    groups: [compute]\n    install: always\n    mode: create\n']],
    finds: [
      { at: '15:5', message: message('install') },
      { at: '16:5', message: message('mode') },
    ],
  },
  'a configuration, and a disk to boot': {
    of: LINUX_PLANT,
    edits: [
      [
        'profiles: [compute] }',
        'profiles: [compute], boot: { drive: 129 }, config: { os: { modules: [kvm] } } }',
      ],
    ],
    finds: [
      { at: '24:109', message: message('boot.drive') },
      { at: '24:133', message: message('config.os') },
    ],
  },
  'defaults for other nodes': {
    edits: [
      [
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { os: linux, kernel: vmlinuz } }',
      ],
    ],
    silence: ['two-node-cluster'],
  },
  'keys of an installation on a node with an iSCSI disk': {
    of: ISCSI_PLANT,
    edits: [
      [
        'tenant: physics, firmware: bios }',
        'tenant: physics, firmware: bios, install: always, role: worker, config: { install: { device: /dev/sda } } }',
      ],
    ],
    finds: [
      {
        at: '21:83',
        message: 'install has no effect: cn01 boots an iSCSI disk, on which nothing is installed.',
        help: 'remove install; configure the system on the disk itself',
      },
      {
        at: '21:100',
        message: 'role has no effect: cn01 boots an iSCSI disk, on which nothing is installed.',
        help: 'remove role; configure the system on the disk itself',
      },
      {
        at: '21:124',
        message: 'config.install has no effect: cn01 boots an iSCSI disk, on which nothing is installed.',
        help: 'remove config.install; configure the system on the disk itself',
      },
    ],
  },
  'a drive on a node that never boots a local disk': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { drive: 0x81 } }',
      ],
    ],
    finds: [
      {
        at: '21:91',
        message: 'boot.drive has no effect: cn01 boots an iSCSI disk, on which nothing is installed.',
        help: 'remove boot.drive; it takes effect only with `fallback: disk`',
      },
    ],
  },
  'a drive for the fallback, at the node and in a layer': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { drive: 0x81, fallback: disk } }',
      ],
      ['    image: rocky9\n', '    image: rocky9\n    drive: 0x82\n'],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { fallback: disk } }'],
    ],
  },
});

const ARGS = '[ip=dhcp, "console=ttyS0,115200"]';
const valuesWith = (use: string) =>
  `${use}; values are name, ip, mac, mac-hyphens, nic, netmask, gateway, domain, arch, xname, nid, uuid, serial, server`;
const VALUES = valuesWith('use ${node:name}');

const args = (text: string) => [ARGS, `[${text}]`] as const;
/** Returns an edit that sets arguments of unknown machines, in line 10, from column 60. */
const unknown = (text: string) =>
  [
    'groups:\n',
    `unknown_machines: { boot: { kernel: rocky9/vmlinuz, args: [${text}] } }\ngroups:\n`,
  ] as const;
const NO_GRUB = ['profiles: [compute, grub]', 'profiles: [compute]'] as const;
const NO_PROFILE = ['  grub:\n    boot: { loader: grub }\n', ''] as const;

ruleTest('kernel-argument', {
  'an open quote in the arguments of unknown machines': {
    of: LINUX_PLANT,
    edits: [unknown(`'dyndbg="file a'`)],
    finds: [
      {
        at: '10:60',
        message: 'A double quote is not closed: the kernel would read all that follows as one argument.',
        help: 'close the quote',
      },
    ],
  },
  'settings of iPXE': {
    of: LINUX_PLANT,
    edits: [args('"ip=${ip}", "a=${net0/mac}", "b=${uuid}", "c=${net0/mac:hexhyp}", "d=${buildarch}"')],
    finds: [
      {
        at: '20:14',
        message: '${ip} is not a value of the node: iPXE would substitute its own setting.',
        help: valuesWith('use ${node:ip}'),
      },
      {
        at: '20:26',
        message: '${net0/mac} is not a value of the node: iPXE would substitute its own setting.',
        help: valuesWith('use ${node:mac}'),
      },
      {
        at: '20:43',
        message: '${uuid} is not a value of the node: iPXE would substitute its own setting.',
        help: valuesWith('use ${node:uuid}'),
      },
      {
        at: '20:56',
        message: '${net0/mac:hexhyp} is not a value of the node: iPXE would substitute its own setting.',
        help: valuesWith('use ${node:mac-hyphens}'),
      },
      {
        at: '20:80',
        message: '${buildarch} is not a value of the node: iPXE would substitute its own setting.',
        help: valuesWith('use a value of the node, such as ${node:name}'),
      },
    ],
  },
  'a token of SPIRE': {
    of: LINUX_PLANT,
    edits: [args('"spire_join_token=${SPIRE_JOIN_TOKEN}"')],
    finds: [
      {
        at: '20:14',
        message:
          'OpenCHAMI replaces ${SPIRE_JOIN_TOKEN} with a new token at each boot: iPXE would substitute its own setting.',
        help: 'remove it; write a join token to a file in cloud_init, as ${secret:name}: every user can read the kernel command line',
      },
    ],
  },
  'a setting of iPXE for the installer': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, boot: { args: ["ip=${ip}", "a=${node:name}"] } }']],
    finds: [
      {
        at: '24:72',
        message: '${ip} is not a value of the node: iPXE would substitute its own setting.',
        help: valuesWith('use ${node:ip}'),
      },
    ],
  },
  'a value of the node without a closing brace': {
    of: LINUX_PLANT,
    edits: [args('"a=${node:name"')],
    finds: [
      {
        at: '20:14',
        message: '${node:name is not a value of the node: iPXE would substitute its own setting.',
        help: VALUES,
      },
    ],
  },
  'an open quote, and words that end a command of iPXE': {
    of: LINUX_PLANT,
    edits: [args(`'a="b', 'ro || shell', 'a="b  c"'`)],
    finds: [
      {
        at: '20:14',
        message: 'A double quote is not closed: the kernel would read all that follows as one argument.',
      },
      { at: '20:22', message: '"||" cannot be written in an iPXE script: it would end the command.' },
      { at: '20:37', message: '"" cannot be written in an iPXE script: it is empty.' },
    ],
  },
  'a backslash, which GRUB would double': {
    of: LINUX_PLANT,
    edits: [args("'a=b\\c'")],
    finds: [
      {
        at: '20:14',
        message:
          '"a=b\\\\c" cannot be written in an argument of a kernel that GRUB boots: GRUB puts a backslash before each quote and backslash.',
      },
    ],
  },
  'the same with iPXE only': { of: LINUX_PLANT, edits: [args("'a=b\\c'"), NO_GRUB, NO_PROFILE] },
  'blanks in quotes, several arguments in one item, a semicolon': {
    of: LINUX_PLANT,
    edits: [args(`'dyndbg="file a +p"', 'ro quiet', '"ds=nocloud-net;s=http://10.1.0.9/a/"'`)],
  },
});

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const ARGUMENTS = 'additionalKernelArguments';
const MESSAGE =
  'os.additionalKernelArguments replaces multipath=off, the default without external storage: multipath may claim the disks of the node.';

fixableRuleTest('kernel-arguments-replace', {
  'arguments in defaults, once for all nodes': {
    edits: [[KEYS, `${KEYS}, ${ARGUMENTS}: "rd.multipath=0 iommu=pt"`]],
    finds: [{ at: '19:81', message: MESSAGE }],
  },
  'disabled external storage, on one node': {
    edits: [
      ['version: v1.4.1', 'version: v1.8.1'],
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, config: { os: { ${ARGUMENTS}: iommu=pt, externalStorageConfig: { enabled: false } } }`,
      ],
    ],
    finds: [{ at: '24:100', message: MESSAGE }],
  },
  'arguments that repeat multipath=off': {
    edits: [[KEYS, `${KEYS}, ${ARGUMENTS}: "iommu=pt multipath=off"`]],
  },
  'external storage': {
    edits: [
      [KEYS, `${KEYS}, ${ARGUMENTS}: iommu=pt`],
      [
        'nodes:\n',
        'profiles:\n  san: { config: { os: { externalStorageConfig: { enabled: true } } } }\nnodes:\n',
      ],
      ['mode: create', 'mode: create, profiles: [san]'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [san]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [san]'],
    ],
  },
  'no arguments': { edits: [[KEYS, `${KEYS}, ${ARGUMENTS}: ""`]] },
});

const test = suite('kernel-arguments-replace after another error');

test('reports nothing if the external storage has an error', async () => {
  const both = `${KEYS}, ${ARGUMENTS}: iommu=pt, externalStorageConfig`;
  for (const edit of [`${both}: true`, `${both}: { enabled: 1 }`]) {
    const { diagnostics } = await compile(makeSite(edited(PLANT, [KEYS, edit])));
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['wrong-type'],
    );
  }
});

test.run();

/** Returns an edit that adds a `boot` to a Harvester node. */
const boot = (text: string) => ['ip: 192.168.178.42 }', `ip: 192.168.178.42, boot: { ${text} } }`] as const;

ruleTest('argument-split', {
  'a serial console with its speed': {
    of,
    edits: [args('ip=dhcp, console=ttyS0,115200n8, selinux=0')],
    finds: [
      {
        at: '20:37',
        message: 'YAML ends console= at the comma: the kernel gets the rest as another argument.',
        help: 'write the argument in quotes, "console=ttyS0,115200n8"; or, for two arguments, add a blank after the comma',
      },
    ],
  },
  'a list of modules, of an installer': {
    edits: [boot('args: [module_blacklist=nouveau,radeon]')],
    finds: [
      {
        at: '24:97',
        message: 'YAML ends module_blacklist= at the comma: the kernel gets the rest as another argument.',
      },
    ],
  },
  'of unknown machines': {
    of,
    edits: [unknown('console=ttyS0,115200n8')],
    finds: [
      {
        at: '10:74',
        message: 'YAML ends console= at the comma: the kernel gets the rest as another argument.',
      },
    ],
  },
  'quotes, and arguments without blanks between them': {
    of,
    edits: [args('ip=dhcp,"quiet",quiet,debug,selinux=0,"console=ttyS0,115200"')],
  },
  'a list with one item per line': {
    of,
    edits: [[`args: ${ARGS}`, 'args:\n        - ip=dhcp\n        - console=ttyS0,115200n8\n        - quiet']],
  },
});

const MEDIA = 'http://192.168.10.7/harvester/v1.8.2/harvester-v1.8.2';
const KERNEL = `${MEDIA}-vmlinuz-amd64`;
const ISO_URL = `harvester.install.iso_url=${MEDIA}-amd64.iso`;

/** A site whose unknown machines boot the installer of Harvester, with these arguments. */
function unknownInstaller(...args: string[]) {
  return `site: plant
server: { url: http://192.168.10.7 }
networks:
  mgmt:
    subnet: 192.168.10.0/24
    gateway: 192.168.10.1
    dns: [192.168.10.1]
    dhcp: { pool: 192.168.10.200-192.168.10.250 }
harvester: { version: v1.8.2 }
unknown_machines:
  boot:
    kernel: ${KERNEL}
    initrd: ${MEDIA}-initrd-amd64
    root: { squashfs: ${MEDIA}-rootfs-amd64.squashfs }
    # The official script, ipxe-create of harvester/ipxe-examples, has these, and iso_url.
    # Without it, harv-install (v1.8.1) finds no images to load (harvester/harvester#1649).
    args: [ip=dhcp, net.ifnames=1, rd.cos.disable, ${args.map((arg) => `"${arg}"`).join(', ')}]
nodes:
  cp-1: { mac: 52:54:00:aa:0a:01, ip: 192.168.10.41, boot: {os: linux, kernel: u/vmlinuz, initrd: u/initrd, args: [ip=dhcp]} }
`;
}

const WITHOUT_ISO =
  "boots Harvester's installer without harvester.install.iso_url: the installed system has no container images, and never starts.";
const SET_ISO = `add "${ISO_URL}" to the arguments`;

ruleTest('installer-without-iso', {
  'on unknown machines': {
    of: unknownInstaller('console=tty1'),
    finds: [{ at: '12:13', message: `An unknown machine ${WITHOUT_ISO}`, help: SET_ISO }],
  },
  'of one architecture, with an empty URL': {
    of: unknownInstaller('harvester.install.iso_url='),
    edits: [['  boot:\n', '  by_arch:\n   amd64:\n']],
    finds: [{ at: '13:13', message: `An unknown machine ${WITHOUT_ISO}`, help: SET_ISO }],
  },
  'with other names of its files, below server.media': {
    of: unknownInstaller('console=tty1').replaceAll('/harvester-v1.8.2-', '/'),
    finds: [
      {
        at: '12:13',
        message: `An unknown machine ${WITHOUT_ISO}`,
        help: 'add "harvester.install.iso_url=http://192.168.10.7/harvester/<release>/<file>.iso" to the arguments',
      },
    ],
  },
  'on a node, as a Linux': {
    of: unknownInstaller(ISO_URL),
    edits: [['kernel: u/vmlinuz', `kernel: ${KERNEL}`]],
    finds: [
      {
        at: '19:80',
        message: `cp-1 ${WITHOUT_ISO}`,
        help: 'replace os, kernel, initrd and root with `os: harvester`: harvgen sets the arguments of the installer',
      },
    ],
  },
  'with the URL': { of: unknownInstaller(ISO_URL) },
  'with the URL of a configuration': {
    of: unknownInstaller('harvester.install.config_url=http://192.168.10.8/interactive.yaml'),
  },
  'with the installer switched off': { of: unknownInstaller('harvester.installer.disable=true') },
  'another Linux whose path has the word': {
    of: unknownInstaller('quiet').replaceAll(MEDIA, 'http://192.168.10.7/images/harvester/debian'),
  },
});

ruleTest('harvester-argument', {
  'the installer of Harvester as a Linux: reported once for all nodes of a profile': {
    of,
    edits: [args('ip=dhcp, harvester.install.automatic=true, "harvester.os.hostname=x"')],
    finds: [
      {
        at: '20:23',
        message:
          'cg01 boots Linux, but only the installer of Harvester reads harvester.install.automatic: nothing is installed.',
        help: 'replace os, kernel, initrd and root with `os: harvester`: harvgen sets the arguments of the installer; or remove it',
      },
      {
        at: '20:57',
        message:
          'cg01 boots Linux, but only the installer of Harvester reads harvester.os.hostname: nothing is installed.',
      },
    ],
  },
  'the installer of Harvester on unknown machines': {
    of,
    edits: [unknown('harvester.install.automatic=true')],
    finds: [
      {
        at: '10:60',
        message:
          'An unknown machine boots Linux, but only the installer of Harvester reads harvester.install.automatic: nothing is installed.',
        help: 'remove it; to install Harvester on a machine, add it to nodes',
      },
    ],
  },
  'the installer that asks, on unknown machines': { of: unknownInstaller(ISO_URL, 'console=tty1') },
  'the installer that asks nothing, on unknown machines': {
    of: unknownInstaller(ISO_URL, 'harvester.install.automatic=true'),
    finds: [
      {
        at: '17:145',
        message:
          'harvester.install.automatic makes the installer erase the disk of every unknown machine, without a question.',
        help: 'remove it; to install Harvester on a machine, add it to nodes',
      },
    ],
  },
  'an installer that is told to ask': { of: unknownInstaller(ISO_URL, 'harvester.install.automatic=false') },
  'the installer on a node, as a Linux': {
    of: unknownInstaller('console=tty1', 'harvester.installer.disable=true'),
    edits: [
      [
        'kernel: u/vmlinuz, initrd: u/initrd, args: [',
        `kernel: ${KERNEL}, initrd: u/initrd, args: ["${ISO_URL}", `,
      ],
    ],
    finds: [
      {
        at: '19:174',
        message: "cp-1 boots Harvester's installer as a Linux: it boots it again after the installation.",
        help: 'replace os, kernel, initrd and root with `os: harvester`: harvgen sets the arguments of the installer; or remove it',
      },
    ],
  },
  'keys of the configuration, and arguments that harvgen sets': {
    edits: [
      boot(
        'args: ["harvester.install.debug=true", "harvester.install.config_url=http://x", console=ttyS0, root=/dev/sda]',
      ),
    ],
    finds: [
      {
        at: '24:72',
        message:
          'harvester.install.debug in boot.args takes precedence over the configuration of harv-2, where it would be checked.',
        help: 'set install.debug in config',
      },
      {
        at: '24:104',
        message:
          'The kernel command line of harv-2 has harvester.install.config_url= already: harvgen sets it.',
        help: 'remove it: the boot server has the configuration of the node',
      },
      {
        at: '24:145',
        message: 'The kernel command line of harv-2 has console= already: harvgen sets it.',
        help: 'set boot.consoles, such as ["ttyS0,115200n8", tty1]: the installer runs on the first',
      },
      {
        at: '24:160',
        message: 'The kernel command line of harv-2 has root= already: harvgen sets it.',
        help: 'remove it: it is derived from harvester.version and server.media',
      },
    ],
  },
  'arguments of the kernel, of dracut and of the installer itself': {
    edits: [boot('args: ["ip=eno1:dhcp", rd.net.dhcp.retry=30, harvester.installer.disable=true]')],
  },
});

const ROOT = 'root: { squashfs: rocky9/root.squashfs }';
const argsOfKernelRootTwice = (more: string): [string, string] => [
  'args: [ip=dhcp,',
  `args: [${more}, ip=dhcp,`,
];
const MESSAGE_OF_KERNEL_ROOT_TWICE =
  'The kernel command line of cg01 sets root= twice: this one comes last, and applies alone.';

ruleTest('kernel-root-twice', {
  'next to a live root: reported once for all nodes of a profile': {
    of,
    edits: [argsOfKernelRootTwice('root=/dev/nfs')],
    finds: [{ at: '20:14', message: MESSAGE_OF_KERNEL_ROOT_TWICE, related: ['19:25'] }],
  },
  'next to a root in quotes': {
    of,
    edits: [[ROOT, 'root: /dev/nfs'], argsOfKernelRootTwice('\'ro "root=LABEL=my disk"\'')],
    finds: [{ at: '20:14', message: MESSAGE_OF_KERNEL_ROOT_TWICE, related: ['19:13'] }],
  },
  'of unknown machines': {
    of,
    edits: [unknown('root=/dev/sda1, quiet, root=/dev/sda2')],
    finds: [
      {
        at: '10:83',
        message:
          'The kernel command line of unknown machines sets root= twice: this one comes last, and applies alone.',
        related: ['10:60'],
      },
    ],
  },
  'twice in one argument': {
    of,
    edits: [[`      ${ROOT}\n`, ''], argsOfKernelRootTwice("'root=/dev/sda1 root=/dev/sda2'")],
    finds: [{ at: '19:14', message: MESSAGE_OF_KERNEL_ROOT_TWICE, related: ['19:14'] }],
  },
  'only in one argument, and others that end in root=': {
    of,
    edits: [[`      ${ROOT}\n`, ''], argsOfKernelRootTwice('root=/dev/nfs, nfsroot=/srv, rootfstype=nfs')],
  },
});

const S3_HELP =
  'copy the file to server.images and set its http:// URL; or fetch it in cloud_init, by a presigned URL as ${secret:name}';

ruleTest('argument-of-s3', {
  'in the arguments, in the root, and for unknown machines': {
    of,
    edits: [
      [ROOT, 'root: "live:s3://boot/rocky9"'],
      argsOfKernelRootTwice('ro, "metal.server=s3://boot/rocky9"'),
      ['groups:\n', 'unknown_machines: { boot: { kernel: k, args: ["a=s3://b"] } }\ngroups:\n'],
    ],
    finds: [
      { at: '10:47', message: messageOfS3('a='), help: S3_HELP },
      { at: '20:13', message: messageOfS3('root='), help: S3_HELP },
      { at: '21:18', message: messageOfS3('metal.server='), help: S3_HELP },
    ],
  },
  'in a list, in quotes, and among other words': {
    of,
    edits: [argsOfKernelRootTwice(`'quiet a=1,s3://b', '"ds=nocloud;s=S3://b/"', 'b="http://c s3://b"'`)],
    finds: [
      { at: '20:14', message: messageOfS3('a='), help: S3_HELP },
      { at: '20:34', message: messageOfS3('ds='), help: S3_HELP },
      { at: '20:60', message: messageOfS3('b='), help: S3_HELP },
    ],
  },
  'as another scheme, a word without a value, or part of another URL': {
    of,
    edits: [
      argsOfKernelRootTwice(
        '"a=xs3://b", "a=not-s3://b", "s3://b", "a=http://c/?d=s3://b", "a=http://c/d,1?e=s3://b"',
      ),
    ],
  },
});

function messageOfS3(name: string): string {
  return `${name} contains an s3:// URL, which the boot server does not sign: the initrd downloads nothing.`;
}

const SERVER = 'url: http://192.168.178.7';

/** Returns an edit of server.media for a kernel command line of this length on the common site. */
function mediaFor(bytes: number) {
  return [SERVER, `${SERVER}\n  media: http://192.168.178.8/${'x'.repeat(bytes - 277)}`] as const;
}

const SECOND = 'mac: 52:54:00:aa:01:02, ip: 192.168.178.42';

ruleTest('kernel-line-too-long', {
  'one byte too many': {
    edits: [mediaFor(2048)],
    finds: [
      {
        at: '6:10',
        message:
          'The kernel command line has 2048 bytes, but the kernel reads 2047: the installer cannot find its configuration.',
      },
    ],
  },
  'the maximum': { edits: [mediaFor(2047)] },
  'a console of a node that makes it too long': {
    edits: [
      mediaFor(2040),
      [`{ ${SECOND} }`, `{ ${SECOND}, config: { install: { tty: "ttyS0,115200n8" } } }`],
    ],
    finds: [
      {
        at: '6:10',
        message:
          'The kernel command line has 2050 bytes, but the kernel reads 2047: the installer cannot find its configuration.',
      },
    ],
  },
  'long arguments of all nodes: reported once, where they are': {
    edits: [['defaults:\n', `defaults:\n  boot: { args: ["a=${'x'.repeat(1900)}"] }\n`]],
    finds: [
      {
        at: '17:17',
        message:
          'The kernel command line has 2189 bytes, but the kernel reads 2047: the installer cannot find its configuration.',
        help: 'shorten boot.args and the URLs in it',
      },
    ],
  },
  'a NIC without identifiers, which iPXE substitutes': {
    edits: [
      // The IP address in the URL of the configuration is two characters shorter than a MAC address.
      [SERVER, mediaFor(2047 - 74 + 2 + 1)[1]],
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
      [SECOND, 'ip: 192.168.178.42'],
    ],
    finds: [
      {
        at: '6:10',
        message:
          'The kernel command line has 2048 bytes, but the kernel reads 2047: the installer cannot find its configuration.',
      },
    ],
  },
  'a node that is never installed': {
    edits: [
      mediaFor(2040),
      [`{ ${SECOND} }`, `{ ${SECOND}, install: never, config: { install: { tty: "ttyS0,115200n8" } } }`],
    ],
  },
  'arguments of Linux, to which GRUB prepends the kernel': {
    of: LINUX_PLANT,
    edits: [['"console=ttyS0,115200"]', `"a=${'x'.repeat(1818)}"]`]],
    finds: [
      {
        at: '20:13',
        message:
          'The kernel command line of cg02 has 2064 bytes, but the kernel reads 2047: it drops the last arguments.',
      },
    ],
  },
  'the maximum, for Linux': {
    of: LINUX_PLANT,
    edits: [['"console=ttyS0,115200"]', `"a=${'x'.repeat(1801)}"]`]],
  },
  'many DNS servers, without DHCP': {
    edits: [
      mediaFor(900),
      [
        'dns: [192.168.178.1]\n    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
        `dns: [${Array.from({ length: 50 }, (_, index) => `192.168.178.${100 + index}`).join(', ')}]\n`,
      ],
      ['version: v1.4.1', 'version: v1.4.2'],
      [
        'harv-1: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }',
        'harv-1: { nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }], mode: create }',
      ],
      [SECOND, 'nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }]'],
      [
        'mac: 52:54:00:aa:01:03, ip: 192.168.178.43',
        'install: never, nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }]',
      ],
    ],
    finds: [
      {
        at: '22:3',
        message:
          'The kernel command line has 2306 bytes, but the kernel reads 2047: the installer cannot find its configuration.',
      },
      {
        at: '23:3',
        message:
          'The kernel command line has 2306 bytes, but the kernel reads 2047: the installer cannot find its configuration.',
      },
    ],
  },
});
