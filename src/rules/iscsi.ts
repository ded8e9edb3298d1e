import { FIRST_RELEASE_BY_ISCSI, ISCSI_ARGS } from '../knowledge/harvester.ts';
import { iscsiNic } from '../site/iscsi.ts';
import type { BootInput, Chap, Network, Nic, Node } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { hasLocation, isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import { contains, isHostAddress } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { kernelWords } from '../values/text.ts';
import { isAtLeast } from '../values/version.ts';
import { error, essential, warning } from './rule.ts';
import { nodesWhose, perNetwork, repeats } from './support.ts';

const byIscsi = nodesWhose('iscsi');

export const iscsiImageOrTarget = essential('iscsi-image-or-target', {
  what: "A node that boots by iSCSI says an image of the site's, or the target of somebody else's, and not both. `server` and `port` are said of a target, `size` of a disk of the site's own.",
  why: 'Its disk is a clone of the image, at a target of its own; without either there is no disk, and with both it could not be told which one is meant.',
  check: byIscsi.eachOnce((node, report) => {
    const boot = node.boot as BootInput | undefined;
    if (!boot || isBroken(boot, 'target') || isBroken(boot, 'image')) return;
    const find = (says: string, at: SourceLocation, help: string) =>
      report({ message: `${node.name} ${says}`, at, help });
    const isIscsi = node.os === 'iscsi';
    const isOther = hasLocation(boot, 'target');
    const key = isOther ? undefined : (['server', 'port'] as const).find((one) => hasLocation(boot, one));
    if (isIscsi && isOther && hasLocation(boot, 'image'))
      find(
        'says both an image and a target: its disk is the one or the other.',
        keyLocationOf(boot, 'target'),
        'take boot.image out where the target is to be booted, or boot.target where the image is; where defaults say the image, say it in a profile of the nodes that boot it',
      );
    else if (isIscsi && !isOther && lacks(boot, 'image'))
      find(
        'boots by iSCSI, and no disk is said: neither an image nor a target.',
        locationOf(boot, 'os'),
        "say `image: …`, one of the site's images; or `target: iqn.…`, somebody else's",
      );
    else if (key !== undefined)
      find(
        `says boot.${key}, which is of somebody else's target, and names none: its disk is at the site's own iSCSI server.`,
        keyLocationOf(boot, key),
        `say the ${key} of the site's own with server.iscsi.${key === 'server' ? 'address' : 'port'}; or the name of the target, \`target: iqn.…\``,
      );
    else if (isOther && hasLocation(boot, 'size'))
      find(
        "says boot.size, and its disk is at somebody else's target, who says how large it is.",
        keyLocationOf(boot, 'size'),
        'take it out',
      );
  }),
});

export const iscsiKernelArguments = error('iscsi-kernel-arguments', {
  what: 'Where the disk of a Harvester node is one by iSCSI, `os.additionalKernelArguments` that are said tell the kernel to log in at its target.',
  why: 'They take the place of those that harvgen writes. Without `rd.iscsi.firmware` or a `netroot=` the installed system has no disk at its first boot.',
  check: byIscsi.eachOnce((node, report) => {
    const release = node.cluster?.version;
    const os = node.userConfig?.os;
    const given = os?.additionalKernelArguments;
    if (node.os !== 'harvester' || !os || !given || given.includes('${secret:')) return;
    if (release && !isAtLeast(release, FIRST_RELEASE_BY_ISCSI)) return;
    if (kernelWords(given).some((word) => LOGS_IN.test(word))) return;
    report({
      message: `os.additionalKernelArguments of ${node.name} say nothing of iSCSI, and its disk is behind an iSCSI target: what is installed there would not find it.`,
      at: locationOf(os, 'additionalKernelArguments'),
      help: `add ${ISCSI_ARGS.join(' ')}; or leave the arguments out: these and multipath=off are written unless said`,
    });
  }),
});

/** What makes an initrd of dracut log in: by what firmware describes, or at a target that is named. Source: dracut.cmdline(7). */
const LOGS_IN = /^(rd\.iscsi\.firmware(=(1|yes|on|true))?$|iscsi_firmware$|netroot=iscsi)/;

export const iscsiManagementNic = warning('iscsi-management-nic', {
  what: 'A Harvester node reaches its disk by iSCSI by another NIC than those of its management interface.',
  why: 'Harvester puts these into a bond, in the installer and at every boot: for that they go down and lose their address, and with it goes the disk that the system runs from. Its installer therefore does not even offer a NIC that is in use by iSCSI (harvester-installer, pkg/console/network.go; harvester/harvester#6964).',
  check: nodesWhose('iscsi', ({ address }) => address).eachOnce((node, report) => {
    if (node.os !== 'harvester' || node.install === 'never') return;
    const nic = iscsiNic(node);
    if (!nic || !isManaged(nic, node)) return;
    report({
      message: `${node.name} reaches its disk at ${node.iscsi.address} by ${nic.name ?? nic.mac ?? 'the NIC that it boots from'}, which Harvester takes for its management interface: as that goes into a bond, the disk is gone.`,
      at: diskPlace(node),
      help: 'give the node a second NIC, under nics, on a network of its own whose subnet the iSCSI server is in; or name another NIC in config.install.management_interface.interfaces',
    });
  }),
});

function diskPlace(node: Draft<Node>): SourceLocation {
  const { boot } = node;
  return boot && hasLocation(boot, 'disk') ? locationOf(boot, 'disk') : locationOf(node, 'name');
}

/** Whether a NIC is one of the management interface; where nothing says which these are, it is the one that boots. */
function isManaged(nic: Draft<Nic>, { config, bootNic }: Draft<Node>): boolean {
  const interfaces = config?.install?.management_interface?.interfaces;
  if (!interfaces) return nic === bootNic;
  return interfaces.some((one) =>
    one?.hwAddr ? parseMac(one.hwAddr) === nic.mac : one?.name !== undefined && one.name === nic.name,
  );
}

/** How long a name of iSCSI may be, in bytes. Source: RFC 7143, 4.2.7. */
const LONGEST = 223;

/** How long a secret in a name may be, as the inventory's schema has it. */
const SECRET = 'x'.repeat(40);

export const iscsiNameTooLong = error('iscsi-name-too-long', {
  what: "The names of a node's target and of the node as its initiator are of at most 223 bytes.",
  why: 'RFC 7143 allows no longer one: a target refuses it, or cuts it off.',
  check: byIscsi.eachOnce((node, report) => {
    for (const key of ['target', 'initiator'] as const) {
      const length = node.iscsi[key]?.replace(/\$\{secret:[^}]*\}/g, SECRET).length ?? 0;
      if (length <= LONGEST) continue;
      report({
        message: `The name of the ${key} of ${node.name} has ${length} characters, and iSCSI takes ${LONGEST} at most.`,
        at: locationOf(node.iscsi, key),
        help: 'begin names shorter, with server.iscsi.iqn; or have shorter names of the site, the node or the image',
      });
    }
  }),
});

