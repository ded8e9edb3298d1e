import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { kernelArgumentsReplace } from './kernel-arguments-replace.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const ARGUMENTS = 'additionalKernelArguments';
const MESSAGE =
  'os.additionalKernelArguments replaces multipath=off, which a node without external storage boots with otherwise: multipath may claim its disks.';

ruleTest(kernelArgumentsReplace, {
  'arguments in defaults, once for all nodes': {
    edits: [[KEYS, `${KEYS}, ${ARGUMENTS}: "rd.multipath=0 iommu=pt"`]],
    finds: [{ at: '19:81', message: MESSAGE }],
  },
  'external storage that is off, on one node': {
    edits: [
      ['version: v1.4.1', 'version: v1.8.1'],
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, config: { os: { ${ARGUMENTS}: iommu=pt, externalStorageConfig: { enabled: false } } }`,
      ],
    ],
    finds: [{ at: '24:100', message: MESSAGE }],
  },
  'arguments that repeat multipath=off': {
    edits: [[KEYS, `${KEYS}, ${ARGUMENTS}: "iommu=pt multipath=off"`]],
  },
  'external storage': {
    edits: [
      [KEYS, `${KEYS}, ${ARGUMENTS}: iommu=pt`],
      [
        'nodes:\n',
        'profiles:\n  san: { config: { os: { externalStorageConfig: { enabled: true } } } }\nnodes:\n',
      ],
      ['mode: create', 'mode: create, profiles: [san]'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [san]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [san]'],
    ],
  },
  'no arguments': { edits: [[KEYS, `${KEYS}, ${ARGUMENTS}: ""`]] },
});

const test = suite('kernel-arguments-replace, after another fault');

test('concludes nothing from external storage that is broken', async () => {
  const both = `${KEYS}, ${ARGUMENTS}: iommu=pt, externalStorageConfig`;
  for (const edit of [`${both}: true`, `${both}: { enabled: 1 }`]) {
    const { diagnostics } = await compile(makeSite(edited(PLANT, [KEYS, edit])));
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['wrong-type'],
    );
  }
});

test.run();
