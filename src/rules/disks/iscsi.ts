import { FIRST_RELEASE_BY_ISCSI, ISCSI_ARGS } from '../../knowledge/harvester.ts';
import { ISCSI_PROGRAMS, lunClients } from '../../plan/iscsi.ts';
import { iscsiNic } from '../../site/iscsi.ts';
import type { BootInput, Chap, Nic, Node, Site } from '../../site/model.ts';
import type { Lun } from '../../site/model-host.ts';
import type { Server } from '../../site/model-server.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import {
  hasLocation,
  isBroken,
  keyLocationOf,
  lacks,
  locationOf,
  selfLocation,
} from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { removeKey, safeFix, suggestedFix } from '../../source/text-edit/fix.ts';
import { isHostAddress } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { parseMac } from '../../values/identifiers.ts';
import { onceFor } from '../../values/once-for.ts';
import { kernelWords } from '../../values/text.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesWith, per, repeats, warning } from '../rule.ts';
import { obstacleTo } from '../support.ts';

const byIscsi = nodesWith('iscsi');

/** Arguments that make a dracut initrd log in: at the target that firmware describes, or at a named one. Source: dracut.cmdline(7). */
const LOGS_IN = /^(rd\.iscsi\.firmware(=(1|yes|on|true))?$|iscsi_firmware$|netroot=iscsi)/;

/** The maximum length of an iSCSI name, in bytes. Source: RFC 7143, 4.2.7. */
const LONGEST = 223;

/** A secret of the maximum length within a name, as in the inventory's schema. */
const SECRET = 'x'.repeat(40);

/** Returns the first node on each network that cannot reach its iSCSI server, for each server, and the reason. */
export const unreachableDisks = onceFor((site: Draft<Site>) => {
  const seen = new Set<string>();
  return byIscsi.ofSite(site).flatMap((node) => {
    // Harvester's installer configures the NIC that leads to the server; iPXE configures only the boot NIC.
    const network = (node.os === 'harvester' ? iscsiNic(node) : node.bootNic)?.network;
    const { address } = node.iscsi;
    const key = `${network?.name} ${address}`;
    const obstacle = network && address !== undefined && !seen.has(key) && obstacleTo(address, network, site);
    if (!obstacle) return [];
    seen.add(key);
    return [{ node, network, obstacle }];
  });
});

