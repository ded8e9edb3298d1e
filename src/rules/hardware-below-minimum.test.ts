import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { hardwareBelowMinimum } from './hardware-below-minimum.ts';

const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const defaults = (said: string): readonly [string, string] => ['defaults:\n', `defaults:\n  ${said}\n`];
const SKIPS: readonly [string, string] = ['    install:\n', '    install:\n      skipchecks: true\n'];
const BOTH = [
  {
    at: '17:24',
    message: 'The machine has 7 CPU threads, and Harvester wants at least 8 even for tests.',
  },
  {
    at: '17:35',
    message: 'The machine has 31GB of memory, and Harvester wants at least 32Gi even for tests.',
  },
];

ruleTest(hardwareBelowMinimum, {
  'less than for tests, with the checks skipped': {
    edits: [defaults('hardware: { threads: 7, memory: 31GB }'), SKIPS],
    finds: BOTH,
  },
  'less than for tests, in a release without checks': {
    edits: [release('v1.2.2'), defaults('hardware: { threads: 7, memory: 31GB }')],
    finds: BOTH,
  },
  'just enough for tests': { edits: [defaults('hardware: { threads: 8, memory: 32GB }'), SKIPS] },
  'a virtual machine, of which vm-below-minimum speaks': {
    edits: [defaults('vm: { vcpus: 4, memory: 16Gi }')],
    silence: ['vm-below-minimum'],
  },
});

const test = suite('hardware-below-minimum, after another fault');

test('concludes nothing from a virtual machine that is broken', async () => {
  const site = edited(PLANT, defaults('vm: 5\n  hardware: { threads: 4 }'), SKIPS);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['wrong-type'],
  );
});

test.run();
