import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { resolve } from '../compile.ts';
import { readSite } from '../inventory/read.ts';
import { Report } from '../source/diagnostics/report.ts';
import { located, markBroken, markUnknownKey, setLocation } from '../source/origin.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { checksHardware, checksSizes, effective, isUnknown, timeServers } from './effective.ts';
import type { Node } from './model.ts';
import { resolveSite } from './resolve.ts';

const testEffective = suite('effective');
const MTU = 'install.management_interface.mtu';
const SELF = location(1);
const NAME = location(2);
const VALUE = location(3);

function location(start: number): SourceLocation {
  return { source: new Source('site.yaml', ''), start, end: start };
}

function nodeEffective(userConfig: object, config: object): Draft<Node> {
  const result = located({ userConfig, config }, SELF);
  setLocation(result, 'name', NAME);
  return result as Draft<Node>;
}

function install(management: object): object {
  return located({ install: located({ management_interface: management }, SELF) }, SELF);
}

testEffective('a value, with its location', () => {
  const management = located({ mtu: 9000 }, SELF);
  setLocation(management, 'mtu', VALUE);
  assert.equal(effective(nodeEffective({}, install(management)), MTU), { value: 9000, at: VALUE });
});

testEffective('without a value, the location of the node', () => {
  assert.equal(effective(nodeEffective({}, install(located({}, SELF))), MTU), { value: undefined, at: NAME });
  assert.equal(effective(nodeEffective({}, {}), MTU), { value: undefined, at: NAME });
});

testEffective('undefined if an error hides the value', () => {
  const management = located({}, SELF);
  markBroken(management, 'mtu');
  assert.is(effective(nodeEffective(install(management), install(located({}, SELF))), MTU), undefined);
});

testEffective.run();

const testIsUnknown = suite('isUnknown');
const PLACE: SourceLocation = { source: new Source('site.yaml', ''), start: 0, end: 0 };
const PATH = 'os.ntp_servers';

function nodeIsUnknown(userConfig: object, ...broken: string[]): Draft<Node> {
  const result = located({ userConfig }, PLACE);
  for (const key of broken) markBroken(result, key);
  return result as Draft<Node>;
}

/** A map with an unknown key that is similar to no other. */
function strange<T extends object>(container: T): T {
  markUnknownKey(located(container, PLACE));
  return container;
}

function broken<T extends object>(container: T, key: string): T {
  markBroken(located(container, PLACE), key);
  return container;
}

testIsUnknown('values that are set, and keys that are set nowhere, are known', () => {
  assert.not(isUnknown(nodeIsUnknown({ os: { ntp_servers: ['192.168.178.1'] } }), PATH));
  assert.not(isUnknown(nodeIsUnknown({ os: {} }), PATH));
  assert.not(isUnknown(nodeIsUnknown({}), PATH));
});

testIsUnknown('an error of another key has no effect', () => {
  assert.not(isUnknown(nodeIsUnknown({ os: broken({}, 'hostname') }), PATH));
  assert.not(isUnknown(nodeIsUnknown({ os: broken({ ntp_servers: ['192.168.178.1'] }, 'hostname') }), PATH));
});

testIsUnknown('keys that are missing because of an error, or next to an unknown key, are unknown', () => {
  assert.ok(isUnknown(nodeIsUnknown({ os: broken({}, 'ntp_servers') }), PATH));
  assert.ok(isUnknown(nodeIsUnknown({ os: strange({}) }), PATH));
  assert.ok(isUnknown(nodeIsUnknown(broken({}, 'os')), PATH));
  assert.ok(isUnknown(nodeIsUnknown({}, 'userConfig'), PATH));
});

testIsUnknown('a list with an invalid entry is unknown', () => {
  assert.ok(isUnknown(nodeIsUnknown({ os: { ntp_servers: broken([undefined], '0') } }), PATH));
});

testIsUnknown.run();

const testTimeServers = suite('timeServers');
const NTP = 'os: { ntp_servers: [0.suse.pool.ntp.org],';
const DNS = '    dns: [192.168.178.1]\n';

async function ofFirst(...edits: Edit[]): Promise<readonly string[] | undefined> {
  const report = new Report();
  const inventory = readSite(makeSite(edited(PLANT, ...edits)), report)?.inventory;
  assert.ok(inventory);
  return timeServers(resolveSite(inventory, report).nodes?.[0] as Draft<Node>);
}

testTimeServers('are those of the configuration, else those of the network, else none', async () => {
  const network: Edit = [DNS, `${DNS}    ntp: [192.168.178.1]\n`];
  assert.equal(await ofFirst(network), ['0.suse.pool.ntp.org']);
  assert.equal(await ofFirst(network, [NTP, 'os: {']), ['192.168.178.1']);
  assert.equal(await ofFirst([NTP, 'os: {']), []);
});

testTimeServers('are unknown after a reported error in them', async () => {
  assert.is(await ofFirst([NTP, 'os: { ntp_servers: { a: 192.168.178.1 },']), undefined);
  assert.is(await ofFirst([NTP, 'os: { ntp: [192.168.178.1],']), undefined);
  assert.is(await ofFirst([NTP, 'os: { ntp_servers: ["a, b"],']), undefined);
  assert.is(await ofFirst([NTP, 'os: {'], [DNS, `${DNS}    ntp: 192.168.178.1\n`]), undefined);
});

testTimeServers.run();

const testInstallerChecks = suite("the installer's checks");

/** Returns the checks of hardware and of sizes for harv-3 with a release and other keys of the node. */
async function checks(version: string, more = ''): Promise<unknown[]> {
  const text = edited(
    PLANT,
    ['version: v1.4.1', `version: ${version}`],
    [HARV_3, `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43${more} }`],
  );
  const { draft } = resolve(makeSite(text), new Report());
  const node = draft?.nodes?.at(-1);
  assert.ok(node);
  return [checksHardware(node), checksSizes(node)];
}

const SKIPS = ', config: { install: { skipchecks: true } }';

testInstallerChecks('hardware is checked from v1.3.0 on, sizes in every release', async () => {
  assert.equal(await checks('v1.2.2'), [false, true]);
  assert.equal(await checks('v1.3.0'), [true, true]);
  assert.equal(await checks('v1.8.0'), [true, true]);
});

testInstallerChecks('skipping covers sizes from v1.8.0 on', async () => {
  assert.equal(await checks('v1.3.0', SKIPS), [false, true]);
  assert.equal(await checks('v1.7.1', SKIPS), [false, true]);
  assert.equal(await checks('v1.8.0', SKIPS), [false, false]);
});

testInstallerChecks('virtual machines are skipped, unless the inventory sets otherwise', async () => {
  assert.equal(await checks('v1.8.0', ', vm: {}'), [false, false]);
  assert.equal(await checks('v1.8.0', ', vm: {}, config: { install: { skipchecks: false } }'), [true, true]);
});

testInstallerChecks('checks of broken values are unknown', async () => {
  for (const more of [', config: 1', ', config: { install: 1 }', ', config: { install: { skipchecks: 1 } }'])
    assert.equal(await checks('v1.8.0', more), [undefined, undefined], more);
  assert.equal(await checks('v1.8.0', ', vm: 1'), [undefined, undefined]);
  assert.equal(await checks('none'), [undefined, undefined]);
});

testInstallerChecks.run();
