import { createHash } from 'node:crypto';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { VM_PRESETS } from '../knowledge/tables/vm-presets.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { brokenKeys, inherit, isBroken, lacks, markBroken, markDerived, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { memoryMib, parseSize } from '../values/size.ts';
import { uuidOf } from '../values/uuid.ts';
import { build, read, saidOr } from './build.ts';
import type { Domain, DomainDisk, Host } from './model.ts';

type VmInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['vm']>;
type DiskInventory = NonNullable<NonNullable<VmInventory['disks']>[number]>;

/** What a domain is made from: the node, what the inventory says of its virtual machine, and the host. */
interface DomainSource {
  readonly name: string;
  readonly site: string | undefined;
  /** Of the NIC that it boots from. */
  readonly mac: string | undefined;
  readonly vm: VmInventory;
  /** Whether it takes no disk: it gets its system from the network at each boot, or a disk by iSCSI. */
  readonly diskless: boolean;
  readonly host: Draft<Host>;
  readonly report: Report;
}

/** Lays what is said of a virtual machine over the preset that it names, if it names one. */
export function withPreset(vm: VmInventory): VmInventory {
  if (!vm.preset) return isBroken(vm, 'preset') ? withUnknownSize(vm) : vm;
  const result = build<VmInventory>({ ...VM_PRESETS[vm.preset], ...vm }, vm);
  for (const key of brokenKeys(vm)) markBroken(result, key);
  for (const key of ['vcpus', 'memory'] as const) {
    // Said wrongly is not said by the preset.
    if (isBroken(vm, key)) Object.assign(result, { [key]: undefined });
    else if (lacks(vm, key)) {
      inherit(result, key, vm, 'preset');
      markDerived(result, key, `the preset ${vm.preset}`);
    }
  }
  return result;
}

/** What a preset would have said that is not known is not known either. */
function withUnknownSize(vm: VmInventory): VmInventory {
  const result = build<VmInventory>({ ...vm }, vm);
  for (const key of brokenKeys(vm)) markBroken(result, key);
  for (const key of ['vcpus', 'memory'] as const) if (lacks(vm, key)) markBroken(result, key);
  return result;
}

/** Makes the libvirt domain of a node. Reports a disk whose image is to lie on a disk that the host does not have. */
export function resolveDomain(source: DomainSource): Draft<Domain> {
  const { site, mac, vm, diskless } = source;
  const none = diskless && lacks(vm, 'disks') ? [] : undefined;
  const result = build<Draft<Domain>>(
    {
      uuid: mac && uuidOf(`${site}/${mac}`),
      vcpus: vm.vcpus,
      memory: read(vm.memory, memoryMib),
      disks: vm.disks && brokenKeys(vm.disks).length === 0 ? resolveDisks(vm.disks, source) : none,
      vnc: build(
        { listen: saidOr(vm.vnc ?? {}, 'listen', '127.0.0.1'), port: vm.vnc?.port },
        vm.vnc ?? build({}, vm),
      ),
      autostart: saidOr(vm, 'autostart', true),
    },
    vm,
  );
  if (vm.disks && brokenKeys(vm.disks).length > 0) markBroken(result, 'disks');
  return result;
}

function resolveDisks(disks: NonNullable<VmInventory['disks']>, source: DomainSource): Draft<DomainDisk>[] {
  const taken = new Map<string, number>();
  return disks.flatMap((disk, index) => {
    if (!disk) return [];
    const bus = saidOr(disk, 'bus', 'virtio');
    const prefix = bus === 'virtio' ? 'vd' : 'sd';
    const place = taken.get(prefix) ?? 0;
    taken.set(prefix, place + 1);
    return resolveDisk(disk, index, { bus, target: bus && `${prefix}${letters(place)}` }, source);
  });
}

function resolveDisk(
  disk: DiskInventory,
  index: number,
  { bus, target }: Pick<Draft<DomainDisk>, 'bus' | 'target'>,
  { name, mac, host, report }: DomainSource,
): Draft<DomainDisk> {
  const on = hostDisk(disk, host, report);
  const folder = disk.on === undefined ? host.images : on?.mount;
  const format = saidOr(disk, 'format', 'qcow2');
  const number = mac && wwnOf(`${mac}/${index}`);
  const serial = disk.serial ?? (isBroken(disk, 'serial') ? undefined : number);
  // libvirt gives none to a disk of SATA (src/qemu/qemu_validate.c: only IDE and SCSI have one).
  const wwn = bus === 'scsi' ? number : undefined;
  return build<Draft<DomainDisk>>(
    {
      // Of no two disks the same: what follows the last hyphen is the place and the format, what precedes it the node.
      file: folder && format && `${folder}/${name}-${index}.${format}`,
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

/** The host's disk that an image is to lie on. */
function hostDisk(disk: DiskInventory, host: Draft<Host>, report: Report) {
  if (disk.on === undefined) return undefined;
  const found = host.disks?.find((one) => one?.name === disk.on);
  if (!found && host.disks && !isBroken(host, 'disks')) {
    const names = host.disks.map((one) => one?.name).join(', ');
    report.error({
      code: 'unknown-host-disk',
      message: `An image is to lie on the host's disk ${disk.on}, and the host has no such disk.`,
      at: placeOf(disk, 'on'),
      help: names ? `known disks: ${names}` : 'define it under host.disks, or remove on',
    });
  }
  return found;
}

/**
 * By which name udev finds a disk: one of SCSI by its WWN, others by their serial number, with what QEMU calls its disks
 * of SATA before it. Source: systemd, rules.d/60-persistent-storage.rules.
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
 * 16 hexadecimal digits that follow from a text: a World Wide Name of the vendor whose number libvirt, too, takes for
 * QEMU (src/util/virrandom.c). Nobody's own kind, NAA 3, would do but for sg3_utils, which by default makes no name of it.
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

/** a to z, then aa, ab, …, as the kernel goes on. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : `${letters(Math.floor(index / 26) - 1)}${last}`;
}
