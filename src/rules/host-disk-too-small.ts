import { diskFor, grownSize, type Image, imagesOn, type Room, roomOn } from '../site/host-room.ts';
import type { HostDisk } from '../site/model.ts';
import { type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { wholeGib } from '../values/size.ts';
import type { Rule } from './rule.ts';

export const hostDiskTooSmall: Rule = {
  code: 'host-disk-too-small',
  severity: 'error',
  what: "A data disk of the host holds the images that lie on it, grown to the full size of the machines' disks, beside what its file system takes.",
  why: 'Images grow as machines write, and raw ones are made sparse, too: on a disk that is full QEMU pauses every machine that writes, and they stay paused for as long as it is (rancher/harvester-cloud#173; `werror` in its documentation).',
  check({ host, nodes = [] }, report) {
    for (const disk of host?.disks ?? []) {
      const room = disk && roomOn(disk);
      if (!disk || !room) continue;
      const images = imagesOn(disk, nodes);
      const grown = images.reduce((sum, image) => sum + grownSize(image.disk), 0);
      if (grown <= room.free) continue;
      report({
        message: `The ${images.length === 1 ? 'image' : `${images.length} images`} on ${disk.name} can grow to ${Math.ceil(grown / 2 ** 30)} GiB, and a file system on ${room.text} holds ${wholeGib(room.free)} GiB: once it is full, the machines that write to it are paused.`,
        at: placeOf(disk, 'size'),
        related: distinct(images.map((image) => placeOf(image.disk, 'size'))).map((at) => ({
          message: 'images of this size lie on it',
          at,
        })),
        help: [largerDisk(disk, room, grown), ...smallerImages(images, room)].join('; or '),
      });
    }
  },
};

function largerDisk({ filesystem = 'ext4' }: Draft<HostDisk>, { text }: Room, grown: number): string {
  const needed = diskFor(grown, filesystem);
  const size = text.includes('i') ? `${Math.ceil(needed / 2 ** 30)}Gi` : `${Math.ceil(needed / 1e9)}GB`;
  return `use a disk of at least ${size}`;
}

/** The size of each image at which all of them fit, where they are of one size now. */
function smallerImages(images: readonly Image[], { free }: Room): string[] {
  const sizes = new Set(images.map(({ disk }) => disk.size));
  // A hundredth is more than the tables of a qcow2 image take.
  const each = Math.floor((free * 0.99) / images.length / 2 ** 30);
  if (sizes.size !== 1 || each < 1) return [];
  return [`give ${images.length === 1 ? 'the image' : 'each image'} at most ${each}Gi`];
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}