export const iscsiRules = [
  essential('iscsi-image-or-target', {
    what: 'A node that boots by iSCSI must set either `image` or `target`; `server` and `port` require `target`, `size` forbids it.',
    why: 'The disk is a clone of the image, at its own target: without both keys there is no disk; with both, the choice is ambiguous.',
  }).check(byIscsi.eachOnce, (node, report) => {
    const boot = node.boot as BootInput | undefined;
    if (!boot || isBroken(boot, 'target') || isBroken(boot, 'image')) return;
    const isIscsi = node.os === 'iscsi';
    const isOther = hasLocation(boot, 'target');
    const key = isOther ? undefined : (['server', 'port'] as const).find((name) => hasLocation(boot, name));
    const find = (at: SourceLocation, problem: string, help: string) =>
      report(at, { message: `${node.name} ${problem}`, help });
    if (isIscsi && isOther && hasLocation(boot, 'image'))
      find(
        keyLocationOf(boot, 'target'),
        'sets both boot.image and boot.target: its disk can be only one of them.',
        'remove boot.image or boot.target; or move an image in the defaults to a profile of the nodes that boot it',
      );
    else if (isIscsi && !isOther && lacks(boot, 'image'))
      find(
        locationOf(boot, 'os'),
        'boots by iSCSI but sets neither an image nor a target: it has no disk.',
        "set `image: …` to one of the site's images, or `target: iqn.…` to a target of another server",
      );
    else if (key !== undefined)
      find(
        keyLocationOf(boot, key),
        `sets boot.${key}, a key of another server's target, but no target: its disk is on the site's own iSCSI server.`,
        `set server.iscsi.${key === 'server' ? 'address' : 'port'} for the site's own server; or name the target, \`target: iqn.…\``,
      );
    else if (isOther && hasLocation(boot, 'size'))
      find(
        keyLocationOf(boot, 'size'),
        "sets boot.size, but its disk is at another server's target, which determines the size.",
        'remove boot.size',
      );
  }),
  error('iscsi-kernel-arguments', {
    what: 'The `os.additionalKernelArguments` of a Harvester node with an iSCSI disk must make the kernel log in at its target.',
    why: 'They replace the arguments that harvgen writes. Without `rd.iscsi.firmware` or a `netroot=` the installed system has no disk at its first boot.',
  }).check(byIscsi.eachOnce, (node, report) => {
    const release = node.cluster?.version;
    const os = node.userConfig?.os;
    const given = os?.additionalKernelArguments;
    if (node.os !== 'harvester' || !os || !given || given.includes('${secret:')) return;
    if (release && !isAtLeast(release, FIRST_RELEASE_BY_ISCSI)) return;
    if (kernelWords(given).some((word) => LOGS_IN.test(word))) return;
    report(locationOf(os, 'additionalKernelArguments'), {
      message: `os.additionalKernelArguments of ${node.name} do not enable iSCSI, but its disk is behind an iSCSI target: the installed system cannot find it.`,
      help: `add ${ISCSI_ARGS.join(' ')}; or remove the key: by default, harvgen writes these and multipath=off`,
    });
  }),
  warning('iscsi-management-nic', {
    what: 'A Harvester node must reach its iSCSI disk through a NIC outside its management interface.',
    why: 'Harvester bonds the NICs of the management interface, in the installer and at every boot: they go down and lose their IP address, and the system loses its disk. The installer therefore does not even offer a NIC that iSCSI uses (harvester-installer, pkg/console/network.go; harvester/harvester#6964).',
  }).check(nodesWith('iscsi', ({ address }) => address).eachOnce, (node, report) => {
    if (node.os !== 'harvester' || node.install === 'never') return;
    const nic = iscsiNic(node);
    if (!nic || !isManaged(nic, node)) return;
    report(diskLocation(node), {
      message: `${node.name} reaches its disk at ${node.iscsi.address} through ${nic.name ?? nic.mac ?? 'the NIC that it boots from'}, a NIC of its management interface: when Harvester bonds it, the disk is lost.`,
      help: 'add a NIC, under nics, on a separate subnet with the iSCSI server; or set another in config.install.management_interface.interfaces',
    });
  }),
  error('iscsi-name-too-long', {
    what: "The names of a node's target and initiator must have at most 223 bytes.",
    why: 'RFC 7143 allows no longer name: a target rejects or truncates it.',
  }).check(byIscsi.eachOnce, (node, report) => {
    for (const key of ['target', 'initiator'] as const) {
      const length = node.iscsi[key]?.replace(/\$\{secret:[^}]*\}/g, SECRET).length ?? 0;
      if (length <= LONGEST) continue;
      report(locationOf(node.iscsi, key), {
        message: `The name of the ${key} of ${node.name} has ${length} characters, but iSCSI allows ${LONGEST}: a target rejects or truncates it.`,
        help: 'set a shorter server.iscsi.iqn; or shorten the name of the site, the node or the image',
      });
    }
  }),
  error('iscsi-outside-subnet', {
    what: "The iSCSI server's IP address on a network must be a host address of its subnet.",
    why: 'Nodes of the network request their disks from a machine that does not exist.',
  }).check(per.network, (network, report) => {
    if (!network.iscsi || !network.subnet) return;
    const { iscsi, subnet, name } = network;
    if (isHostAddress(subnet, iscsi)) return;
    report(locationOf(network, 'iscsi'), {
      message: `The iSCSI server cannot have the IP address ${iscsi} on ${name}: it is not a host address of ${subnet.text}.`,
      related: [{ message: 'the subnet is set at', at: locationOf(network, 'subnet') }],
      help: `set its IP address in ${subnet.text}; or, without one there, remove the key: nodes then reach server.iscsi.address through the gateway`,
    });
  }),
  essential('iscsi-server-address', {
    what: 'The iSCSI server must have an IPv4 address: in `server.url` (except of pods), `server.iscsi.address` or `iscsi` of the network.',
    why: 'Firmware passes the IP address to the system (iBFT), which has no DNS yet when it looks for its disk; and no pod is an iSCSI server.',
  }).check(({ server, nodes = [] }, report) => {
    if (!server?.iscsi) return;
    const lacking = nodes.flatMap((node) => (node && lacksAddress(node, server) ? [node] : []));
    if (lacking.length === 0) return;
    report(locationOf(server, 'url'), {
      message: `The iSCSI server has no IP address, but ${namesOf(lacking)} ${lacking.length > 1 ? 'boot' : 'boots'} from it: ${server.host} is ${server.kubernetes ? 'the address of pods' : 'a name'}.`,
      help: 'set `server: {iscsi: {address: …}}`',
    });
  }),
  essential('iscsi-size-missing', {
    what: "A blank Harvester disk on the site's own iSCSI server must have a size.",
    why: 'No image determines its size: `scripts/images.sh` would make a disk that is too small for any data.',
  }).check(nodesWith('iscsi', ({ disk }) => disk !== undefined).eachOnce, (node, report) => {
    const boot = node.boot as BootInput | undefined;
    if (!boot || node.os !== 'harvester' || !lacks(boot, 'size')) return;
    report(locationOf(boot, 'disk'), {
      message: `The disk of ${node.name} is blank but has no size: no data would fit on it.`,
      help: 'set the size next to disk: `boot: {disk: iscsi, size: 400Gi}`',
    });
  }),
  warning('iscsi-store-keys', {
    tag: 'unnecessary',
    what: 'The keys of `server.iscsi` must match its store: `files` and `format` for plain files, `snapshot` for Ceph.',
    why: 'The key has no effect: images and disks are in the pool of `rbd` or, without it, plain files.',
  }).check(({ server }, report) => {
    const { iscsi } = server ?? {};
    if (!iscsi?.store?.kind) return;
    const isRbd = iscsi.store.kind === 'rbd';
    for (const key of isRbd ? (['files', 'format'] as const) : (['snapshot'] as const))
      if (hasLocation(iscsi, key))
        report(keyLocationOf(iscsi as Readonly<Record<string, unknown>>, key), {
          message: `server.iscsi.${key} has no effect: images and disks are ${isRbd ? 'in a Ceph pool' : 'plain files'}.`,
          help: isRbd
            ? `remove ${key}; or, to use plain files, remove rbd`
            : 'remove snapshot, or set the pool: `rbd: {pool: …}`',
        });
  }),
  error('iscsi-unreachable', {
    what: 'A node that boots by iSCSI must be on a network of its server, or have a gateway to it.',
    why: 'Neither iPXE nor the system has another route to the server: without one, the node has no disk.',
  }).check((site, report) => {
    for (const { node, network, obstacle } of unreachableDisks(site))
      report(selfLocation(network), {
        message: `${node.name} boots by iSCSI from ${node.iscsi?.address}, which is not on ${network.name}, ${obstacle.what}: it cannot reach its disk.`,
        related: [{ message: `${node.name} sets iSCSI at`, at: locationOf(node, 'os') }],
        help: `${obstacle.help}; or set the iSCSI server's IP address on ${network.name}, \`iscsi: …\``,
      });
  }),
  error('harvester-iscsi-too-new', {
    what: `Harvester on an iSCSI disk must be ${FIRST_RELEASE_BY_ISCSI} or newer.`,
    why: 'An older release passes no iSCSI arguments to the installed kernel, and has no key for them: the system does not find its disk (harvester/harvester#5150).',
  }).check(byIscsi.eachOnce, (node, report) => {
    const { cluster } = node;
    const release = cluster?.version;
    if (node.os !== 'harvester' || !release || isAtLeast(release, FIRST_RELEASE_BY_ISCSI)) return;
    report(diskLocation(node), {
      message: `${node.name} has an iSCSI disk, but Harvester ${release.text} cannot boot from one: ${FIRST_RELEASE_BY_ISCSI} is the first release that can.`,
      related: hasLocation(cluster, 'version')
        ? [{ message: 'the release is set at', at: locationOf(cluster, 'version') }]
        : [],
      help: `install ${FIRST_RELEASE_BY_ISCSI} or newer, or set \`disk: local\``,
    });
  }),
  essential('tgt-lun-zero', {
    what: "A disk at the site's own tgt target must not be LUN 0.",
    why: 'LUN 0 is the controller of every tgt target: tgt rejects a disk of that number, and the node finds no disk (usr/target.c, tgt_target_create).',
  }).check(nodesWith('iscsi', ({ lun, disk }) => lun === 0 && disk).eachOnce, (node, report, { server }) => {
    if (server?.iscsi?.driver !== 'tgt') return;
    report(locationOf(node.boot as BootInput, 'lun'), {
      message: `The disk of ${node.name} is LUN 0, which is the controller of tgt's targets: tgt rejects the disk.`,
      fix: safeFix(removeKey(node.boot as BootInput, 'lun')),
      help: 'remove lun: the default is 1',
    });
  }),
  warning('chap-none', {
    what: "A node must authenticate itself (CHAP) at a target of the site's own.",
    why: "Without CHAP the target checks only the IP address: any host that takes it, and guesses the target's name, reads and writes the node's disk.",
  }).check(byIscsi.eachOnce, (node, report) => {
    const boot = node.boot as BootInput | undefined;
    if (boot?.chap !== 'none' || boot.target !== undefined) return;
    report(locationOf(boot, 'chap'), {
      message: `${node.name} uses its iSCSI target without CHAP: any host with its IP address can use its disk.`,
      fix: suggestedFix(removeKey(boot, 'chap')),
      help: 'remove `chap: none`: by default, the node name determines user and password, and `harvgen secrets` lists the secrets',
    });
  }),
  error('chap-secret-both-ways', {
    what: "A target's password (mutual CHAP) must not be the password of a node.",
    why: 'RFC 7143, 9.2.1, forbids it: a peer that is asked for the password can ask the other peer for it, and return the answer. Initiators and targets reject the login.',
  }).check((site, report) => {
    const nodes = byIscsi.ofSite(site);
    // Of several nodes with one password, the first applies.
    const names = new Map(nodes.toReversed().map(({ iscsi, name }) => [iscsi.chap?.password, name]));
    for (const node of nodes) {
      const { chap } = node.iscsi;
      if (!chap?.targetPassword || !names.has(chap.targetPassword)) continue;
      const owner = chap.password === chap.targetPassword ? node.name : names.get(chap.targetPassword);
      report(locationOf(chap, 'targetPassword'), {
        node,
        dedupe: true,
        message: `The target of ${node.name} has the CHAP password of ${owner === node.name ? 'the node' : owner}: it would not authenticate the target.`,
        help: 'set another secret for the target: `target_password: ${secret:chap_target}`',
      });
    }
  }),
  warning('chap-secret-shared', {
    what: "Each node must have its own CHAP password at targets of the site's own.",
    why: "A node with another node's password needs only that node's IP address to read and write its disk.",
  }).check(({ nodes = [] }, report) => {
    const onOwnTargets = nodes.filter((node) => node?.iscsi?.disk !== undefined);
    const passwordOf = ({ iscsi }: Draft<Node>) => iscsi?.chap?.password || undefined;
    for (const { later: node, first: other } of repeats(onOwnTargets, passwordOf)) {
      const [at, otherAt] = [node, other].map(({ iscsi }) =>
        locationOf(iscsi?.chap as Draft<Chap>, 'password'),
      ) as [SourceLocation, SourceLocation];
      const isSet = setsPassword(node);
      const isSame = locationKey(otherAt) === locationKey(at);
      report(at, {
        node,
        dedupe: true,
        message: `${node.name} has the CHAP password of ${other.name}: either can log in as the other.`,
        related: isSame ? [] : [{ message: `${other.name} sets it at`, at: otherAt }],
        help: isSame
          ? 'remove it from the layer: by default, each node has its own secret'
          : isSet || setsPassword(other)
            ? `set another secret for ${(isSet ? node : other).name}; by default, it has its own`
            : `set boot.chap.password of one of them: by default, its secret is named after the node, with _ for - and .`,
      });
    }
  }),
  warning('chap-target-user', {
    what: 'A CHAP name of a target (`target_user`) must come with its password (`target_password`).',
    why: 'Without `target_password` the target does not authenticate itself, and the name is not used.',
  }).check(byIscsi.eachOnce, (node, report) => {
    const { chap } = (node.boot ?? {}) as BootInput;
    if (typeof chap !== 'object' || chap === null) return;
    const keys = chap as { readonly target_user?: unknown; readonly target_password?: unknown };
    if (!hasLocation(keys, 'target_user') || hasLocation(keys, 'target_password')) return;
    if (isBroken(keys, 'target_password')) return;
    report(keyLocationOf(keys, 'target_user'), {
      message: `boot.chap.target_user has no effect: ${node.name} does not authenticate its target.`,
      help: "add target_password, a secret other than the node's own; or remove target_user",
    });
  }),
  essential('chap-user-shared', {
    what: "A CHAP user at the site's own tgt targets must have one password, for all nodes and targets.",
    why: 'All tgt targets share one list of users: tgt rejects a second password of a name, and every login with it.',
  }).check(({ server, nodes = [] }, report) => {
    if (server?.iscsi?.driver !== 'tgt') return;
    for (const { later, first } of repeats(nodes.flatMap(accountsOf), ({ user }) => user)) {
      const { node, user, password, at } = later;
      if (password === first.password) continue;
      report(at, {
        node,
        message: `The CHAP user ${user} of ${node.name} has a different password than that of ${first.node.name === node.name ? 'its target' : first.node.name}: tgt stores one password per user.`,
        related: [{ message: 'the first user is at', at: first.at }],
        help: 'remove the user: by default, each node and each target has its own',
      });
    }
  }),
];

