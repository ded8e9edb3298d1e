import { ruleTest } from '../../test/support/rule-test.ts';
import { forceMbr } from './force-mbr.ts';

const FORCED: readonly [string, string] = ['    install:\n', '    install:\n      force_mbr: true\n'];
const defaults = (said: string): readonly [string, string] => ['defaults:\n', `defaults:\n  ${said}\n`];
const disk = (size: string) =>
  defaults(`firmware: bios\n  disks: [{ path: /dev/disk/by-path/pci-0000:00:17.0-ata-1, size: ${size} }]`);

ruleTest(forceMbr, {
  'a machine of which no firmware is said': {
    edits: [FORCED],
    finds: [
      { at: '21:18', message: 'force_mbr is true, and the machine boots by UEFI: the installer would stop.' },
    ],
  },
  'a machine that is said to boot by UEFI': {
    edits: [FORCED, defaults('firmware: uefi')],
    finds: [
      {
        at: '22:18',
        message: 'force_mbr is true, and the machine boots by UEFI: the installer would stop.',
        related: ['17:13'],
      },
    ],
  },
  'a disk that is too large': {
    edits: [FORCED, disk('2Ti')],
    finds: [
      {
        at: '23:18',
        message:
          'force_mbr is true, and the disk has 2Ti, where MBR ends just below 2 TiB: the installer would stop.',
        related: ['18:67'],
      },
    ],
  },
  'the first release that boots by UEFI only': {
    edits: [FORCED, ['version: v1.4.1', 'version: v1.8.0']],
    finds: [
      {
        at: '21:18',
        message: 'force_mbr is true, and Harvester v1.8.0 boots by UEFI only: the installer would stop.',
      },
    ],
  },
  'a machine that boots by BIOS': { edits: [FORCED, defaults('firmware: bios')] },
  'a disk that is just not too large': { edits: [FORCED, disk('2.199TB')] },
  'a machine that boots by UEFI without it': {
    edits: [['    install:\n', '    install:\n      force_mbr: false\n'], defaults('firmware: uefi')],
  },
});
