// needs: bash curl jq openssl
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { textOf } from '../src/tree/tree.ts';
import { Bmc, BmcRoom, type Manner, system, systems } from './support/bmc.ts';
import { runScript, writeScript } from './support/boot-scripts.ts';
import { makeSite } from './support/scratch.ts';

/* redfish-boot.sh with stand-ins for BMCs of several makers, by https with valid certificates. */

const SITE = `site: plant
server: { url: http://10.1.0.1 }
networks:
  mgmt: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, dns: [10.1.0.1], dhcp: {} }
defaults: { boot: { os: linux, kernel: vmlinuz } }
nodes:
  cg[01-06]:
    mac: 52:54:00:7c:52:[01-06]
    ip: 10.1.0.[11-16]
    bmc: { address: "127.0.0.[2-7]", protocol: redfish, user: from-inventory, password: "\${secret:bmc}" }
  cg05: { firmware: bios, uuid: 4C4C4544-0042-3510-8057-B7C04F4D3332 }
  ipmi-only: { mac: 52:54:00:7c:53:01, ip: 10.1.0.21, bmc: { address: 127.0.0.9, protocol: ipmi } }
`;

const PASSWORD = `p"a\\s's $w0rd: #`;

/** BMCs of several makers, by their names. */
const ROOM = {
  // An iDRAC requires the tag of the resource that changes.
  idrac: (): Manner => ({
    tags: 'required',
    resources: systems({
      'System.Embedded.1': system('System.Embedded.1', ['On', 'ForceOff', 'ForceRestart', 'PowerCycle']),
    }),
  }),
  // An iLO redirects to paths with a slash, and does not allow changes of the mode.
  ilo: (): Manner => ({
    redirects: true,
    keepsMode: true,
    resources: systems({
      1: system('1', ['On', 'ForceOff', 'PowerCycle'], {
        PowerState: 'Off',
        Boot: { BootSourceOverrideTarget: 'None', BootSourceOverrideMode: 'UEFI' },
      }),
    }),
  }),
  // OpenBMC has its reset types in another resource, no restart, and no mode.
  openbmc: (): Manner => ({
    resources: {
      ...systems({
        system: {
          ...system('system', []),
          Boot: { BootSourceOverrideEnabled: 'Disabled' },
          Actions: {
            '#ComputerSystem.Reset': {
              target: '/redfish/v1/Systems/system/Actions/ComputerSystem.Reset',
              '@Redfish.ActionInfo': '/redfish/v1/Systems/system/ResetActionInfo',
            },
          },
        },
      }),
      '/redfish/v1/Systems/system/ResetActionInfo': {
        Parameters: [{ Name: 'ResetType', AllowableValues: ['On', 'ForceOff', 'GracefulShutdown'] }],
      },
    },
  }),
  // A board with two systems, identified by their NICs.
  twins: (): Manner => ({
    tags: 'any',
    resources: {
      ...systems({
        Node0: system('Node0', ['ForceRestart'], {
          EthernetInterfaces: { '@odata.id': '/redfish/v1/Systems/Node0/EthernetInterfaces' },
        }),
        Node1: system('Node1', ['ForceRestart'], {
          EthernetInterfaces: { '@odata.id': '/redfish/v1/Systems/Node1/EthernetInterfaces' },
        }),
      }),
      '/redfish/v1/Systems/Node0/EthernetInterfaces': { Members: [] },
      '/redfish/v1/Systems/Node1/EthernetInterfaces': {
        Members: [{ '@odata.id': '/redfish/v1/Systems/Node1/EthernetInterfaces/1' }],
      },
      '/redfish/v1/Systems/Node1/EthernetInterfaces/1': { PermanentMACAddress: '52-54-00-7C-52-04' },
    },
  }),
  // Two systems, identified by the UUID, in upper or lower case.
  chassis: (): Manner => ({
    resources: systems({
      HGX: { PowerState: 'On' },
      0: system('0', ['ForceRestart'], { UUID: '4c4c4544-0042-3510-8057-b7c04f4d3332' }),
    }),
  }),
  strange: (): Manner => ({ resources: {}, answers: '<html>Welcome</html>' }),
};

type Name = keyof typeof ROOM;

interface Context {
  folder: string;
  room: BmcRoom;
  bmcs: Record<Name, Bmc>;
}

const test = suite<Context>('redfish-boot.sh');

test.before(async (context) => {
  context.folder = await writeScript(SITE, 'redfish-boot.sh');
});

test.before.each(async (context) => {
  context.room = new BmcRoom();
  context.bmcs = {} as Record<Name, Bmc>;
  for (const [index, name] of (Object.keys(ROOM) as Name[]).entries()) {
    context.bmcs[name] = new Bmc(ROOM[name](), PASSWORD);
    await context.room.add(`127.0.0.${index + 2}`, context.bmcs[name]);
  }
});

