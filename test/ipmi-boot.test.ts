// needs: bash ipmi_sim ipmitool script
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PATIENCE } from '../src/rehearse/machine.ts';
import { runScript, writeScript } from './support/boot-scripts.ts';
import { writeFiles } from './support/scratch.ts';

/* ipmi-boot.sh with the real ipmitool, and with BMCs of OpenIPMI's simulator, which calls a program for its chassis. */

const SITE = `site: plant
server: { url: http://10.1.0.1 }
networks:
  mgmt: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, dns: [10.1.0.1], dhcp: {} }
defaults: { boot: { os: linux, kernel: vmlinuz } }
nodes:
  cg[01-03]:
    mac: 52:54:00:7c:52:[01-03]
    ip: 10.1.0.[11-13]
    bmc: { address: "127.0.3.[1-3]", protocol: ipmi, user: from-inventory, password: "\${secret:bmc}" }
  cg02: { firmware: bios }
  redfish-only: { mac: 52:54:00:7c:53:01, ip: 10.1.0.21, bmc: { address: 127.0.3.9, protocol: redfish } }
`;

const CREDENTIALS = { IPMI_USER: 'root', IPMI_PASSWORD: "p$w'r#d" };

/** A configuration of the simulator for one BMC. */
const bmcConf = (address: string, port: number, folder: string) => `name "bmc"
set_working_mc 0x20
startlan 1
  addr ${address} ${port}
  priv_limit admin
  allowed_auths_admin none md2 md5 straight
  guid a123456789abcdefa123456789abcdef
endlan
chassis_control "${folder}/chassis"
sol "tcp:127.0.0.1:${port}" 115200
user 2 true "root" "${CREDENTIALS.IPMI_PASSWORD}" admin 10 none md2 md5 straight
`;

const MCS = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
`;

/** Keeps the power and the next boot source of a machine in files, and a log of their changes. With a file `stuck`, nothing changes; with
 * `rejects-1`, it cannot be switched on. */
const chassis = (folder: string) => `#!/bin/sh
cd ${folder} || exit 1
case $1 in
  get) echo "$2:$(cat "$2")" ;;
  set)
    echo "$2 $3" >>log
    [ ! -e "rejects-$3" ] || exit 1
    [ -e stuck ] || echo "$3" >"$2"
    ;;
esac
`;

/** The real ipmitool, with a log of its command lines. With a file `unknown-option`, the BMC gets a boot option that it rejects. */
const IPMITOOL = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo "$*" >>calls
[ ! -e unknown-option ] || exec /usr/bin/ipmitool $(echo "$*" | sed 's/ raw 0x00 0x08 0x03 / raw 0x00 0x08 0x7f /')
exec /usr/bin/ipmitool "$@"
`;

interface Context {
  folder: string;
  port: number;
  consoles: Server;
  bmcs: ChildProcess[];
}

const test = suite<Context>('ipmi-boot.sh');

test.before(async (context) => {
  const folder = await writeScript(SITE, 'ipmi-boot.sh', { 'bin/ipmitool': IPMITOOL, 'bin/calls': '' });
  chmodSync(join(folder, 'bin/ipmitool'), 0o755);
  const consoles = createServer((socket) => socket.on('data', (data) => socket.write(`typed ${data}`)));
  consoles.listen(0, '127.0.0.1');
  await once(consoles, 'listening');
  const { port } = consoles.address() as AddressInfo;
  // The third BMC does not exist.
  const bmcs = ['1', '2'].map((number) => {
    const own = join(folder, number);
    const conf = bmcConf(`127.0.3.${number}`, port, own);
    writeFiles(folder, {
      [`${number}/lan.conf`]: conf,
      [`${number}/mc`]: MCS,
      [`${number}/chassis`]: chassis(own),
      [`${number}/power`]: number === '1' ? '1' : '0',
      [`${number}/boot`]: 'default',
      [`${number}/log`]: '',
    });
    chmodSync(join(own, 'chassis'), 0o755);
    return spawn('ipmi_sim', ['-n', '-c', 'lan.conf', '-f', 'mc', '-s', own], { cwd: own, stdio: 'ignore' });
  });
  Object.assign(context, { folder, port, consoles, bmcs });
});

