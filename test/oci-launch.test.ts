// needs: bash
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LaunchPad, validated } from './support/oci-cli.ts';
import { OCI_PLANT } from './support/oci-plant.ts';
import { edited } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

/* oci-launch.sh with a stand-in for the OCI CLI, which checks each call against the declarations in the CLI's sources. */

const SAMPLE = fileURLToPath(new URL('../sites/oci', import.meta.url));
const SUBNET = 'ocid1.subnet.oc1.phx.aaaaaaaaexamplesubnet';
const CLOUD = { subnets: { [SUBNET]: { cidr: '10.0.10.0/24', label: 'nodes', isPrivate: true } } };
const idOf = (name: string) => `ocid1.instance.oc1.phx.${name}`;
const there = (name: string, ip: string, state = 'RUNNING') => ({
  id: idOf(name),
  name,
  ip,
  state,
  vnic: `ocid1.vnic.oc1.phx.${name}`,
});
const NAMES = ['oci-1', 'oci-2', 'oci-3'];
const THERE = NAMES.map((name, index) => there(name, `10.0.10.1${index + 1}`));

const test = suite<{ pad: LaunchPad }>('oci-launch.sh');

test.before(async (context) => {
  context.pad = new LaunchPad(CLOUD);
  await context.pad.build(SAMPLE);
});

test.before.each(({ pad }) => {
  pad.cloud = CLOUD;
});

test("launches every node with the inventory's settings after all checks, and opens the consoles", ({
  pad,
}) => {
  const { status, stdout, stderr } = pad.launch(['--all']);
  assert.is(status, 0, stderr);
  const commands = pad.calls.map(({ command }) => command);
  const looks = ['network subnet get', 'network private-ip list', 'compute instance list'];
  const makes = [
    'compute instance launch',
    'compute instance-console-connection list',
    'compute instance-console-connection create',
  ];
  assert.equal(commands, [...NAMES.flatMap(() => looks), ...NAMES.flatMap(() => makes)]);
  assert.equal(pad.changes[0]?.options, {
    '--region': ['us-phoenix-1'],
    '--output': ['json'],
    '--compartment-id': ['ocid1.compartment.oc1..aaaaaaaaexamplecompartment'],
    '--availability-domain': ['Uocm:PHX-AD-1'],
    '--shape': ['BM.DenseIO.E4.128'],
    '--image-id': ['ocid1.image.oc1.phx.aaaaaaaaexampleimage'],
    '--subnet-id': [SUBNET],
    '--private-ip': ['10.0.10.11'],
    '--assign-public-ip': ['false'],
    '--display-name': ['oci-1'],
    '--ipxe-script-file': [join(pad.tree, 'oci/first-stage.ipxe')],
    '--fault-domain': ['FAULT-DOMAIN-1'],
    '--freeform-tags': ['{"site":"oci"}'],
    '--hostname-label': ['oci-1'],
    '--wait-for-state': ['RUNNING', 'TERMINATED'],
    '--max-wait-seconds': ['1200'],
    '--query': [`join(' ', data.[id, "lifecycle-state"])`],
    '--raw-output': [''],
  });
  assert.equal(pad.changes[1]?.options, {
    '--region': ['us-phoenix-1'],
    '--output': ['json'],
    '--instance-id': [idOf('oci-1')],
    '--ssh-public-key-file': [join(pad.folder, 'home/.ssh/oci-console.pub')],
    '--wait-for-state': ['ACTIVE', 'FAILED'],
    '--max-wait-seconds': ['1200'],
    '--query': [`join(' ', data.["lifecycle-state", not_null("connection-string", '-')])`],
    '--raw-output': [''],
  });
  const lines = NAMES.flatMap((name) => [
    `launched  ${name}: ${idOf(name)}`,
    `console  ${name}: ssh -o ProxyCommand='ssh -W %h:%p' ${idOf(name)}`,
  ]);
  assert.is(stdout, `${lines.join('\n')}\n`);
});

