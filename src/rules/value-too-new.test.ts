import { ruleTest } from '../../test/support/rule-test.ts';
import { valueTooNew } from './value-too-new.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const MAP = 'externalStorageConfig: { enabled: true, multiPathConfig: { blacklistWwids: [".*"] } }';
const LIST = 'externalStorageConfig: { enabled: true, multiPathConfig: [{ vendor: NETAPP, product: LUN }] }';

function release(version: string): readonly [string, string] {
  return ['version: v1.4.1', `version: ${version}`];
}

ruleTest(valueTooNew, {
  'a map in place of a list, in defaults: said once': {
    edits: [release('v1.6.1'), [KEYS, `${KEYS}, ${MAP}`]],
    finds: [
      {
        at: '19:111',
        message:
          'os.externalStorageConfig.multiPathConfig takes a map from Harvester v1.7.0 on, and v1.6.1 does not.',
      },
    ],
  },
  'the oldest release with the key': {
    edits: [release('v1.4.0'), ['ip: 192.168.178.42', `ip: 192.168.178.42, config: { os: { ${MAP} } }`]],
    finds: [
      {
        at: '24:130',
        message:
          'os.externalStorageConfig.multiPathConfig takes a map from Harvester v1.7.0 on, and v1.4.0 does not.',
      },
    ],
  },
  'the release that takes a map': { edits: [release('v1.7.0'), [KEYS, `${KEYS}, ${MAP}`]] },
  'a list': { edits: [release('v1.6.1'), [KEYS, `${KEYS}, ${LIST}`]] },
  'a release that lacks the key altogether': {
    edits: [
      release('v1.3.2'),
      [KEYS, `${KEYS}, ${MAP}`],
      ['nodes:\n', 'silence: { key-too-new: Waits for v1.7.0. }\nnodes:\n'],
    ],
  },
});
