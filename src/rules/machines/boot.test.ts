import { ISCSI_HARVESTER } from '../../../test/support/iscsi-harvester-plant.ts';
import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const FIRST = 'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';

ruleTest('boot-key-of-other-os', {
  'a kernel without os: linux, which installs Harvester': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { kernel: vmlinuz, args: [quiet], arch: amd64 } }')]],
    finds: [
      {
        at: '24:65',
        message: 'boot.kernel and boot.arch have no effect: harv-2 boots Harvester.',
        help: 'add `os: linux` next to it, or remove them',
      },
    ],
  },
  'a profile without os: linux, of a site without Harvester': {
    of: LINUX_PLANT,
    edits: [['      os: linux\n', '']],
    finds: [
      {
        at: '16:7',
        message: 'boot.kernel, boot.initrd and boot.root have no effect: cg01 boots Harvester.',
      },
    ],
  },
  'arguments and consoles of the installer': {
    edits: [
      [
        FIRST,
        FIRST.replace(
          ' }',
          ', boot: { args: ["rd.net.dhcp.retry=30"], consoles: ["ttyS0,115200n8", tty1] } }',
        ),
      ],
    ],
  },
  'consoles of a machine that boots its disk': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { os: local, consoles: [tty1] } }')]],
    silence: ['two-node-cluster'],
    finds: [
      {
        at: '24:76',
        message: 'boot.consoles has no effect: harv-2 boots its disk.',
        help: 'remove it, or, for Linux, write console=… in boot.args',
      },
    ],
  },
  'only an architecture': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { arch: amd64 } }')]],
    finds: [
      {
        at: '24:65',
        message: 'boot.arch has no effect: harv-2 boots Harvester.',
        help: 'set harvester.arch',
      },
    ],
  },
  'a boot loader on a machine that boots its disk': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { os: local, loader: grub, arch: arm64 } }')]],
    silence: ['two-node-cluster'],
    finds: [{ at: '24:76', message: 'boot.loader has no effect: harv-2 boots its disk.' }],
  },
  'keys that a layer sets for other nodes': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute] }', 'profiles: [compute], boot: { os: local } }']],
  },
  'an image without os: iscsi': {
    edits: [
      [
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { image: rocky9, fallback: disk } }',
      ],
    ],
    finds: [
      {
        at: '24:65',
        message: 'boot.image and boot.fallback have no effect: harv-2 boots Harvester.',
        help: 'add `os: iscsi` next to it, or remove them',
      },
    ],
  },
  'a layer with an image and without os: iscsi, of a site without Harvester': {
    of: ISCSI_PLANT,
    edits: [
      ['    os: iscsi\n', ''],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [{ at: '17:5', message: 'boot.image has no effect: cn01 boots Harvester.' }],
  },
  'a target without os or disk': {
    edits: [
      [
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { target: "iqn.2015-02.oracle.boot:uefi" } }',
      ],
    ],
    finds: [
      {
        at: '24:65',
        message: 'boot.target has no effect: harv-2 boots Harvester.',
        help: 'add `os: iscsi` next to it, or `disk: iscsi` to install Harvester on an iSCSI disk, or remove it',
      },
    ],
  },
  'an image for a blank disk': {
    of: ISCSI_HARVESTER,
    edits: [['boot: { disk: iscsi,', 'boot: { disk: iscsi, image: rocky9,']],
    finds: [
      {
        at: '19:24',
        message: 'boot.image has no effect: harv-1 installs Harvester on a blank disk.',
        help: 'remove it; or, to boot the image, replace disk with `os: iscsi`',
      },
    ],
  },
  'a kernel next to os: iscsi': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { kernel: vmlinuz, loader: grub } }',
      ],
    ],
    finds: [
      {
        at: '22:75',
        message: 'boot.kernel and boot.loader have no effect: cn02 boots an iSCSI disk.',
        help: 'add `os: linux` next to it, or remove them',
      },
    ],
  },
  "the location of Harvester's disk, on a node without Harvester": {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { disk: iscsi } }',
      ],
    ],
    finds: [
      {
        at: '21:91',
        message: 'boot.disk has no effect: cn01 boots an iSCSI disk.',
        help: 'remove it: disk sets where Harvester is installed',
      },
    ],
  },
  'an image without os, and a node that snapshots its disk': {
    of: ISCSI_PLANT,
    edits: [['    os: iscsi\n', '']],
    finds: [
      {
        at: '18:5',
        message: 'boot.image has no effect: cn01 boots Harvester.',
        help: 'add `os: iscsi` next to it, or remove it',
      },
    ],
  },
  'GRUB with an iSCSI disk': {
    of: ISCSI_PLANT,
    edits: [['    os: iscsi\n', '    os: iscsi\n    loader: grub\n']],
    finds: [
      {
        at: '19:5',
        message: 'boot.loader has no effect: cn01 boots an iSCSI disk.',
        help: 'set `ipxe` or `pxelinux`, or remove it',
      },
    ],
  },
  'CHAP on a machine that boots its disk': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { os: local, chap: none } }',
      ],
    ],
    finds: [
      {
        at: '21:102',
        message: 'boot.chap has no effect: cn01 boots its disk.',
        help: 'add `os: iscsi` next to it, or remove it',
      },
    ],
  },
  'pxelinux, an architecture, and an image that a layer sets for other nodes': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux, arch: amd64 } }',
      ],
      ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { os: local } }'],
    ],
  },
});

