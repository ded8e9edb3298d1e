import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { driveOfDomain } from './drive-of-domain.ts';

const DOMAIN = 'ip: 192.168.150.42 }';
const IP = 'ip: 192.168.178.42 }';

ruleTest(driveOfDomain, {
  'the second disk of a domain': {
    of: NESTED,
    edits: [[DOMAIN, 'ip: 192.168.150.42, boot: { drive: 0x81 } }']],
    finds: [
      {
        at: '26:77',
        message:
          'harvester-2 is a libvirt domain, where the disk of the system is the first (0x80), and not 0x81.',
      },
    ],
  },
  'the first disk of a domain': {
    of: NESTED,
    edits: [[DOMAIN, 'ip: 192.168.150.42, boot: { drive: 0x80 } }']],
  },
  'the first disk of a machine': { edits: [[IP, 'ip: 192.168.178.42, boot: { drive: 0x80 } }']] },
  'the second disk of a machine': { edits: [[IP, 'ip: 192.168.178.42, boot: { drive: 0x81 } }']] },
});