test.after.each(({ room }) => room.close());

const CREDENTIALS = { REDFISH_USER: 'root', REDFISH_PASSWORD: PASSWORD };

async function run(
  { folder, room }: Context,
  args: readonly string[],
  { env = CREDENTIALS as Record<string, string>, trusts = true, input = '' } = {},
) {
  const trust = trusts ? ['--cacert', room.authority] : [];
  const command = [
    'redfish-boot.sh',
    '--port',
    String(room.port),
    '--timeout',
    '5',
    ...trust,
    ...args,
  ] as const;
  return runScript(
    folder,
    command,
    { PATH: process.env.PATH, https_proxy: 'http://127.0.0.1:1', ...env },
    input,
  );
}

const ONCE = { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' };
const UEFI = { Boot: { ...ONCE, BootSourceOverrideMode: 'UEFI' } };

test('each maker gets suitable requests: the boot override first, then the power', async (context) => {
  const { bmcs } = context;
  const { status, lines } = await run(context, ['cg[01-05]']);
  assert.equal(
    lines,
    [1, 2, 3, 4, 5].map((number) => `done    cg0${number}: Pxe once, power cycled`),
  );
  assert.is(status, 0);
  const path = (id: string) => `/redfish/v1/Systems/${id}`;
  const reset = (id: string, type: string) => ({
    method: 'POST',
    path: `${path(id)}/Actions/ComputerSystem.Reset`,
    body: { ResetType: type },
    status: 204,
  });
  const patch = (id: string, body: object, answer = 200) => ({
    method: 'PATCH',
    path: path(id),
    body: body as Record<string, unknown>,
    status: answer,
  });
  assert.equal(bmcs.idrac.changes, [
    patch('System.Embedded.1', UEFI),
    reset('System.Embedded.1', 'ForceRestart'),
  ]);
  assert.equal(bmcs.ilo.changes, [patch('1', UEFI, 400), patch('1', { Boot: ONCE }), reset('1', 'On')]);
  assert.equal(bmcs.openbmc.changes, [
    patch('system', { Boot: ONCE }),
    reset('system', 'ForceOff'),
    reset('system', 'On'),
  ]);
  assert.equal(bmcs.twins.changes, [
    patch('Node1', UEFI, 412),
    patch('Node1', UEFI),
    reset('Node1', 'ForceRestart'),
  ]);
  assert.equal(bmcs.chassis.changes, [
    patch('0', { Boot: { ...ONCE, BootSourceOverrideMode: 'Legacy' } }),
    reset('0', 'ForceRestart'),
  ]);
});

test('--http boots by HTTP if the firmware can; --no-power keeps the power', async (context) => {
  const { status, lines } = await run(context, ['--http', '--no-power', 'cg01', 'cg05']);
  assert.is(status, 1);
  assert.equal(lines, [
    'FAILED  cg05: its firmware is a BIOS, which cannot boot by HTTP',
    'done    cg01: UefiHttp once',
  ]);
  assert.equal(context.bmcs.idrac.changes, [
    {
      method: 'PATCH',
      path: '/redfish/v1/Systems/System.Embedded.1',
      body: { Boot: { ...UEFI.Boot, BootSourceOverrideTarget: 'UefiHttp' } },
      status: 200,
    },
  ]);
});

test('a dry run prints what would be done, and sends no request', async (context) => {
  const dry = async (...args: string[]) => {
    const { status, stdout } = await run(context, ['--dry-run', ...args, 'cg[02-03]'], { env: {} });
    return [status, ...stdout.trimEnd().split('\n')];
  };
  const lines = (plan: string) => [
    0,
    `dry run cg02: ${plan}, at 127.0.0.3`,
    `dry run cg03: ${plan}, at 127.0.0.4`,
  ];
  assert.equal(await dry(), lines('Pxe once, power cycled'));
  assert.equal(await dry('--http', '--no-power'), lines('UefiHttp once'));
  assert.equal(await dry('--power', 'off'), lines('power off'));
  assert.equal(await dry('--powerman'), lines('commands of powermand'));
  assert.equal([...context.bmcs.ilo.asked, ...context.bmcs.openbmc.asked], []);
});

test('--power changes only a different state, and reports the state', async (context) => {
  assert.is((await run(context, ['--power', 'on', 'cg01,cg02'])).status, 0);
  assert.equal(context.bmcs.idrac.changes, []);
  assert.equal(
    context.bmcs.ilo.changes.map(({ body }) => body),
    [{ ResetType: 'On' }],
  );
  assert.is((await run(context, ['--power', 'off', 'cg01'])).status, 0);
  const { status, stdout, stderr } = await run(context, ['--power', 'status', 'cg[01-02,06]']);
  assert.equal(stdout.trim().split('\n').sort(), ['cg01: off', 'cg02: on', 'cg06: unknown']);
  assert.is(stderr, 'FAILED  cg06: its BMC 127.0.0.7 answers /redfish/v1/Systems without valid JSON\n');
  assert.is(status, 1);
});

test('a failure of one node is reported, and the others are processed', async (context) => {
  const { room } = context;
  room.close();
  context.room = new BmcRoom();
  const manners: Manner[] = [
    { ...ROOM.idrac(), refuses: { status: 400, message: 'The mode UEFI is not supported' } },
    { resources: systems({}) },
    { resources: {}, isSilent: true },
    { resources: systems({ a: system('a', []), b: system('b', []) }) },
    {
      ...ROOM.chassis(),
      resources: systems({
        0: { ...system('0', ['Nmi']), Boot: { 'BootSourceOverrideTarget@Redfish.AllowableValues': ['Hdd'] } },
      }),
    },
    ROOM.ilo(),
  ];
  for (const [index, manner] of manners.entries())
    await context.room.add(`127.0.0.${index + 2}`, new Bmc(manner, index === 5 ? 'another' : PASSWORD));
  const { status, lines } = await run(context, ['--timeout', '2', '--all'], {
    env: { ...CREDENTIALS, REDFISH_USER_CG06: 'root', REDFISH_PASSWORD_CG06: 'another' },
  });
  assert.is(status, 1);
  assert.equal(
    lines.map((line) => line.replace(/ after \d+ milliseconds.*/, '')),
    [
      'FAILED  cg01: its BMC 127.0.0.2 answers PATCH /redfish/v1/Systems/System.Embedded.1 with 400: The mode UEFI is not supported',
      'FAILED  cg02: its BMC 127.0.0.3 has no system',
      'FAILED  cg03: its BMC 127.0.0.4 does not answer: (28) Operation timed out',
      "FAILED  cg04: its BMC 127.0.0.5 manages /redfish/v1/Systems/a /redfish/v1/Systems/b, but none has the node's UUID, serial number or MAC address",
      'FAILED  cg05: it cannot boot Pxe once, only Hdd',
      'done    cg06: Pxe once, power cycled',
    ],
  );
});

test('a change that a BMC accepts but does not make is reported as a failure', async (context) => {
  context.room.close();
  context.room = new BmcRoom();
  const manners: Manner[] = [
    { ...ROOM.idrac(), forgets: true },
    { ...ROOM.ilo(), forgets: true },
    // Settings for the next start are in a separate object.
    {
      forgets: true,
      resources: systems({
        1: system('1', ['ForceRestart'], { '@Redfish.Settings': { SettingsObject: {} } }),
      }),
    },
  ];
  for (const [index, manner] of manners.entries())
    await context.room.add(`127.0.0.${index + 2}`, new Bmc(manner, PASSWORD));
  const [power, boot] = await Promise.all([
    run(context, ['--timeout', '1', '--power', 'on', 'cg[01-02]']),
    run(context, ['--timeout', '1', 'cg[01,03]']),
  ]);
  assert.equal(power.lines, [
    'FAILED  cg02: its BMC 127.0.0.3 accepted the change, but the power is not on after 1 seconds',
    'done    cg01: power on',
  ]);
  assert.equal(boot.lines, [
    'FAILED  cg01: its BMC 127.0.0.2 accepted the change, but does not report Pxe as the next boot source after 1 seconds',
    'done    cg03: Pxe once, power cycled',
  ]);
  assert.equal([power.status, boot.status], [1, 1]);
});

test('the environment sets options that are not on the command line', async ({ folder, room }) => {
  const answerFor = async (env: Record<string, string>, ...args: string[]) => {
    const command = ['redfish-boot.sh', ...args, '--powerman', 'cg01'] as const;
    const all = { PATH: process.env.PATH, ...CREDENTIALS, ...env };
    const { stdout, stderr } = await runScript(folder, command, all, 'stat\nquit\n');
    return /cg01: (\w+)/.exec(stdout)?.[1] ?? stderr.split('\n')[0];
  };
  const REDFISH_PORT = String(room.port);
  assert.is(await answerFor({ REDFISH_PORT, REDFISH_INSECURE: '1' }), 'on');
  assert.is(await answerFor({ REDFISH_PORT, CURL_CA_BUNDLE: room.authority }), 'on');
  assert.is(await answerFor({ REDFISH_PORT, REDFISH_INSECURE: '0' }), 'unknown', 'verified');
  assert.is(await answerFor({ REDFISH_PORT: '1', REDFISH_INSECURE: '1' }, '--port', REDFISH_PORT), 'on');
  assert.is(
    await answerFor({ REDFISH_PORT: '443x' }),
    "redfish-boot.sh: REDFISH_PORT must be a number, not '443x'",
  );
  assert.is(
    await answerFor({ REDFISH_INSECURE: 'maybe' }),
    "redfish-boot.sh: REDFISH_INSECURE must be 1 or 0, not 'maybe'",
  );
});

test('certificates are verified, unless --insecure is set', async (context) => {
  const unverified = await run(context, ['--power', 'status', 'cg01'], { trusts: false });
  assert.is(unverified.status, 1);
  assert.is(unverified.stdout, 'cg01: unknown\n');
  assert.match(unverified.stderr, /does not answer: \(60\) SSL certificate problem/);
  assert.equal(context.bmcs.idrac.asked, [], 'no password has been sent');
  const trusting = await run(context, ['--power', 'status', '--insecure', 'cg01'], { trusts: false });
  assert.equal([trusting.status, trusting.stdout], [0, 'cg01: on\n']);
});

test('credentials are only in the environment, and never on a command line', async (context) => {
  const wrong = await run(context, ['--power', 'status', 'cg01'], {
    env: { ...CREDENTIALS, REDFISH_PASSWORD_CG01: 'other' },
  });
  assert.is(wrong.stderr, 'FAILED  cg01: its BMC 127.0.0.2 rejects the credentials\n');
  const none = await run(context, ['cg01'], { env: {} });
  assert.is(none.status, 2);
  assert.match(none.stderr, 'cg01: set REDFISH_USER and REDFISH_PASSWORD in the environment');
  for (const env of [
    { REDFISH_USER: 'a:b', REDFISH_PASSWORD: 'x' },
    { REDFISH_USER: 'a', REDFISH_PASSWORD: 'x\nurl = "https://elsewhere.example"' },
  ]) {
    const odd = await run(context, ['cg01'], { env });
    assert.is(odd.status, 2, odd.stderr);
  }
  assert.equal(context.bmcs.idrac.changes, []);
});

test('an unknown node or option is an invalid command line', async (context) => {
  const invalid = {
    cg07: 'no BMC for the node cg07',
    'cg[06-07]': 'no BMC for the node cg07',
    'cg[2-1]': 'cg[2-1] is not the name of a node, nor a range',
    'cg[1': 'cg[1 is not the name of a node, nor a range',
    'cg01,': 'cg01, is not the name of a node, nor a range',
    'ipmi-only': 'no BMC for the node ipmi-only',
    '--bogus': 'unknown option --bogus',
  };
  for (const [word, message] of Object.entries(invalid)) {
    const { status, stderr } = await run(context, [word]);
    assert.is(status, 2, word);
    assert.ok(stderr.includes(message), `${word}: ${stderr}`);
  }
  for (const args of [[], ['--power'], ['--power', 'maybe', 'cg01'], ['--jobs', '0', 'cg01']])
    assert.is((await run(context, args)).status, 2, args.join(' '));
  const { status, stdout } = await run(context, ['--list', 'cg[02-03]', 'cg02'], { env: {} });
  assert.equal([status, stdout], [0, 'cg02 127.0.0.3\ncg03 127.0.0.4\n']);
  assert.match(
    (await run(context, ['--help'], { env: {} })).stdout,
    'redfish-boot.sh [OPTION…] NODE… | --all',
  );
});

test('powermand gets a prompt, and only answers', async (context) => {
  const input = 'stat\noff cg[01-02]\nbogus\non cg09\nquit\n';
  const { status, stdout } = await run(context, ['--powerman', 'cg[01-02]'], { input });
  assert.is(status, 0);
  const [, states = '', ...others] = stdout.split('redfish> ');
  assert.equal(states.trim().split('\n').sort(), ['cg01: on', 'cg02: off']);
  assert.equal(others, ['', '', '', '']);
  assert.equal(
    context.bmcs.idrac.changes.map(({ body }) => body),
    [{ ResetType: 'ForceOff' }],
  );
});

test('the output tree contains no password and no user of the inventory', async () => {
  const { tree } = await compile(makeSite(SITE));
  for (const path of ['scripts/redfish-boot.sh', 'ops/powerman.conf', 'ops/conman.conf', 'ops/redfish.dev']) {
    const file = tree?.get(path);
    assert.ok(file, path);
    assert.not.match(textOf(file), /from-inventory|@@secret|\$\{secret/);
  }
});

test.run();