const INSTALL = 'install:\n';

function withIso(file: string) {
  return [INSTALL, `${INSTALL}      iso_url: http://192.168.178.8/${file}\n`] as const;
}

function of(release: string, word = 'of') {
  return {
    at: '21:16',
    message: `The ISO is ${word} ${release}, but the node boots the installer of v1.4.1 for amd64: the installation fails midway or installs the wrong release.`,
    related: ['3:12'],
  };
}

fixableRuleTest('iso-of-other-release', {
  'an older ISO': { edits: [withIso('harvester-v1.4.0-amd64.iso')], finds: [of('v1.4.0 for amd64')] },
  'a release candidate': {
    edits: [withIso('harvester-v1.4.1-rc2-amd64.iso')],
    finds: [of('v1.4.1-rc2 for amd64')],
  },
  'another architecture': {
    edits: [withIso('harvester-v1.4.1-arm64.iso')],
    finds: [of('v1.4.1 for arm64')],
  },
  'a newer net-install ISO': {
    edits: [
      withIso('harvester-v1.4.2-amd64-net-install.iso'),
      ['defaults:\n', 'defaults:\n  silence: { net-install-iso: this is about the release }\n'],
    ],
    finds: [{ ...of('v1.4.2 for amd64'), at: '22:16' }],
  },
  'another release as the directory of a file without one': {
    edits: [withIso('v1.4.0/harvester.iso')],
    finds: [of('v1.4.0')],
  },
  'another release without v in a name of its own': {
    edits: [withIso('v1.4.1/Harvester_1.3.2_custom.iso')],
    finds: [of('v1.3.2')],
  },
  'a release candidate in a name of its own': {
    edits: [withIso('harvester-v1.4.1-rc2.iso')],
    finds: [of('v1.4.1-rc2')],
  },
  'another architecture without a release': {
    edits: [withIso('harvester-aarch64.iso')],
    finds: [of('arm64', 'for')],
  },
  'the release in names of their own': {
    edits: [
      withIso('v1.4.0/harvester-1.4.1.iso'),
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, config: { install: { iso_url: http://192.168.178.8/v1.4.1/acme-1.0.3-x86_64.iso } } }',
      ],
    ],
  },
  'a version of something else': { edits: [withIso('leap-15.6.1/acme-1.0.3.iso')] },
  'the ISO of the release, from a mirror': { edits: [withIso('mirror/v1.4.0/harvester-v1.4.1-amd64.iso')] },
  'an ISO that is not named after a release': { edits: [withIso('harvester-master-amd64.iso')] },
});

/** Returns the finding of a file that nginx does not serve: the locations of its template site.conf.eta. */
function unserved(at: string, what: string, url: string, help: string) {
  return {
    at,
    message: `${what} ${url}, which nginx on the boot server does not serve: it answers 404.`,
    help,
  };
}

const ISO_HELP =
  'write http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1-amd64.iso, which nginx serves; or add files/www/';
const LINUX_HELP = (path: string) => `write a path below server.images; or add files/www/${path}`;

ruleTest('boot-file-not-served', {
  'an ISO in a directory of its own': {
    edits: [
      ['install:\n', 'install:\n      iso_url: http://192.168.178.7/isos/harvester-v1.4.1-amd64.iso\n'],
    ],
    finds: [
      unserved(
        '21:16',
        'The ISO is at',
        'http://192.168.178.7/isos/harvester-v1.4.1-amd64.iso',
        `${ISO_HELP}isos/harvester-v1.4.1-amd64.iso`,
      ),
    ],
  },
  'an ISO without the directory of its release, at a further port': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://192.168.178.7\n  ports: [8080]'],
      [
        'install:\n',
        'install:\n      iso_url: http://192.168.178.7:8080/harvester/harvester-v1.4.1-amd64.iso\n',
      ],
    ],
    finds: [
      unserved(
        '22:16',
        'The ISO is at',
        'http://192.168.178.7:8080/harvester/harvester-v1.4.1-amd64.iso',
        ISO_HELP.replace('; or add files/www/', ''),
      ),
    ],
  },
  'a URL of the boot server in place of the directory of the media': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://192.168.178.7\n  media: http://192.168.178.7/harvester'],
    ],
    finds: [
      unserved(
        '6:10',
        "Harvester's files are below",
        'http://192.168.178.7/harvester',
        'set their directory on the boot server, such as `media: /srv/harvester`',
      ),
    ],
  },
  'a kernel, an initrd and a live root outside the images': {
    of: LINUX_PLANT,
    edits: [
      ['kernel: rocky9/vmlinuz', 'kernel: http://10.1.0.1/rocky9/vmlinuz'],
      ['initrd: rocky9/initramfs.img', 'initrd: http://10.1.0.1:80/rocky9/initramfs.img'],
      ['root: { squashfs: rocky9/root.squashfs }', 'root: { squashfs: http://10.1.0.1/r.squashfs }'],
    ],
    finds: [
      unserved('17:15', 'The kernel is at', 'http://10.1.0.1/rocky9/vmlinuz', LINUX_HELP('rocky9/vmlinuz')),
      unserved(
        '18:15',
        'The initrd is at',
        'http://10.1.0.1:80/rocky9/initramfs.img',
        LINUX_HELP('rocky9/initramfs.img'),
      ),
      unserved('19:25', 'The root file system is at', 'http://10.1.0.1/r.squashfs', LINUX_HELP('r.squashfs')),
    ],
  },
  'the ISO of unknown machines': {
    of: LINUX_PLANT,
    edits: [
      [
        'groups:\n',
        'unknown_machines: { boot: { kernel: harvester-v1.8.1-vmlinuz-amd64, args: ["harvester.install.iso_url=http://10.1.0.1/a.iso"] } }\ngroups:\n',
      ],
    ],
    finds: [
      unserved(
        '10:76',
        'The ISO is at',
        'http://10.1.0.1/a.iso',
        'write http://10.1.0.1/harvester/<release>/<file>, which nginx serves; or add files/www/a.iso',
      ),
    ],
  },
  'files below the directories, on another port, and by another name': {
    of: LINUX_PLANT,
    edits: [
      ['kernel: rocky9/vmlinuz', 'kernel: http://10.1.0.1/images/rocky9/vmlinuz'],
      ['initrd: rocky9/initramfs.img', 'initrd: http://10.1.0.1:8081/rocky9/initramfs.img'],
      ['root: { squashfs: rocky9/root.squashfs }', 'root: { squashfs: http://boot.example.org/r.squashfs }'],
    ],
  },
  'the ISO in the directory of its release': {
    edits: [['install:\n', 'install:\n      iso_url: http://192.168.178.7/harvester/v1.4.1/ours.iso\n']],
  },
});

