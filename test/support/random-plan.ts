import * as fc from 'fast-check';
import { releases } from '../../src/cli/complete.ts';
import { NEWEST_RELEASE } from '../../src/knowledge/harvester.ts';
import { FIELDS } from '../harvester-fields.ts';
import { cloudInitPlan } from './random-cloud-init.ts';
import { possibleFields } from './random-fields.ts';
import { iscsiPlan } from './random-iscsi.ts';
import { linuxPlan } from './random-linux.ts';

/**
 * Random plans of sites: only the choices, in plain values that are independent of each other. random-site.ts contains
 * their results. Each choice shrinks towards the plainest site: only required keys.
 */

/** Every release, some candidates, and an unknown one; the first is the plainest. */
export const RELEASES = [
  'v1.4.1',
  ...releases().filter((release) => release !== 'v1.4.1'),
  'v1.3.0-rc1',
  'v1.4.0-rc2',
  `${NEWEST_RELEASE}-rc6`,
  NEWEST_RELEASE.replace(/\d+\.\d+$/, (text) => `${Number.parseInt(text, 10) + 1}.0`),
];

/** Strings that YAML, a shell, a template or a JSON parser could interpret as something else. */
const TRICKY = [
  'yes',
  'off',
  'null',
  '~',
  '0123',
  '0x1F',
  '1e3',
  '1_000',
  '.inf',
  '12:30:45',
  '2026-01-31',
  '52:54:00:12:34:56',
  '---',
  '- item',
  'key: value # comment',
  '&anchor *alias !tag',
  '{a: [1]}',
  '<<',
  `it's "quoted"`,
  'back\\slash \\n',
  'two\nlines\n',
  '\n',
  '  blanks  ',
  '\ttab',
  'carriage\r\nreturn',
  'separator \u2028 \ufeff',
  '$(reboot); `reboot` ${HOME} %s',
  'Zürich 東京 🙂',
  '${secret:some_secret}',
  'a ${secret:some_secret} inside',
  'x'.repeat(300),
];

const seldom = fc.nat(4).map((number) => number === 4);
const sometimes = fc.boolean();

/** Any text that an installer accepts unchanged. */
const text = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((value) => !/\p{Cs}/u.test(value) && !/\{\{|\$\{secret:|@@secret:/.test(value)),
);

const fields = fc.array(
  fc.record({
    field: fc.nat(FIELDS.length - 1),
    /** The index of one of the known values of the field. */
    variant: fc.nat(5),
    /** The value, if any text is allowed. */
    text,
  }),
  { maxLength: 14, size: 'max' },
);

const release = fc.constantFrom(...RELEASES);

const network = fc.record({
  subnet: fc.nat(1),
  dhcp: fc.constantFrom('dnsmasq', 'external', 'none'),
  pool: sometimes,
  lease: seldom,
  hostsFiles: seldom,
  dns: fc.nat(3),
  ntp: fc.nat(2),
  domain: seldom,
  vlan: seldom,
  mtu: seldom,
  interface: seldom,
  gateway: sometimes,
});

const node = fc.record({
  /** NICs of the management bond; 0 is the short form of one NIC. */
  bond: fc.nat(3),
  /** NICs on other networks. */
  others: fc.nat(2),
  names: sometimes,
  macs: fc.constantFrom('plain', 'upper', 'hyphens'),
  /** Whether the inventory lacks its MAC address, where nothing requires it. */
  noMac: seldom,
  /** The identifiers in its firmware, and the disk that it boots. */
  uuid: seldom,
  serial: seldom,
  drive: fc.constantFrom(undefined, 0x80, 0x81),
  role: fc.constantFrom('none', 'default', 'management', 'worker', 'witness'),
  install: fc.constantFrom('none', 'once', 'always', 'never'),
  bios: seldom,
  mbr: seldom,
  fixed: seldom,
  cordoned: seldom,
  dotted: seldom,
  /** Whether derived values are repeated. */
  repeats: sometimes,
  netInstall: seldom,
  interfaces: seldom,
  disks: fc.record({
    own: sometimes,
    kernelNames: seldom,
    declared: sometimes,
    data: seldom,
    kept: seldom,
    wiped: fc.nat(5),
    persistent: seldom,
  }),
  hardware: fc.nat(3),
  vm: seldom,
  /** Its virtual machine, if it is on a host. */
  domain: fc.record({
    bare: seldom,
    size: fc.constantFrom('explicit', 'small', 'medium', 'more'),
    disks: fc.array(
      fc.record({
        bus: fc.constantFrom('none', 'virtio', 'scsi', 'sata'),
        raw: seldom,
        /** The number of one of the host's data disks, if it has as many. */
        on: fc.nat(3),
        serial: seldom,
      }),
      { minLength: 1, maxLength: 3 },
    ),
    vnc: fc.constantFrom('none', 'port', 'open'),
    autostart: sometimes,
  }),
  bmc: seldom,
  zone: seldom,
  labels: seldom,
  silent: sometimes,
  fields: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fields }),
});