test.after(({ bmcs, consoles }) => {
  for (const bmc of bmcs) bmc.kill();
  consoles.close();
});

async function run(
  { folder, port }: Context,
  args: readonly string[],
  env: Readonly<Record<string, string>> = CREDENTIALS,
) {
  // The simulator has no newer cipher suite.
  const command = ['ipmi-boot.sh', '--port', String(port), '--cipher', '3', ...args] as const;
  const { status, lines } = await runScript(folder, command, {
    PATH: `${folder}/bin:${process.env.PATH}`,
    ...env,
  });
  return { status, lines };
}

/** Returns the changes that a machine has seen since the last call. */
function changesOf({ folder }: Context, number: string): string[] {
  const log = join(folder, number, 'log');
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  writeFileSync(log, '');
  return lines;
}

test('sets the next boot source, and switches the power on or cycles it', async (context) => {
  const { status, lines } = await run(context, ['cg[01-02]']);
  assert.equal(lines, ['done    cg01: pxe once, power cycled', 'done    cg02: pxe once, power cycled']);
  assert.is(status, 0);
  assert.equal(changesOf(context, '1'), ['boot pxe', 'power 0', 'power 1']);
  assert.equal(changesOf(context, '2'), ['boot pxe', 'power 1']);
  const calls = readFileSync(join(context.folder, 'bin/calls'), 'utf8');
  assert.match(
    calls,
    / -H 127\.0\.3\.1 .* raw 0x00 0x08 0x03 0x08\n(?:.* -H 127\.0\.3\.2 .*\n)*.* chassis bootdev pxe options=efiboot$/m,
  );
  assert.match(calls, / -H 127\.0\.3\.2 .* chassis bootdev pxe$/m);
  assert.not.match(calls, CREDENTIALS.IPMI_PASSWORD);
});

test('--no-power, and --power with a state that changes or not', async (context) => {
  assert.equal(await run(context, ['--no-power', 'cg01']), { status: 0, lines: ['done    cg01: pxe once'] });
  assert.equal(changesOf(context, '1'), ['boot pxe']);
  const option = join(context.folder, 'bin/unknown-option');
  writeFileSync(option, '');
  const forgets = await run(context, ['--no-power', 'cg01']);
  rmSync(option);
  assert.equal(forgets.lines, ['done    cg01: pxe once; its BMC may forget this after 60 seconds']);
  assert.equal(changesOf(context, '1'), ['boot pxe']);
  assert.is((await run(context, ['--power', 'on', 'cg01'])).status, 0);
  assert.equal(changesOf(context, '1'), ['']);
  assert.is((await run(context, ['--power', 'off', 'cg01'])).status, 0);
  assert.equal(changesOf(context, '1'), ['power 0']);
  assert.equal(await run(context, ['--power', 'status', 'cg[01-02]']), {
    status: 0,
    lines: ['cg01: off', 'cg02: on'],
  });
});

test('a power cycle that a BMC accepts but does not make is reported as a failure', async (context) => {
  const stuck = join(context.folder, '2', 'stuck');
  writeFileSync(stuck, '');
  const cycled = await run(context, ['--timeout', '4', '--power', 'cycle', 'cg02']);
  rmSync(stuck);
  assert.equal(cycled, {
    status: 1,
    lines: ['FAILED  cg02: its BMC 127.0.3.2 accepted the change, but the power is not off after 4 seconds'],
  });
  assert.is((await run(context, ['--power', 'cycle', 'cg02'])).status, 0);
  assert.equal(changesOf(context, '2'), ['power 0', 'power 0', 'power 1']);
});

