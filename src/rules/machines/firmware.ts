import {
  FIRST_ARM64_RELEASE,
  FIRST_RELEASE_CHECKING_BIOS,
  FIRST_RELEASE_WITHOUT_BIOS,
} from '../../knowledge/harvester.ts';
import type { BootInput, Network, Node } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, safeFix, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, type Finding, nodesWith, per, warning } from '../rule.ts';

const withBios = nodesWith('firmware', (firmware) => firmware === 'bios');

const ofSigned = per.nodeOnce((node, report, { server }) => {
  if (!server?.sign || (node.os !== 'linux' && !node.iscsi)) return;
  const [what, consequence] = node.iscsi
    ? ['an iSCSI disk', 'no signature matches its script, in which nginx substitutes secrets']
    : ['Linux', 'its kernel has no signature'];
  const { boot } = node;
  report(
    node.os === 'harvester' && boot ? keyLocationOf(boot as BootInput, 'disk') : locationOf(node, 'os'),
    {
      message: `${node.name} boots ${what}, but this site has signed boots: ${consequence}.`,
      related: [{ message: 'signatures are set at', at: locationOf(server, 'sign') }],
      help: `move machines that boot ${what} to a separate site without server.sign`,
    },
  );
});

const byGrub = nodesWith('loader', (loader) => loader === 'grub');
const byPxelinux = nodesWith('loader', (loader) => loader === 'pxelinux');