const cluster = fc.record({
  network: fc.nat(2),
  ownRelease: sometimes,
  release,
  arm64: seldom,
  vipByDhcp: seldom,
  token: fc.nat(2),
  cidrs: seldom,
  proxy: seldom,
  isoUrl: seldom,
  /** Whether its profile sets the cluster of the nodes, or each node does. */
  byProfile: sometimes,
  fields,
  nodes: fc.array(node, { minLength: 1, maxLength: 5, size: 'max' }),
});

/** A libvirt host. */
const host = fc.record({
  address: sometimes,
  qemu: seldom,
  images: seldom,
  /** Whether its size is declared. */
  sized: sometimes,
  disks: fc.nat(2),
  expose: fc.array(fc.record({ api: sometimes, own: sometimes, address: seldom, allow: sometimes }), {
    maxLength: 2,
  }),
  /** The type of each network that libvirt creates. */
  forward: fc.constantFrom('none', 'nat', 'route', 'open', 'isolated'),
});

/** A plan of a site. */
export const sitePlan = fc.record({
  release,
  arm64: seldom,
  networks: fc.array(network, { minLength: 1, maxLength: 3, size: 'max' }),
  clusters: fc.oneof(
    { weight: 3, arbitrary: fc.array(cluster, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(cluster, { minLength: 2, maxLength: 2 }) },
  ),
  /** The server of the networks on which the boot server leases IP addresses, where it can. */
  dhcpServer: fc.constantFrom('dnsmasq', 'isc', 'kea', 'coredhcp'),
  longForm: sometimes,
  locals: fc.nat(2),
  linuxes: fc.array(linuxPlan, { maxLength: 2 }),
  // As rare as a host.
  iscsi: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: iscsiPlan }),
  /** The cloud-init data of the groups of those. */
  groups: fc.array(cloudInitPlan, { maxLength: 2 }),
  server: fc.record({
    url: fc.nat(3),
    media: fc.nat(3),
    paths: seldom,
    allow: seldom,
    pods: fc.nat(9),
  }),
  // They have the most files of all, and their rules and scripts have their own tests.
  host: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: host }),
  airGapped: seldom,
  pins: seldom,
  password: seldom,
  fields,
  silent: seldom,
  style: fc.record({
    flow: seldom,
    crlf: seldom,
    /** Whether the first included file includes the rest, or site.yaml includes all of them. */
    chain: sometimes,
    /** The files of the parts of the inventory: site.yaml, a file of their own, or an included one. */
    files: fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }),
  }),
});

/** Returns a plan for each release whose two nodes have every field that a node of the release may have: random ones lack rare fields. */
export function plansOfAllFields(): SitePlan[] {
  const [plan] = fc.sample(sitePlan, { numRuns: 1, seed: 1 }) as [SitePlan];
  const [cluster] = plan.clusters as [ClusterPlan];
  const [first] = cluster.nodes as [NodePlan];
  return RELEASES.map((release) => {
    const nodes = (['create', 'join'] as const).map((mode) => ({
      ...first,
      fields: possibleFields({ releases: [release], mode }).map((_, field) => ({
        field,
        variant: 0,
        text: 'x',
      })),
    }));
    return { ...plan, release, clusters: [{ ...cluster, ownRelease: false, fields: [], nodes }], fields: [] };
  });
}

export type SitePlan = typeof sitePlan extends fc.Arbitrary<infer Plan> ? Plan : never;
export type ClusterPlan = SitePlan['clusters'][number];
export type NodePlan = ClusterPlan['nodes'][number];
export type NetworkPlan = SitePlan['networks'][number];
export type HostPlan = NonNullable<SitePlan['host']>;
export type FieldPlan = SitePlan['fields'][number];