test('a machine that a power cycle leaves off is named', async (context) => {
  const rejects = join(context.folder, '2', 'rejects-1');
  writeFileSync(rejects, '');
  const { status, lines } = await run(context, ['--timeout', '4', '--power', 'cycle', 'cg02']);
  rmSync(rejects);
  assert.is(status, 1);
  assert.ok(lines.includes('FAILED  cg02: it is switched off now: repeat with --power on'), lines.join('\n'));
  assert.is((await run(context, ['--power', 'on', 'cg02'])).status, 0);
  assert.equal(changesOf(context, '2').at(-1), 'power 1');
});

test('a failure of one node is reported, and the others are processed', async (context) => {
  // ipmitool prefers the second variable, if the operator has it.
  const env = { ...CREDENTIALS, IPMI_PASSWORD_CG02: 'wrong', IPMITOOL_PASSWORD: 'of another program' };
  const { status, lines } = await run(context, ['--timeout', '3', '--power', 'status', '--all'], env);
  assert.is(status, 1);
  assert.equal(
    lines.map((line) => line.replace(/(chassis power status with: ).*/, '$1…')),
    [
      'FAILED  cg02: its BMC 127.0.3.2 answers chassis power status with: …',
      'FAILED  cg03: its BMC 127.0.3.3 does not answer within 3 seconds',
      'cg01: off',
      'cg02: unknown',
      'cg03: unknown',
    ],
  );
});

test('a dry run and a list send no request, and need no credentials', async (context) => {
  const calls = join(context.folder, 'bin/calls');
  writeFileSync(calls, '');
  const plan = (of: string) => [1, 2, 3].map((number) => `dry run cg0${number}: ${of}, at 127.0.3.${number}`);
  assert.equal(await run(context, ['--dry-run', '--all'], {}), {
    status: 0,
    lines: plan('pxe once, power cycled'),
  });
  const cycle = await run(context, ['--dry-run', '--power', 'cycle', '--all'], {});
  assert.equal(cycle.lines, plan('power cycle'));
  const listed = await run(context, ['--list'], {});
  assert.equal(listed.lines, ['cg01 127.0.3.1', 'cg02 127.0.3.2', 'cg03 127.0.3.3']);
  assert.is(readFileSync(calls, 'utf8'), '');
});

test('an invalid command line or environment has status 2', async (context) => {
  const invalid: readonly (readonly [
    args: readonly string[],
    message: string,
    env?: Record<string, string>,
  ])[] = [
    [['redfish-only'], 'no BMC for the node redfish-only'],
    [['--cipher', 'x', 'cg01'], '--cipher requires a number'],
    [['--console', 'cg[01-02]'], '--console requires one node'],
    [['--http', 'cg01'], 'unknown option --http'],
    [[], 'name the nodes, or use --all'],
    [['cg01'], 'cg01: set IPMI_USER and IPMI_PASSWORD in the environment', {}],
  ];
  for (const [args, message, env] of invalid) {
    const { status, lines } = await run(context, args, env);
    assert.is(status, 2, lines.join('\n'));
    assert.ok(lines.join('\n').includes(`ipmi-boot.sh: ${message}`), lines.join('\n'));
  }
});

test('--console connects to the serial console of a node, and names the command that ends the session of another', async (context) => {
  const { folder, port } = context;
  const command = `bash ${join(folder, 'ipmi-boot.sh')} --port ${port} --cipher 3 --console cg01`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'dumb', ...CREDENTIALS },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.on('data', (data) => {
    shown += data;
  });
  const end = Date.now() + PATIENCE;
  for (; !shown.includes('typed') && Date.now() < end; await sleep(200))
    if (shown.includes('SOL Session operational')) child.stdin.write('x');
  const other = await run(context, ['--console', 'cg01']);
  assert.is(other.status, 1);
  assert.is(
    other.lines.at(-1),
    `cg01: no console. If another session has it, this ends that session: ipmitool -I lanplus -H 127.0.3.1 -p ${port} -U root -E -C 3 sol deactivate`,
  );
  child.stdin.write('\r~.');
  const [code] = await once(child, 'close');
  assert.match(shown, 'typed');
  assert.is(code, 0, shown);
});

test.run();
