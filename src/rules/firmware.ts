import {
  FIRST_ARM64_RELEASE,
  FIRST_RELEASE_CHECKING_BIOS,
  FIRST_RELEASE_WITHOUT_BIOS,
} from '../knowledge/harvester.ts';
import type { BootInput, Network, Node } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { error, essential, type Finding, warning } from './rule.ts';
import { nodesWhose, perCluster, perNodeOnce } from './support.ts';

const withBios = nodesWhose('firmware', (firmware) => firmware === 'bios');

export const firmwareBios = error('firmware-bios', {
  what: 'Nodes with Harvester v1.8.0 or newer boot by UEFI.',
  why: 'The installer refuses machines that boot by BIOS, whatever it is told to skip (harvester/harvester#9854, harvester/harvester#9855).',
  check: withBios.each((node, report) => {
    const release = node.os === 'harvester' ? node.cluster?.version : undefined;
    if (!release || !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS)) return;
    report({
      message: `The firmware is bios, and Harvester ${release.text} boots by UEFI only: the installer would refuse the machine.`,
      at: keyLocationOf(node, 'firmware'),
      help: 'set the machine to UEFI and remove this key, or install v1.7 or older',
    });
  }),
});

export const lastReleaseWithBios = warning('last-release-with-bios', {
  what: 'From v1.7.0 on, machines boot by UEFI.',
  why: 'A machine that boots by BIOS can have v1.7 at the most, and that only with skipchecks; the next ones refuse it (harvester/harvester#9854).',
  check: withBios.eachOnce((node, report) => {
    const release = node.os === 'harvester' ? node.cluster?.version : undefined;
    if (!release) return;
    if (!isAtLeast(release, FIRST_RELEASE_CHECKING_BIOS) || isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
      return;
    // Without skipchecks the installer stops, which is said as an error.
    if (!node.config?.install?.skipchecks) return;
    report({
      message: `Harvester ${release.text} is the last that installs on a machine which boots by BIOS: ${FIRST_RELEASE_WITHOUT_BIOS} refuses it.`,
      at: keyLocationOf(node, 'firmware'),
      help: 'switch the machine to UEFI before it is installed, and say firmware: uefi',
    });
  }),
});

export const biosOnArm64 = error('bios-on-arm64', {
  what: 'Nodes with arm64 boot by UEFI.',
  why: 'There is no BIOS for arm64: iPXE has no program for it, and libvirt no such machine.',
  check: withBios.each((node, report) => {
    const { version } = node.cluster ?? {};
    if (node.arch !== 'arm64') return;
    // Of a release that takes no BIOS at all, firmware-bios says so.
    if (version && isAtLeast(version, FIRST_RELEASE_WITHOUT_BIOS)) return;
    report({
      message: `The firmware of ${node.name} is bios, and it is a machine of arm64: such a one boots by UEFI only.`,
      at: keyLocationOf(node, 'firmware'),
      help: 'remove firmware: UEFI is what holds without it',
    });
  }),
});

export const archTooNew = essential('arch-too-new', {
  what: "A cluster's release is published for its architecture.",
  why: 'The files of a release that was never made for an architecture cannot be fetched.',
  check: perCluster((cluster, report) => {
    if (cluster.arch !== 'arm64' || !cluster.version || isAtLeast(cluster.version, FIRST_ARM64_RELEASE))
      return;
    report({
      message: `Harvester ${cluster.version.text} is not made for arm64: the first release that is, is ${FIRST_ARM64_RELEASE}.`,
      at: locationOf(cluster, 'arch'),
      related: [{ message: 'the release is set at', at: locationOf(cluster, 'version') }],
      help: `install ${FIRST_ARM64_RELEASE} or newer`,
    });
  }),
});

export const secureBootBios = error('secure-boot-bios', {
  what: 'A virtual machine with Secure Boot has UEFI.',
  why: 'A BIOS has no Secure Boot, and runs whatever it loads.',
  check: withBios.eachOnce((node, report) => {
    if (!node.facts?.vm?.secure_boot) return;
    report({
      message: `${node.name} is to boot with Secure Boot, and its firmware is bios, which has none.`,
      at: locationOf(node.facts.vm, 'secure_boot'),
      help: 'leave secure_boot out, or say firmware: uefi',
    });
  }),
});

export const secureBootUnsigned = error('secure-boot-unsigned', {
  what: 'A virtual machine with Secure Boot that boots from the network loads GRUB.',
  why: 'Its firmware runs nothing but what is signed by a key that it has, and no distribution has a signed iPXE: it says "Access Denied", and boots nothing. Of GRUB there is a signed one, which shim verifies.',
  check: nodesWhose('facts', ({ vm }) => vm?.secure_boot).eachOnce((node, report) => {
    const { facts, os } = node;
    if (!facts.vm || os === 'local' || os === undefined) return;
    if (node.firmware !== 'uefi' || isBroken(node, 'loader') || node.loader === 'grub') return;
    report({
      message: `${node.name} boots with Secure Boot, and what its firmware loads is iPXE, which nobody has signed.`,
      at: locationOf(facts.vm, 'secure_boot'),
      help:
        os === 'linux'
          ? 'say loader: grub under boot, or leave secure_boot out'
          : 'leave secure_boot out; one whose firmware has a key of yours, and an iPXE that is signed by it, may silence this',
    });
  }),
});

export const linuxUnsigned = essential('linux-unsigned', {
  what: 'A site whose boots are signed has no node that boots Linux, or a disk by iSCSI.',
  why: "Signatures are made of Harvester's kernels and initrds alone: iPXE would refuse any other, and GRUB verifies none. The script of a node that boots by iSCSI has secrets that nginx fills in, so that no signature fits it, and nothing verifies what is on the disk.",
  check: perNodeOnce((node, report, { server }) => {
    if (!server?.sign || (node.os !== 'linux' && !node.iscsi)) return;
    const [what, consequence] = node.iscsi
      ? ['a disk by iSCSI', 'no signature would fit its script, into which secrets are filled']
      : ['Linux', 'its kernel would have no signature'];
    const { boot } = node;
    report({
      message: `${node.name} boots ${what}, and the boots of this site are signed: ${consequence}.`,
      at: node.os === 'harvester' && boot ? keyLocationOf(boot as BootInput, 'disk') : locationOf(node, 'os'),
      related: [{ message: 'signatures are asked for at', at: locationOf(server, 'sign') }],
      help: `give machines that boot ${what} a site of their own, without server.sign`,
    });
  }),
});

const byGrub = nodesWhose('loader', (loader) => loader === 'grub');

export const grubByHttp = essential('grub-by-http', {
  what: 'What GRUB fetches it fetches by http.',
  why: 'GRUB speaks no https: it would stop at its prompt.',
  check: byGrub.eachOnce((node, report, { server }) => {
    if (node.os !== 'linux') return;
    for (const { url, at } of fetched(node, server)) {
      if (!url.startsWith('https:')) continue;
      report({
        message: `${node.name} boots by GRUB, which cannot fetch ${url}: it speaks no https.`,
        at,
        help: 'serve it by http; or take boot.loader out, and iPXE fetches it',
      });
    }
  }),
});

/** What GRUB itself fetches; the root file system is fetched by the initrd. */
function* fetched(
  { linux }: Draft<Node>,
  server: Draft<Server> | undefined,
): Iterable<{ url: string; at: SourceLocation }> {
  if (server?.url) yield { url: server.url, at: locationOf(server, 'url') };
  if (!linux) return;
  // Those on the boot server are at fault by its URL.
  const isOwn = (url: string) => server?.url !== undefined && url.startsWith(`${server.url}/`);
  if (linux.kernel && !isOwn(linux.kernel)) yield { url: linux.kernel, at: locationOf(linux, 'kernel') };
  const initrds = linux.initrds ?? [];
  for (const [index, url] of initrds.entries())
    if (url && !isOwn(url)) yield { url, at: locationOf(initrds, index) };
}

export const grubByUefi = essential('grub-by-uefi', {
  what: 'A node that boots by GRUB has UEFI firmware, and its MAC address is known.',
  why: 'A BIOS is given iPXE, whatever is said. GRUB finds the script of a machine by its MAC address alone.',
  check: byGrub.each((node, report) => {
    // Of what boots no Linux, boot-key-of-other-os says that it is no GRUB's.
    if (node.os !== 'linux') return;
    if (node.firmware === 'bios') {
      report({
        dedupe: true,
        message: `${node.name} is to boot by GRUB, and its firmware is a BIOS.`,
        at: locationOf(node, 'loader'),
        related: [{ message: 'its firmware is said at', at: locationOf(node, 'firmware') }],
        help: 'take boot.loader out: iPXE boots Linux on a BIOS, too',
      });
    } else if (node.bootNic && lacks(node.bootNic, 'mac')) report(withoutMac(node, 'GRUB', 'script'));
  }),
});

function withoutMac(node: Draft<Node>, loader: string, file: string): Finding {
  return {
    message: `${node.name} is to boot by ${loader}, which would not find its ${file}: its MAC address is not known.`,
    at: locationOf(node, 'name'),
    related: [{ message: `${loader} is said at`, at: locationOf(node, 'loader') }],
    help: 'give it the MAC address: `mac: 52:54:00:aa:01:01`; or take boot.loader out: iPXE finds it by its address',
  };
}

const byPxelinux = nodesWhose('loader', (loader) => loader === 'pxelinux');

export const pxelinuxByBios = essential('pxelinux-by-bios', {
  what: 'A node that boots by pxelinux has a BIOS, and its MAC address is known.',
  why: 'UEFI firmware does not run lpxelinux.0. pxelinux finds the menu of a machine by its MAC address.',
  check: byPxelinux.each((node, report) => {
    if (node.firmware === 'uefi') {
      report({
        dedupe: true,
        message: `${node.name} is to boot by pxelinux, and its firmware is UEFI, which does not run it.`,
        at: locationOf(node, 'loader'),
        help: 'say `firmware: bios`, where it is one; or take boot.loader out: iPXE boots the same by UEFI',
      });
    } else if (node.bootNic && lacks(node.bootNic, 'mac')) report(withoutMac(node, 'pxelinux', 'menu'));
  }),
});

export const pxelinuxWithoutDhcp = warning('pxelinux-without-dhcp', {
  what: 'A node that boots by pxelinux is on a network with DHCP.',
  why: 'DHCP tells firmware which program to load, and from where: without it the machine starts iPXE from a stick or an image, which goes on to its script, and pxelinux is never asked.',
  check: byPxelinux.eachOnce((node, report) => {
    const network = node.bootNic?.network;
    if (!network || !lacks(network, 'dhcp')) return;
    report({
      message: `${node.name} is to boot by pxelinux, and nothing leads its firmware to it: ${network.name} has no DHCP.`,
      at: locationOf(node, 'loader'),
      related: [{ message: `${network.name} is defined at`, at: selfLocation(network as Network) }],
      help: 'take boot.loader out, and start the embedded script; or give the network DHCP, `dhcp: {}`, or `dhcp: {server: external}`',
    });
  }),
});
