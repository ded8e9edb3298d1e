import type { Trait } from '../../site/clusters.ts';
import type { Node, Site } from '../../site/model.ts';
import { networkOf } from '../../site/nics.ts';
import { tenantLabel, tenantsByNetwork } from '../../site/nodes.ts';
import { hasLocation, isBroken, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { onceFor } from '../../values/once-for.ts';
import { networkLocation, perUnlikeMember } from '../cluster/cluster-differences.ts';
import { error, essential, type Rule, warning } from '../rule.ts';
import { nodesWith, perNode, repeats } from '../support.ts';

/** Returns the tenants of a site by their networks. Cached, because each rule calls it for each node. */
const tenantsOf = onceFor(tenantsByNetwork);

/** The tenant of a node. Nodes without a tenant are a separate group. */
const TENANT: Trait<string> = {
  value: (node) => (isBroken(node, 'tenant') ? undefined : (node.tenant?.name ?? '')),
  at: (node) => locationOf(node, hasLocation(node, 'tenant') ? 'tenant' : 'name'),
};

export const tenantRules: readonly Rule[] = [
  warning('node-without-tenant', {
    what: "A node on a tenant's network must name the tenant.",
    why: "Without it, the node cannot boot the tenant's images, and the clients in tenants.allow cannot fetch its files. It may also be on the network by mistake.",
    check: perNode((node, report, site) => {
      if (node.tenant || isBroken(node, 'tenant')) return;
      const byNetwork = tenantsOf(site);
      if (byNetwork.size === 0) return;
      const tenant = node.nics?.flatMap((nic) => (nic?.network && byNetwork.get(nic.network)) || []).at(0);
      if (!tenant) return;
      report(locationOf(node, 'name'), {
        message: `${node.name} is on ${tenant.network?.name}, the network of ${tenant.name}, but has no tenant: it cannot boot the images of ${tenant.name}.`,
        related: [{ message: `the network of ${tenant.name} is set at`, at: locationOf(tenant, 'network') }],
        fix: suggestedFix(setKey(node, 'tenant', tenant.name ?? '')),
        help: `set \`tenant: ${tenant.name}\`; or, for a machine without a tenant that serves this one, add silence: {node-without-tenant: "the reason"}`,
      });
    }),
  }),
  error('node-in-two-tenants', {
    what: "A node must not have a NIC or BMC on another tenant's network.",
    why: 'Such a machine connects the networks of two tenants, and any client that reaches its BMC can control it.',
    check: perNode((node, report, site) => {
      const byNetwork = tenantsOf(site);
      if (byNetwork.size === 0) return;
      const connections = [...connectionsOf(node, site)].flatMap((connection) => {
        const tenant = byNetwork.get(connection.network);
        return tenant ? [{ ...connection, tenant }] : [];
      });
      // Without a tenant, the first one is assumed, and node-without-tenant reports the node.
      const own = node.tenant ?? connections[0]?.tenant;
      for (const { network, tenant, what, at } of connections) {
        if (!own?.network || network === own.network) continue;
        const related = {
          message: `the network of ${tenant.name} is set at`,
          at: locationOf(tenant, 'network'),
        };
        report(at, {
          message: `${node.name} is ${node.tenant ? 'of' : 'on the network of'} ${own.name}, but ${what} is on ${network.name}, the network of ${tenant.name}: it connects the two networks.`,
          related: [related],
          help: `move it to ${own.network.name}, or to a network without a tenant`,
        });
      }
    }),
  }),
  error('node-off-tenant-network', {
    what: "A tenant's node must have a NIC on the network of that tenant.",
    why: "Only the tenant's network separates the node from those of others: on another network, all machines there can reach it.",
    check: nodesWith('tenant').each((node, report, site) => {
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
        related: [{ message: `the network of ${tenant.name} is set at`, at: locationOf(tenant, 'network') }],
        help: `set an IP address on ${network.name}, or add a NIC on it`,
      });
    }),
  }),
  error('cluster-of-two-tenants', {
    what: 'All nodes of a cluster must be of the same tenant, or of none.',
    why: 'A cluster is one system: its administrator has access to the machines and volumes of all its nodes.',
    check: perUnlikeMember(TENANT, ({ cluster, node, usual }) => ({
      message: `${node.name} is ${tenantLabel(node.tenant)}, but ${usual.node.name} of the cluster ${cluster.name} is ${tenantLabel(usual.node.tenant)}: one administrator controls both.`,
      related: `the tenant of ${usual.node.name} is from`,
      help: `move ${node.name} to a cluster of its tenant, or set one tenant for all nodes of the cluster`,
    })),
  }),
  essential('image-of-other-tenant', {
    what: 'A node must boot an image of its own tenant, or a public one; without a tenant, an image without one.',
    why: "A node can read the whole image that it boots: a tenant's data and keys would reach another tenant.",
    check: nodesWith('iscsi', ({ image }) => image?.public === false).eachOnce((node, report) => {
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
  }),
  essential('tenants-share-network', {
    what: 'Tenants must not share a network.',
    why: "On one network, a tenant's machine could take the IP address of another tenant's, and with it its files and its disk.",
    check({ tenants = [] }, report) {
      for (const { one, first } of repeats(tenants, ({ network }) => network)) {
        report(locationOf(one, 'network'), {
          message: `The network ${one.network?.name} of ${one.name} is also set for ${first.name}: nothing separates the tenants.`,
          related: [{ message: `${first.name} sets it at`, at: locationOf(first, 'network') }],
          help: `set another network for ${one.name}`,
        });
      }
    },
  }),
  warning('tenant-untagged', {
    what: 'If there are several tenants, the network of each must be a VLAN.',
    why: 'Subnets alone do not separate tenants: on one wire, any machine can take any IP address.',
    check({ tenants = [] }, report) {
      if (tenants.length < 2) return;
      for (const tenant of tenants) {
        const { network } = tenant ?? {};
        if (!tenant || !network || !lacks(network, 'vlan')) continue;
        report(selfLocation(network), {
          message: `The network ${network.name} of ${tenant.name} is not a VLAN: nothing separates it from that of ${tenants.length > 2 ? 'other tenants' : 'the other tenant'}.`,
          related: [
            { message: `the network of ${tenant.name} is set at`, at: locationOf(tenant, 'network') },
          ],
          help: 'set its `vlan`; or, if each tenant has its own switches, add silence: {tenant-untagged: "the reason"}',
        });
      }
    },
  }),
];

/** Yields the networks of a node's NICs and of its BMC. */
function* connectionsOf({ nics = [], facts }: Draft<Node>, { networks = [] }: Draft<Site>) {
  for (const nic of nics) {
    const { network } = nic ?? {};
    if (nic && network) yield { network, what: 'one of its NICs', at: networkLocation(nic) };
  }
  const { bmc } = facts ?? {};
  const network = bmc?.address === undefined ? undefined : networkOf(bmc.address, networks);
  if (bmc && network) yield { network, what: 'its BMC', at: locationOf(bmc, 'address') };
}
