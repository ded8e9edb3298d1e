import { createHash } from 'node:crypto';
import { knownSize } from '../knowledge/cloud-sizes.ts';
import { VM_PRESETS } from '../knowledge/hosts.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  inherit,
  inheritErrors,
  isBroken,
  keyLocationOf,
  lacks,
  locatedList,
  locationOf,
  markBroken,
  markDerived,
} from '../source/origin.ts';
import { nearestOf } from '../source/text-edit/fix.ts';
import type { Draft } from '../values/draft.ts';
import { uuidOf } from '../values/identifiers.ts';
import { memoryMib, parseSize } from '../values/size.ts';
import { cloudDevice, resolveCloud } from './cloud.ts';
import {
  byName,
  eachNamed,
  entries,
  isKnown,
  markIncomplete,
  namesIn,
  read,
  reportUnknownName,
  valueOr,
  withOrigins,
} from './from-inventory.ts';
import type { Cluster, Domain, DomainDisk, Exposed, Host, OciInstance } from './model.ts';
import type { CloudVm, HostDisk, Lun } from './model-host.ts';

type HostInventory = NonNullable<Draft<SiteInventory>['host']>;
type ExposedInventory = NonNullable<NonNullable<HostInventory['expose']>[number]>;

/**
 * Resolves the libvirt host of an inventory, with defaults; undefined without one. Reports a port whose cluster is unknown or ambiguous.
 */
export function resolveHost(
  inventory: Draft<SiteInventory>,
  clusters: readonly Draft<Cluster>[],
  report: Report,
): Draft<Host> | undefined {
  const { host } = inventory;
  if (!host) return undefined;
  const images = host.images?.replace(/(?<!\/)\/+$/, '') ?? '/var/lib/libvirt/images';
  const cloud = host.cloud && resolveCloud(host.cloud);
  // The size of the VM is the capacity of the host. With `auto`, it is derived from the machines.
  const size = cloud?.provider && cloud.size ? knownSize(cloud.provider, cloud.size) : undefined;
  const result = withOrigins<Draft<Host>>(
    {
      address: host.address,
      domainType: valueOr(host, 'domain_type', 'kvm'),
      cloud,
      threads: host.threads ?? (isBroken(host, 'threads') ? undefined : size?.threads),
      memory: host.memory ?? (size && !isBroken(host, 'memory') ? `${size.gib}Gi` : undefined),
      images,
      disks: resolveDisks(host, images, cloud, inventory.site),
      luns: eachNamed(host.luns, (name, { size, nodes }, at) =>
        withOrigins<Draft<Lun>>({ name, size, nodes }, host.luns?.[name] ?? {}, {}, at),
      ),
      expose: resolveExposed(host, inventory, clusters, report),
      userDataUrl: host.user_data_url,
    },
    host,
    { userDataUrl: 'user_data_url' },
    keyLocationOf(inventory, 'host'),
  );
  markIncomplete(result, host, 'disks', 'expose', 'luns');
  for (const key of ['threads', 'memory'] as const)
    if (size && lacks(host, key)) inherit(result, key, host.cloud as object, 'size');
  return result;
}

function resolveDisks(
  { disks }: HostInventory,
  images: string,
  cloud: Draft<CloudVm> | undefined,
  site = '',
): Draft<HostDisk>[] {
  return eachNamed(disks, (name, disk, at) => {
    const { size, type, iops, throughput } = disk;
    const filesystem = valueOr(disk, 'filesystem', 'ext4');
    const derived = cloud && lacks(disk, 'device') ? cloudDevice(cloud, site, name) : undefined;
    const device = disk.device ?? derived;
    const values = { name, device, size, filesystem, mount: `${images}/${name}`, type, iops, throughput };
    return withOrigins<Draft<HostDisk>>(values, disk, {}, at);
  });
}

function resolveExposed(
  { expose = [] }: HostInventory,
  inventory: Draft<SiteInventory>,
  clusters: readonly Draft<Cluster>[],
  report: Report,
): Draft<Exposed>[] {
  const made = expose.flatMap((exposed, index) => {
    if (!exposed) return [];
    const { port, address, allow } = exposed;
    const at = locationOf(expose, index);
    const to = exposed.to ?? (isBroken(exposed, 'to') ? undefined : port);
    const cluster = clusterOf(exposed, inventory, clusters, report);
    const value = withOrigins<Draft<Exposed>>(
      { port, to, cluster, address, allow: entries(allow) },
      exposed,
      {},
      at,
    );
    markIncomplete(value, exposed, 'allow');
    return { value, at };
  });
  return locatedList(locationOf(inventory, 'host'), made);
}

