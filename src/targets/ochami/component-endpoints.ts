import type { Network, Node, Site } from '../../site/model.ts';
import { placedBmcs, placedNodes } from './places.ts';

/** What SMD knows of a node, or of a management controller, by Redfish. */
export interface ComponentEndpoint {
  readonly ID: string;
  readonly Type: 'Node' | 'NodeBMC';
  readonly [key: string]: unknown;
}

/** A management controller that SMD asks by Redfish. */
export interface RedfishEndpoint {
  readonly ID: string;
  readonly [key: string]: unknown;
}

/**
 * Gives a site's nodes, and the management controllers that it declares, as SMD lists them at
 * `/hsm/v2/Inventory/ComponentEndpoints`. Where Redfish has a system no inventory says: the paths are those that OpenCHAMI's
 * own static discovery makes up. Source: OpenCHAMI/ochami, pkg/discover/discover.go; OpenCHAMI/smd, pkg/sm/endpoints.go.
 */
export function componentEndpoints(site: Site): ComponentEndpoint[] {
  const bmcs = placedBmcs(site);
  const hosts = new Map(bmcs.map(({ xname, address }) => [xname, address]));
  return [
    ...placedNodes(site).map(({ node, xname, bmc }) => {
      const host = hosts.get(bmc) ?? fqdn(bmc, node.bootNic.network);
      return {
        ...descriptionOf(xname, 'Node', node),
        RedfishType: 'ComputerSystem',
        RedfishSubtype: 'Physical',
        ...(node.bootNic.mac && { MACAddr: node.bootNic.mac }),
        ...(node.uuid && { UUID: node.uuid }),
        ...endpointOf(`/redfish/v1/Systems/${xname}`, bmc, host),
        ComponentEndpointType: 'ComponentEndpointComputerSystem',
        RedfishSystemInfo: { Name: node.name, EthernetNICInfo: nicsOf(node, xname) },
      };
    }),
    ...bmcs.map(({ xname, node, mac, address }) => ({
      ...descriptionOf(xname, 'NodeBMC', node),
      RedfishType: 'Manager',
      RedfishSubtype: 'BMC',
      ...(mac && { MACAddr: mac }),
      ...endpointOf(`/redfish/v1/Managers/${xname}`, xname, address ?? fqdn(xname, node.bootNic.network)),
      ComponentEndpointType: 'ComponentEndpointManager',
      RedfishManagerInfo: {
        Name: xname,
        EthernetNICInfo: mac ? [nicInfo('1', `/redfish/v1/Managers/${xname}`, mac, '')] : [],
      },
    })),
  ];
}

/**
 * Gives the management controllers that a site declares as SMD lists them at `/hsm/v2/Inventory/RedfishEndpoints`, without
 * user and password. They are found by their address, where the inventory says it.
 */
export function redfishEndpoints(site: Site): RedfishEndpoint[] {
  return placedBmcs(site).map(({ xname, node, mac, address, ip }) => ({
    ID: xname,
    Type: 'NodeBMC',
    Hostname: address ?? xname,
    Domain: address ? '' : (node.bootNic.network.domain ?? ''),
    FQDN: address ?? fqdn(xname, node.bootNic.network),
    Enabled: true,
    ...(mac && { MACAddr: mac }),
    ...(ip && { IPAddress: ip }),
    MACRequired: false,
    RediscoverOnUpdate: false,
    // SMD says so of what it has not asked; the time of the last attempt is left out.
    DiscoveryInfo: { LastDiscoveryStatus: 'NotYetQueried' },
  }));
}

/** Gives the name by which a node's components are found in DNS. */
export function fqdn(xname: string, { domain }: Network): string {
  return domain ? `${xname}.${domain}` : xname;
}

function descriptionOf<T extends 'Node' | 'NodeBMC'>(xname: string, type: T, { bootNic: { network } }: Node) {
  return { ID: xname, Type: type, Domain: network.domain ?? '', FQDN: fqdn(xname, network) };
}

function endpointOf(path: string, bmc: string, host: string) {
  return {
    OdataID: path,
    RedfishEndpointID: bmc,
    Enabled: true,
    RedfishEndpointFQDN: host,
    RedfishURL: `${host}${path}`,
  };
}

function nicsOf({ nics }: Node, xname: string): object[] {
  return nics.flatMap(({ mac, name }, index) =>
    mac ? [nicInfo(String(index + 1), `/redfish/v1/Systems/${xname}`, mac, name ?? '')] : [],
  );
}

function nicInfo(id: string, path: string, mac: string, description: string): object {
  return {
    RedfishId: id,
    '@odata.id': `${path}/EthernetInterfaces/${id}`,
    Description: description,
    InterfaceEnabled: true,
    MACAddress: mac,
    PermanentMACAddress: mac,
  };
}
