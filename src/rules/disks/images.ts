import { nodesWithoutOs } from '../../site/boot-keys.ts';
import type { Trait } from '../../site/clusters.ts';
import type { Image, Node, Site, Tenant } from '../../site/model.ts';
import { networkOf } from '../../site/nics.ts';
import { tenantLabel, tenantsByNetwork } from '../../site/nodes.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import {
  hasLocation,
  isBroken,
  keyLocationOf,
  lacks,
  locationOf,
  selfLocation,
} from '../../source/origin.ts';
import { setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { onceFor } from '../../values/once-for.ts';
import { networkLocation, perUnlikeMember } from '../cluster/cluster-nodes.ts';
import { error, essential, type LocatedFinding, nodesWith, per, warning } from '../rule.ts';
import { circlesOf } from '../support.ts';

export const imageRules = [
  essential('image-made-of-others', {
    what: "An image must be made from a public parent, its tenant's disk or, if private, a parent of its tenant.",
    why: "The image contains the data of its origin: a tenant's data and keys would reach another tenant's nodes.",
  }).check(per.item(imagesOf), (image, report, site) => {
    if (isBroken(image, 'tenant') || image.public === undefined) return;
    const node = diskOwner(image, site);
    const found = fromImage(image, node) ?? (node && ofDisk(image, node));
    if (!found) return;
    const { at, madeOf, ...others } = found;
    const message = `The image ${image.name} is ${image.public ? 'public' : tenantLabel(image.tenant)} but made ${madeOf}: its private data would reach other nodes.`;
    report(at, { message, ...others });
  }),
  warning('image-of-own-clone', {
    what: 'A node must not boot a clone of the image that is made of its own disk, even indirectly.',
    why: 'The image needs the disk, and the disk needs the image: if neither is in the store, neither is ever made.',
  }).check((site, report) => {
    const originOf = (image: Draft<Image>) => diskOwner(image, site)?.iscsi?.image;
    for (const [first, ...others] of circlesOf(imagesOf(site), originOf)) {
      if (!first) continue;
      const { name } = first;
      const node = diskOwner(first, site)?.name;
      report(locationOf(first, 'snapshotOf'), {
        message: `The image ${name} is made of the disk of ${node}, which is a clone of ${name} itself${through(others)}: without ${name} in the store, neither can be made.`,
        help: `remove snapshot_of once ${name} is in the store; until then, let ${node} boot the origin of ${name}`,
      });
    }
  }),
  essential('image-of-two-origins', {
    what: 'An image with a `source` must not have `snapshot_of` or `parent`. An image without origin must be in the store.',
    why: 'Only one origin can apply, and the choice is ambiguous.',
  }).check(per.item(imagesOf), (image, report) => {
    if (image.source === undefined) return;
    const other = image.snapshotOf === undefined ? 'parent' : 'snapshotOf';
    if (image[other] === undefined) return;
    report(keyLocationOf(image, other), {
      message: `The image ${image.name} is made of the file ${image.source}, and also ${other === 'parent' ? `from the image ${image.parent?.name}` : `of the disk of ${image.snapshotOf}`}: its origin is ambiguous.`,
      related: [{ message: 'the file is set at', at: keyLocationOf(image, 'source') }],
      help: `remove one of the two; ${other === 'parent' ? 'a file is a golden image without a parent' : 'or define two images, one as the parent of the other'}`,
    });
  }),
  essential('image-parent-circle', {
    what: 'An image must not be made from itself, directly or through other images.',
    why: 'None of these images can be made first.',
  }).check(({ images = [] }, report) => {
    for (const [first, ...others] of circlesOf(images, ({ parent }) => parent))
      report(locationOf(first as Draft<Image>, 'parent'), {
        message: `The image ${first?.name} is made from itself${through(others)}: no image can be made first.`,
        help: 'set parent to the original image, which has no parent',
      });
  }),
  essential('snapshot-without-disk', {
    what: "An image must be made of the disk of a node with a disk in the site's own store.",
    why: "The script `scripts/images.sh` finds only disks in the store: it cannot copy another server's target or a local disk.",
  }).check(per.item(imagesOf), (image, report, site) => {
    const node = diskOwner(image, site);
    if (!node?.os || !node.boot || node.iscsi?.disk !== undefined) return;
    if (nodesWithoutOs(site.nodes ?? []).has(node)) return;
    // With an error in the image, or without an image and a target, the boot disk is unknown.
    if (isBroken(node.boot as { image?: unknown }, 'image') || (node.os === 'iscsi' && !node.boot.target))
      return;
    report(locationOf(image, 'snapshotOf'), {
      message: `The image ${image.name} is made of the disk of ${node.name}, which is not in the store: ${node.iscsi ? 'its target is on another server' : 'the node does not boot by iSCSI'}.`,
      related: [{ message: `the boot disk of ${node.name} is set at`, at: locationOf(node, 'os') }],
      help: 'name a node that boots an image by iSCSI; or, to keep an image that is in the store, remove snapshot_of',
    });
  }),
];

function imagesOf({ images = [] }: Draft<Site>) {
  return images;
}

type Found = Pick<LocatedFinding, 'at' | 'related' | 'help'> & {
  /** The origin of the image, in words. */
  readonly madeOf: string;
};

/** Returns the error of an image's parent, if any. `node` is the owner of the disk that the image is made of. */
function fromImage(image: Draft<Image>, node: Draft<Node> | undefined): Found | undefined {
  const { parent } = image;
  if (parent?.public !== false || isBroken(parent, 'tenant')) return undefined;
  if (!image.public && isSame(image.tenant, parent.tenant)) return undefined;
  // The error is that of the node's image: image-of-other-tenant reports it there.
  if (node?.iscsi?.image === parent && !isSame(node.tenant, parent.tenant)) return undefined;
  return {
    madeOf: `from ${parent.name}, which is ${tenantLabel(parent.tenant)} and not public`,
    at: locationOf(image, 'parent'),
    related: [{ message: `${parent.name} is defined at`, at: selfLocation(parent) }],
    help: `set \`public: true\` for ${parent.name} if its content is public; or make ${image.name} private and ${parent.tenant ? `set its tenant to ${parent.tenant.name}` : 'remove its tenant'}`,
  };
}

/** Returns the error of an image of a node's disk, if any. A tenant may publish an image of its own disk. */
function ofDisk(image: Draft<Image>, node: Draft<Node>): Found | undefined {
  if (isBroken(node, 'tenant') || isSame(image.tenant, node.tenant)) return undefined;
  if (image.public && image.tenant === undefined) return undefined;
  return {
    madeOf: `of the disk of ${node.name}, which is ${tenantLabel(node.tenant)}`,
    at: locationOf(image, 'snapshotOf'),
    related: [{ message: `${node.name} is defined at`, at: locationOf(node, 'name') }],
    help: node.tenant
      ? `set \`tenant: ${node.tenant.name}\` for ${image.name}`
      : `remove the tenant of the image, or set the tenant of ${node.name}`,
  };
}

function diskOwner({ snapshotOf }: Draft<Image>, { nodes = [] }: Draft<Site>): Draft<Node> | undefined {
  // Of two nodes with one name, the last applies.
  return snapshotOf === undefined ? undefined : nodes.findLast((node) => node?.name === snapshotOf);
}

function isSame(one: Draft<Tenant> | undefined, other: Draft<Tenant> | undefined): boolean {
  return one?.name === other?.name;
}

function through(images: readonly Draft<Image>[]): string {
  return images.length > 0 ? `, through ${namesOf(images)}` : '';
}

/** Returns the tenants of a site by their networks. Cached, because each rule calls it for each node. */
const tenantsOf = onceFor(tenantsByNetwork);

/** The tenant of a node. Nodes without a tenant are a separate group. */
const TENANT: Trait<string> = {
  value: (node) => (isBroken(node, 'tenant') ? undefined : (node.tenant?.name ?? '')),
  at: (node) => locationOf(node, hasLocation(node, 'tenant') ? 'tenant' : 'name'),
};

export const tenantRules = [
  warning('node-without-tenant', {
    what: "A node on a tenant's network must name the tenant.",
    why: "Without it, the node cannot boot the tenant's images, and the clients in tenants.allow cannot fetch its files. It may also be on the network by mistake.",
  }).check(per.node, (node, report, site) => {
    if (node.tenant || isBroken(node, 'tenant')) return;
    const byNetwork = tenantsOf(site);
    if (byNetwork.size === 0) return;
    const tenant = node.nics?.flatMap((nic) => (nic?.network && byNetwork.get(nic.network)) || []).at(0);
    if (!tenant) return;
    report(locationOf(node, 'name'), {
      message: `${node.name} is on ${tenant.network?.name}, the network of ${tenant.name}, but has no tenant: it cannot boot the images of ${tenant.name}.`,
      related: [networkOfTenant(tenant)],
      fix: suggestedFix(setKey(node, 'tenant', tenant.name ?? '')),
      help: `set \`tenant: ${tenant.name}\`; or, for a machine without a tenant that serves this one, add silence: {node-without-tenant: "the reason"}`,
    });
  }),
  error('node-in-two-tenants', {
    what: "A node must not have a NIC or BMC on another tenant's network.",
    why: 'Such a machine connects the networks of two tenants, and any client that reaches its BMC can control it.',
  }).check(per.node, (node, report, site) => {
    const byNetwork = tenantsOf(site);
    if (byNetwork.size === 0) return;
    const connections = [...connectionsOf(node, site)].flatMap((connection) => {
      const tenant = byNetwork.get(connection.network);
      return tenant ? [{ ...connection, tenant }] : [];
    });
    // Without a tenant, the first one is assumed, and node-without-tenant reports the node.
    const own = node.tenant ?? connections[0]?.tenant;
    for (const { network, tenant, what, at } of connections)
      if (own?.network && network !== own.network)
        report(at, {
          message: `${node.name} is ${node.tenant ? 'of' : 'on the network of'} ${own.name}, but ${what} is on ${network.name}, the network of ${tenant.name}: it connects the two networks.`,
          related: [networkOfTenant(tenant)],
          help: `move it to ${own.network.name}, or to a network without a tenant`,
        });
  }),
  error('node-off-tenant-network', {
    what: "A tenant's node must have a NIC on the network of that tenant.",
    why: "Only the tenant's network separates the node from those of others: on another network, all machines there can reach it.",
  }).check(nodesWith('tenant').each, (node, report, site) => {
    const { tenant, nics = [] } = node;
    const { network } = tenant;
    if (!network || nics.length === 0 || isBroken(node, 'nics')) return;
    if (nics.some((nic) => !nic?.network || nic.network === network)) return;
    // tenants-share-network reports a shared network, and node-in-two-tenants a NIC on another tenant's network.
    const byNetwork = tenantsOf(site);
    if (byNetwork.get(network) !== tenant) return;
    if (nics.some((nic) => nic?.network && byNetwork.has(nic.network))) return;
    report(locationOf(node, 'tenant'), {
      message: `${node.name} is of ${tenant.name}, but has no NIC on ${network.name}, the network of ${tenant.name}: nothing separates it from other tenants.`,
      related: [networkOfTenant(tenant)],
      help: `set an IP address on ${network.name}, or add a NIC on it`,
    });
  }),
  error('cluster-of-two-tenants', {
    what: 'All nodes of a cluster must be of the same tenant, or of none.',
    why: 'A cluster is one system: its administrator has access to the machines and volumes of all its nodes.',
  }).check(perUnlikeMember(TENANT), ({ cluster, node, usual }) => ({
    message: `${node.name} is ${tenantLabel(node.tenant)}, but ${usual.node.name} of the cluster ${cluster.name} is ${tenantLabel(usual.node.tenant)}: one administrator controls both.`,
    related: `the tenant of ${usual.node.name} is from`,
    help: `move ${node.name} to a cluster of its tenant, or set one tenant for all nodes of the cluster`,
  })),
  essential('image-of-other-tenant', {
    what: 'A node must boot an image of its own tenant, or a public one; without a tenant, an image without one.',
    why: "A node can read the whole image that it boots: a tenant's data and keys would reach another tenant.",
  }).check(nodesWith('iscsi', ({ image }) => image?.public === false).eachOnce, (node, report) => {
    const { iscsi } = node;
    const { image } = iscsi;
    if (!image || isBroken(image, 'tenant') || isBroken(node, 'tenant')) return;
    if (image.tenant?.name === node.tenant?.name) return;
    report(locationOf(iscsi, 'image'), {
      message: `${node.name} is ${tenantLabel(node.tenant)}, but boots the image ${image.name}, which is ${tenantLabel(image.tenant)} and not public: the node could read its data.`,
      related: [{ message: `${image.name} is defined at`, at: selfLocation(image) }],
      help: `set an image of ${node.tenant?.name ?? 'no tenant'} or a public one; or, if its content is public, set \`public: true\` for ${image.name}`,
    });
  }),
  essential('tenants-share-network', {
    what: 'Tenants must not share a network.',
    why: "On one network, a tenant's machine could take the IP address of another tenant's, and with it its files and its disk.",
  }).check(
    per.repeat(({ tenants = [] }) => tenants, 'network'),
    (later, first) => ({
      message: `The network ${later.network?.name} of ${later.name} is also set for ${first.name}: nothing separates the tenants.`,
      related: `${first.name} sets it at`,
      help: `set another network for ${later.name}`,
    }),
  ),
  warning('tenant-untagged', {
    what: 'If there are several tenants, the network of each must be a VLAN.',
    why: 'Subnets alone do not separate tenants: on one wire, any machine can take any IP address.',
  }).check(({ tenants = [] }, report) => {
    if (tenants.length < 2) return;
    for (const tenant of tenants) {
      const { network } = tenant ?? {};
      if (!tenant || !network || !lacks(network, 'vlan')) continue;
      report(selfLocation(network), {
        message: `The network ${network.name} of ${tenant.name} is not a VLAN: nothing separates it from that of ${tenants.length > 2 ? 'other tenants' : 'the other tenant'}.`,
        related: [networkOfTenant(tenant)],
        help: 'set its `vlan`; or, if each tenant has its own switches, add silence: {tenant-untagged: "the reason"}',
      });
    }
  }),
];

function networkOfTenant(tenant: Draft<Tenant>) {
  return { message: `the network of ${tenant.name} is set at`, at: locationOf(tenant, 'network') };
}

function* connectionsOf({ nics = [], facts }: Draft<Node>, { networks = [] }: Draft<Site>) {
  for (const nic of nics) {
    const { network } = nic ?? {};
    if (nic && network) yield { network, what: 'one of its NICs', at: networkLocation(nic) };
  }
  const { bmc } = facts ?? {};
  const network = bmc?.address === undefined ? undefined : networkOf(bmc.address, networks);
  if (bmc && network) yield { network, what: 'its BMC', at: locationOf(bmc, 'address') };
}
