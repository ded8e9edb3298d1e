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
  'media elsewhere': {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  media: http://192.168.178.7/srv'],
    ],
  },
});
