import { writtenKeys } from '../knowledge/config-schema.ts';
import { isUnknown } from '../site/effective.ts';
import type { LinuxBoot, Node, Site } from '../site/model.ts';
import { NODE_VALUE_NAMES } from '../site/node-values.ts';
import { hasLocation, isBroken, keyLocationOf, lacks, locationOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import { initrdName, installer, kernelArgs } from '../targets/ipxe/ipxe.ts';
import type { Draft } from '../values/draft.ts';
import { quoteGrubArg, quoteIpxe, Unquotable } from '../values/quoting.ts';
import { isQuoteOpen, kernelWords, setsParameter } from '../values/text.ts';
import { isAtLeast } from '../values/version.ts';
import { BOOTED } from './boot.ts';
import { error, essential, type Report, warning } from './rule.ts';
import { nodesWhose, perNode } from './support.ts';

export const missingKernel = essential('missing-kernel', {
  what: 'A node that boots Linux has a kernel.',
  why: 'There is nothing to boot.',
  check: nodesWhose('linux', (linux) => lacks(linux, 'kernel')).eachOnce((node, report) => {
    report({
      message: `${node.name} boots Linux, and it is not said by which kernel.`,
      at: locationOf(node, 'os'),
      help: 'say where it lies below server.images, or its URL: boot: {os: linux, kernel: rocky9/vmlinuz, initrd: rocky9/initramfs.img}',
    });
  }),
});

export const liveRootNeedsInitrd = error('live-root-needs-initrd', {
  what: 'A node with a live root has an initrd.',
  why: 'It is the initrd that fetches the root file system and mounts it: a kernel alone panics.',
  check: nodesWhose('linux', ({ squashfs, initrds }) => squashfs && initrds?.length === 0).eachOnce(
    (node, report) => {
      if (!node.boot || isBroken(node.boot, 'initrd')) return;
      report({
        message: `${node.name} has a live root, and no initrd that would fetch it.`,
        at: locationOf(node.linux, 'squashfs'),
        help: 'say boot.initrd: one that dracut has made with livenet and dmsquash-live, or as the distribution does it',
      });
    },
  ),
});

export const linuxInstallsNothing = warning('linux-installs-nothing', {
  what: 'A node that boots Linux, or a disk by iSCSI, says nothing of how Harvester is installed: `install`, `mode`, `role`, `config`, `boot.drive`. The last says something where `boot.fallback` is the local disk.',
  why: 'It says nothing here: no disk is tried, wiped or installed, and there is no installer to read a configuration.',
  check({ nodes = [] }, report) {
    if (!nodes.some((node) => node && installsNothing(node))) return;
    // Of two that install nothing, one may boot its own disk where its target is away.
    const meant = new Set(nodes.flatMap((node) => (node ? meantBy(node) : [])));
    // Where some install Harvester, a layer's configuration may be for them.
    const isMixed = nodes.some((node) => node && !installsNothing(node) && node.os !== 'local');
    for (const node of nodes) {
      if (!node?.os || !installsNothing(node)) continue;
      const config = isMixed ? node.own : node.userConfig;
      const written = (config ? writtenKeys(config) : []).slice(0, 1).map(({ path, holder, key }) => ({
        key: `config.${path}`,
        at: keyLocationOf(holder, key),
      }));
      for (const { key, at } of [...keysOf(node), ...written]) {
        // What a layer says for its nodes that boot Harvester, another one may pass over.
        if (meant.has(locationKey(at))) continue;
        report({
          node,
          dedupe: true,
          message: `${key} says nothing here: ${node.name} boots ${BOOTED[node.os]}, ${node.os === 'linux' ? 'which nothing installs' : 'on which nothing is installed'}.`,
          at,
          help:
            node.os === 'linux'
              ? 'take it out; what the system is to be told goes into cloud_init, or onto the kernel line with boot.args'
              : `take it out; ${key === 'boot.drive' ? 'it says something beside `fallback: disk`' : 'what the system is to be told is said on the disk itself'}`,
        });
      }
    }
  },
});

function installsNothing({ os }: Draft<Node>): boolean {
  return os === 'linux' || os === 'iscsi';
}

/** What is said of a node's installation beside its configuration. */
function keysOf(node: Draft<Node>) {
  return (['install', 'mode', 'role', 'drive'] as const).flatMap((key) =>
    hasLocation(node, key) ? { key: key === 'drive' ? 'boot.drive' : key, at: keyLocationOf(node, key) } : [],
  );
}

/** Where that is said, and counts. */
function meantBy(node: Draft<Node>): string[] {
  const fallsBack = node.iscsi?.fallback === 'disk';
  return keysOf(node).flatMap(({ key, at }) =>
    !installsNothing(node) || (fallsBack && key === 'boot.drive') ? locationKey(at) : [],
  );
}

export const kernelArgument = essential('kernel-argument', {
  what: 'An argument of the kernel, and the name of what a node boots Linux from, can be said to the kernel by the boot loader.',
  why: 'Boot loaders have words of their own for `${…}`, quotes, backslashes and `||`: the kernel would be told something else, or nothing.',
  check: nodesWhose('linux').eachOnce((node, report) => {
    for (const { text, at } of textsOf(node.linux)) {
      const [message, help] = (text && faultOf(text, node.loader ?? 'ipxe')) || [];
      if (message !== undefined) report({ message, at, help });
    }
  }),
});

function textsOf(linux: Draft<LinuxBoot>) {
  const { kernel, squashfs, initrds = [], args = [] } = linux;
  return [
    { text: kernel, at: locationOf(linux, 'kernel') },
    { text: squashfs, at: locationOf(linux, 'squashfs') },
    ...[initrds, args].flatMap((list) => list.map((text, index) => ({ text, at: locationOf(list, index) }))),
  ];
}

function faultOf(text: string, loader: Node['loader']): readonly [message: string, help: string] | undefined {
  const setting = /\$\{[^}]*\}?/.exec(text)?.[0];
  // A value of the node that there is not has been said where it was looked up.
  if (setting?.startsWith('${node:') && setting.endsWith('}')) return undefined;
  if (setting !== undefined)
    return [
      `${setting} is no value of the node, and iPXE would put a setting of its own there.`,
      `write \${node:name}; there are ${NODE_VALUE_NAMES.join(', ')}`,
    ];
  if (isQuoteOpen(text))
    return [
      'A double quote is left open: the kernel would take all that follows for the same argument.',
      'close it',
    ];
  try {
    for (const word of kernelWords(text)) {
      // A node that boots by GRUB has a script for iPXE, too.
      for (const part of word.split(' ')) quoteIpxe(part);
      if (loader === 'grub') quoteGrubArg(word);
    }
  } catch (error) {
    if (!(error instanceof Unquotable)) throw error;
    return [`${error.message}.`, 'say it otherwise, or have it in the image itself'];
  }
  return undefined;
}

