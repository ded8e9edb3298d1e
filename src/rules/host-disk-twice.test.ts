import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostDiskTwice } from './host-disk-twice.ts';

const DATA1 = 'data1: { device: /dev/disk/by-id/google-data1, size: 400GB }';
const with2 = (device: string): readonly [string, string] => [
  DATA1,
  `${DATA1}\n    data2: { device: ${device} }`,
];

ruleTest(hostDiskTwice, {
  'one device under two names': {
    edits: [with2('/dev/disk/by-id//google-data1')],
    of: NESTED,
    finds: [
      {
        at: '10:22',
        message: "The host's disk data2 is the same device as data1: /dev/disk/by-id//google-data1.",
        related: ['9:22'],
      },
    ],
  },
  'devices that begin alike': { edits: [with2('/dev/disk/by-id/google-data10')], of: NESTED },
});
