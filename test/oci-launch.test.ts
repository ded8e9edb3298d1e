// needs: bash
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judged, LaunchPad } from './support/oci-cli.ts';
import { OCI_PLANT } from './support/oci-plant.ts';
import { edited } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

/* oci-launch.sh against a stand-in for the OCI CLI: each of its calls is held against what the CLI's sources declare. */

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

test('launches every node with what the inventory says, once all has been looked at, and opens the consoles', ({
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

test('leaves alone what is there, and says the consoles again', ({ pad }) => {
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

test('asks for JSON in every call: the configuration of the CLI may say that people want tables', ({
  pad,
}) => {
  pad.cloud = { ...CLOUD, instances: THERE.slice(0, 2) };
  pad.launch(['--all']);
  pad.launch(['--vip', 'oci-1']);
  assert.ok(pad.calls.length > 20);
  for (const { command, options } of pad.calls) assert.equal(options['--output'], ['json'], command);
});

test('waits for what is on its way, and opens its console then', ({ pad }) => {
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

test('one that is stopped is not done: what starts it is a command that the CLI takes', ({ pad }) => {
  for (const state of ['STOPPED', 'STOPPING']) {
    pad.cloud = { ...CLOUD, instances: [there('oci-1', '10.0.10.11', state)] };
    const { status, stderr } = pad.launch(['--all']);
    assert.is(status, 1);
    assert.equal(pad.changes, []);
    const [, said, start = ''] = /FAILED {2}oci-1: it is (\w+); start it: oci (.*)\n/.exec(stderr) ?? [];
    assert.is(said, state);
    assert.equal(judged(start.split(' ')).options['--instance-id'], [idOf('oci-1')]);
    // To watch it start, it has a console before.
    assert.is(pad.launch(['--only-console', 'oci-1']).status, 0);
  }
});

test('an instance is a node by its address, whatever OCI calls it', ({ pad }) => {
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

test('one of the same name and address in another VCN is another: it is left alone, and gets no VIP', ({
  pad,
}) => {
  const stranger = { ...there('oci-1', '10.0.10.11'), id: 'stranger', vnic: 'vnic', subnet: OTHER };
  pad.cloud = { ...TWO_VCNS, instances: [stranger] };
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

test('one that is named twice is launched once', ({ pad }) => {
  assert.is(pad.launch(['oci-1', 'oci-2', 'oci-1']).status, 0);
  assert.equal(
    pad.changes.flatMap(({ options }) => options['--display-name'] ?? []),
    ['oci-1', 'oci-2'],
  );
});

test('a launch of which the CLI says nothing is one that nobody knows of; the next run does', ({ pad }) => {
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

test('without a home folder in the environment, as in a unit of systemd, it is still the one of the user', ({
  pad,
}) => {
  const { stdout, stderr } = pad.launch(['--dry-run', 'oci-1'], { env: { HOME: undefined } });
  assert.match(`${stdout}${stderr}`, join(userInfo().homedir, '.ssh/oci-console.pub'));
});

test('one that was terminated is launched anew', ({ pad }) => {
  pad.cloud = { ...CLOUD, instances: [{ ...there('oci-1', '', 'TERMINATED') }] };
  const { status } = pad.launch(['oci-1']);
  assert.is(status, 0);
  assert.is(pad.changes[0]?.command, 'compute instance launch');
});

test('a dry run calls nothing, and prints what a run then calls, word for word', ({ pad }) => {
  const { status, stdout } = pad.launch(['--dry-run', '--all']);
  assert.is(status, 0);
  assert.equal(pad.words, []);
  pad.launch(['--all']);
  const called = pad.words.filter((words) => words.includes('launch') || words.includes('create'));
  pad.cloud = CLOUD;
  // A shell reads the lines; what it calls is the stand-in, which keeps each word.
  pad.run(stdout.replaceAll(/^(.+)$/gm, '$1 || true'));
  assert.equal(
    pad.words.map((words) => words.map((word) => word.replace('INSTANCE_ID', ''))),
    called.map((words) => words.map((word) => word.replace(/^ocid1\.instance\..*/, ''))),
  );
});

test('without a CLI it says so, and a dry run works all the same', ({ pad }) => {
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

test('one that cannot be launched hides no other, and the CLI itself says why', ({ pad }) => {
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

test('says what has become of one that does not run', ({ pad }) => {
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

/** What is not as the inventory says, and what is said of it. */
const NOT_RIGHT: Readonly<Record<string, readonly [cloud: object, says: string]>> = {
  'a CLI without a configuration': [
    { broken: true },
    `FAILED  oci-2: could not look up its subnet ${SUBNET}: see the error of the CLI above`,
  ],
  'a subnet that is not there': [
    { subnets: {} },
    `FAILED  oci-2: could not look up its subnet ${SUBNET}: see the error of the CLI above`,
  ],
  'a subnet with other addresses': [
    { subnets: { [SUBNET]: { cidr: '10.0.20.0/24', isPrivate: true } } },
    'FAILED  oci-2: its subnet has 10.0.20.0/24, but the inventory sets 10.0.10.0/24',
  ],
  'a CLI that says nothing': [
    { silent: 'network subnet get' },
    `FAILED  oci-2: the CLI returned nothing about its subnet ${SUBNET}: run this again`,
  ],
  'an address that no instance has': [
    { taken: { '10.0.10.12': [{ 'vnic-id': 'ocid1.vnic.oc1.phx.stranger', 'is-primary': true }] } },
    'FAILED  oci-2: its IP address 10.0.10.12 is in use by ocid1.vnic.oc1.phx.stranger, which no instance of its compartment has',
  ],
  'an address that is a VIP': [
    { taken: { '10.0.10.12': [{ 'vnic-id': 'ocid1.vnic.oc1.phx.stranger', 'is-primary': false }] } },
    'FAILED  oci-2: its IP address 10.0.10.12 is a secondary address of ocid1.vnic.oc1.phx.stranger, as a VIP is: unassign it there',
  ],
  'an address that is reserved': [
    { taken: { '10.0.10.12': [{ 'is-primary': false }] } },
    'FAILED  oci-2: its IP address 10.0.10.12 is reserved in the subnet, by a private IP without a VNIC: delete that',
  ],
  "an address of a machine's second VNIC": [
    {
      instances: [{ ...there('big', '10.0.10.77'), second: 'ocid1.vnic.oc1.phx.second' }],
      taken: { '10.0.10.12': [{ 'vnic-id': 'ocid1.vnic.oc1.phx.second', 'is-primary': true }] },
    },
    `FAILED  oci-2: its IP address 10.0.10.12 belongs to a second VNIC, ocid1.vnic.oc1.phx.second, of ${idOf('big')}: detach it there`,
  ],
  'an instance of the name with another address, in the subnet': [
    { instances: [there('oci-2', '10.0.10.99')] },
    `FAILED  oci-2: an instance with that name is in the subnet, with another IP address than 10.0.10.12: ${idOf('oci-2')}`,
  ],
  'an instance of the name that has no address yet': [
    { instances: [{ ...there('oci-2', ''), vnic: undefined, state: 'PROVISIONING' }] },
    `FAILED  oci-2: an instance with that name is being created and has no IP address yet: run this again in a minute: ${idOf('oci-2')}`,
  ],
  'an instance that is about to go': [
    { instances: [there('oci-2', '10.0.10.12', 'TERMINATING')] },
    'FAILED  oci-2: the instance with its IP address 10.0.10.12 is TERMINATING: run this again when it is gone',
  ],
};

for (const [name, [cloud, says]] of Object.entries(NOT_RIGHT)) {
  test(`${name}: nothing is launched, not even what could be`, ({ pad }) => {
    pad.cloud = { ...CLOUD, ...cloud };
    const { status, stdout, stderr } = pad.launch(['--all']);
    assert.is(status, 1);
    assert.match(stderr, says);
    assert.match(stderr, /Nothing was changed\.\n$/);
    assert.is(stdout, '');
    assert.equal(pad.changes, []);
  });
}

test('looks at the keys before it asks anybody, and at those of all nodes', ({ pad }) => {
  const keys = {
    'ed25519.pub': [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI x\n',
      /is not an RSA key, but OCI accepts only RSA keys/,
    ],
    rsa: ['-----BEGIN OPENSSH PRIVATE KEY-----\n', /is a private key: use the public key beside it/],
    'empty.pub': ['\n# nothing\n', /cannot read the key /],
    'none.pub': [undefined, /cannot read the key /],
  } as const;
  for (const [name, [content, says]] of Object.entries(keys)) {
    if (content !== undefined) writeFileSync(join(pad.folder, name), content);
    const { status, stderr } = pad.launch(['--ssh-public-key', name, 'oci-1', 'oci-3']);
    assert.is(status, 1);
    assert.equal(stderr.match(/^FAILED {2}oci-\d/gm), ['FAILED  oci-1', 'FAILED  oci-3']);
    assert.match(stderr, says);
    assert.is(stderr.split('\n').length, 3, stderr);
  }
  assert.equal(pad.words, []);
  writeFileSync(join(pad.folder, 'mine.pub'), '# mine\nssh-rsa AAAAB3NzaC1yc2E mine\n');
  const mine = join(pad.folder, 'mine.pub');
  assert.is(pad.launch(['--ssh-public-key', mine, 'oci-1']).status, 0);
  assert.equal(pad.changes[1]?.options['--ssh-public-key-file'], [mine]);
});

test('a script that OCI would refuse, or that is not there, is said first', async ({ pad }) => {
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

test('a command line that is wrong is 2, and calls nothing', ({ pad }) => {
  const lines: Readonly<Record<string, readonly string[]>> = {
    'name the nodes, or use --all': [],
    'unknown node oci-9; use one of oci-1 oci-2 oci-3': ['oci-1', 'oci-9'],
    'unknown option --every': ['--every'],
    '--ssh-public-key requires a value': ['oci-1', '--ssh-public-key'],
    "--max-wait requires a number of seconds, not 'soon'": ['--max-wait', 'soon', 'oci-1'],
    '--vip requires exactly one node: only one can have the VIP': ['--vip', '--all'],
    '--only-console and --vip exclude each other': ['--only-console', '--vip', 'oci-1'],
  };
  for (const [says, args] of Object.entries(lines)) {
    const { status, stderr } = pad.launch(args);
    assert.is(status, 2, says);
    assert.is(stderr, `oci-launch.sh: ${says}\nsee oci-launch.sh --help\n`);
  }
  const { status, stdout } = pad.launch(['--help']);
  assert.is(status, 0);
  assert.match(stdout, /^Launches the nodes of oci on Oracle Cloud/);
  assert.match(stdout, '--all                   every node: oci-1, oci-2, oci-3\n');
  assert.not.match(stdout, 'pipefail');
  assert.equal(pad.words, []);
});

test('console connections alone, of machines that are there', ({ pad }) => {
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

test('the VIP goes to the primary VNIC of the node that is named', ({ pad }) => {
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

test('words of the inventory reach the CLI as they are, whatever a shell would make of them', async () => {
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
  // There is no key to make console connections with.
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
    // The subnet has no DNS label: OCI would refuse a host name.
    assert.equal(options['--hostname-label'], undefined);
  }
  const called = pad.words.filter((words) => words.includes('launch'));
  pad.forget();
  pad.run(dry.stdout.replaceAll(/^(.+)$/gm, '$1 || true'));
  const label = ([...words]: string[]) =>
    words.includes('--hostname-label') ? words.toSpliced(words.indexOf('--hostname-label'), 2) : words;
  assert.equal(pad.words.map(label), called);
  // To OCI's DNS the first label of a name is one, and none that begins with a digit.
  assert.equal(
    pad.calls.map(({ options }) => options['--hostname-label']?.[0]),
    ['oci-1', 'oci-2', undefined],
  );
});

test('a public address in a private subnet is said before', async () => {
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

test('finds its files from any folder, by any path to it', ({ pad }) => {
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