export const kernelArgumentsReplace = warning('kernel-arguments-replace', {
  what: 'A node without external storage that has `os.additionalKernelArguments` says there whether multipath is on.',
  why: 'The arguments take the place of `multipath=off`, which the installer gives such a node by itself: without it multipath may claim local disks, and those of volumes.',
  check: nodesWhose('userConfig', ({ os }) => os?.additionalKernelArguments).each((node, report) => {
    const release = node.cluster?.version;
    const { os } = node.userConfig;
    // Before v1.4.0 there are no such arguments: key-too-new.
    if (!release || !os || !isAtLeast(release, 'v1.4.0')) return;
    const { additionalKernelArguments: given, externalStorageConfig: storage } = os;
    if (!given || given.includes('${secret:') || /(^|\s)multipath=/.test(given)) return;
    if (storage?.enabled === true || isBroken(os, 'externalStorageConfig')) return;
    if (isBroken(node, 'userConfig') || (storage && isBroken(storage, 'enabled'))) return;
    report({
      message:
        'os.additionalKernelArguments replaces multipath=off, which a node without external storage boots with otherwise: multipath may claim its disks.',
      at: locationOf(os, 'additionalKernelArguments'),
      help: 'begin the arguments with multipath=off, or say multipath=on where it is meant',
    });
  }),
});

