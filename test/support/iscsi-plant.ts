import type { Edit } from './plant.ts';

/** A site of diskless nodes of two tenants: small, complete, and without errors. Tests edit it; its lines do not move. */
export const ISCSI_PLANT = `site: plant
server:
  url: http://10.1.0.1
  iscsi:
    address: 10.1.0.2
    suffix: \${secret:iscsi_suffix}
networks:
  physics: { subnet: 10.2.0.0/24, gateway: 10.2.0.1, vlan: 102, dhcp: {} }
  biology: { subnet: 10.3.0.0/24, iscsi: 10.3.0.2, vlan: 103, dhcp: { pool: 10.3.0.200-10.3.0.250 }, gateway: 10.3.0.1 }
tenants:
  physics: { network: physics }
  biology: { network: biology, allow: [10.9.0.0/24] }
images:
  rocky9: { source: rocky9.qcow2, public: true }
  gromacs: { snapshot_of: cn03, tenant: biology }
defaults:
  boot:
    os: iscsi
    image: rocky9
nodes:
  cn01: { mac: 52:54:00:0b:01:01, ip: 10.2.0.11, tenant: physics, firmware: bios }
  cn02: { mac: 52:54:00:0b:01:02, ip: 10.2.0.12, tenant: physics }
  cn03: { mac: 52:54:00:0b:01:03, ip: 10.3.0.11, tenant: biology }
`;

/** Returns the edits that set the iSCSI boot on each of its nodes instead of in a layer. */
export function bootsOf(cn01: string, cn02: string, cn03: string): readonly Edit[] {
  return [
    ['    image: rocky9\n', ''],
    ['firmware: bios }', `firmware: bios, boot: { ${cn01} } }`],
    ['ip: 10.2.0.12, tenant: physics }', `ip: 10.2.0.12, tenant: physics, boot: { ${cn02} } }`],
    ['ip: 10.3.0.11, tenant: biology }', `ip: 10.3.0.11, tenant: biology, boot: { ${cn03} } }`],
  ];
}