test('skips existing instances, and prints their consoles again', ({ pad }) => {
  assert.is(pad.launch(['oci-1', 'oci-2']).status, 0);
  pad.forget();
  const { status, stdout, stderr } = pad.launch(['--all']);
  assert.is(status, 0);
  assert.equal(
    pad.changes.map(({ command, options }) => [command, options['--display-name']?.[0]]),
    [
      ['compute instance launch', 'oci-3'],
      ['compute instance-console-connection create', undefined],
    ],
  );
  assert.match(stderr, `there   oci-1: RUNNING, ${idOf('oci-1')}\n`);
  assert.match(stdout, `console  oci-1: ssh -o ProxyCommand='ssh -W %h:%p' ${idOf('oci-1')}\n`);
});

test('requests JSON in every call, since the configuration of the CLI can set tables', ({ pad }) => {
  pad.cloud = { ...CLOUD, instances: THERE.slice(0, 2) };
  pad.launch(['--all']);
  pad.launch(['--vip', 'oci-1']);
  assert.ok(pad.calls.length > 20);
  for (const { command, options } of pad.calls) assert.equal(options['--output'], ['json'], command);
});

test('waits for an instance that is starting, then opens its console', ({ pad }) => {
  for (const state of ['PROVISIONING', 'STARTING', 'MOVING']) {
    const instance = { ...there('oci-1', '10.0.10.11', state), becomes: [state, state, 'RUNNING'] };
    pad.cloud = { ...CLOUD, instances: [instance] };
    const { status, stdout, stderr } = pad.launch(['oci-1']);
    assert.is(status, 0, stderr);
    assert.match(stderr, `there   oci-1: ${state}, ${idOf('oci-1')}\n`);
    assert.match(stdout, /^console {2}oci-1: /);
    const gets = pad.calls.filter(({ command }) => command === 'compute instance get');
    assert.is(gets.length, 4);
  }
  pad.cloud = { ...CLOUD, instances: [there('oci-1', '10.0.10.11', 'PROVISIONING')] };
  const long = pad.launch(['--max-wait', '1', 'oci-1']);
  assert.is(long.status, 1);
  assert.match(long.stderr, /FAILED {2}oci-1: it is PROVISIONING after 1 s; run this again/);
  const gone = { ...there('oci-1', '10.0.10.11', 'PROVISIONING'), becomes: ['TERMINATED'] };
  pad.cloud = { ...CLOUD, instances: [gone] };
  assert.match(pad.launch(['oci-1']).stderr, `FAILED  oci-1: it is TERMINATED: ${idOf('oci-1')}\n`);
  assert.equal(pad.changes, []);
});

test('a stopped instance is a failure, with a valid CLI command that starts it', ({ pad }) => {
  for (const state of ['STOPPED', 'STOPPING']) {
    pad.cloud = { ...CLOUD, instances: [there('oci-1', '10.0.10.11', state)] };
    const { status, stderr } = pad.launch(['--all']);
    assert.is(status, 1);
    assert.equal(pad.changes, []);
    const [, reported, start = ''] = /FAILED {2}oci-1: it is (\w+); start it: oci (.*)\n/.exec(stderr) ?? [];
    assert.is(reported, state);
    assert.equal(validated(start.split(' ')).options['--instance-id'], [idOf('oci-1')]);
    // A console shows the start, so it is available before.
    assert.is(pad.launch(['--only-console', 'oci-1']).status, 0);
  }
});

test('an IP address identifies the instance of a node, independent of its name in OCI', ({ pad }) => {
  const old = { ...there('oci-1', '10.0.10.11'), name: 'instance-20230420-1543' };
  pad.cloud = { ...CLOUD, instances: [old] };
  const { status, stdout, stderr } = pad.launch(['oci-1']);
  assert.is(status, 0, stderr);
  assert.match(
    stderr,
    `there   oci-1: RUNNING, ${idOf('oci-1')}, with the display name instance-20230420-1543\n`,
  );
  assert.match(stdout, /^console {2}oci-1: /);
  assert.is(pad.launch(['--vip', 'oci-1']).status, 0);
});

