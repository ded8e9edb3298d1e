import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { Network, Node } from './model.ts';
import type { Server } from './model-server.ts';

type Placed = Partial<Pick<Draft<Node>, 'bootNic' | 'cluster'>>;
type Managed = Placed & Pick<Draft<Node>, 'userConfig'>;

/**
 * Returns the network with a node's lasting IP address: the management network of its cluster, otherwise the one that it boots from.
 * Undefined if an error hides it.
 */
export function managementNetwork({ bootNic, cluster }: Placed): Draft<Network> | undefined {
  if (cluster && isBroken(cluster, 'network')) return undefined;
  return cluster?.network ?? bootNic?.network;
}

/** How the management interface gets its IP address: as set, else by DHCP if its network has a server. */
export function interfaceMethod(node: Managed): 'dhcp' | 'static' {
  return (
    node.userConfig?.install?.management_interface?.method ??
    (managementNetwork(node)?.dhcp ? 'dhcp' : 'static')
  );
}

/** The first release whose installer gives up all leases when it applies a management network with DHCP. */
const FIRST_RELEASE_LEAVING = 'v1.7.0';

/**
 * Returns the network over which a node's installer fetches the ISO: the management network once that uses DHCP, otherwise the one
 * that it boots from. Source: harvester, pkg/installer/config/cos.go (applyNetworks: `nmcli networking off`).
 */
export function isoNetwork(node: Managed): Draft<Network> | undefined {
  const release = node.cluster?.version;
  const leaves = release && isAtLeast(release, FIRST_RELEASE_LEAVING) && interfaceMethod(node) === 'dhcp';
  return leaves ? managementNetwork(node) : node.bootNic?.network;
}

/** Returns the URL of an ISO as a node's installer fetches it. The certificate of an https URL is for its host. */
export function isoUrlFor(node: Managed, url: string, server: Draft<Server>): string {
  const { bootServer } = isoNetwork(node) ?? {};
  const isOwn = bootServer !== undefined && server.media?.path !== undefined;
  return isOwn ? url.replace(/^http:\/\/[^/:]+/, `http://${bootServer}`) : url;
}