export const kernelRootTwice = error('kernel-root-twice', {
  what: 'A kernel is told once what its root file system is: by `boot.root`, or by `root=` in `boot.args`.',
  why: 'What stands last on its line counts: what `boot.root` says comes before the arguments, and would be passed over.',
  check: nodesWhose('linux').eachOnce((node, report) => {
    const { args = [] } = node.linux;
    const [first, ...others] = args.flatMap((arg = '', index) =>
      kernelWords(arg).flatMap((word) => (setsParameter(word, 'root') ? locationOf(args, index) : [])),
    );
    for (const at of first ? others : [])
      report({
        message: `The kernel of ${node.name} is told twice what its root is: this root= comes last, and would count alone.`,
        at,
        related: [{ message: 'the first one is at', at: first as SourceLocation }],
        help: 'keep one of the two: boot.root, or root= in boot.args',
      });
  }),
});

/** COMMAND_LINE_SIZE of x86 and arm64, less the zero byte at its end. */
const LONGEST = 2047;

/** As long as the MAC address that iPXE fills in. */
const ANY_MAC = '00:00:00:00:00:00';

export const kernelLineTooLong = warning('kernel-line-too-long', {
  what: `The kernel line of a node has at most ${LONGEST} bytes.`,
  why: 'The kernel drops the rest without a word, and with it what stands last: where the installer, or cloud-init, finds what it is to do. The installer then waits for somebody at the console.',
  check: perNode((node, report, site) => {
    const { server } = site;
    if (node.linux) checkLinux(site, node, report);
    if (!server || node.os !== 'harvester' || node.install === 'never' || !isLineKnown(site, node)) return;
    const { args, nicArg } = installer(site as Site, node as Node);
    const bytes = Buffer.byteLength([...args, ...(nicArg ? [nicArg + ANY_MAC] : [])].join(' '));
    if (bytes <= LONGEST) return;
    const isMedia = args.some((arg) => arg.startsWith('root=') && arg.length > LONGEST / 2);
    report({
      message: `The kernel line has ${bytes} bytes, and the kernel reads ${LONGEST}: the installer would not learn where its configuration is.`,
      at: isMedia ? locationOf(server, 'media') : locationOf(node, 'name'),
      help: isMedia
        ? 'shorten the URL of server.media'
        : 'shorten what stands on it: URLs, and the list of DNS servers',
    });
  }),
});

function checkLinux({ server }: Draft<Site>, node: Draft<Node>, report: Report): void {
  const { linux } = node;
  if (!server?.url || !linux?.args || !isMachineKnown(node)) return;
  const { kernel = '', initrds = [] } = linux;
  // What boot loaders put before the arguments: the URL of the kernel, or the names of initrds.
  const before =
    node.loader === 'grub'
      ? [`BOOT_IMAGE=${kernel.replace('http://', '(http,)')}`]
      : initrds.map((_, index) => `initrd=${initrdName(initrds.length, index)}`);
  const line = [...before, ...kernelArgs({ server } as Site, node as Node)].join(' ');
  const bytes = Buffer.byteLength(line);
  if (bytes <= LONGEST) return;
  report({
    dedupe: true,
    message: `The kernel line of ${node.name} has ${bytes} bytes, and the kernel reads ${LONGEST}: it would not learn what stands last.`,
    at: node.boot ? locationOf(node.boot, 'args') : locationOf(node, 'name'),
    help: 'shorten boot.args, and the URLs among them',
  });
}

/** Whether a node can be told by its MAC or, where it has none, by its address. */
function isMachineKnown({ bootNic, ip }: Draft<Node>): boolean {
  return Boolean(bootNic?.mac || (bootNic && lacks(bootNic, 'mac') && ip));
}

function isLineKnown({ server }: Draft<Site>, node: Draft<Node>): boolean {
  const { cluster, bootNic, name, nics, config } = node;
  const network = bootNic?.network;
  if (!bootNic || !server?.url || !server.media?.url || !cluster?.version || !cluster.arch) return false;
  if (!name || !nics || !config || !isMachineKnown(node) || isBroken(bootNic, 'name')) return false;
  if (isUnknown(node, 'install.management_interface.interfaces') || isUnknown(node, 'install.tty'))
    return false;
  if (!network || isBroken(network, 'dhcp') || isBroken(network, 'dns')) return false;
  return Boolean(network.dhcp || (network.gateway && network.subnet && bootNic.ip && bootNic.name));
}