const OTHER = 'ocid1.subnet.oc1.phx.other';
const TWO_VCNS = { subnets: { ...CLOUD.subnets, [OTHER]: { cidr: '10.0.10.0/24', isPrivate: true } } };

test('an instance with the same name and IP address in another VCN is skipped, and gets no VIP', ({
  pad,
}) => {
  const unknown = { ...there('oci-1', '10.0.10.11'), id: 'unknown', vnic: 'vnic', subnet: OTHER };
  pad.cloud = { ...TWO_VCNS, instances: [unknown] };
  for (const option of ['--vip', '--only-console']) {
    const { status, stderr } = pad.launch([option, 'oci-1']);
    assert.is(status, 1);
    assert.match(stderr, 'FAILED  oci-1: no instance has its IP address 10.0.10.11: launch it first\n');
  }
  assert.equal(pad.changes, []);
  assert.is(pad.launch(['oci-1']).status, 0);
  assert.equal(
    pad.changes.map(({ command, options }) => [command, options['--instance-id']?.[0]]),
    [
      ['compute instance launch', undefined],
      ['compute instance-console-connection create', idOf('oci-1')],
    ],
  );
});

test('a node that is named twice is launched once', ({ pad }) => {
  assert.is(pad.launch(['oci-1', 'oci-2', 'oci-1']).status, 0);
  assert.equal(
    pad.changes.flatMap(({ options }) => options['--display-name'] ?? []),
    ['oci-1', 'oci-2'],
  );
});

test('a launch without a response is reported as unknown; the next run finds the instance', ({ pad }) => {
  pad.cloud = { ...CLOUD, launches: { 'oci-1': { silent: true } } };
  const { status, stderr } = pad.launch(['oci-1']);
  assert.is(status, 1);
  assert.match(
    stderr,
    'oci-1: the result of the launch is unknown, because the CLI returned nothing: run this again to check',
  );
  const again = pad.launch(['oci-1']);
  assert.is(again.status, 0);
  assert.match(again.stdout, /^console {2}oci-1: /);
});

test('without HOME, as in a systemd unit, uses the home directory of the user', ({ pad }) => {
  const { stdout, stderr } = pad.launch(['--dry-run', 'oci-1'], { env: { HOME: undefined } });
  assert.match(`${stdout}${stderr}`, join(userInfo().homedir, '.ssh/oci-console.pub'));
});

test('a terminated instance is launched again', ({ pad }) => {
  pad.cloud = { ...CLOUD, instances: [{ ...there('oci-1', '', 'TERMINATED') }] };
  const { status } = pad.launch(['oci-1']);
  assert.is(status, 0);
  assert.is(pad.changes[0]?.command, 'compute instance launch');
});

test('a dry run calls nothing, and prints exactly the calls of a run', ({ pad }) => {
  const { status, stdout } = pad.launch(['--dry-run', '--all']);
  assert.is(status, 0);
  assert.equal(pad.words, []);
  pad.launch(['--all']);
  const called = pad.words.filter((words) => words.includes('launch') || words.includes('create'));
  pad.cloud = CLOUD;
  // A shell parses the lines, and calls the stand-in, which records each word.
  pad.run(stdout.replaceAll(/^(.+)$/gm, '$1 || true'));
  assert.equal(
    pad.words.map((words) => words.map((word) => word.replace('INSTANCE_ID', ''))),
    called.map((words) => words.map((word) => word.replace(/^ocid1\.instance\..*/, ''))),
  );
});

test('a missing CLI is reported, and a dry run works without it', ({ pad }) => {
  const path = join(scratchFolder(), 'bin');
  mkdirSync(path);
  for (const name of ['bash', 'dirname', 'grep', 'sed', 'wc']) {
    const found = process.env.PATH?.split(':').find((folder) => existsSync(join(folder, name)));
    symlinkSync(join(found ?? '/usr/bin', name), join(path, name));
  }
  const { status, stderr } = pad.launch(['oci-1'], { env: { PATH: path } });
  assert.is(status, 1);
  assert.is(stderr, "FAILED  oci is not installed: install the OCI CLI, and run 'oci setup config'\n");
  const dry = pad.launch(['--dry-run', 'oci-1'], { env: { PATH: path } });
  assert.is(dry.status, 0, dry.stderr);
  assert.match(dry.stdout, /^oci --region us-phoenix-1 --output json compute instance launch /);
});

