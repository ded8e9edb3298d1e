import { writtenKeys } from '../../knowledge/config-schema.ts';
import { initrdName, installer, kernelArgs } from '../../plan/kernel-args.ts';
import { BOOTED, nodesWithoutOs } from '../../site/boot-keys.ts';
import { isUnknown } from '../../site/effective.ts';
import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { NODE_VALUE_NAMES } from '../../site/references.ts';
import { hasLocation, isBroken, keyLocationOf, lacks, locationOf } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { quoteGrubArg, quoteIpxe, Unquotable } from '../../values/quoting.ts';
import { hasS3Url, isQuoteOpen, kernelWords, nearest, setsParameter } from '../../values/text.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, type Finding, type LocatedFinding, nodesWith, per, warning } from '../rule.ts';

/** Arguments that harvgen itself sets for Harvester's installer, and what to do instead. */
const SET_FOR_INSTALLER: Readonly<Record<string, string>> = {
  root: 'remove it: it is derived from harvester.version and server.media',
  initrd: 'remove it: it is derived from harvester.version and server.media',
  console: 'set boot.consoles, such as ["ttyS0,115200n8", tty1]: the installer runs on the first',
  'harvester.install.config_url': 'remove it: the boot server has the configuration of the node',
};

/** COMMAND_LINE_SIZE of x86 and arm64, less the zero byte at its end. */
const LONGEST = 2047;

/** As long as the MAC address that iPXE substitutes. */
const ANY_MAC = '00:00:00:00:00:00';