export const iscsiOutsideSubnet = error('iscsi-outside-subnet', {
  what: "The iSCSI server's address on a network is an address of its subnet that a host can have.",
  why: 'Nodes of the network would ask a machine that is not there for their disks.',
  check: perNetwork((network, report) => {
    if (!network.iscsi || !network.subnet) return;
    const { iscsi, subnet, name } = network;
    if (isHostAddress(subnet, iscsi)) return;
    report({
      message: `The iSCSI server cannot have the address ${iscsi} on ${name}: it is none of a host of ${subnet.text}.`,
      at: locationOf(network, 'iscsi'),
      related: [{ message: 'the subnet is set at', at: locationOf(network, 'subnet') }],
      help: `give its address in ${subnet.text}; where it has none there, take this out, and nodes reach server.iscsi.address by the gateway`,
    });
  }),
});

export const iscsiServerAddress = essential('iscsi-server-address', {
  what: 'The iSCSI server of nodes that boot by it has an IPv4 address: that of `server.url` where this is one, and not that of pods, else `server.iscsi.address`, or `iscsi` of the network.',
  why: 'Firmware hands the address on to the system (iBFT), which has no DNS yet as it looks for its disk; and no pod is an iSCSI server.',
  check({ server, nodes = [] }, report) {
    if (!server?.iscsi) return;
    const lacking = nodes.flatMap((node) => (node && lacksAddress(node, server) ? [node] : []));
    if (lacking.length === 0) return;
    report({
      message: `The iSCSI server has no address, and ${namesOf(lacking)} ${lacking.length > 1 ? 'boot' : 'boots'} by it: ${server.host} is ${server.kubernetes ? 'that of pods' : 'a name'}.`,
      at: locationOf(server, 'url'),
      help: 'say it: `server: {iscsi: {address: …}}`',
    });
  },
});