test("a failed launch does not stop the others, and the CLI's own message is shown", ({ pad }) => {
  for (const error of [
    { code: 'InternalError', message: 'Out of host capacity.', status: 500 },
    { code: 'LimitExceeded', message: 'dense-io-e4-count', status: 400 },
    { code: 'Conflict', message: 'Conflict', status: 409 },
  ]) {
    pad.cloud = { ...CLOUD, launches: { 'oci-2': { error } } };
    const { status, stdout, stderr } = pad.launch(['--all']);
    assert.is(status, 1);
    assert.match(stderr, error.message);
    assert.match(stderr, 'FAILED  oci-2: it was not launched: see the error of the CLI above\n');
    assert.equal(stdout.match(/^\w+ {2}oci-\d/gm), [
      'launched  oci-1',
      'console  oci-1',
      'launched  oci-3',
      'console  oci-3',
    ]);
  }
});

test('reports the state of an instance that does not run', ({ pad }) => {
  pad.cloud = {
    ...CLOUD,
    launches: { 'oci-1': { state: 'PROVISIONING' }, 'oci-2': { state: 'TERMINATED' } },
  };
  const { status, stdout, stderr } = pad.launch(['--max-wait', '60', '--all']);
  assert.is(status, 1);
  assert.match(
    stderr,
    `FAILED  oci-1: it was launched, but is PROVISIONING after 60 s; run this again for its console connection: ${idOf('oci-1')}\n`,
  );
  assert.match(stderr, `FAILED  oci-2: it was launched, but is TERMINATED: ${idOf('oci-2')}\n`);
  assert.match(stdout, `launched  oci-3: ${idOf('oci-3')}\n`);
  assert.equal(pad.changes[0]?.options['--max-wait-seconds'], ['60']);
});

/** Deviations from the inventory, each with its message. */
const DEVIATIONS: Readonly<Record<string, readonly [cloud: object, message: string]>> = {
  'a CLI without a configuration': [
    { broken: true },
    `FAILED  oci-2: could not look up its subnet ${SUBNET}: see the error of the CLI above`,
  ],
  'a missing subnet': [
    { subnets: {} },
    `FAILED  oci-2: could not look up its subnet ${SUBNET}: see the error of the CLI above`,
  ],
  'a subnet with another IP range': [
    { subnets: { [SUBNET]: { cidr: '10.0.20.0/24', isPrivate: true } } },
    'FAILED  oci-2: its subnet has 10.0.20.0/24, but the inventory sets 10.0.10.0/24',
  ],
  'a CLI without output': [
    { silent: 'network subnet get' },
    `FAILED  oci-2: the CLI returned nothing about its subnet ${SUBNET}: run this again`,
  ],
  'an IP address of an unknown VNIC': [
    { taken: { '10.0.10.12': [{ 'vnic-id': 'ocid1.vnic.oc1.phx.unknown', 'is-primary': true }] } },
    'FAILED  oci-2: its IP address 10.0.10.12 is in use by ocid1.vnic.oc1.phx.unknown, which no instance of its compartment has',
  ],
  'an IP address that is a VIP': [
    { taken: { '10.0.10.12': [{ 'vnic-id': 'ocid1.vnic.oc1.phx.unknown', 'is-primary': false }] } },
    'FAILED  oci-2: its IP address 10.0.10.12 is a secondary address of ocid1.vnic.oc1.phx.unknown, as a VIP is: unassign it there',
  ],
  'a reserved IP address': [
    { taken: { '10.0.10.12': [{ 'is-primary': false }] } },
    'FAILED  oci-2: its IP address 10.0.10.12 is reserved in the subnet, by a private IP without a VNIC: delete that',
  ],
  "the IP address of a machine's second VNIC": [
    {
      instances: [{ ...there('big', '10.0.10.77'), second: 'ocid1.vnic.oc1.phx.second' }],
      taken: { '10.0.10.12': [{ 'vnic-id': 'ocid1.vnic.oc1.phx.second', 'is-primary': true }] },
    },
    `FAILED  oci-2: its IP address 10.0.10.12 belongs to a second VNIC, ocid1.vnic.oc1.phx.second, of ${idOf('big')}: detach it there`,
  ],
  'an instance with the name and another IP address in the subnet': [
    { instances: [there('oci-2', '10.0.10.99')] },
    `FAILED  oci-2: an instance with that name is in the subnet, with another IP address than 10.0.10.12: ${idOf('oci-2')}`,
  ],
  'an instance with the name and no IP address yet': [
    { instances: [{ ...there('oci-2', ''), vnic: undefined, state: 'PROVISIONING' }] },
    `FAILED  oci-2: an instance with that name is being created and has no IP address yet: run this again in a minute: ${idOf('oci-2')}`,
  ],
  'an instance that is being terminated': [
    { instances: [there('oci-2', '10.0.10.12', 'TERMINATING')] },
    'FAILED  oci-2: the instance with its IP address 10.0.10.12 is TERMINATING: run this again when it is gone',
  ],
};

