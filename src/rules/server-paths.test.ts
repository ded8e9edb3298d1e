import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { serverPaths } from './server-paths.ts';

ruleTest(serverPaths, {
  'a site called as the folder of the media': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/media']],
    finds: [
      {
        at: '5:3',
        message:
          "/srv/harvgen/media, for Harvester's files, lies within /srv/harvgen/media, for the tree: a deployment would delete it.",
      },
      {
        at: '6:9',
        message:
          "/srv/harvgen/media, for the tree, lies within /srv/harvgen/media, for Harvester's files: anybody could fetch it.",
      },
    ],
  },
  'images of Linux within the tree': {
    of: LINUX_PLANT,
    edits: [['  url: http://10.1.0.1', '  url: http://10.1.0.1\n  images: /srv/harvgen/plant/images']],
    finds: [
      {
        at: '4:11',
        message:
          '/srv/harvgen/plant/images, for what machines boot Linux from, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'a site called as the folder of images that nobody boots from': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/images']],
  },
  'a tree above everything': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv']],
    finds: [
      {
        at: '6:9',
        message: 'The tree cannot lie in /srv: a deployment deletes everything else that is in its folder.',
      },
    ],
  },
  "iPXE's programs within the tree": {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  tftp: /srv//harvgen/plant/./tftp'],
    ],
    finds: [
      {
        at: '6:9',
        message:
          "/srv//harvgen/plant/./tftp, for iPXE's programs, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.",
      },
    ],
  },
  'signatures within the tree': {
    edits: [
      [
        '  url: http://192.168.178.7',
        '  url: http://192.168.178.7\n  sign: { signer: boot.plant, path: /srv/harvgen/plant/sign }',
      ],
    ],
    finds: [
      {
        at: '6:9',
        message:
          '/srv/harvgen/plant/sign, for the signatures, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'signatures beside everything else': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  sign: { signer: boot.plant }']],
  },
  'a certificate and its key within what is served, or deleted': {
    edits: [
      [
        '  url: http://192.168.178.7',
        '  url: http://192.168.178.7\n  tls:\n    url: https://boot.example.org\n    certificate: /srv/harvgen/plant/boot.pem\n    key: /srv/harvgen/media/boot.key',
      ],
    ],
    finds: [
      {
        at: '8:18',
        message:
          '/srv/harvgen/plant/boot.pem, for the certificate, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
      {
        at: '9:10',
        message:
          "/srv/harvgen/media/boot.key, for the certificate's key, lies within /srv/harvgen/media, for Harvester's files: anybody could fetch it.",
      },
    ],
  },
  'a certificate and its key in one file': {
    edits: [
      [
        '  url: http://192.168.178.7',
        '  url: http://192.168.178.7\n  tls: { url: https://boot.example.org, certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.pem }',
      ],
    ],
  },
  'folders beside each other, one name beginning with another': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/media-plant']],
  },
  'disk images within the tree': {
    of: NESTED,
    edits: [['  expose:', '  images: /srv/harvgen/plant/images\n  expose:']],
    finds: [
      {
        at: '10:11',
        message:
          '/srv/harvgen/plant/images, for disk images, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'disk images within what anybody may fetch': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, media: /var/lib/libvirt }',
      ],
    ],
    finds: [
      {
        at: '4:1',
        message:
          "/var/lib/libvirt/images, for disk images, lies within /var/lib/libvirt, for Harvester's files: anybody could fetch it.",
      },
    ],
  },
  'the images of a data disk within what anybody may fetch': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, media: /var/lib/libvirt/images/data1 }',
      ],
    ],
    finds: [
      {
        at: '9:5',
        message:
          "/var/lib/libvirt/images/data1, for images on data1, lies within /var/lib/libvirt/images/data1, for Harvester's files: anybody could fetch it.",
        related: ['3:45'],
      },
    ],
  },
  'a tree on the data disk that a script of it mounts': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, root: /var/lib/libvirt/images/data1/tree }',
      ],
    ],
    finds: [
      {
        at: '3:44',
        message:
          '/var/lib/libvirt/images/data1/tree, for the tree, lies within /var/lib/libvirt/images/data1, where data1 is mounted by a script of the tree: what is there before that is hidden then.',
        related: ['9:5'],
      },
    ],
  },
  "media and iPXE's programs on a data disk": {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, media: /var/lib/libvirt/images/data1/media, tftp: /var/lib/libvirt/images/data1/tftp }',
      ],
    ],
  },
  'a data disk called nearly as the folder of the tree': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, root: /var/lib/libvirt/images/data10 }',
      ],
    ],
  },
  'media elsewhere': {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  media: http://192.168.178.7/srv'],
    ],
  },
  'disks by iSCSI, within the tree': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '    files: /srv/harvgen/plant/disks\n']],
    finds: [
      {
        at: '5:5',
        message:
          '/srv/harvgen/plant/disks, for disks by iSCSI, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'disks of another server, by that name': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '    address: 10.1.0.2\n    files: /srv/harvgen/plant/disks\n']],
  },
});
