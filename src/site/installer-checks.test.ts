import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { resolve } from '../compile.ts';
import { Report } from '../source/diagnostics/report.ts';
import { checksHardware, checksSizes } from './effective.ts';

const test = suite("the installer's checks");

/** What holds for harv-3 with a release and with more said of the node: of hardware, and of sizes. */
async function checks(version: string, said = ''): Promise<unknown[]> {
  const text = edited(
    PLANT,
    ['version: v1.4.1', `version: ${version}`],
    [HARV_3, `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43${said} }`],
  );
  const { draft } = await resolve(makeSite(text), new Report());
  const node = draft?.nodes?.at(-1);
  assert.ok(node);
  return [checksHardware(node), checksSizes(node)];
}

const SKIPS = ', config: { install: { skipchecks: true } }';

test('hardware is looked at from v1.3.0 on, sizes in every release', async () => {
  assert.equal(await checks('v1.2.2'), [false, true]);
  assert.equal(await checks('v1.3.0'), [true, true]);
  assert.equal(await checks('v1.8.0'), [true, true]);
});

test('skipping covers sizes from v1.8.0 on', async () => {
  assert.equal(await checks('v1.3.0', SKIPS), [false, true]);
  assert.equal(await checks('v1.7.1', SKIPS), [false, true]);
  assert.equal(await checks('v1.8.0', SKIPS), [false, false]);
});

test('virtual machines are skipped, unless the inventory says otherwise', async () => {
  assert.equal(await checks('v1.8.0', ', vm: {}'), [false, false]);
  assert.equal(await checks('v1.8.0', ', vm: {}, config: { install: { skipchecks: false } }'), [true, true]);
});

test('of what is broken nothing is concluded', async () => {
  for (const said of [', config: 1', ', config: { install: 1 }', ', config: { install: { skipchecks: 1 } }'])
    assert.equal(await checks('v1.8.0', said), [undefined, undefined], said);
  assert.equal(await checks('v1.8.0', ', vm: 1'), [undefined, undefined]);
  assert.equal(await checks('none'), [undefined, undefined]);
});

test.run();
