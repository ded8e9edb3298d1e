// needs: root chronyd ip unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { addNeighbour, type Neighbour } from './neighbours.ts';
import { until } from './until.ts';

const NTP = 'ntp_servers: [0.suse.pool.ntp.org], ';

/** The time from the host of an air-gapped site, by the real chrony, whose upstream servers never answer. */
const test = suite('the time from the host, with the real chrony');
let sandbox: Sandbox;
let machine: Neighbour;
let foreign: Neighbour;

/** The configuration of a distribution; chrony does not set the clock of the machine that runs the tests. */
const MAIN = `pool 192.0.2.1 iburst
driftfile /run/chrony.drift
pidfile /run/chronyd.pid
bindcmdaddress /
include /run/chrony.d/harvgen-plant.conf
`;

test.before(async () => {
  const site = edited(NESTED, ['site: plant\n', 'site: plant\nair_gapped: true\n'], [NTP, '']);
  const { tree, diagnostics } = await compile(makeSite(site));
  const dropIn = fileText(tree, 'host/chrony.conf');
  if (dropIn === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  sandbox = await openSandbox();
  const beside = (name: string, at: string, number: number) =>
    addNeighbour(sandbox, name, {
      at,
      host: [`192.168.${number}.1/24`],
      addresses: [`192.168.${number}.41/24`],
      gateways: [`192.168.${number}.1`],
    });
  machine = await beside('machine', 'virbr-mgmt', 150);
  foreign = await beside('foreign', 'virbr-else', 160);
  const write =
    'mkdir -p /run/chrony.d && printf %s "$1" >/run/chrony.conf && printf %s "$2" >/run/chrony.d/harvgen-plant.conf';
  await sandbox.run(['sh', '-c', write, 'sh', MAIN, dropIn]);
  sandbox.spawn(['chronyd', '-d', '-x', '-u', 'root', '-f', '/run/chrony.conf'], { stdio: 'ignore' });
});

test.after(() => sandbox?.close());

/** Returns what a client reports about the server's answers, without setting its clock. */
const ask = (who: Neighbour, server: string) =>
  who.run([
    'sh',
    '-c',
    'chronyd -Q -t 3 -u root -f /dev/null "server $0 iburst maxsamples 1" 2>&1 || true',
    server,
  ]);

test('a machine of the site gets the time', async () => {
  await until(async () =>
    /System clock wrong by -?0\.0\d+ seconds/.test(await ask(machine, '192.168.150.1')),
  );
});

test('no other machine gets the time', async () => {
  assert.match(await ask(foreign, '192.168.160.1'), 'Timeout reached');
});

test.run();