function clusterOf(
  exposed: ExposedInventory,
  inventory: Draft<SiteInventory>,
  clusters: readonly Draft<Cluster>[],
  report: Report,
): Draft<Cluster> | undefined {
  const { cluster: name, port } = exposed;
  const only = clusters.length === 1 && !isBroken(exposed, 'cluster') ? clusters[0] : undefined;
  const found = name === undefined ? only : byName(clusters).get(name);
  if (found || isBroken(inventory, 'cluster') || !isKnown(inventory, 'clusters')) return found;
  if (isBroken(exposed, 'cluster')) return undefined;
  const names = namesIn(clusters).join(', ');
  // A site without clusters is one error, for all ports.
  const [first] = inventory.host?.expose ?? [];
  if (name !== undefined)
    reportUnknownName(report, {
      kind: 'cluster',
      name,
      at: locationOf(exposed, 'cluster'),
      names: namesIn(clusters),
      message: `A port of the host forwards to the cluster ${name}, which does not exist.`,
    });
  else if (names || exposed === first)
    report.error({
      code: 'expose-without-cluster',
      message: `The port ${port} of the host names no cluster: its target VIP is ambiguous.`,
      at: locationOf(exposed, 'port'),
      help: names ? `set cluster to one of: ${names}` : 'add a cluster to the site, or remove the port',
    });
  return undefined;
}

type VmInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['vm']>;
type DiskInventory = NonNullable<NonNullable<VmInventory['disks']>[number]>;

interface DomainSource {
  readonly name: string;
  readonly site: string | undefined;
  readonly mac: string | undefined;
  /** The UUID of the machine's firmware, if the inventory sets it. */
  readonly uuid: string | undefined;
  readonly vm: VmInventory;
  /** Whether the virtual machine needs no disk: it gets its system from the network at each boot, or has an iSCSI disk. */
  readonly diskless: boolean;
  readonly host: Draft<Host>;
  readonly report: Report;
}

/** Merges the settings of a virtual machine over its preset, if it names one. */
export function withPreset(vm: VmInventory): VmInventory {
  const { preset } = vm;
  if (!preset && !isBroken(vm, 'preset')) return vm;
  const result = withOrigins<VmInventory>({ ...(preset && VM_PRESETS[preset]), ...vm }, vm);
  inheritErrors(result, vm);
  for (const key of ['vcpus', 'memory'] as const) {
    // A preset does not replace an invalid value.
    if (isBroken(vm, key)) Object.assign(result, { [key]: undefined });
    else if (lacks(vm, key) && preset) {
      inherit(result, key, vm, 'preset');
      markDerived(result, key, `the preset ${preset}`);
    } else if (lacks(vm, key)) markBroken(result, key); // an unknown preset may set it
  }
  return result;
}

/** Resolves the libvirt domain of a node. Reports a disk image on an unknown disk of the host. */
export function resolveDomain(source: DomainSource): Draft<Domain> {
  const { site, mac, uuid, vm, diskless } = source;
  const none = diskless && lacks(vm, 'disks') ? [] : undefined;
  const result = withOrigins<Draft<Domain>>(
    {
      uuid: uuid ?? (mac && uuidOf(`${site}/${mac}`)),
      vcpus: vm.vcpus,
      memory: read(vm.memory, memoryMib),
      disks: vm.disks && !isBroken(vm.disks) ? domainDisks(vm.disks, source) : none,
      vnc: withOrigins(
        {
          listen: valueOr(vm.vnc ?? {}, 'listen', '127.0.0.1'),
          port: vm.vnc?.port,
          websocket: vm.vnc?.websocket,
        },
        vm.vnc ?? withOrigins({}, vm),
      ),
      autostart: valueOr(vm, 'autostart', true),
    },
    vm,
  );
  markIncomplete(result, vm, 'disks');
  return result;
}

function domainDisks(disks: NonNullable<VmInventory['disks']>, source: DomainSource): Draft<DomainDisk>[] {
  const taken = new Map<string, number>();
  return disks.flatMap((disk, index) => {
    if (!disk) return [];
    const bus = valueOr(disk, 'bus', 'virtio');
    const prefix = bus === 'virtio' ? 'vd' : 'sd';
    const position = taken.get(prefix) ?? 0;
    taken.set(prefix, position + 1);
    return domainDisk(disk, index, { bus, target: bus && `${prefix}${letters(position)}` }, source);
  });
}

