import { bootOrder } from '../../site/boot-order.ts';
import type { DomainDisk, Nic, Node, Site } from '../../site/model.ts';
import { consoleLog } from '../../tree/host-paths.ts';

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
  const scsi = domain.disks.filter(({ bus }) => bus === 'scsi');
  const order = bootOrder(node);
  // libvirt counts from 1.
  const orderOf = (device: DomainDisk | Nic) =>
    order.findIndex((one) => ('disk' in one ? one.disk : one.nic) === device) + 1 || undefined;
  return {
    site,
    node,
    domain,
    type: site.host.domainType,
    arch: node.arch,
    secureBoot: node.firmware === 'uefi' && node.facts.vm?.secure_boot === true,
    // Neither PXE nor the iPXE that QEMU has for its NICs: whichever is there is tried before HTTP.
    httpBoot: node.firmware === 'uefi' && node.os === 'linux',
    disks: domain.disks.map((one) => ({
      ...one,
      order: orderOf(one),
      // By its letter alone, libvirt would spread them over controllers that it makes up.
      unit: one.bus === 'scsi' ? scsi.indexOf(one) : undefined,
    })),
    hasScsi: scsi.length > 0,
    nics: node.nics.map((one) => attached(one, orderOf(one))),
    console: consoleLog(node),
  };
}

function attached({ mac = '', network }: Nic, order: number | undefined): Attached {
  const { libvirt, interface: bridge, mtu } = network;
  // The NIC takes the MTU of a network that libvirt makes.
  return libvirt ? { mac, network: libvirt.name, order } : { mac, bridge, mtu, order };
}
