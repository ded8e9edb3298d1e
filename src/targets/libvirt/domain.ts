import type { Nic, Node, Site } from '../../site/model.ts';

/** What a NIC of a domain is attached to: a network that libvirt makes, or a bridge of the host's. */
interface Attached {
  readonly mac: string;
  readonly network?: string;
  readonly bridge?: string;
  readonly mtu?: number;
  readonly order?: number;
}

/** What the template of a domain gets; undefined for a node that is none. */
export function domainData(site: Site, node: Node) {
  const { domain } = node;
  if (!site.host || !domain) return undefined;
  // A machine that reinstalls at each boot has to ask the network first: its disk would never let it.
  const [disk, nic] = node.install === 'always' ? [2, 1] : [1, 2];
  const device = node.config.install?.device;
  const scsi = domain.disks.filter(({ bus }) => bus === 'scsi');
  const system = domain.disks.find((one) => one.device === device) ?? domain.disks[0];
  return {
    site,
    node,
    domain,
    type: site.host.domainType,
    arch: node.cluster?.arch ?? 'amd64',
    disks: domain.disks.map((one) => ({
      ...one,
      order: one === system ? disk : undefined,
      // By its letter alone, libvirt would spread them over controllers that it makes up.
      unit: one.bus === 'scsi' ? scsi.indexOf(one) : undefined,
    })),
    hasScsi: scsi.length > 0,
    nics: node.nics.map((one) => attached(one, one === node.bootNic ? nic : undefined)),
    console: `/var/log/libvirt/qemu/${node.name}-console.log`,
  };
}

function attached({ mac, network }: Nic, order: number | undefined): Attached {
  const { libvirt, interface: bridge, mtu } = network;
  // The NIC takes the MTU of a network that libvirt makes.
  return libvirt ? { mac, network: libvirt.name, order } : { mac, bridge, mtu, order };
}