const NET = 'iso_url: http://192.168.178.8/harvester-v1.4.1-amd64-net-install.iso';
const WHOLE = 'iso_url: http://192.168.178.8/harvester-v1.4.1-amd64.iso';
const THIRD = 'ip: 192.168.178.43 }';

/** Adds keys to the install of the third node, which joins. */
function onThird(install: string) {
  return [THIRD, `ip: 192.168.178.43,\n    config: { install: { ${install} } } }`] as const;
}

fixableRuleTest('net-install-iso', {
  'the net-install ISO without with_net_images': {
    edits: [onThird(NET)],
    finds: [
      {
        at: '26:35',
        message:
          'The net-install ISO contains no images, but with_net_images is not true: the installer looks for them on the ISO and stops.',
      },
    ],
  },
  'the net-install ISO with with_net_images off': {
    edits: [onThird(`with_net_images: false, ${NET}`)],
    finds: [
      {
        at: '26:59',
        message:
          'The net-install ISO contains no images, but with_net_images is not true: the installer looks for them on the ISO and stops.',
      },
    ],
  },
  'the net-install ISO for all nodes, including the create node': {
    edits: [['install:\n', `install:\n      ${NET}\n      with_net_images: true\n`]],
    finds: [
      {
        at: '21:16',
        message:
          'The create node installs from the net-install ISO, which contains no images: a new cluster needs the full ISO.',
      },
    ],
  },
  'with_net_images with the full ISO': {
    edits: [onThird('with_net_images: true')],
    finds: [
      {
        at: '26:43',
        message:
          'with_net_images is true, but the ISO is the full one: the node downloads from the internet the images that its ISO contains.',
      },
    ],
  },
  'the net-install ISO with a release that has none': {
    edits: [['version: v1.4.1', 'version: v1.2.2'], onThird(NET.replace('v1.4.1', 'v1.2.2'))],
    finds: [{ at: '26:35', message: 'v1.2.2 has no net-install ISO: v1.3.0 is the first release with one.' }],
  },
  'the net-install ISO, on a node that joins': { edits: [onThird(`${NET}, with_net_images: true`)] },
  'the net-install ISO for all but the create node': {
    edits: [
      ['install:\n', `install:\n      ${NET}\n      with_net_images: true\n`],
      ['mode: create', `mode: create,\n    config: { install: { ${WHOLE}, with_net_images: false } }`],
    ],
  },
  'an ISO with a custom name': {
    edits: [onThird('iso_url: http://192.168.178.8/ours.iso, with_net_images: true')],
  },
  'the full ISO, set explicitly': { edits: [onThird(`${WHOLE}, with_net_images: false`)] },
});