function lacksAddress({ iscsi, bootNic }: Draft<Node>, server: Draft<Server>): boolean {
  const network = bootNic?.network;
  if (!iscsi || !server.iscsi || !network || isBroken(iscsi, 'address')) return false;
  if (isBroken(server.iscsi, 'address') || isBroken(network, 'iscsi')) return false;
  if (iscsi.address === undefined) return true;
  const isOfUrl = !hasLocation(server.iscsi, 'address') && iscsi.address === server.host;
  return isOfUrl && server.kubernetes !== undefined;
}

export const iscsiSizeMissing = essential('iscsi-size-missing', {
  what: "A blank disk on the site's own iSCSI server, for Harvester, has a size.",
  why: 'It is a clone of no image that has one: `scripts/images.sh` would make a disk on which nothing fits.',
  check: nodesWhose('iscsi', ({ disk }) => disk !== undefined).eachOnce((node, report) => {
    const boot = node.boot as BootInput | undefined;
    if (!boot || node.os !== 'harvester' || !lacks(boot, 'size')) return;
    report({
      message: `The disk of ${node.name} is a blank one, and does not say how large it is.`,
      at: locationOf(boot, 'disk'),
      help: 'say it beside disk: `boot: {disk: iscsi, size: 400Gi}`',
    });
  }),
});

export const iscsiStoreKeys = warning('iscsi-store-keys', {
  what: 'What `server.iscsi` says of its store is of the one that it has: `files` and `format` of plain files, `snapshot` of Ceph.',
  why: 'It says nothing here: images and disks are where `rbd` says, or, without it, plain files.',
  check({ server }, report) {
    const { iscsi } = server ?? {};
    if (!iscsi?.store?.kind) return;
    const isRbd = iscsi.store.kind === 'rbd';
    for (const key of isRbd ? (['files', 'format'] as const) : (['snapshot'] as const)) {
      if (!hasLocation(iscsi, key)) continue;
      report({
        message: `server.iscsi.${key} says nothing here: images and disks are ${isRbd ? "in a pool of Ceph's" : 'plain files'}.`,
        at: keyLocationOf(iscsi as Readonly<Record<string, unknown>>, key),
        help: isRbd
          ? 'take it out, or rbd, where they are to be plain files'
          : 'take it out, or say the pool: `rbd: {pool: …}`',
      });
    }
  },
});

export const iscsiUnreachable = error('iscsi-unreachable', {
  what: 'A node that boots by iSCSI is on a network of its server, or has a gateway to it.',
  why: 'Neither iPXE nor the system after it has any other way: without a route to the server the node has no disk.',
  check(site, report) {
    const seen = new Set<string>();
    for (const node of byIscsi.of(site)) {
      // Harvester's installer brings up the NIC that leads there, and iPXE alone that which it boots from.
      const network = (node.os === 'harvester' ? iscsiNic(node) : node.bootNic)?.network;
      const { address } = node.iscsi;
      if (!network || address === undefined || hasRoute(network, address)) continue;
      const key = `${network.name} ${address}`;
      if (seen.has(key)) continue;
      seen.add(key);
      report({
        message: `${node.name} boots by iSCSI from ${address}, which is not on ${network.name}, and that has no gateway: it could not reach its disk.`,
        at: selfLocation(network),
        related: [{ message: `${node.name} boots by iSCSI by`, at: locationOf(node, 'os') }],
        help: `add gateway; or the address that the iSCSI server has on ${network.name}, \`iscsi: …\``,
      });
    }
  },
});

