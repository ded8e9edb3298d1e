import * as fc from 'fast-check';
import type { JsonMap } from './random-fields.ts';

const seldom = fc.nat(4).map((number) => number === 4);
const sometimes = fc.boolean();

const node = fc.record({
  /** Whether its target is on another server. */
  other: seldom,
  chap: fc.constantFrom('derived', 'explicit', 'mutual', 'none'),
  lun: fc.constantFrom(undefined, 0, 1, 31, 255),
  initiator: seldom,
  fallback: fc.constantFrom(undefined, 'retry', 'disk'),
  size: seldom,
  pxelinux: sometimes,
  /** Whether the inventory lacks its MAC address, where nothing requires it. */
  noMac: seldom,
  /** Whether a virtual machine has its own disk. */
  ownDisk: sometimes,
});

/** A plan of diskless nodes, and of the server of their disks. */
export const iscsiPlan = fc.record({
  store: fc.nat(3),
  driver: fc.constantFrom(undefined, 'tgt', 'lio'),
  /** Whether the iSCSI server is the boot server, if it can be. */
  here: sometimes,
  port: seldom,
  iqn: seldom,
  suffix: sometimes,
  prefix: seldom,
  writeCache: seldom,
  /** Whether nodes are of two tenants, each with its own network. */
  tenants: sometimes,
  vlans: sometimes,
  portal: sometimes,
  allow: sometimes,
  snapshot: sometimes,
  nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
});

export type IscsiPlan = typeof iscsiPlan extends fc.Arbitrary<infer Plan> ? Plan : never;
export type DisklessPlan = IscsiPlan['nodes'][number];

/** The networks of the tenants, which have no other users. */
export const TENANTS = ['physics', 'biology_2'] as const;

/** Returns the settings of the iSCSI server; `isHere`: whether the boot server can be it. */
export function iscsiServerOf(plan: IscsiPlan, isHere: boolean): JsonMap {
  const store: JsonMap[] = [
    {},
    { files: '/srv/disks', format: 'qcow2' },
    { rbd: { pool: 'bmi' } },
    { rbd: { pool: 'bmi', id: 'bmi', keyring: '/etc/ceph/bmi.keyring' }, snapshot: 'golden' },
  ];
  return {
    ...(plan.here && isHere ? {} : { address: '10.0.0.21' }),
    ...(plan.port && { port: 3261 }),
    ...(plan.driver && { driver: plan.driver }),
    ...(plan.iqn && { iqn: 'iqn.2010-01.org.example:lab' }),
    ...(plan.suffix && { suffix: '${secret:iscsi_suffix}' }),
    ...(plan.prefix && { prefix: '5-' }),
    ...(plan.writeCache && { write_cache: true }),
    ...store[plan.store],
  };
}

/** Returns the networks of the tenants: their DHCP servers are external. */
export function tenantNetworksOf({ tenants, vlans, portal }: IscsiPlan): JsonMap {
  if (!tenants) return {};
  return Object.fromEntries(
    TENANTS.map((name, index) => [
      name,
      {
        subnet: `10.7${index}.0.0/24`,
        gateway: `10.7${index}.0.1`,
        dns: ['10.0.8.53'],
        ...(vlans && { vlan: 700 + index }),
        ...(portal && { iscsi: `10.7${index}.0.2` }),
        dhcp: { server: 'external' },
      },
    ]),
  );
}

/** Returns the tenants. */
export function tenantsOf({ tenants, allow }: IscsiPlan): JsonMap {
  if (!tenants) return {};
  return Object.fromEntries(
    TENANTS.map((network) => [
      network,
      {
        network,
        ...(allow && { allow: ['192.0.2.7', '192.0.2.0/26'], description: '<Institute> "of" $it' }),
      },
    ]),
  );
}

/** Returns the images: a golden one that all boot, one that is already in the store, and one of the first node's disk. */
export function imagesOf({ tenants, snapshot, nodes }: IscsiPlan): JsonMap {
  const [first] = nodes;
  return {
    rocky_9: { source: '/srv/golden/rocky9.qcow2', ...(tenants && { public: true }) },
    win11: {},
    ...(snapshot &&
      first &&
      !first.other && { snap: { snapshot_of: 'd-0', ...(tenants && { tenant: TENANTS[0] }) } }),
  };
}

/** Returns the boot settings of a diskless node. */
export function disklessOf(
  { other, chap, lun, initiator, fallback, size }: DisklessPlan,
  number: number,
  { driver }: IscsiPlan,
): JsonMap {
  // At a target of tgt, LUN 0 is the controller.
  const isTaken = lun === 0 && !other && (driver ?? 'tgt') === 'tgt';
  const login = { password: `\${secret:disk_${number}}` };
  return {
    os: 'iscsi',
    ...(other
      ? { target: `iqn.2015-02.oracle.boot:t${number}`, server: '10.0.0.22', port: 3262 }
      : { image: 'rocky_9', ...(size && { size: '40Gi' }) }),
    ...(lun !== undefined && !isTaken && { lun }),
    ...(initiator && { initiator: `iqn.2010-01.org.example:node-${number}` }),
    ...(fallback && { fallback }),
    ...(chap === 'none' && { chap }),
    ...(chap === 'explicit' && { chap: login }),
    ...(chap === 'mutual' && {
      chap: { ...login, user: `u:${number}`, target_password: '${secret:disk_target}' },
    }),
  };
}
