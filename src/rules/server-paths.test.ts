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
  'folders beside each other, one name beginning with another': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/media-plant']],
  },
  'media elsewhere': {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  media: http://192.168.178.7/srv'],
    ],
  },
});