/** Whether machines of a network have a way to an address, or may be told of one that is not known here. */
function hasRoute(network: Draft<Network>, address: string): boolean {
  if (!network.subnet || contains(network.subnet, address) || !lacks(network, 'gateway')) return true;
  return isBroken(network, 'dhcp') || network.dhcp?.server === 'external';
}

export const harvesterIscsiTooNew = error('harvester-iscsi-too-new', {
  what: `Harvester is installed on a disk by iSCSI from ${FIRST_RELEASE_BY_ISCSI} on.`,
  why: 'A release before that says nothing of iSCSI to the kernel that it installs, and has no key to: the system does not find its disk (harvester/harvester#5150).',
  check: byIscsi.eachOnce((node, report) => {
    const { cluster } = node;
    const release = cluster?.version;
    if (node.os !== 'harvester' || !release || isAtLeast(release, FIRST_RELEASE_BY_ISCSI)) return;
    report({
      message: `${node.name} is to have its disk by iSCSI, and Harvester ${release.text} cannot be booted from one: ${FIRST_RELEASE_BY_ISCSI} is the first that can.`,
      at: diskPlace(node),
      related: hasLocation(cluster, 'version')
        ? [{ message: 'the release is set at', at: locationOf(cluster, 'version') }]
        : [],
      help: `install ${FIRST_RELEASE_BY_ISCSI} or a newer release, or say \`disk: local\``,
    });
  }),
});

export const tgtLunZero = essential('tgt-lun-zero', {
  what: "At a target of the site's own that tgt serves, no disk is LUN 0.",
  why: 'There tgt has a controller of its own, which every target has: it refuses a disk of that number, and the node finds none (usr/target.c, tgt_target_create).',
  check: nodesWhose('iscsi', ({ lun, disk }) => lun === 0 && disk).eachOnce((node, report, { server }) => {
    if (server?.iscsi?.driver !== 'tgt') return;
    report({
      message: `The disk of ${node.name} is to be LUN 0, which is the controller of tgt's targets.`,
      at: locationOf(node.boot as BootInput, 'lun'),
      help: 'take lun out: it is 1 unless said',
    });
  }),
});

export const chapNone = warning('chap-none', {
  what: "At a target of the site's own a node proves who it is (CHAP).",
  why: "Without that its address is all that the target asks for: whoever takes it, and guesses the target's name, reads and writes the node's disk.",
  check: byIscsi.eachOnce((node, report) => {
    const boot = node.boot as BootInput | undefined;
    if (boot?.chap !== 'none' || boot.target !== undefined) return;
    report({
      message: `${node.name} proves nothing to its target: whoever has its address has its disk.`,
      at: locationOf(boot, 'chap'),
      help: 'take `chap: none` out: user and password follow from the name of the node then, and `harvgen secrets` says which secrets that needs',
    });
  }),
});

export const chapSecretBothWays = error('chap-secret-both-ways', {
  what: 'No password by which a target proves who it is (mutual CHAP) is that of a node.',
  why: 'RFC 7143, 9.2.1, forbids it: whoever is asked for one could ask the other the same, and answer with what that says. Initiators and targets refuse the login.',
  check(site, report) {
    const nodes = byIscsi.of(site);
    // Of several with one password the first counts.
    const names = new Map(nodes.toReversed().map(({ iscsi, name }) => [iscsi.chap?.password, name]));
    for (const node of nodes) {
      const { chap } = node.iscsi;
      if (!chap?.targetPassword || !names.has(chap.targetPassword)) continue;
      const whose = chap.password === chap.targetPassword ? node.name : names.get(chap.targetPassword);
      report({
        node,
        dedupe: true,
        message: `The target of ${node.name} has the CHAP password of ${whose === node.name ? 'the node' : whose}: it would prove nothing.`,
        at: locationOf(chap, 'targetPassword'),
        help: 'give the target another secret: `target_password: ${secret:chap_target}`',
      });
    }
  },
});