function diskLocation(node: Draft<Node>): SourceLocation {
  const { boot } = node;
  return boot && hasLocation(boot, 'disk') ? locationOf(boot, 'disk') : locationOf(node, 'name');
}

/** Whether a NIC belongs to the management interface; if no key sets its NICs, it is the first on the management network. */
function isManaged(nic: Draft<Nic>, { config, bond = [] }: Draft<Node>): boolean {
  const interfaces = config?.install?.management_interface?.interfaces;
  if (!interfaces) return nic === bond[0];
  return interfaces.some(({ hwAddr, name } = {}) =>
    hwAddr ? parseMac(hwAddr) === nic.mac : name !== undefined && name === nic.name,
  );
}

function lacksAddress({ iscsi, bootNic }: Draft<Node>, server: Draft<Server>): boolean {
  const network = bootNic?.network;
  if (!iscsi || !server.iscsi || !network || isBroken(iscsi, 'address')) return false;
  if (isBroken(server.iscsi, 'address') || isBroken(network, 'iscsi')) return false;
  const isOfUrl = !hasLocation(server.iscsi, 'address') && iscsi.address === server.host;
  return iscsi.address === undefined || (isOfUrl && server.kubernetes !== undefined);
}

/** Whether the inventory sets a node's password; by default, it is derived from the node's name. */
function setsPassword({ boot }: Draft<Node>): boolean {
  const { chap } = (boot ?? {}) as BootInput;
  return typeof chap === 'object' && chap !== null && hasLocation(chap, 'password');
}

