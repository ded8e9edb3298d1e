import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { readInventory } from '../inventory/read.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Draft } from '../values/draft.ts';
import { timeServers } from './effective.ts';
import type { Node } from './model.ts';
import { resolveSite } from './resolve.ts';

const test = suite('timeServers');
const NTP = 'os: { ntp_servers: [0.suse.pool.ntp.org],';
const DNS = '    dns: [192.168.178.1]\n';

async function ofFirst(...edits: Edit[]): Promise<readonly string[] | undefined> {
  const report = new Report();
  const inventory = await readInventory(makeSite(edited(PLANT, ...edits)), report);
  assert.ok(inventory);
  return timeServers(resolveSite(inventory, report).nodes?.[0] as Draft<Node>);
}

test('they are those of the configuration, else those of the network, else none', async () => {
  const network: Edit = [DNS, `${DNS}    ntp: [192.168.178.1]\n`];
  assert.equal(await ofFirst(network), ['0.suse.pool.ntp.org']);
  assert.equal(await ofFirst(network, [NTP, 'os: {']), ['192.168.178.1']);
  assert.equal(await ofFirst([NTP, 'os: {']), []);
});

test('they are not known where a fault has been reported of them', async () => {
  assert.is(await ofFirst([NTP, 'os: { ntp_servers: 192.168.178.1,']), undefined);
  assert.is(await ofFirst([NTP, 'os: { ntp: [192.168.178.1],']), undefined);
  assert.is(await ofFirst([NTP, 'os: { ntp_servers: ["a, b"],']), undefined);
  assert.is(await ofFirst([NTP, 'os: {'], [DNS, `${DNS}    ntp: 192.168.178.1\n`]), undefined);
});

test.run();
