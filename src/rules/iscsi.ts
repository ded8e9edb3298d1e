import { FIRST_RELEASE_BY_ISCSI, ISCSI_ARGS } from '../knowledge/harvester.ts';
import { iscsiNic } from '../site/iscsi.ts';
import type { BootSaid, Network, Nic, Node } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { hasPlace, isBroken, keyPlaceOf, lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Place } from '../source/source.ts';
import { contains, isHostAddress } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { kernelWords } from '../values/text.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';
import { perNetwork, perNode } from './support.ts';

export const iscsiImageOrTarget: Rule = {
  code: 'iscsi-image-or-target',
  severity: 'error',
  what: "A node that boots by iSCSI says an image of the site's, or the target of somebody else's, and not both. `server` and `port` are said of a target, `size` of a disk of the site's own.",
  why: 'Its disk is a clone of the image, at a target of its own; without either there is no disk, and with both it could not be told which one is meant.',
  essential: true,
  check: perNode((node, report) => {
    const boot = node.boot as BootSaid | undefined;
    if (!node.iscsi || !boot || isBroken(boot, 'target') || isBroken(boot, 'image')) return;
    const find = (says: string, at: Place, help: string) =>
      report({ oncePerPlace: true, message: `${node.name} ${says}`, at, help });
    const isIscsi = node.os === 'iscsi';
    const isOther = hasPlace(boot, 'target');
    const key = isOther ? undefined : (['server', 'port'] as const).find((one) => hasPlace(boot, one));
    if (isIscsi && isOther && hasPlace(boot, 'image'))
      find(
        'says both an image and a target: its disk is the one or the other.',
        keyPlaceOf(boot, 'target'),
        'take boot.image out where the target is to be booted, or boot.target where the image is; where defaults say the image, say it in a profile of the nodes that boot it',
      );
    else if (isIscsi && !isOther && lacks(boot, 'image'))
      find(
        'boots by iSCSI, and no disk is said: neither an image nor a target.',
        placeOf(boot, 'os'),
        "say `image: …`, one of the site's images; or `target: iqn.…`, somebody else's",
      );
    else if (key !== undefined)
      find(
        `says boot.${key}, which is of somebody else's target, and names none: its disk is at the site's own iSCSI server.`,
        keyPlaceOf(boot, key),
        `say the ${key} of the site's own with server.iscsi.${key === 'server' ? 'address' : 'port'}; or the name of the target, \`target: iqn.…\``,
      );
    else if (isOther && hasPlace(boot, 'size'))
      find(
        "says boot.size, and its disk is at somebody else's target, who says how large it is.",
        keyPlaceOf(boot, 'size'),
        'take it out',
      );
  }),
};

export const iscsiKernelArguments: Rule = {
  code: 'iscsi-kernel-arguments',
  severity: 'error',
  what: 'Where the disk of a Harvester node is one by iSCSI, `os.additionalKernelArguments` that are said tell the kernel to log in at its target.',
  why: 'They take the place of those that harvgen writes. Without `rd.iscsi.firmware` or a `netroot=` the installed system has no disk at its first boot.',
  check: perNode((node, report) => {
    const release = node.cluster?.version;
    const os = node.said?.os;
    const given = os?.additionalKernelArguments;
    if (node.os !== 'harvester' || !node.iscsi || !os || !given || given.includes('${secret:')) return;
    if (release && !isAtLeast(release, FIRST_RELEASE_BY_ISCSI)) return;
    if (kernelWords(given).some((word) => LOGS_IN.test(word))) return;
    report({
      oncePerPlace: true,
      message: `os.additionalKernelArguments of ${node.name} say nothing of iSCSI, and its disk is behind an iSCSI target: what is installed there would not find it.`,
      at: placeOf(os, 'additionalKernelArguments'),
      help: `add ${ISCSI_ARGS.join(' ')}; or leave the arguments out: these and multipath=off are written unless said`,
    });
  }),
};

/** What makes an initrd of dracut log in: by what firmware describes, or at a target that is named. Source: dracut.cmdline(7). */
const LOGS_IN = /^(rd\.iscsi\.firmware(=(1|yes|on|true))?$|iscsi_firmware$|netroot=iscsi)/;

