import type { Trait } from '../site/clusters.ts';
import type { Node, Site } from '../site/model.ts';
import { networkOf } from '../site/nics.ts';
import { tenantLabel, tenantsByNetwork } from '../site/nodes.ts';
import { hasLocation, isBroken, lacks, locationOf, selfLocation } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { networkPlace, perUnlikeMember } from './cluster-differences.ts';
import { error, essential, warning } from './rule.ts';
import { nodesWhose, perNode, repeats } from './support.ts';

/** Returns the tenants of a site by their networks. Each rule asks for each node. */
const tenantsOf = onceFor(tenantsByNetwork);

export const nodeWithoutTenant = warning('node-without-tenant', {
  what: 'A node on the network of a tenant says whose it is.',
  why: 'It may boot no image of the tenant, and tenants.allow does not let anybody fetch its files; and whether it is meant to be there nobody can tell.',
  check: perNode((node, report, site) => {
    if (node.tenant || isBroken(node, 'tenant')) return;
    const byNetwork = tenantsOf(site);
    if (byNetwork.size === 0) return;
    const tenant = node.nics?.flatMap((nic) => (nic?.network && byNetwork.get(nic.network)) || []).at(0);
    if (!tenant) return;
    report({
      message: `${node.name} is on ${tenant.network?.name}, the network of ${tenant.name}, and does not say whose it is.`,
      at: locationOf(node, 'name'),
      related: [{ message: `the network is given to ${tenant.name} at`, at: locationOf(tenant, 'network') }],
      help: `say \`tenant: ${tenant.name}\`; silence this of a machine that serves the tenant and is nobody's`,
    });
  }),
});

export const nodeInTwoTenants = error('node-in-two-tenants', {
  what: 'A node has no NIC on the network of a tenant that it is not of, nor is its management controller there.',
  why: "Such a machine leads from one tenant's network into another's; and who reaches its management controller has it, whoever it is of.",
  check: perNode((node, report, site) => {
    const byNetwork = tenantsOf(site);
    if (byNetwork.size === 0) return;
    const places = [...locationsOf(node, site)].flatMap((place) => {
      const tenant = byNetwork.get(place.network);
      return tenant ? [{ ...place, tenant }] : [];
    });
    // One that says none is that of the first: node-without-tenant asks whether that is so.
    const own = node.tenant ?? places[0]?.tenant;
    for (const { network, tenant, what, at } of places) {
      if (network === own?.network) continue;
      const related = {
        message: `${network.name} is given to ${tenant.name} at`,
        at: locationOf(tenant, 'network'),
      };
      report({
        message: `${node.name} ${node.tenant ? 'is of' : 'is on the network of'} ${own?.name}, and ${what} is on ${network.name}, which is that of ${tenant.name}.`,
        at,
        related: [related],
        help: `move it to ${own?.network?.name}, or to a network that is no tenant's`,
      });
    }
  }),
});

/** Where a node is: the networks of its NICs, and of its management controller. */
function* locationsOf({ nics = [], facts }: Draft<Node>, { networks = [] }: Draft<Site>) {
  for (const nic of nics) {
    const { network } = nic ?? {};
    if (nic && network) yield { network, what: 'a NIC of it', at: networkPlace(nic) };
  }
  const { bmc } = facts ?? {};
  const network = bmc?.address === undefined ? undefined : networkOf(bmc.address, networks);
  if (bmc && network) yield { network, what: 'its management controller', at: locationOf(bmc, 'address') };
}

export const nodeOffTenantNetwork = error('node-off-tenant-network', {
  what: 'A node of a tenant has a NIC on the network of that tenant.',
  why: "Its tenant's network is what separates it from others': elsewhere it would be among everybody's machines.",
  check: nodesWhose('tenant').each((node, report, site) => {
    const { tenant, nics = [] } = node;
    const { network } = tenant;
    if (!network || nics.length === 0 || isBroken(node, 'nics')) return;
    if (nics.some((nic) => !nic?.network || nic.network === network)) return;
    // Of a network that another tenant has, tenants-share-network speaks, and of a NIC on another's node-in-two-tenants.
    const byNetwork = tenantsOf(site);
    if (byNetwork.get(network) !== tenant) return;
    if (nics.some((nic) => nic?.network && byNetwork.has(nic.network))) return;
    report({
      message: `${node.name} is of ${tenant.name}, and has no NIC on ${network.name}, the network of ${tenant.name}.`,
      at: locationOf(node, 'tenant'),
      related: [{ message: `the network is given to ${tenant.name} at`, at: locationOf(tenant, 'network') }],
      help: `give it an address or a NIC on ${network.name}`,
    });
  }),
});