/** Returns the CHAP accounts of a node and of its target, if the target is the site's own. */
function accountsOf(node: Draft<Node> | undefined) {
  const { chap, disk } = node?.iscsi ?? {};
  if (!node || !chap || disk === undefined) return [];
  const keys = [
    ['user', 'password'],
    ['targetUser', 'targetPassword'],
  ] as const;
  return keys.flatMap(([userKey, passwordKey]) => {
    const { [userKey]: user, [passwordKey]: password } = chap;
    return user && password ? { node, user, password, at: locationOf(chap, userKey) } : [];
  });
}

const lunsOf = ({ host }: Draft<Site>): readonly (Draft<Lun> | undefined)[] => host?.luns ?? [];

const isMachine = (name: string | undefined, { nodes = [] }: Draft<Site>) =>
  nodes.some((node) => node?.domain && node.name === name);

export const lunRules = [
  error('lun-unknown-node', {
    what: 'The nodes of a LUN must be virtual machines of the host.',
    why: 'The name is a typo, or the machine is elsewhere: the iSCSI server rejects the machine that was meant.',
  }).check(per.item(lunsOf), ({ name, nodes }, report, site) => {
    for (const [index, node] of (nodes ?? []).entries())
      if (nodes && node !== undefined && !isMachine(node, site))
        report(locationOf(nodes, index), {
          message: `The LUN ${name} is for ${node}, which is not a virtual machine of the host: the iSCSI server rejects it.`,
          help: 'correct the name, or remove nodes: all virtual machines can then use the LUN',
        });
  }),
  essential('lun-without-node', {
    what: "A LUN must have a virtual machine with an IP address in the network of the iSCSI server's address.",
    why: 'A target without clients would accept every client.',
  }).check(per.item(lunsOf), (lun, report, site) => {
    const { iscsi } = site.server ?? {};
    if (lun.nodes?.some((name) => !isMachine(name, site))) return;
    if (!iscsi || isBroken(iscsi, 'address') || lunClients(lun, site).length > 0) return;
    const why = iscsi.address
      ? `has no virtual machine with an IP address in the network of ${iscsi.address}, the iSCSI server`
      : 'has no server with an IP address';
    report(selfLocation(lun), {
      message: `The LUN ${lun.name} ${why}: no machine can use it.`,
      help: 'set `server: {iscsi: {address: …}}` to an address of the host in a network of these machines',
    });
  }),
  error('lun-driver', {
    what: 'LUNs need tgt as the iSCSI server.',
    why: 'LIO identifies clients by an initiator name, and each Harvester node generates its own.',
  }).check(({ host, server }, report) => {
    const driver = server?.iscsi?.driver;
    if (!server?.iscsi || driver !== 'lio' || !host?.luns?.length) return;
    report(locationOf(server.iscsi, 'driver'), {
      message: `The iSCSI server is ${ISCSI_PROGRAMS[driver]}, which knows no names of the nodes: they cannot use host.luns.`,
      fix: safeFix(removeKey(server.iscsi, 'driver')),
      help: 'remove driver: the default is tgt',
    });
  }),
];