for (const [name, [cloud, message]] of Object.entries(DEVIATIONS)) {
  test(`${name}: nothing is launched, not even the other nodes`, ({ pad }) => {
    pad.cloud = { ...CLOUD, ...cloud };
    const { status, stdout, stderr } = pad.launch(['--all']);
    assert.is(status, 1);
    assert.match(stderr, message);
    assert.match(stderr, /Nothing was changed\.\n$/);
    assert.is(stdout, '');
    assert.equal(pad.changes, []);
  });
}

test('checks the keys of all nodes before any call', ({ pad }) => {
  const keys = {
    'ed25519.pub': [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI x\n',
      /is not an RSA key, but OCI accepts only RSA keys/,
    ],
    rsa: ['-----BEGIN OPENSSH PRIVATE KEY-----\n', /is a private key: use the public key beside it/],
    'empty.pub': ['\n# nothing\n', /cannot read the key /],
    'none.pub': [undefined, /cannot read the key /],
  } as const;
  for (const [name, [content, message]] of Object.entries(keys)) {
    if (content !== undefined) writeFileSync(join(pad.folder, name), content);
    const { status, stderr } = pad.launch(['--ssh-public-key', name, 'oci-1', 'oci-3']);
    assert.is(status, 1);
    assert.equal(stderr.match(/^FAILED {2}oci-\d/gm), ['FAILED  oci-1', 'FAILED  oci-3']);
    assert.match(stderr, message);
    assert.is(stderr.split('\n').length, 3, stderr);
  }
  assert.equal(pad.words, []);
  writeFileSync(join(pad.folder, 'mine.pub'), '# mine\nssh-rsa AAAAB3NzaC1yc2E mine\n');
  const mine = join(pad.folder, 'mine.pub');
  assert.is(pad.launch(['--ssh-public-key', mine, 'oci-1']).status, 0);
  assert.equal(pad.changes[1]?.options['--ssh-public-key-file'], [mine]);
});

test('a script that OCI would reject, or a missing one, is reported first', async ({ pad }) => {
  const other = new LaunchPad(CLOUD);
  await other.build(SAMPLE);
  const script = join(other.tree, 'oci/first-stage.ipxe');
  writeFileSync(script, '#'.repeat(10_241));
  const large = other.launch(['oci-1']);
  assert.is(large.status, 1);
  assert.match(large.stderr, `${script} has 10241 bytes, but OCI accepts 10240\n`);
  rmSync(script);
  assert.match(other.launch(['oci-1']).stderr, `cannot read ${script}`);
  assert.equal(other.words, []);
  // Consoles need no script.
  other.cloud = { ...CLOUD, instances: THERE };
  assert.is(other.launch(['--only-console', 'oci-1']).status, 0);
  assert.is(pad.words.length, 0);
});

