// Replaces the OCI CLI: stores its calls in a file, and answers from another. An answer has the format of the API, and passes
// the query of the call. One process answers all calls, since a start takes more time than a call. It reads calls from the first named
// pipe: the directory, the number of words and the words, each with a zero byte. It writes the exit code to the second one, as a line.
// The directory has calls.jsonl and state.json, and the output of the call: stdout, stderr.
import { appendFileSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

// First, because the test waits for it.
const [requests, answers] = [openSync(process.argv[2], 'r'), openSync(process.argv[3], 'w')];
const { default: jmespath } = await import('jmespath');

/** The call: its words, the state of the cloud, and its output. */
let argv = [];
let state = {};
let output = { stdout: '', stderr: '', code: 0 };

const value = (option) => (argv.includes(option) ? argv[argv.indexOf(option) + 1] : undefined);
/** Whether a value matches that of an option, or the option is not set. */
const matches = (option, is) => value(option) === undefined || value(option) === is;

/** Ends the call with an error. */
function end(code, message) {
  output.stderr += message;
  output.code = code;
  throw output;
}

/** Prints the error of a failed call as the CLI does. Source: oci_cli/cli_util.py, wrap_exceptions. */
function fail(error) {
  end(1, `ServiceError:\n${JSON.stringify({ ...error, 'opc-request-id': '1' }, null, 4)}\n`);
}

/** Returns the subnet of an instance (default: the first one). */
const subnetOf = ({ subnet }) => subnet ?? Object.keys(state.subnets)[0];

/** Returns an instance as in the API. */
const asInstance = ({ id, name, state }) => ({ id, 'display-name': name, 'lifecycle-state': state });

const instanceOf = (id) =>
  state.instances.find((instance) => instance.id === id) ??
  fail({ code: 'NotAuthorizedOrNotFound', status: 404 });

/** An instance that is terminated or not yet complete has no VNIC. */
const attached = () => state.instances.filter(({ vnic, state }) => vnic && state !== 'TERMINATED');

const asConnection = ({ instance, state, command }) => ({
  'instance-id': instance,
  'lifecycle-state': state,
  ...(command ? { 'connection-string': command } : {}),
});

/** Executes each command, and returns the data of its answer. */
const COMMANDS = {
  'compute instance list': () =>
    state.instances.filter(({ name }) => matches('--display-name', name)).map(asInstance),
  'compute instance get': () => {
    const instance = instanceOf(value('--instance-id'));
    // Each query changes its state to the next one.
    const answer = asInstance(instance);
    instance.state = instance.becomes?.shift() ?? instance.state;
    return answer;
  },
  'compute instance list-vnics': () =>
    attached()
      .filter(({ id }) => id === value('--instance-id'))
      .flatMap(({ vnic, ip, second }) => [
        ...(second ? [{ id: second, 'private-ip': '10.0.99.9', 'is-primary': false }] : []),
        { id: vnic, 'private-ip': ip, 'is-primary': true },
      ]),
  'compute vnic-attachment list': () =>
    attached()
      .flatMap((instance) => [
        { instance, vnic: instance.vnic },
        ...(instance.second ? [{ instance, vnic: instance.second }] : []),
      ])
      .filter(({ instance, vnic }) => matches('--instance-id', instance.id) && matches('--vnic-id', vnic))
      .map(({ instance, vnic }) => ({
        'instance-id': instance.id,
        'vnic-id': vnic,
        'subnet-id': subnetOf(instance),
        'lifecycle-state': 'ATTACHED',
      })),
  'compute instance launch': () => {
    const name = value('--display-name');
    const outcome = state.launches?.[name] ?? {};
    if (outcome.error) fail(outcome.error);
    const instance = {
      id: `ocid1.instance.oc1.phx.${name}`,
      name,
      ip: value('--private-ip'),
      subnet: value('--subnet-id'),
      vnic: `ocid1.vnic.oc1.phx.${name}`,
      state: outcome.state ?? 'RUNNING',
    };
    state.instances.push(instance);
    output.stderr += 'Action completed. Waiting until the resource has entered state: ...\n';
    if (instance.state === 'PROVISIONING') output.code = 2;
    return outcome.silent ? undefined : asInstance(instance);
  },
  'compute instance-console-connection list': () =>
    state.connections.filter(({ instance }) => instance === value('--instance-id')).map(asConnection),
  'compute instance-console-connection create': () => {
    const instance = value('--instance-id');
    if (state.console?.error) fail(state.console.error);
    if (state.console?.state) return asConnection({ instance, state: state.console.state });
    const made = { instance, state: 'ACTIVE', command: `ssh -o ProxyCommand='ssh -W %h:%p' ${instance}` };
    state.connections.push(made);
    return asConnection(made);
  },
  'network subnet get': () => {
    const subnet = state.subnets[value('--subnet-id')];
    if (!subnet) fail({ code: 'NotAuthorizedOrNotFound', status: 404 });
    return {
      'cidr-block': subnet.cidr,
      'dns-label': subnet.label ?? null,
      'prohibit-public-ip-on-vnic': subnet.isPrivate,
    };
  },
  'network private-ip list': () => [
    ...(state.taken?.[value('--ip-address')] ?? []),
    ...attached()
      .filter(
        (instance) => instance.ip === value('--ip-address') && subnetOf(instance) === value('--subnet-id'),
      )
      .map(({ vnic, ip }) => ({ 'ip-address': ip, 'vnic-id': vnic, 'is-primary': true })),
  ],
  'network vnic assign-private-ip': () => {
    if (state.vip?.error) fail(state.vip.error);
    return { 'ip-address': value('--ip-address'), 'is-primary': false };
  },
  'network security-list update': () => ({}),
  'network route-table update': () => ({}),
  ...Object.fromEntries(
    ['vcn', 'nat-gateway', 'security-list', 'subnet'].map((kind) => [
      `network ${kind} create`,
      () => ({
        id: `ocid1.${kind.replace('-', '')}.oc1.phx.made`,
        ...(kind === 'vcn' ? { 'default-route-table-id': 'ocid1.routetable.oc1.phx.made' } : {}),
      }),
    ]),
  ),
};

/** Prints an answer as the CLI does: nothing for an empty one, and nothing for null. Source: oci_cli/cli_util.py, render. */
function render(data) {
  if (data === undefined || (Array.isArray(data) && data.length === 0)) return;
  const query = value('--query');
  const shown = query === undefined ? { data } : jmespath.search({ data }, query);
  if (shown === null) output.stderr += 'Query returned empty result, no output to show.\n';
  else if (typeof shown === 'string' && argv.includes('--raw-output')) output.stdout += `${shown}\n`;
  else output.stdout += `${JSON.stringify(shown, null, 2)}\n`;
}

/** Answers a call. Throws `output` after an error of the CLI. */
function answer(folder) {
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify(argv)}\n`);
  const stateFile = join(folder, 'state.json');
  state = JSON.parse(readFileSync(stateFile, 'utf8'));
  const at = argv.findIndex(
    (word, index) => !word.startsWith('--') && !/^--(region|output)$/.test(argv[index - 1] ?? ''),
  );
  const command = argv.slice(at, at + 3).join(' ');
  if (state.broken) end(1, 'ERROR: Could not find config file at /root/.oci/config\n');
  if (!COMMANDS[command]) end(64, `the stand-in does not support ${argv.join(' ')}\n`);
  const data = COMMANDS[command]();
  writeFileSync(stateFile, JSON.stringify(state));
  if (state.silent !== command) render(data);
}

const buffer = Buffer.alloc(65536);
for (let text = Buffer.alloc(0); ; ) {
  const length = readSync(requests, buffer);
  if (length === 0) break;
  text = Buffer.concat([text, buffer.subarray(0, length)]);
  const [folder, count, ...words] = text.toString().split('\0').slice(0, -1);
  if (count === undefined || words.length < Number(count)) continue;
  text = Buffer.alloc(0);
  argv = words;
  output = { stdout: '', stderr: '', code: 0 };
  try {
    answer(folder);
  } catch (error) {
    if (error !== output) Object.assign(output, { stderr: `${error.stack}\n`, code: 70 });
  }
  try {
    for (const name of ['stdout', 'stderr']) writeFileSync(join(folder, name), output[name]);
  } catch {
    // The test has removed the directory: only the exit code is left.
    output.code = 70;
  }
  writeSync(answers, `${output.code}\n`);
}