function domainDisk(
  disk: DiskInventory,
  index: number,
  { bus, target }: Pick<Draft<DomainDisk>, 'bus' | 'target'>,
  { name, mac, host, report }: DomainSource,
): Draft<DomainDisk> {
  const on = hostDisk(disk, host, report);
  const folder = disk.on === undefined ? host.images : on?.mount;
  const format = valueOr(disk, 'format', 'qcow2');
  const isUnclear = isBroken(disk, 'name') || isBroken(disk, 'serial');
  const called = isUnclear ? undefined : (disk.name ?? disk.serial ?? String(index));
  const isPosition = disk.name === undefined ? disk.serial === undefined : /^\d+$/.test(disk.name);
  const number = mac && called && wwnOf(`${mac}/${called}`);
  const serial = disk.serial ?? number;
  // libvirt allows no WWN for a SATA disk (src/qemu/qemu_validate.c: only for IDE and SCSI).
  const wwn = bus === 'scsi' ? number : undefined;
  return withOrigins<Draft<DomainDisk>>(
    {
      name: called,
      // Unique: host names have no underscore, and the last hyphen is before a number.
      file: folder && format && called && `${folder}/${name}${isPosition ? '-' : '_'}${called}.${format}`,
      size: read(disk.size, wholeSectors),
      format,
      bus,
      target,
      serial,
      wwn,
      device: deviceOf({ bus, serial, wwn }),
      on,
    },
    disk,
  );
}

function hostDisk(disk: DiskInventory, host: Draft<Host>, report: Report) {
  if (disk.on === undefined) return undefined;
  const found = host.disks?.find((hostDisk) => hostDisk?.name === disk.on);
  if (!found && host.disks && !isBroken(host, 'disks')) {
    const names = host.disks.map((hostDisk) => hostDisk?.name);
    report.error({
      code: 'unknown-host-disk',
      message: `An image is on the host's disk ${disk.on}, which does not exist.`,
      at: locationOf(disk, 'on'),
      fix: nearestOf(locationOf(disk, 'on'), disk.on, names),
      help:
        names.length > 0 ? `known disks: ${names.join(', ')}` : 'define it under host.disks, or remove on',
    });
  }
  return found;
}

/**
 * Returns udev's name of a disk: for SCSI by its WWN, else by its serial number, which QEMU prefixes for SATA disks.
 * Source: systemd, rules.d/60-persistent-storage.rules.
 */
function deviceOf({
  bus,
  serial,
  wwn,
}: Pick<Draft<DomainDisk>, 'bus' | 'serial' | 'wwn'>): string | undefined {
  if (bus === 'scsi') return wwn && `/dev/disk/by-id/wwn-0x${wwn}`;
  return bus && serial && `/dev/disk/by-id/${bus === 'sata' ? 'ata-QEMU_HARDDISK_' : 'virtio-'}${serial}`;
}

/**
 * Returns 16 hexadecimal digits that are derived from a text: a World Wide Name with the vendor number that libvirt also uses
 * for QEMU (src/util/virrandom.c). NAA 3, for local names, is unsuitable: sg3_utils by default makes no name of it.
 */
function wwnOf(text: string): string {
  return `5001a4a${digest(text).slice(0, 9)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function wholeSectors(text: string): number | undefined {
  const bytes = parseSize(text);
  return bytes === undefined ? undefined : Math.floor(bytes / 512) * 512;
}

/** Returns a to z, then aa, ab, …, like the kernel. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : `${letters(Math.floor(index / 26) - 1)}${last}`;
}

type OciInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['oci']>;

/** Resolves the instance of Oracle Cloud Infrastructure of a node, with defaults. */
export function resolveOci(oci: OciInventory): Draft<OciInstance> {
  return withOrigins<Draft<OciInstance>>(
    {
      region: oci.region,
      compartment: oci.compartment,
      subnet: oci.subnet,
      image: oci.image,
      shape: oci.shape,
      availabilityDomain: oci.availability_domain,
      faultDomain: oci.fault_domain,
      nsgs: entries(oci.nsgs),
      publicIp: valueOr(oci, 'public_ip', false),
      allow: entries(oci.allow),
      sshPublicKey: oci.ssh_public_key,
      tags: oci.tags,
    },
    oci,
  );
}