test('an invalid command line exits with 2, and calls nothing', ({ pad }) => {
  const lines: Readonly<Record<string, readonly string[]>> = {
    'name the nodes, or use --all': [],
    'unknown node oci-9; use one of oci-1 oci-2 oci-3': ['oci-1', 'oci-9'],
    'unknown option --every': ['--every'],
    '--ssh-public-key requires a value': ['oci-1', '--ssh-public-key'],
    "--max-wait requires a number of seconds, not 'soon'": ['--max-wait', 'soon', 'oci-1'],
    '--vip requires exactly one node: only one can have the VIP': ['--vip', '--all'],
    '--only-console and --vip exclude each other': ['--only-console', '--vip', 'oci-1'],
  };
  for (const [message, args] of Object.entries(lines)) {
    const { status, stderr } = pad.launch(args);
    assert.is(status, 2, message);
    assert.is(stderr, `oci-launch.sh: ${message}\nsee oci-launch.sh --help\n`);
  }
  const { status, stdout } = pad.launch(['--help']);
  assert.is(status, 0);
  assert.match(stdout, /^Launches the nodes of oci on Oracle Cloud/);
  assert.match(stdout, '--all                   every node: oci-1, oci-2, oci-3\n');
  assert.not.match(stdout, 'pipefail');
  assert.equal(pad.words, []);
});

test('--only-console connects to the consoles of existing instances', ({ pad }) => {
  pad.cloud = { ...CLOUD, instances: THERE.slice(0, 1) };
  const missing = pad.launch(['--only-console', '--all']);
  assert.is(missing.status, 1);
  assert.match(missing.stderr, 'FAILED  oci-2: no instance has its IP address 10.0.10.12: launch it first\n');
  assert.equal(pad.changes, []);
  const { status, stdout } = pad.launch(['--only-console', 'oci-1']);
  assert.is(status, 0);
  assert.match(stdout, /^console {2}oci-1: ssh /);
  pad.cloud = { ...CLOUD, instances: THERE, console: { state: 'FAILED' } };
  const failed = pad.launch(['--only-console', 'oci-1']);
  assert.is(failed.status, 1);
  assert.match(failed.stderr, 'oci-1: no console connection (FAILED): see the error of the CLI above');
  pad.cloud = { ...CLOUD, instances: THERE, console: { error: { code: 'LimitExceeded', status: 400 } } };
  const refused = pad.launch(['--only-console', 'oci-1']);
  assert.is(refused.status, 1);
  assert.match(refused.stderr, 'oci-1: no console connection: see the error of the CLI above');
});

test('the VIP is assigned to the primary VNIC of the given node', ({ pad }) => {
  pad.cloud = { ...CLOUD, instances: THERE };
  const { status, stdout } = pad.launch(['--vip', 'oci-2']);
  assert.is(status, 0);
  assert.is(stdout, 'vip  oci-2: 10.0.10.10, of oci\n');
  assert.equal(pad.changes, [
    {
      command: 'network vnic assign-private-ip',
      options: {
        '--region': ['us-phoenix-1'],
        '--output': ['json'],
        '--vnic-id': ['ocid1.vnic.oc1.phx.oci-2'],
        '--ip-address': ['10.0.10.10'],
        '--unassign-if-already-assigned': [''],
        '--display-name': ['VIP of oci'],
      },
    },
  ]);
  const dry = pad.launch(['--vip', '--dry-run', 'oci-2']);
  assert.is(
    dry.stdout,
    "oci --region us-phoenix-1 --output json network vnic assign-private-ip --vnic-id VNIC_ID --ip-address 10.0.10.10 --unassign-if-already-assigned --display-name 'VIP of oci'\n",
  );
  pad.cloud = { ...CLOUD, instances: THERE, vip: { error: { code: 'Conflict', status: 409 } } };
  const refused = pad.launch(['--vip', 'oci-2']);
  assert.is(refused.status, 1);
  assert.match(
    refused.stderr,
    'FAILED  oci-2: could not assign the VIP 10.0.10.10: see the error of the CLI above',
  );
});

