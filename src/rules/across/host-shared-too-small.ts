import { grownSize, HOST_ITSELF, imagesOn, memoryOfHost, roomOn } from '../../site/host-room.ts';
import type { HostDisk } from '../../site/model.ts';
import { listed } from '../../source/diagnostics/listed.ts';
import { placeOf } from '../../source/origin.ts';
import { plainPath } from '../../values/plain-path.ts';
import { gibText, wholeGib } from '../../values/size.ts';
import type { AcrossFinding, AcrossRule } from './across-rule.ts';
import { type HostedSite, sitesByHost } from './one-host.ts';

export const hostSharedTooSmall: AcrossRule = {
  code: 'host-shared-too-small',
  severity: 'error',
  what: 'A libvirt host that several sites share has memory for the machines of all of them, and its data disks for all their images.',
  why: 'Each site fits by itself, and together they do not: the kernel of the host kills a machine, or QEMU pauses those that write to a disk that is full.',
  check(sites, report) {
    for (const together of sitesByHost(sites)) {
      checkMemory(together, report);
      checkDisks(together, report);
    }
  },
};

function checkMemory(sites: readonly HostedSite[], report: (finding: AcrossFinding) => void): void {
  const wanted = sites.map(memoryWanted);
  const sum = wanted.reduce((all, one) => all + one, 0) + HOST_ITSELF;
  for (const [index, site] of sites.entries()) {
    const there = memoryOfHost(site.host);
    // Where one is too large by itself, host-too-small says so.
    if (there === undefined || sum <= there || (wanted[index] as number) + HOST_ITSELF > there) continue;
    report({
      message: `The machines of ${listed(sites.map(({ name }) => name))} have ${gibText(sum - HOST_ITSELF)} GiB of memory together, and their host has ${site.host.memory}, of which it needs 2 GiB itself: its kernel would kill one of them.`,
      at: placeOf(site.host, 'memory'),
      help: `use a host with at least ${Math.ceil(sum / 1024)}Gi, or another one for one of the sites`,
    });
    return;
  }
}

function memoryWanted({ nodes }: HostedSite): number {
  return nodes.reduce((sum, { domain }) => sum + (domain?.memory ?? 0), 0);
}

function checkDisks(sites: readonly HostedSite[], report: (finding: AcrossFinding) => void): void {
  for (const shares of sharesByDevice(sites).values()) {
    const all = shares.reduce((sum, { own }) => sum + own, 0);
    for (const { disk, own } of shares) {
      const room = roomOn(disk);
      // Where one is too large by itself, host-disk-too-small says so.
      if (!room || all <= room.free || own === all || own > room.free) continue;
      report({
        message: `With the images of ${listed(shares.flatMap(({ site, own: some }) => (some > 0 ? [site] : [])))} what is on ${disk.device} can grow to ${Math.ceil(all / 2 ** 30)} GiB, and a file system on ${room.text} holds ${wholeGib(room.free)} GiB: once it is full, the machines that write to it are paused.`,
        at: placeOf(disk, 'size'),
        help: 'use a larger disk, or another one for one of the sites',
      });
      break;
    }
  }
}

/** What a site's images take of a disk of the host, once they have grown. */
interface Share {
  readonly site: string;
  readonly disk: HostDisk;
  readonly own: number;
}

function sharesByDevice(sites: readonly HostedSite[]): Map<string, Share[]> {
  const byDevice = new Map<string, Share[]>();
  for (const { name, host, nodes } of sites) {
    for (const disk of host.disks) {
      const own = imagesOn(disk, nodes).reduce((sum, image) => sum + grownSize(image.disk), 0);
      const device = plainPath(disk.device);
      byDevice.set(device, [...(byDevice.get(device) ?? []), { site: name, disk, own }]);
    }
  }
  return byDevice;
}
