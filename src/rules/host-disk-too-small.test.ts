import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostDiskTooSmall } from './host-disk-too-small.ts';

const DISK = 'disks: [{ size: 300Gi }]';
const on = (more: string): readonly [string, string] => [DISK, `disks: [{ size: 300Gi }, ${more}]`];
const size = (text: string): readonly [string, string] => ['size: 400GB', `size: ${text}`];
const xfs: readonly [string, string] = ['size: 400GB }', 'size: 400GB, filesystem: xfs }'];

ruleTest(hostDiskTooSmall, {
  'images as large as the disk: it holds a file system, too': {
    edits: [
      on('{ size: 400GB, on: data1, format: raw }'),
      ['  harvester-2', '  # harvester-2'],
      ['  harvester-3', '  # harvester-3'],
    ],
    of: NESTED,
    silence: ['no-failover', 'replica-count-too-high'],
    finds: [
      {
        at: '9:58',
        message:
          'The image on data1 can grow to 373 GiB, and a file system on 400GB holds 365 GiB: once it is full, the machines that write to it are paused.',
        related: ['23:57'],
      },
    ],
  },
  'qcow2 grows to the size of the disk as well, those of all machines together': {
    edits: [on('{ size: 125Gi, on: data1 }'), size('350Gi')],
    of: NESTED,
    finds: [
      {
        at: '9:58',
        message:
          'The 3 images on data1 can grow to 376 GiB, and a file system on 350Gi holds 343 GiB: once it is full, the machines that write to it are paused.',
        related: ['23:57'],
      },
    ],
  },
  'of several sizes': {
    edits: [
      on('{ size: 100Gi, on: data1 }'),
      ['192.168.150.43 }', '192.168.150.43, vm: { disks: [{ size: 300Gi, on: data1 }] } }'],
    ],
    of: NESTED,
    finds: [
      {
        at: '9:58',
        message:
          'The 3 images on data1 can grow to 501 GiB, and a file system on 400GB holds 365 GiB: once it is full, the machines that write to it are paused.',
        related: ['23:57', '27:84'],
      },
    ],
  },
  'xfs keeps more back': {
    edits: [on('{ size: 121.8Gi, on: data1 }'), xfs],
    of: NESTED,
    finds: [
      {
        at: '9:58',
        message:
          'The 3 images on data1 can grow to 366 GiB, and a file system on 400GB holds 365 GiB: once it is full, the machines that write to it are paused.',
        related: ['23:57'],
      },
    ],
  },
  'as much as there is room for': { edits: [on('{ size: 121Gi, on: data1 }')], of: NESTED },
  'nine tenths of the disk': { edits: [on('{ size: 120GB, on: data1, format: raw }')], of: NESTED },
  'images elsewhere, or on a disk of unknown size': {
    edits: [on('{ size: 900Gi }, { size: 900Gi, on: data1 }'), [', size: 400GB', '']],
    of: NESTED,
  },
});
