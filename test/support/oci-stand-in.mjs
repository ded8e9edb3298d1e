// Stands in for the OCI CLI: keeps what it is asked in a file, and answers from another as the real one would.
// OCI_STAND_IN is the folder of both: calls.jsonl, state.json.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.OCI_STAND_IN;
const argv = process.argv.slice(2);
appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify(argv)}\n`);

const stateFile = join(folder, 'state.json');
const state = JSON.parse(readFileSync(stateFile, 'utf8'));
const at = argv.findIndex(
  (word, index) => !word.startsWith('--') && !argv[index - 1]?.startsWith('--region'),
);
const command = argv.slice(at, at + 3).join(' ');
const value = (option) => argv[argv.indexOf(option) + 1];

/** What the CLI prints of a failed call. Source: oci_cli/cli_util.py, wrap_exceptions. */
function fail(error) {
  process.stderr.write(`ServiceError:\n${JSON.stringify({ ...error, 'opc-request-id': '1' }, null, 4)}\n`);
  process.exit(1);
}

/** Every query that is asked, and what JMESPath makes of it; null is what the CLI prints nothing for. */
const QUERIES = {
  'compute instance list': {
    query: `join(' ', not_null(data[?"lifecycle-state" != 'TERMINATED' && "lifecycle-state" != 'TERMINATING'].join('=', ["lifecycle-state", id]), ['']))`,
    of: (list) =>
      list
        .filter(({ state }) => !/^TERMINAT/.test(state))
        .map(({ id, state }) => `${state}=${id}`)
        .join(' '),
  },
  'compute instance list-vnics': {
    query: `join(' ', not_null(data[?"is-primary"].join('=', [id, "private-ip"]), ['']))`,
    of: (list) => list.map(({ vnic, ip }) => `${vnic}=${ip}`).join(' '),
  },
  'compute instance launch': {
    query: `join(' ', data.[id, "lifecycle-state"])`,
    of: ({ id, state }) => `${id} ${state}`,
  },
  'compute instance-console-connection list': {
    query: `not_null(data[?"lifecycle-state" == 'ACTIVE'] | [0]."connection-string", '')`,
    of: ([first]) => first?.command ?? '',
  },
  'compute instance-console-connection create': {
    query: `join(' ', data.["lifecycle-state", not_null("connection-string", '-')])`,
    of: ({ state, command }) => `${state} ${command ?? '-'}`,
  },
  'network subnet get': {
    query: `join(' ', data.["cidr-block", not_null("dns-label", '-'), to_string("prohibit-public-ip-on-vnic")])`,
    of: ({ cidr, label, isPrivate }) => `${cidr} ${label ?? '-'} ${isPrivate}`,
  },
  'network private-ip list': {
    query: `join(' ', not_null(data[].not_null("vnic-id", 'no VNIC'), ['']))`,
    of: (list) => list.join(' '),
  },
  'network vnic assign-private-ip': { query: undefined, of: () => '{}' },
  'network security-list update': { query: undefined, of: () => '{}' },
  'network route-table update': { query: undefined, of: () => '{}' },
  'network vcn create': {
    query: `join(' ', data.[id, "default-route-table-id"])`,
    of: (id) => `${id} ocid1.routetable.oc1.phx.made`,
  },
  ...Object.fromEntries(
    ['nat-gateway', 'security-list', 'subnet'].map((kind) => [
      `network ${kind} create`,
      { query: 'data.id', of: (id) => id },
    ]),
  ),
};

/** What each command does and answers with. */
const COMMANDS = {
  'compute instance list': () => state.instances.filter(({ name }) => name === value('--display-name')),
  'compute instance list-vnics': () =>
    state.instances.filter(({ id, vnic }) => vnic && id === value('--instance-id')),
  'compute instance launch': () => {
    const name = value('--display-name');
    const outcome = state.launches?.[name] ?? {};
    if (outcome.error) fail(outcome.error);
    const instance = {
      id: `ocid1.instance.oc1.phx.${name}`,
      name,
      ip: value('--private-ip'),
      vnic: `ocid1.vnic.oc1.phx.${name}`,
      state: outcome.state ?? 'RUNNING',
    };
    state.instances.push(instance);
    process.stderr.write('Action completed. Waiting until the resource has entered state: ...\n');
    if (instance.state === 'PROVISIONING') process.exitCode = 2;
    return instance;
  },
  'compute instance-console-connection list': () =>
    state.connections.filter(({ instance }) => instance === value('--instance-id')),
  'compute instance-console-connection create': () => {
    const instance = value('--instance-id');
    if (state.console?.error) fail(state.console.error);
    if (state.console?.state) return { state: state.console.state };
    const made = { instance, state: 'ACTIVE', command: `ssh -o ProxyCommand='ssh -W %h:%p' ${instance}` };
    state.connections.push(made);
    return made;
  },
  'network subnet get': () =>
    state.subnets[value('--subnet-id')] ?? fail({ code: 'NotAuthorizedOrNotFound', status: 404 }),
  'network private-ip list': () => [
    ...(state.taken?.[value('--ip-address')] ?? []),
    ...state.instances.filter(({ ip }) => ip === value('--ip-address')).map(({ vnic }) => vnic),
  ],
  'network vnic assign-private-ip': () => {
    if (state.vip?.error) fail(state.vip.error);
  },
  'network security-list update': () => undefined,
  'network route-table update': () => undefined,
  ...Object.fromEntries(
    ['vcn', 'nat-gateway', 'security-list', 'subnet'].map((kind) => [
      `network ${kind} create`,
      () => `ocid1.${kind.replace('-', '')}.oc1.phx.made`,
    ]),
  ),
};

if (state.broken) {
  process.stderr.write('ERROR: Could not find config file at /root/.oci/config\n');
  process.exit(1);
}
const known = QUERIES[command];
if (!known || known.query !== (argv.includes('--query') ? value('--query') : undefined)) {
  process.stderr.write(`the stand-in knows no ${argv.join(' ')}\n`);
  process.exit(64);
}
const answer = known.of(COMMANDS[command]());
writeFileSync(stateFile, JSON.stringify(state));
process.stdout.write(`${answer}\n`);