export const kernelLineRules = [
  essential('missing-kernel', {
    what: 'A node that boots Linux must have a kernel.',
    why: 'Without a kernel, there is nothing to boot: the machine retries forever.',
  }).check(nodesWith('linux', (linux) => lacks(linux, 'kernel')).eachOnce, (node, report) => {
    report(locationOf(node, 'os'), {
      message: `${node.name} boots Linux but has no boot.kernel.`,
      help: 'set its path below server.images, or its URL: boot: {os: linux, kernel: rocky9/vmlinuz, initrd: rocky9/initramfs.img}',
    });
  }),
  error('live-root-needs-initrd', {
    what: 'A node with a live root must have an initrd.',
    why: 'The initrd fetches and mounts the root file system: a kernel alone panics.',
  }).check(per.nodeOnce, (node, report) => {
    const { linux, boot } = node;
    if (!linux?.squashfs || linux.initrds?.length !== 0 || !boot || isBroken(boot, 'initrd')) return;
    report(locationOf(linux, 'squashfs'), {
      message: `${node.name} has a live root but no initrd to fetch it: the kernel panics.`,
      help: 'set boot.initrd: one by dracut with livenet and dmsquash-live, or the equivalent of the distribution',
    });
  }),
  warning('linux-installs-nothing', {
    what: 'A node that boots Linux or an iSCSI disk must not set `install`, `mode`, `role`, `config` or `boot.drive`.',
    why: 'The key has no effect: no disk is tried, wiped or installed, and no installer reads a configuration. Only `boot.fallback: disk` uses `boot.drive`.',
  }).check(({ nodes = [] }, report) => {
    if (!nodes.some((node) => node && installsNothing(node))) return;
    // A node that installs nothing may boot its own disk when its target is unreachable.
    const effective = new Set(nodes.flatMap((node) => (node ? effectiveKeys(node) : [])));
    // If some nodes install Harvester, a configuration in a layer may be for them.
    const isMixed = nodes.some((node) => node && !installsNothing(node) && node.os !== 'local');
    for (const node of nodes) {
      if (!node?.os || !installsNothing(node)) continue;
      const config = isMixed ? node.own : node.userConfig;
      const written = (config ? writtenKeys(config) : []).slice(0, 1).map(({ path, holder, key }) => ({
        key: `config.${path}`,
        at: keyLocationOf(holder, key),
      }));
      for (const { key, at } of [...keysOf(node), ...written]) {
        // A key of a layer may be for its nodes that boot Harvester: other nodes ignore it.
        if (effective.has(locationKey(at))) continue;
        report(at, {
          node,
          dedupe: true,
          message: `${key} has no effect: ${node.name} boots ${BOOTED[node.os]}, ${node.os === 'linux' ? 'which is not installed' : 'on which nothing is installed'}.`,
          help:
            node.os === 'linux'
              ? `remove ${key}; configure the system with cloud_init, or with boot.args on the kernel command line`
              : `remove ${key}; ${key === 'boot.drive' ? 'it takes effect only with `fallback: disk`' : 'configure the system on the disk itself'}`,
        });
      }
    }
  }),
  essential('kernel-argument', {
    what: 'The boot loader must be able to pass each kernel argument and each Linux boot file name to the kernel.',
    why: 'Boot loaders interpret `${…}`, quotes, backslashes and `||`: the kernel would get other arguments, or none.',
  }).check(per.item(kernelBoots), ({ node, linux }, report) => {
    for (const { text, at } of linux ? textsOf(linux) : itemsOf(node?.installerArgs)) {
      const [message, help] = (text && argumentError(text, node?.loader ?? 'ipxe')) || [];
      if (message !== undefined) report(at, { dedupe: true, message, help });
    }
  }),
  warning('argument-split', {
    what: 'In a list in brackets, an argument with a comma must be in quotes.',
    why: 'YAML ends the item at the comma: the kernel gets two arguments, such as console=ttyS0 without its speed.',
  }).check(per.item(kernelBoots), ({ args }, report) => {
    let before = '';
    for (const { text = '', at } of itemsOf(args)) {
      const { text: file } = at.source;
      // Two arguments look like one with options, such as `nfsroot=10.0.0.1:/a,ro`: the help is for both.
      const isGlued = file[at.start - 1] === ',' && !/["']/.test(file[at.start] ?? '');
      if (isGlued && before.includes('=') && !text.includes('='))
        report(at, {
          dedupe: true,
          message: `YAML ends ${before.replace(/=.*/, '=')} at the comma: the kernel gets the rest as another argument.`,
          help: 'write the argument in quotes, "console=ttyS0,115200n8"; or, for two arguments, add a blank after the comma',
        });
      before = text;
    }
  }),
  error('harvester-argument', {
    what: "`boot.args` must contain neither keys of Harvester's configuration nor arguments that harvgen sets for the installer.",
    why: 'A Linux ignores `harvester.*`, and nothing is installed. The installer prefers it to the checked configuration; one duplicate key, or before v1.8.0 one number, discards all such arguments.',
  }).check(per.item(kernelBoots), ({ node, linux, args }, report, { nodes = [], server }) => {
    // boot-key-of-other-os reports a Linux without `os: linux`.
    if (node && nodesWithoutOs(nodes).has(node)) return;
    for (const { text = '', at } of itemsOf(args))
      for (const word of kernelWords(text)) {
        const isRead = linux !== undefined && isInstaller(linux, server);
        const found = node && node.os !== 'linux' ? ofHarvester(node, word) : ofLinux(node, word, isRead);
        if (found) report(at, { dedupe: true, ...found });
      }
  }),
  error('installer-without-iso', {
    what: "If unknown machines, or nodes with `os: linux`, boot Harvester's installer, their arguments must set `harvester.install.iso_url`.",
    why: 'The installer loads the container images from that ISO, and without it from no other place: the node never starts (harvester/harvester#1649).',
  }).check(per.item(kernelBoots), ({ node, linux }, report, { server }) => {
    const { kernel, args } = linux ?? {};
    if (!linux || !kernel || !args || isBroken(linux, 'args') || !isInstaller(linux, server)) return;
    if (
      args.some((arg) =>
        /^"?harvester\.(install\.(iso_?url|config_?url)=.|installer\.disable)/i.test(arg ?? ''),
      )
    )
      return;
    const iso = kernel.includes('-vmlinuz-')
      ? kernel.replace('-vmlinuz-', '-')
      : `${server?.media?.url}/<release>/<file>`;
    report(locationOf(linux, 'kernel'), {
      dedupe: true,
      message: `${node?.name ?? 'An unknown machine'} boots Harvester's installer without harvester.install.iso_url: the installed system has no container images, and never starts.`,
      help: node ? AS_HARVESTER : `add "harvester.install.iso_url=${iso}.iso" to the arguments`,
    });
  }),
  warning('kernel-arguments-replace', {
    what: 'A node without external storage that sets `os.additionalKernelArguments` must set `multipath=` in them.',
    why: "The arguments replace `multipath=off`, the installer's default for such a node: multipath may then claim local disks and those of volumes.",
  }).check(nodesWith('userConfig', ({ os }) => os?.additionalKernelArguments).each, (node, report) => {
    const release = node.cluster?.version;
    const { os } = node.userConfig;
    // Releases before v1.4.0 do not support the key: key-too-new reports it.
    if (!release || !os || !isAtLeast(release, 'v1.4.0')) return;
    const { additionalKernelArguments: given, externalStorageConfig: storage } = os;
    if (!given || given.includes('${secret:') || /(^|\s)multipath=/.test(given)) return;
    if (storage?.enabled === true || isBroken(os, 'externalStorageConfig')) return;
    if (isBroken(node, 'userConfig') || (storage && isBroken(storage, 'enabled'))) return;
    report(locationOf(os, 'additionalKernelArguments'), {
      message:
        'os.additionalKernelArguments replaces multipath=off, the default without external storage: multipath may claim the disks of the node.',
      fix: suggestedFix(setKey(os, 'additionalKernelArguments', `multipath=off ${given}`)),
      help: 'start the arguments with multipath=off; or, if intended, add multipath=on',
    });
  }),
  error('kernel-root-twice', {
    what: 'The root file system must be set only once: by `boot.root`, or by `root=` in `boot.args`.',
    why: 'The last `root=` on the kernel command line applies: `boot.root` comes before the arguments, and would be ignored.',
  }).check(per.item(kernelBoots), ({ node, linux }, report) => {
    const { args = [] } = linux ?? {};
    const [first, ...others] = args.flatMap((arg = '', index) =>
      kernelWords(arg).flatMap((word) => (setsParameter(word, 'root') ? locationOf(args, index) : [])),
    );
    for (const at of first ? others : [])
      report(at, {
        dedupe: true,
        message: `The kernel command line of ${node?.name ?? 'unknown machines'} sets root= twice: this one comes last, and applies alone.`,
        related: [{ message: 'the first root= is at', at: first as SourceLocation }],
        help: 'keep one of the two: boot.root, or root= in boot.args',
      });
  }),
  error('argument-of-s3', {
    what: 'The value of a kernel argument must not contain an `s3://` URL.',
    why: 'BSS signs such URLs in `root=live:` and `metal.server=` for each request, but an output tree is static: an initrd that cannot sign requests downloads nothing.',
  }).check(per.item(kernelBoots), ({ linux }, report) => {
    for (const { text = '', at } of itemsOf(linux?.args))
      for (const word of kernelWords(text).filter(hasS3Url))
        report(at, {
          dedupe: true,
          message: `${word.replace(/^"|=.*/gs, '')}= contains an s3:// URL, which the boot server does not sign: the initrd downloads nothing.`,
          help: 'copy the file to server.images and set its http:// URL; or fetch it in cloud_init, by a presigned URL as ${secret:name}',
        });
  }),
  warning('kernel-line-too-long', {
    what: `A node's kernel command line must have at most ${LONGEST} bytes.`,
    why: 'The kernel silently drops the rest, with the source of the configuration for the installer or cloud-init. The installer then waits for input at the console.',
  }).check(per.node, (node, report, site) => {
    const { boot, linux, name, installerArgs = [] } = node;
    const args = linux ? argsOfLinux(site, node) : argsOfInstaller(site, node);
    const bytes = Buffer.byteLength(args.join(' '));
    if (!site.server || bytes <= LONGEST) return;
    const isMost = (text: string) => text.length > LONGEST / 2;
    const { at, ...others }: Pick<LocatedFinding, 'at' | 'help' | 'dedupe'> =
      boot && (linux || isMost(installerArgs.join(' ')))
        ? // Many nodes may share the arguments.
          { dedupe: true, at: locationOf(boot, 'args'), help: 'shorten boot.args and the URLs in it' }
        : args.some((arg) => arg.startsWith('root=') && isMost(arg))
          ? { at: locationOf(site.server, 'media'), help: 'shorten the URL of server.media' }
          : { at: locationOf(node, 'name'), help: 'shorten its URLs and the list of DNS servers' };
    report(at, {
      message: linux
        ? `The kernel command line of ${name} has ${bytes} bytes, but the kernel reads ${LONGEST}: it drops the last arguments.`
        : `The kernel command line has ${bytes} bytes, but the kernel reads ${LONGEST}: the installer cannot find its configuration.`,
      ...others,
    });
  }),
];

const installsNothing = ({ os }: Draft<Node>): boolean => os === 'linux' || os === 'iscsi';

function keysOf(node: Draft<Node>) {
  return (['install', 'mode', 'role', 'drive'] as const).flatMap((key) =>
    hasLocation(node, key) && !(key === 'role' && node.smdRole && !node.role)
      ? { key: key === 'drive' ? 'boot.drive' : key, at: keyLocationOf(node, key) }
      : [],
  );
}

function effectiveKeys(node: Draft<Node>): string[] {
  const fallsBack = node.iscsi?.fallback === 'disk';
  return keysOf(node).flatMap(({ key, at }) =>
    !installsNothing(node) || (fallsBack && key === 'boot.drive') ? locationKey(at) : [],
  );
}

/** A boot of a node, or the Linux of unknown machines. */
interface KernelBoot {
  readonly node?: Draft<Node>;
  readonly linux: Draft<LinuxBoot> | undefined;
  /** The arguments that the inventory sets, of Linux or of Harvester's installer. */
  readonly args: readonly (string | undefined)[] | undefined;
}

function* kernelBoots({ nodes = [], unknownMachines = [] }: Draft<Site>): Iterable<KernelBoot> {
  for (const node of nodes)
    if (node) yield { node, linux: node.linux, args: node.boot?.args as KernelBoot['args'] };
  for (const linux of unknownMachines) if (linux) yield { linux, args: linux.args };
}

function itemsOf(list: readonly (string | undefined)[] = []) {
  return list.map((text, index) => ({ text, at: locationOf(list, index) }));
}

function textsOf(linux: Draft<LinuxBoot>) {
  const { kernel, squashfs, initrds = [], args = [] } = linux;
  return [
    { text: kernel, at: locationOf(linux, 'kernel') },
    { text: squashfs, at: locationOf(linux, 'squashfs') },
    ...[initrds, args].flatMap(itemsOf),
  ];
}

/** What a node needs instead of the installer as its Linux. */
const AS_HARVESTER =
  'replace os, kernel, initrd and root with `os: harvester`: harvgen sets the arguments of the installer';

/** Whether a Linux is Harvester's installer, by the names of its files. */
function isInstaller({ kernel, squashfs }: Draft<LinuxBoot>, server: Draft<Site>['server']): boolean {
  const media = server?.media?.url;
  return [kernel, squashfs].some(
    (url) => (media && url?.startsWith(`${media}/`)) || /\/harvester-[^/]*-(vmlinuz|rootfs)/.test(url ?? ''),
  );
}

/** Returns the finding of an argument of a Linux, which the installer of Harvester may read. */
function ofLinux(node: Draft<Node> | undefined, word: string, isRead: boolean): Finding | undefined {
  const key = word.replace(/^"|=.*$/gs, '');
  if (!key.startsWith('harvester.')) return undefined;
  const message = !isRead
    ? `${node?.name ?? 'An unknown machine'} boots Linux, but only the installer of Harvester reads ${key}: nothing is installed.`
    : node
      ? `${node.name} boots Harvester's installer as a Linux: it boots it again after the installation.`
      : `${key} makes the installer erase the disk of every unknown machine, without a question.`;
  const help = node
    ? `${AS_HARVESTER}; or remove it`
    : 'remove it; to install Harvester on a machine, add it to nodes';
  return isRead && !node && !/automatic(?!=(false|0)?"?$)/i.test(word) ? undefined : { message, help };
}

function ofHarvester({ name, os }: Draft<Node>, word: string): Finding | undefined {
  if (os !== 'harvester') return undefined;
  const key = word.replace(/^"|=.*$/gs, '');
  const help = Object.hasOwn(SET_FOR_INSTALLER, key) ? SET_FOR_INSTALLER[key] : undefined;
  if (help !== undefined)
    return { message: `The kernel command line of ${name} has ${key}= already: harvgen sets it.`, help };
  // The installer's own switches, such as harvester.installer.disable, are in no configuration.
  const path = /^harvester\.(?!installer\.)(.+)/s.exec(key)?.[1];
  if (path === undefined) return undefined;
  return {
    message: `${key} in boot.args takes precedence over the configuration of ${name}, where it would be checked.`,
    help: `set ${path} in config`,
  };
}

function argumentError(text: string, loader: Node['loader']) {
  const setting = /\$\{[^}]*\}?/.exec(text)?.[0];
  // The lookup has already reported an unknown value of the node.
  if (setting?.startsWith('${node:') && setting.endsWith('}')) return undefined;
  if (setting === '${SPIRE_JOIN_TOKEN}')
    return [
      'OpenCHAMI replaces ${SPIRE_JOIN_TOKEN} with a new token at each boot: iPXE would substitute its own setting.',
      'remove it; write a join token to a file in cloud_init, as ${secret:name}: every user can read the kernel command line',
    ];
  if (setting !== undefined) {
    // iPXE writes the interface before a setting, and a format after it: `${net0/mac:hexhyp}`.
    const [, name = ''] = /^\$\{(?:node:|\w+\/)?([\w-]*)/.exec(setting) ?? [];
    const meant = setting.includes('mac:hexhyp') ? 'mac-hyphens' : nearest(name, NODE_VALUE_NAMES);
    return [
      `${setting} is not a value of the node: iPXE would substitute its own setting.`,
      `${meant ? `use \${node:${meant}}` : 'use a value of the node, such as ${node:name}'}; values are ${NODE_VALUE_NAMES.join(', ')}`,
    ];
  }
  if (isQuoteOpen(text))
    return [
      'A double quote is not closed: the kernel would read all that follows as one argument.',
      'close the quote',
    ];
  try {
    for (const word of kernelWords(text)) {
      // A node that boots with GRUB also has an iPXE script.
      for (const part of word.split(' ')) quoteIpxe(part);
      if (loader === 'grub') quoteGrubArg(word);
    }
  } catch (error) {
    if (!(error instanceof Unquotable)) throw error;
    return [`${error.message}.`, 'rewrite the argument, or set it in the image itself'];
  }
  return undefined;
}

function argsOfInstaller(site: Draft<Site>, node: Draft<Node>): readonly string[] {
  if (node.os !== 'harvester' || node.install === 'never' || !isLineKnown(site, node)) return [];
  const { args, nicArg } = installer(site as Site, node as Node);
  return nicArg ? [...args, nicArg + ANY_MAC] : args;
}

function argsOfLinux({ server }: Draft<Site>, node: Draft<Node>): readonly string[] {
  const { linux } = node;
  if (!server?.url || !linux?.args || !isMachineKnown(node)) return [];
  const { kernel = '', initrds = [] } = linux;
  // Boot loaders prepend the URL of the kernel, or the names of initrds.
  const before =
    node.loader === 'grub'
      ? [`BOOT_IMAGE=${kernel.replace('http://', '(http,)')}`]
      : initrds.map((_, index) => `initrd=${initrdName(initrds.length, index)}`);
  return [...before, ...kernelArgs({ server } as Site, node as Node)];
}

/** Whether a node is identified by its MAC address or, without one, by its IP address. */
function isMachineKnown({ bootNic }: Draft<Node>): boolean {
  return Boolean(bootNic?.mac || (bootNic && lacks(bootNic, 'mac') && bootNic.ip));
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