/** Nodes without a tenant form a group of their own. */
const TENANT: Trait<string> = {
  value: (node) => (isBroken(node, 'tenant') ? undefined : (node.tenant?.name ?? '')),
  at: (node) => locationOf(node, hasLocation(node, 'tenant') ? 'tenant' : 'name'),
};

export const clusterOfTwoTenants = error('cluster-of-two-tenants', {
  what: 'All nodes of a cluster are of one tenant, or of none.',
  why: 'A cluster is one system: whoever administers it has the machines and volumes of all its nodes.',
  check: perUnlikeMember(TENANT, ({ cluster, node, usual }) => ({
    message: `${node.name} is ${tenantLabel(node.tenant)}, and ${usual.node.name} of the cluster ${cluster.name} is ${tenantLabel(usual.node.tenant)}.`,
    related: `${usual.node.name} is so by`,
    help: `give ${node.name} to a cluster of its own tenant's, or the whole cluster to one`,
  })),
});

export const imageOfOtherTenant = essential('image-of-other-tenant', {
  what: "A node boots an image of its own tenant's, or a public one; one without a tenant an image without one.",
  why: "What is on the image is read by whoever boots it: a tenant's data and keys would be another's.",
  check: nodesWhose('iscsi', ({ image }) => image?.public === false).eachOnce((node, report) => {
    const { iscsi } = node;
    const { image } = iscsi;
    if (!image || isBroken(image, 'tenant') || isBroken(node, 'tenant')) return;
    if (image.tenant?.name === node.tenant?.name) return;
    report({
      message: `${node.name} is ${tenantLabel(node.tenant)}, and boots the image ${image.name}, which is ${tenantLabel(image.tenant)} and not public.`,
      at: locationOf(iscsi, 'image'),
      related: [{ message: `${image.name} is defined at`, at: selfLocation(image) }],
      help: `let it boot an image of ${node.tenant?.name ?? 'its own'}, or a public one; or say \`public: true\` of ${image.name}, where everybody may have what is on it`,
    });
  }),
});

export const tenantsShareNetwork = essential('tenants-share-network', {
  what: "Each tenant has a network that is no other tenant's.",
  why: "Machines of one network hear each other: one tenant's could take the address of another's, and with it its files and its disk.",
  check({ tenants = [] }, report) {
    for (const { one, first } of repeats(tenants, ({ network }) => network)) {
      report({
        message: `The network ${one.network?.name} of ${one.name} is also that of ${first.name}: nothing would separate them.`,
        at: locationOf(one, 'network'),
        related: [{ message: `${first.name} has it at`, at: locationOf(first, 'network') }],
        help: `give ${one.name} a network of its own`,
      });
    }
  },
});

export const tenantUntagged = warning('tenant-untagged', {
  what: 'Where there are several tenants, the network of each is a VLAN.',
  why: 'Subnets alone separate nobody: on one wire any machine can take an address of any of them.',
  check({ tenants = [] }, report) {
    if (tenants.length < 2) return;
    for (const tenant of tenants) {
      const { network } = tenant ?? {};
      if (!tenant || !network || !lacks(network, 'vlan')) continue;
      report({
        message: `The network ${network.name} of ${tenant.name} is no VLAN: nothing says what separates it from that of ${tenants.length > 2 ? 'other tenants' : 'the other tenant'}.`,
        at: selfLocation(network),
        related: [{ message: `it is given to ${tenant.name} at`, at: locationOf(tenant, 'network') }],
        help: 'say its `vlan`; silence this where each tenant has switches of its own',
      });
    }
  },
});