test('values of the inventory reach the CLI unchanged, even with shell syntax', async () => {
  const subnet = 'ocid1.subnet.oc1.phx.aaaasubnet';
  const pad = new LaunchPad({ subnets: { [subnet]: { cidr: '10.0.10.0/24', isPrivate: false } } });
  const tags = { "it's": '$(touch "$HOME/harm") `id` ${HOME} \\ " \' & ! * é', '--all': '-' };
  const nsg = 'ocid1.networksecuritygroup.oc1.phx.aaaansg';
  await pad.build(
    makeSite(
      edited(
        OCI_PLANT,
        [
          '    availability_domain:',
          `    tags: ${JSON.stringify(tags)}\n    nsgs: [${nsg}]\n    public_ip: true\n    availability_domain:`,
        ],
        ['  oci-2:', '  oci-2.plant.example:'],
        ['  oci-3:', '  3-oci:'],
      ),
    ),
  );
  const dry = pad.launch(['--dry-run', '--all']);
  const { status, stdout, stderr } = pad.launch(['--all']);
  assert.is(status, 0, stderr);
  // Without a key, console connections are not created.
  assert.equal(
    pad.changes.map(({ command }) => command),
    ['compute instance launch', 'compute instance launch', 'compute instance launch'],
  );
  assert.not.match(stdout, 'console');
  assert.match(
    stderr,
    'no key  oci-1: no console connection is created; to create one, set oci.ssh_public_key or use --ssh-public-key FILE\n',
  );
  for (const { options } of pad.changes) {
    assert.equal(JSON.parse(options['--freeform-tags']?.[0] ?? ''), tags);
    assert.equal(JSON.parse(options['--nsg-ids']?.[0] ?? ''), [nsg]);
    assert.equal(options['--assign-public-ip'], ['true']);
    assert.equal(options['--region'], undefined);
    // The subnet has no DNS label: OCI would reject a host name.
    assert.equal(options['--hostname-label'], undefined);
  }
  const called = pad.words.filter((words) => words.includes('launch'));
  pad.forget();
  pad.run(dry.stdout.replaceAll(/^(.+)$/gm, '$1 || true'));
  const label = ([...words]: string[]) =>
    words.includes('--hostname-label') ? words.toSpliced(words.indexOf('--hostname-label'), 2) : words;
  assert.equal(pad.words.map(label), called);
  // The DNS of OCI uses only the first label of a name, which must not begin with a digit.
  assert.equal(
    pad.calls.map(({ options }) => options['--hostname-label']?.[0]),
    ['oci-1', 'oci-2', undefined],
  );
});

test('a public IP address in a private subnet is reported before the launch', async () => {
  const pad = new LaunchPad({
    subnets: { 'ocid1.subnet.oc1.phx.aaaasubnet': { cidr: '10.0.10.0/24', isPrivate: true } },
  });
  await pad.build(
    makeSite(
      edited(OCI_PLANT, ['    availability_domain:', '    public_ip: true\n    availability_domain:']),
    ),
  );
  const { status, stderr } = pad.launch(['oci-1']);
  assert.is(status, 1);
  assert.match(stderr, 'FAILED  oci-1: the inventory sets a public IP address, but its subnet is private\n');
  const consoles = pad.launch(['--only-console', 'oci-1']);
  assert.match(consoles.stderr, 'no key: set oci.ssh_public_key in the inventory, or use --ssh-public-key');
});

test('finds its files from any directory and by any path', ({ pad }) => {
  mkdirSync(join(pad.folder, 'tree/elsewhere'), { recursive: true });
  const { status, stderr } = pad.launch(['oci-1'], {
    cwd: join(pad.folder, 'tree/elsewhere'),
    script: '../scripts/oci-launch.sh',
    env: { CDPATH: pad.folder },
  });
  assert.is(status, 0, stderr);
  assert.equal(pad.changes[0]?.options['--ipxe-script-file'], [join(pad.tree, 'oci/first-stage.ipxe')]);
});

test.run();