export const chapSecretShared = warning('chap-secret-shared', {
  what: "Each node has a password of its own (CHAP) at targets of the site's own.",
  why: "A node knows its own password: with another's it needs no more than that one's address to read and write its disk.",
  check({ nodes = [] }, report) {
    const ofOwn = nodes.filter((node) => node?.iscsi?.disk !== undefined);
    for (const { one: node, first: other } of repeats(
      ofOwn,
      (node) => node.iscsi?.chap?.password || undefined,
    )) {
      const at = passwordPlace(node);
      const otherAt = passwordPlace(other);
      const isSaid = saysPassword(node);
      const isSame = locationKey(otherAt) === locationKey(at);
      report({
        node,
        dedupe: true,
        message: `${node.name} has the CHAP password of ${other.name}: either could log in as the other.`,
        at,
        related: isSame ? [] : [{ message: `${other.name} has it at`, at: otherAt }],
        help: isSame
          ? 'take it out of the layer: unless said, each node has a secret of its own'
          : isSaid || saysPassword(other)
            ? `give ${(isSaid ? node : other).name} another secret; unless said, it has one of its own`
            : `say boot.chap.password of one of them: unless said, it is called by the node's name, with _ for - and .`,
      });
    }
  },
});

function passwordPlace({ iscsi }: Draft<Node>): SourceLocation {
  return locationOf(iscsi?.chap as Draft<Chap>, 'password');
}

/** Whether it is said which password a node has, and not by its name alone. */
function saysPassword({ boot }: Draft<Node>): boolean {
  const { chap } = (boot ?? {}) as BootInput;
  return typeof chap === 'object' && chap !== null && hasLocation(chap, 'password');
}

export const chapTargetUser = warning('chap-target-user', {
  what: 'Who a target is (CHAP, `target_user`) is said beside the password by which it proves that.',
  why: 'Without `target_password` a target proves nothing, and the name is used nowhere.',
  check: byIscsi.eachOnce((node, report) => {
    const { chap } = (node.boot ?? {}) as BootInput;
    if (typeof chap !== 'object' || chap === null) return;
    const said = chap as { readonly target_user?: unknown; readonly target_password?: unknown };
    if (!hasLocation(said, 'target_user') || hasLocation(said, 'target_password')) return;
    if (isBroken(said, 'target_password')) return;
    report({
      message: `boot.chap.target_user says nothing here: ${node.name} does not ask its target to prove who it is.`,
      at: keyLocationOf(said, 'target_user'),
      help: "say target_password beside it, another secret than the node's own; or take it out",
    });
  }),
});

export const chapUserShared = essential('chap-user-shared', {
  what: "At targets of the site's own that tgt serves, a CHAP user has one password, whichever node or target it stands for.",
  why: 'All targets of tgt have one list of users: the second password of a name is refused, and a login by it.',
  check({ server, nodes = [] }, report) {
    if (server?.iscsi?.driver !== 'tgt') return;
    for (const { one, first } of repeats(nodes.flatMap(accountsOf), ({ user }) => user)) {
      const { node, user, password, at } = one;
      if (password === first.password) continue;
      report({
        node,
        message: `The CHAP user ${user} of ${node.name} has another password than that of ${first.node.name === node.name ? 'its target' : first.node.name}: tgt knows one for each name.`,
        at,
        related: [{ message: 'the first is at', at: first.at }],
        help: 'take the user out: unless said, each node and each target has one of its own',
      });
    }
  },
});

/** Gives who logs in at a node's target of the site's own, and who answers there. */
function accountsOf(node: Draft<Node> | undefined) {
  const { chap, disk } = node?.iscsi ?? {};
  if (!node || !chap || disk === undefined) return [];
  const { user, password, targetUser, targetPassword } = chap;
  return [
    ...(user && password ? [{ node, user, password, at: locationOf(chap, 'user') }] : []),
    ...(targetUser && targetPassword
      ? [{ node, user: targetUser, password: targetPassword, at: locationOf(chap, 'targetUser') }]
      : []),
  ];
}