export const iscsiManagementNic: Rule = {
  code: 'iscsi-management-nic',
  severity: 'warning',
  what: 'A Harvester node reaches its disk by iSCSI by another NIC than those of its management interface.',
  why: 'Harvester puts these into a bond, in the installer and at every boot: for that they go down and lose their address, and with it goes the disk that the system runs from. Its installer therefore does not even offer a NIC that is in use by iSCSI (harvester-installer, pkg/console/network.go; harvester/harvester#6964).',
  check: perNode((node, report) => {
    if (node.os !== 'harvester' || node.install === 'never' || !node.iscsi?.address) return;
    const nic = iscsiNic(node);
    if (!nic || !isManaged(nic, node)) return;
    report({
      oncePerPlace: true,
      message: `${node.name} reaches its disk at ${node.iscsi.address} by ${nic.name ?? nic.mac ?? 'the NIC that it boots from'}, which Harvester takes for its management interface: as that goes into a bond, the disk is gone.`,
      at: diskPlace(node),
      help: 'give the node a second NIC, under nics, on a network of its own whose subnet the iSCSI server is in; or name another NIC in config.install.management_interface.interfaces',
    });
  }),
};

/** Where a node says that its disk is one by iSCSI. */
function diskPlace(node: Draft<Node>): Place {
  const { boot } = node;
  return boot && hasPlace(boot, 'disk') ? placeOf(boot, 'disk') : placeOf(node, 'name');
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

export const iscsiNameTooLong: Rule = {
  code: 'iscsi-name-too-long',
  severity: 'error',
  what: "The names of a node's target and of the node as its initiator are of at most 223 bytes.",
  why: 'RFC 7143 allows no longer one: a target refuses it, or cuts it off.',
  check: perNode((node, report) => {
    if (!node.iscsi) return;
    for (const key of ['target', 'initiator'] as const) {
      const length = node.iscsi[key]?.replace(/\$\{secret:[^}]*\}/g, SECRET).length ?? 0;
      if (length <= LONGEST) continue;
      report({
        oncePerPlace: true,
        message: `The name of the ${key} of ${node.name} has ${length} characters, and iSCSI takes ${LONGEST} at most.`,
        at: placeOf(node.iscsi, key),
        help: 'begin names shorter, with server.iscsi.iqn; or have shorter names of the site, the node or the image',
      });
    }
  }),
};

export const iscsiOutsideSubnet: Rule = {
  code: 'iscsi-outside-subnet',
  severity: 'error',
  what: "The iSCSI server's address on a network is an address of its subnet that a host can have.",
  why: 'Nodes of the network would ask a machine that is not there for their disks.',
  check: perNetwork((network, report) => {
    if (!network.iscsi || !network.subnet) return;
    const { iscsi, subnet, name } = network;
    if (isHostAddress(subnet, iscsi)) return;
    report({
      message: `The iSCSI server cannot have the address ${iscsi} on ${name}: it is none of a host of ${subnet.text}.`,
      at: placeOf(network, 'iscsi'),
      related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
      help: `give its address in ${subnet.text}; where it has none there, take this out, and nodes reach server.iscsi.address by the gateway`,
    });
  }),
};

export const iscsiServerAddress: Rule = {
  code: 'iscsi-server-address',
  severity: 'error',
  what: 'The iSCSI server of nodes that boot by it has an IPv4 address: that of `server.url` where this is one, and not that of pods, else `server.iscsi.address`, or `iscsi` of the network.',
  why: 'Firmware hands the address on to the system (iBFT), which has no DNS yet as it looks for its disk; and no pod is an iSCSI server.',
  essential: true,
  check({ server, nodes = [] }, report) {
    if (!server?.iscsi) return;
    const lacking = nodes.flatMap((node) => (node && lacksAddress(node, server) ? [node] : []));
    if (lacking.length === 0) return;
    report({
      message: `The iSCSI server has no address, and ${namesOf(lacking)} ${lacking.length > 1 ? 'boot' : 'boots'} by it: ${server.host} is ${server.kubernetes ? 'that of pods' : 'a name'}.`,
      at: placeOf(server, 'url'),
      help: 'say it: `server: {iscsi: {address: …}}`',
    });
  },
};

function lacksAddress({ iscsi, bootNic }: Draft<Node>, server: Draft<Server>): boolean {
  const network = bootNic?.network;
  if (!iscsi || !server.iscsi || !network || isBroken(iscsi, 'address')) return false;
  if (isBroken(server.iscsi, 'address') || isBroken(network, 'iscsi')) return false;
  if (iscsi.address === undefined) return true;
  const isOfUrl = !hasPlace(server.iscsi, 'address') && iscsi.address === server.host;
  return isOfUrl && server.kubernetes !== undefined;
}

export const iscsiSizeMissing: Rule = {
  code: 'iscsi-size-missing',
  severity: 'error',
  what: "A blank disk on the site's own iSCSI server, for Harvester, has a size.",
  why: 'It is a clone of no image that has one: `scripts/images.sh` would make a disk on which nothing fits.',
  essential: true,
  check: perNode((node, report) => {
    const boot = node.boot as BootSaid | undefined;
    if (!boot || node.os !== 'harvester' || node.iscsi?.disk === undefined || !lacks(boot, 'size')) return;
    report({
      oncePerPlace: true,
      message: `The disk of ${node.name} is a blank one, and does not say how large it is.`,
      at: placeOf(boot, 'disk'),
      help: 'say it beside disk: `boot: {disk: iscsi, size: 400Gi}`',
    });
  }),
};