export const firmwareRules = [
  error('firmware-bios', {
    what: 'Nodes with Harvester v1.8.0 or newer must boot with UEFI.',
    why: 'The installer rejects machines with a BIOS, even if it skips other checks (harvester/harvester#9854, harvester/harvester#9855).',
  }).check(withBios.each, (node, report) => {
    const release = node.os === 'harvester' ? node.cluster?.version : undefined;
    if (!release || !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS)) return;
    report(keyLocationOf(node, 'firmware'), {
      message: `The firmware is bios, but Harvester ${release.text} requires UEFI: the installer rejects the machine.`,
      help: 'switch the machine to UEFI and remove this key, or install v1.7 or older',
    });
  }),
  warning('last-release-with-bios', {
    tag: 'deprecated',
    what: 'From v1.7.0, machines must boot with UEFI.',
    why: 'A machine with a BIOS can install v1.7 at most, and only with skipchecks; newer releases reject it (harvester/harvester#9854).',
  }).check(withBios.eachOnce, (node, report) => {
    const release = node.os === 'harvester' ? node.cluster?.version : undefined;
    if (!release) return;
    if (!isAtLeast(release, FIRST_RELEASE_CHECKING_BIOS) || isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
      return;
    // Without skipchecks the installer stops, which hardware-too-small reports.
    if (!node.config?.install?.skipchecks) return;
    report(keyLocationOf(node, 'firmware'), {
      message: `Harvester ${release.text} is the last release that installs on a machine with a BIOS: ${FIRST_RELEASE_WITHOUT_BIOS} rejects it.`,
      help: 'switch the machine to UEFI before the installation, and set firmware: uefi',
    });
  }),
  error('bios-on-arm64', {
    what: 'Nodes with arm64 must boot with UEFI.',
    why: 'There is no BIOS for arm64: iPXE has no binary for it, and libvirt has no such machine.',
  }).check(withBios.each, (node, report) => {
    const { version } = node.cluster ?? {};
    if (node.arch !== 'arm64') return;
    // firmware-bios reports releases that support no BIOS at all.
    if (version && isAtLeast(version, FIRST_RELEASE_WITHOUT_BIOS)) return;
    report(keyLocationOf(node, 'firmware'), {
      message: `The firmware of ${node.name} is bios, but an arm64 machine boots only with UEFI.`,
      fix: safeFix(removeKey(node, 'firmware')),
      help: 'remove firmware: the default is uefi',
    });
  }),
  essential('arch-too-new', {
    what: "A cluster's release must be published for its architecture.",
    why: 'Otherwise, the files of the release do not exist, and cannot be downloaded.',
  }).check(per.cluster, (cluster, report) => {
    if (cluster.arch !== 'arm64' || !cluster.version || isAtLeast(cluster.version, FIRST_ARM64_RELEASE))
      return;
    report(locationOf(cluster, 'arch'), {
      message: `Harvester ${cluster.version.text} is not published for arm64: ${FIRST_ARM64_RELEASE} is the first release for it.`,
      related: [{ message: 'the release is set at', at: locationOf(cluster, 'version') }],
      help: `install ${FIRST_ARM64_RELEASE} or newer`,
    });
  }),
  error('secure-boot-bios', {
    what: 'A virtual machine with Secure Boot must have UEFI firmware.',
    why: 'A BIOS has no Secure Boot and runs any code.',
  }).check(withBios.eachOnce, (node, report) => {
    if (!node.facts?.vm?.secure_boot) return;
    report(locationOf(node.facts.vm, 'secure_boot'), {
      message: `${node.name} sets Secure Boot, but its firmware is bios: nothing verifies what it boots.`,
      fix: suggestedFix(removeKey(node.facts.vm, 'secure_boot')),
      help: 'remove secure_boot, or set firmware: uefi',
    });
  }),
  error('secure-boot-unsigned', {
    what: 'A virtual machine with Secure Boot that boots from the network must load GRUB.',
    why: 'Its firmware runs only code that is signed with one of its keys. No distribution has a signed iPXE: the firmware prints "Access Denied" and boots nothing. GRUB is available signed, and shim verifies it.',
  }).check(nodesWith('facts', ({ vm }) => vm?.secure_boot).eachOnce, (node, report) => {
    const { facts, os } = node;
    if (!facts.vm || os === 'local' || os === undefined) return;
    if (node.firmware !== 'uefi' || isBroken(node, 'loader') || node.loader === 'grub') return;
    report(locationOf(facts.vm, 'secure_boot'), {
      message: `${node.name} has Secure Boot, but its firmware loads iPXE, which is not signed: it boots nothing.`,
      help:
        os === 'linux'
          ? 'set loader: grub under boot, or remove secure_boot'
          : 'remove secure_boot; or, with your own key in the firmware and an iPXE signed with it, add silence: {secure-boot-unsigned: "the reason"}',
    });
  }),
  essential('linux-unsigned', {
    what: 'A site with signed boots must not have nodes that boot Linux or an iSCSI disk.',
    why: "Only Harvester's kernels and initrds are signed: iPXE rejects any other, and GRUB verifies none. The script of a node with an iSCSI disk has secrets that nginx substitutes, so no signature matches it, and nothing verifies the disk.",
  }).check((site, report) => {
    ofSigned(site, report);
    const { server, unknownMachines: [first] = [] } = site;
    if (!server?.sign || !first) return;
    report(selfLocation(first), {
      message: 'Unknown machines boot Linux, but this site has signed boots: its kernel has no signature.',
      related: [{ message: 'signatures are set at', at: locationOf(server, 'sign') }],
      help: 'remove unknown_machines, or server.sign',
    });
  }),
  essential('grub-by-http', {
    what: 'Files that GRUB fetches must have http URLs.',
    why: 'GRUB does not support https: it stops at its prompt.',
  }).check(byGrub.eachOnce, (node, report, { server }) => {
    if (node.os !== 'linux') return;
    for (const { url, at } of fetched(node, server))
      if (url.startsWith('https:'))
        report(at, {
          message: `${node.name} boots with GRUB, which cannot fetch ${url}: it does not support https.`,
          fix: suggestedFix(removeKey(node, 'loader')),
          help: 'serve it with http; or remove boot.loader: iPXE then fetches it',
        });
  }),
  essential('grub-by-uefi', {
    what: 'A node that boots with GRUB must have UEFI firmware and a known MAC address.',
    why: 'A BIOS always gets iPXE. GRUB finds the script of a machine only by its MAC address.',
  }).check(byGrub.each, (node, report) => {
    // boot-key-of-other-os reports GRUB on other nodes.
    if (node.os !== 'linux') return;
    if (node.firmware === 'bios')
      report(locationOf(node, 'loader'), {
        dedupe: true,
        message: `${node.name} boots with GRUB, but its firmware is a BIOS, which gets iPXE.`,
        related: [{ message: 'its firmware is set at', at: locationOf(node, 'firmware') }],
        fix: suggestedFix(removeKey(node, 'loader')),
        help: 'remove boot.loader: iPXE boots Linux on a BIOS, too',
      });
    else if (node.bootNic && lacks(node.bootNic, 'mac'))
      report(locationOf(node, 'name'), withoutMac(node, 'GRUB', 'script'));
  }),
  essential('pxelinux-by-bios', {
    what: 'A node that boots with pxelinux must have a BIOS and a known MAC address.',
    why: 'UEFI firmware does not run lpxelinux.0. pxelinux finds the menu of a machine by its MAC address.',
  }).check(byPxelinux.each, (node, report) => {
    if (node.firmware === 'uefi')
      report(locationOf(node, 'loader'), {
        dedupe: true,
        message: `${node.name} boots with pxelinux, but its firmware is UEFI, which does not run it.`,
        fix: suggestedFix(removeKey(node, 'loader')),
        help: 'set `firmware: bios` if it is a BIOS; or remove boot.loader: iPXE boots the same with UEFI',
      });
    else if (node.bootNic && lacks(node.bootNic, 'mac'))
      report(locationOf(node, 'name'), withoutMac(node, 'pxelinux', 'menu'));
  }),
  warning('pxelinux-without-dhcp', {
    what: 'A node that boots with pxelinux must be on a network with DHCP.',
    why: 'DHCP sends firmware the boot file and its server. Without DHCP, the machine starts iPXE from a USB drive or an image, and never loads pxelinux.',
  }).check(byPxelinux.eachOnce, (node, report) => {
    const network = node.bootNic?.network;
    if (!network || !lacks(network, 'dhcp')) return;
    report(locationOf(node, 'loader'), {
      message: `${node.name} boots with pxelinux, but ${network.name} has no DHCP: its firmware never loads pxelinux.`,
      related: [{ message: `${network.name} is defined at`, at: selfLocation(network as Network) }],
      help: 'remove boot.loader, and start the embedded script; or add `dhcp: {}` or `dhcp: {server: external}` to the network',
    });
  }),
];

/** Yields the files that GRUB itself fetches; the initrd fetches the root file system. */
function* fetched({ linux }: Draft<Node>, server: Draft<Server> | undefined) {
  if (server?.url) yield { url: server.url, at: locationOf(server, 'url') };
  if (!linux) return;
  // For files on the boot server, the error is its URL.
  const isOwn = (url: string) => server?.url !== undefined && url.startsWith(`${server.url}/`);
  if (linux.kernel && !isOwn(linux.kernel)) yield { url: linux.kernel, at: locationOf(linux, 'kernel') };
  const initrds = linux.initrds ?? [];
  for (const [index, url] of initrds.entries())
    if (url && !isOwn(url)) yield { url, at: locationOf(initrds, index) };
}

function withoutMac(node: Draft<Node>, loader: string, file: string): Finding {
  return {
    message: `${node.name} boots with ${loader} but has no MAC address: ${loader} cannot find its ${file}.`,
    related: [{ message: `${loader} is set at`, at: locationOf(node, 'loader') }],
    help: 'set the MAC address: `mac: 52:54:00:aa:01:01`; or remove boot.loader: iPXE finds the script by IP address',
  };
}
