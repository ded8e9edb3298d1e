import { LEAST_DISK_GIB, LEAST_MEMORY_GIB } from '../knowledge/tables/harvester-hardware.ts';
import { sizeOf } from '../site/disks.ts';
import { memoryOf } from '../site/hardware.ts';
import { checksHardware, checksSizes } from '../site/installer-checks.ts';
import { wholeGib } from '../values/size.ts';
import type { Rule } from './rule.ts';

export const vmTooSmall: Rule = {
  code: 'vm-too-small',
  severity: 'error',
  what: `A virtual machine has at least the memory and the disk that an installation takes: ${LEAST_MEMORY_GIB} GiB and ${LEAST_DISK_GIB} GiB.`,
  why: 'The checks of hardware are skipped for virtual machines, and an installation then fails halfway: the live system that it runs in lies in memory ("PXE Boot Installation" in Harvester\'s documentation), and the partitions of the system and the ISO on the disk.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || node.install === 'never' || !node.facts?.vm) continue;
      const memory = memoryOf(node.facts);
      // Where the installer looks at sizes itself, hardware-too-small and disk-too-small say so.
      if (memory && memory.value < LEAST_MEMORY_GIB && checksHardware(node) === false) {
        report({
          node,
          oncePerPlace: true,
          message: `The virtual machine has ${memory.text} of memory, and the installer does not run in less than ${LEAST_MEMORY_GIB}Gi.`,
          at: memory.at,
          help: `give it ${LEAST_MEMORY_GIB}Gi at the very least; where nothing is ever installed, silence vm-too-small with the reason`,
        });
      }
      const disk = sizeOf(node, 'device');
      if (disk && wholeGib(disk.bytes) < LEAST_DISK_GIB && checksSizes(node) === false) {
        report({
          node,
          oncePerPlace: true,
          message: `The disk that Harvester is installed to has ${disk.text}, and its partitions and the ISO take ${LEAST_DISK_GIB}Gi.`,
          at: disk.at,
          help: `give it ${LEAST_DISK_GIB}Gi at the very least; where nothing is ever installed, silence vm-too-small with the reason`,
        });
      }
    }
  },
};
