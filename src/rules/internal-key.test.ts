import { ruleTest } from '../../test/support/rule-test.ts';
import { internalKey } from './internal-key.ts';

const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const NO_IMAGES =
  'It belongs to the release: with another version the node looks for images that its ISO does not carry.';
const NO_CHART =
  'It belongs to the release: with another version the cluster looks for a chart that its ISO does not carry.';
const COVER_DIR = 'mode: create, config: { install: { harvester: { enable_go_cover_dir: true } } }';

function release(version: string): readonly [string, string] {
  return ['version: v1.4.1', `version: ${version}`];
}

ruleTest(internalKey, {
  'versions in defaults, once for all nodes': {
    edits: [[DEVICE, `${DEVICE}    rancher_version: v2.9.3\n    harvester_chart_version: 1.4.1\n`]],
    finds: [
      { at: '22:5', message: `rancher_version is the installer's own. ${NO_IMAGES}` },
      { at: '23:5', message: `harvester_chart_version is the installer's own. ${NO_CHART}` },
    ],
  },
  'what is for tests of Harvester itself': {
    edits: [['mode: create', COVER_DIR]],
    finds: [
      {
        at: '23:105',
        message:
          "install.harvester.enable_go_cover_dir is the installer's own. It is for tests of Harvester itself, and needs a build that is made for them.",
      },
    ],
  },
  'a release that lacks the key': {
    edits: [
      release('v1.2.1'),
      ['mode: create', `${COVER_DIR}, silence: { key-gone: It is in the next one. }`],
    ],
  },
  'the version of the release, where the inventory says it': { edits: [release('v1.4.2')] },
});
