import { placeOf, selfPlace } from '../../source/origin.ts';
import { plainPath } from '../../values/plain-path.ts';
import type { AcrossRule } from './across-rule.ts';
import { pairsOnOneHost } from './one-host.ts';

export const hostDiskInTwoSites: AcrossRule = {
  code: 'host-disk-in-two-sites',
  severity: 'error',
  what: 'Sites on one libvirt host that share a data disk of it have it in one place, and different ones in different places.',
  why: 'The disk that is mounted last hides the images of the other site; and `scripts/host-setup.sh` refuses a disk that is mounted elsewhere.',
  check(sites, report) {
    for (const [site, other] of pairsOnOneHost(sites)) {
      for (const disk of site.host.disks) {
        for (const same of other.host.disks) {
          const isDevice = plainPath(disk.device) === plainPath(same.device);
          const isMount = plainPath(disk.mount) === plainPath(same.mount);
          if (isDevice === isMount) continue;
          report({
            message: isMount
              ? `${disk.device} of ${site.name} and ${same.device} of ${other.name} are both mounted at ${disk.mount}, on one host: the second hides the images on the first.`
              : `${disk.device} is mounted at ${disk.mount} for ${site.name}, and at ${same.mount} for ${other.name}, on one host: the second that is set up is refused it.`,
            at: isMount ? selfPlace(disk) : placeOf(disk, 'device'),
            related: [
              {
                message: `${other.name} has it at`,
                at: isMount ? selfPlace(same) : placeOf(same, 'device'),
              },
            ],
            help: isMount
              ? 'give the disks different names under host.disks, or the sites different host.images'
              : 'give the disk the same name, and the sites the same host.images',
          });
        }
      }
    }
  },
};