export const iscsiStoreKeys: Rule = {
  code: 'iscsi-store-keys',
  severity: 'warning',
  what: 'What `server.iscsi` says of its store is of the one that it has: `files` and `format` of plain files, `snapshot` of Ceph.',
  why: 'It says nothing here: images and disks are where `rbd` says, or, without it, plain files.',
  check({ server }, report) {
    const { iscsi } = server ?? {};
    if (!iscsi?.store?.kind) return;
    const isRbd = iscsi.store.kind === 'rbd';
    for (const key of isRbd ? (['files', 'format'] as const) : (['snapshot'] as const)) {
      if (!hasPlace(iscsi, key)) continue;
      report({
        message: `server.iscsi.${key} says nothing here: images and disks are ${isRbd ? "in a pool of Ceph's" : 'plain files'}.`,
        at: keyPlaceOf(iscsi as Readonly<Record<string, unknown>>, key),
        help: isRbd
          ? 'take it out, or rbd, where they are to be plain files'
          : 'take it out, or say the pool: `rbd: {pool: …}`',
      });
    }
  },
};

export const iscsiUnreachable: Rule = {
  code: 'iscsi-unreachable',
  severity: 'error',
  what: 'A node that boots by iSCSI is on a network of its server, or has a gateway to it.',
  why: 'Neither iPXE nor the system after it has any other way: without a route to the server the node has no disk.',
  check({ nodes = [] }, report) {
    const seen = new Set<string>();
    for (const node of nodes) {
      // Harvester's installer brings up the NIC that leads there, and iPXE alone that which it boots from.
      const network = (node?.os === 'harvester' ? iscsiNic(node) : node?.bootNic)?.network;
      const address = node?.iscsi?.address;
      if (!node || !network || address === undefined || hasRoute(network, address)) continue;
      const key = `${network.name} ${address}`;
      if (seen.has(key)) continue;
      seen.add(key);
      report({
        message: `${node.name} boots by iSCSI from ${address}, which is not on ${network.name}, and that has no gateway: it could not reach its disk.`,
        at: selfPlace(network),
        related: [{ message: `${node.name} boots by iSCSI by`, at: placeOf(node as Draft<Node>, 'os') }],
        help: `add gateway; or the address that the iSCSI server has on ${network.name}, \`iscsi: …\``,
      });
    }
  },
};

/** Whether machines of a network have a way to an address, or may be told of one that is not known here. */
function hasRoute(network: Draft<Network>, address: string): boolean {
  if (!network.subnet || contains(network.subnet, address) || !lacks(network, 'gateway')) return true;
  return isBroken(network, 'dhcp') || network.dhcp?.server === 'external';
}

export const harvesterIscsiTooNew: Rule = {
  code: 'harvester-iscsi-too-new',
  severity: 'error',
  what: `Harvester is installed on a disk by iSCSI from ${FIRST_RELEASE_BY_ISCSI} on.`,
  why: 'A release before that says nothing of iSCSI to the kernel that it installs, and has no key to: the system does not find its disk (harvester/harvester#5150).',
  check: perNode((node, report) => {
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || !node.iscsi || !release || isAtLeast(release, FIRST_RELEASE_BY_ISCSI))
      return;
    const { cluster } = node;
    report({
      oncePerPlace: true,
      message: `${node.name} is to have its disk by iSCSI, and Harvester ${release.text} cannot be booted from one: ${FIRST_RELEASE_BY_ISCSI} is the first that can.`,
      at: diskPlace(node),
      related:
        cluster && hasPlace(cluster, 'version')
          ? [{ message: 'the release is set at', at: placeOf(cluster, 'version') }]
          : [],
      help: `install ${FIRST_RELEASE_BY_ISCSI} or a newer release, or say \`disk: local\``,
    });
  }),
};

export const tgtLunZero: Rule = {
  code: 'tgt-lun-zero',
  severity: 'error',
  what: "At a target of the site's own that tgt serves, no disk is LUN 0.",
  why: 'There tgt has a controller of its own, which every target has: it refuses a disk of that number, and the node finds none (usr/target.c, tgt_target_create).',
  essential: true,
  check: perNode((node, report, { server }) => {
    if (server?.iscsi?.driver !== 'tgt' || node.iscsi?.lun !== 0 || node.iscsi.disk === undefined) return;
    report({
      oncePerPlace: true,
      message: `The disk of ${node.name} is to be LUN 0, which is the controller of tgt's targets.`,
      at: placeOf(node.boot as BootSaid, 'lun'),
      help: 'take lun out: it is 1 unless said',
    });
  }),
};
