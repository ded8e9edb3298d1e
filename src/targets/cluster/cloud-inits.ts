import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { clearInConfig } from '../../knowledge/hide.ts';
import { CLOUD_INIT_SINCE } from '../../knowledge/installed-keys.ts';
import { marked } from '../../secrets/uses-of.ts';
import { BOOTSTRAP_FILE } from '../../site/bootstrap.ts';
import { hostNameOf } from '../../site/clusters.ts';
import type { Cluster, Node } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { quoteShell } from '../../values/quoting.ts';
import { isCryptHash } from '../../values/secrets.ts';
import { isAtLeast, type Version } from '../../values/version.ts';
import { renderYaml } from '../render-yaml.ts';
import { type ClusterObject, derivedObject, type Place } from './cluster-object.ts';

/**
 * A step of yip: its actions, lists or maps, in their own order. The permissions of a file must be a number: a file in /oem with
 * another type disables all files there. Source: pkg/schema/schema.go and pkg/executor/default.go of yip.
 */
type Step = Readonly<Record<string, readonly unknown[] | Readonly<Record<string, unknown>>>>;

/**
 * The stages in which a value overrides that of the installation. yip runs the files of a stage in parallel, but `.after` only
 * when the stage has ended. Source: RunStage of elemental-toolkit, and pkg/executor/default.go of yip.
 */
const STAGES = ['initramfs.after', 'network.after'] as const;

/**
 * A part of the operating system that one CloudInit of a node must write alone: two files that change the same target in one
 * stage would overwrite each other.
 */
interface Part {
  /** The key of the configuration, for example `os.sysctls`. */
  readonly key: string;
  /** A name for the target: `sysctl vm.swappiness`. */
  readonly target: string;
  readonly step: Step;
  /** The map or list of the configuration with its value, and the value's key there. */
  readonly holder: object;
  readonly name: string | number;
}

/**
 * Returns the operating system of a cluster's nodes as CloudInits: one for all nodes with what they share, and one for each node
 * with the rest. A selector only compares labels, and node-manager ignores new labels of a node; its host name is always there.
 */
export function* cloudInitObjects(cluster: Cluster, create: Node | undefined): Iterable<ClusterObject> {
  if (!isAtLeast(cluster.version, CLOUD_INIT_SINCE)) return;
  const members = cluster.members.filter(({ os }) => os === 'harvester');
  // Made again for each use: those of all nodes together would take much memory.
  const partsOf = ({ config }: Node) => {
    const sans = config.install?.role === 'worker' ? {} : (create?.config ?? {});
    return [...fileParts(config, sans, cluster.version), ...otherParts(config, cluster.version)];
  };
  // A cluster that exists has nodes that the inventory does not contain.
  const shared = cluster.exists ? [] : sharedParts(members, partsOf);
  if (members[0]) yield* cloudInits(cluster, members[0], shared);
  const targets = new Set(shared.map(({ target }) => target));
  for (const node of members) {
    const rest = partsOf(node).filter(({ target }) => !targets.has(target));
    yield* cloudInits(cluster, node, rest, hostNameOf(node));
  }
}

/** Returns the parts of the first node that all nodes have, with the same values. */
function sharedParts([first, ...others]: readonly Node[], partsOf: (node: Node) => readonly Part[]) {
  let shared = first ? partsOf(first).map((part) => ({ part, text: JSON.stringify(part.step) })) : [];
  for (const node of others) {
    if (shared.length === 0) break;
    const steps = new Map(partsOf(node).map(({ target, step }) => [target, step]));
    shared = shared.filter(({ part, text }) => JSON.stringify(steps.get(part.target)) === text);
  }
  return shared.map(({ part }) => part);
}

/** Returns up to two CloudInits, of all nodes or of one `host`: that with secrets cannot be in the same folder. */
function* cloudInits(
  cluster: Cluster,
  { config }: Node,
  parts: readonly Part[],
  host?: string,
): Iterable<ClusterObject> {
  if (parts.length === 0) return;
  const clear = clearInConfig(config).map(({ path }) => path);
  const isClear = ({ key }: Part) => clear.some((path) => path === key || path.startsWith(`${key}.`));
  const holdsSecret = (part: Part) => isClear(part) || JSON.stringify(part.step).includes('${secret:');
  const matchSelector = host === undefined ? {} : { 'kubernetes.io/hostname': host };
  for (const isSecret of [false, true]) {
    const chosen = parts.filter((part) => isSecret === holdsSecret(part));
    if (chosen.length === 0) continue;
    const secrets = isSecret ? '_secrets' : '';
    const [name, filename] =
      host === undefined
        ? [`harvgen-os${isSecret ? '-secrets' : ''}`, `95_harvgen${secrets}.yaml`]
        : [`harvgen-${isSecret ? 'secrets' : 'node'}-${host}`, `96_harvgen${secrets}_${host}.yaml`];
    const { stages, places } = stagesOf(chosen);
    // Never a comment in the first line: #cloud-config would be another format.
    const spec = { matchSelector, filename, contents: renderYaml(marked({ name, stages })) };
    const type = 'node.harvesterhci.io/v1beta1/CloudInit';
    yield derivedObject(cluster, type, { name }, { spec }, places, chosen.some(isClear));
  }
}

/** Joins parts to one step for each stage: the order inside a step is fixed. */
function stagesOf(parts: readonly Part[]) {
  const stages: Record<string, [Step]> = {};
  const places: Place[] = [];
  for (const { step, holder, name } of parts) {
    const stage = STAGES['authorized_keys' in step ? 1 : 0];
    const [all] = stages[stage] ?? [{}];
    places.push([['spec', 'contents', 'stages', stage, 0, ...pathIn(step, all)], holder, name]);
    const added = Object.entries(step).map(([action, value]) => {
      const below = all[action];
      return [action, Array.isArray(value) ? [...((below as []) ?? []), ...value] : { ...below, ...value }];
    });
    stages[stage] = [{ ...all, ...Object.fromEntries(added) }];
  }
  return { stages, places };
}

/** Returns the path of a part's value in the step of its stage that has the parts before it: in its last action. */
function pathIn(step: Step, before: Step): Path {
  const [[action, value] = ['', {}]] = Object.entries(step).slice(-1);
  if (action === 'systemctl') return [action, 'enable', 0];
  if (Array.isArray(value)) return [action, ((before[action] as []) ?? []).length];
  return action === 'environment' ? [action] : [action, ...Object.keys(value)];
}

/** Where the installer writes the files of sshd. Source: pkg/config/cos.go of the installer. */
const SSHD = '/etc/ssh/sshd_config.d';

/** A file that RKE2 reads last; `+` adds to the list of the installation. Source: pkg/configfilearg/parser.go of K3s. */
const SANS_FILE = '/etc/rancher/rke2/config.yaml.d/99-z10-harvgen-sans.yaml';

/** Returns the parts that are files. Only the create node's configuration has the `sans`, but all servers of the API need them. */
function* fileParts({ os = {} }: HarvesterConfig, create: HarvesterConfig, release: Version): Iterable<Part> {
  const { write_files = [], sshd = {}, externalStorageConfig: storage } = os;
  for (const [name, file] of write_files.entries()) {
    // The installer's permissions of a file without any.
    const { path = '', content = '', encoding, permissions = '0600', owner } = file;
    // The cluster applies its objects itself.
    if (path === BOOTSTRAP_FILE) continue;
    const written = {
      path,
      content,
      ...(encoding && { encoding }),
      permissions: Number.parseInt(permissions, 8),
      ...(owner && { ownerstring: owner }),
    };
    const key = `os.write_files[${name}]`;
    yield { key, target: `file ${path}`, step: { files: [written] }, holder: write_files, name };
  }
  const sftp = `Subsystem\tsftp\t/usr/${isAtLeast(release, 'v1.7.0') ? 'libexec' : 'lib'}/ssh/sftp-server\n`;
  const noPassword = 'PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n';
  for (const [name, path, content] of [
    ['sftp', `${SSHD}/sftp.conf`, sftp],
    ['disable_password_auth', `${SSHD}/99-disable-password-auth.conf`, noPassword],
  ] as const) {
    if (sshd[name] === undefined) continue;
    // yip would derive the mode of a missing directory from that of the file. It is persistent, so `false` removes the file.
    const directories = [{ path: SSHD, permissions: 0o755, owner: 0, group: 0 }];
    const step: Step = sshd[name]
      ? { directories, files: [{ path, content, permissions: 0o644 }] }
      : { commands: [`rm -f ${path}`] };
    yield { key: `os.sshd.${name}`, target: `file ${path}`, step, holder: sshd, name };
  }
  if (storage?.enabled === true) {
    const key = (name: string) => ({ key: `os.externalStorageConfig.${name}`, holder: storage, name });
    yield { ...key('enabled'), target: 'unit multipathd', step: { systemctl: { enable: ['multipathd'] } } };
    const [path, content] = ['/etc/multipath.conf', multipathFile(storage.multiPathConfig, release)];
    const step = { files: [{ path, content, permissions: 0o755 }] };
    if (content !== undefined) yield { ...key('multiPathConfig'), target: `file ${path}`, step };
  }
  const { sans = [] } = create;
  const file = { path: SANS_FILE, content: `tls-san+: ${JSON.stringify(sans)}\n`, permissions: 0o600 };
  if (sans.length > 0)
    yield { key: 'sans', target: `file ${SANS_FILE}`, step: { files: [file] }, holder: create, name: 'sans' };
}

type Multipath = NonNullable<NonNullable<HarvesterConfig['os']>['externalStorageConfig']>['multiPathConfig'];

/**
 * Returns the multipath.conf that the installer writes, or undefined if it writes none. Source: pkg/config/templates/multipath.conf*
 * of the installer.
 */
function multipathFile(config: Multipath, release: Version): string | undefined {
  if (config === undefined && isAtLeast(release, 'v1.7.0')) return undefined;
  if (!config || Array.isArray(config)) {
    const not = (text: string | undefined) => `!${text}`;
    const others = (config ?? []).map(({ vendor, product }) => ({
      vendor: not(vendor),
      product: not(product),
    }));
    return multipathSection('blacklist', [], others);
  }
  const { blacklist, blacklistWwids, blacklistExceptions, blacklistExceptionWwids } = config;
  return (
    multipathSection('blacklist', blacklistWwids, blacklist) +
    multipathSection('blacklist_exceptions', blacklistExceptionWwids, blacklistExceptions)
  );
}

function multipathSection(
  name: string,
  wwids: readonly string[] = [],
  devices: readonly { readonly vendor?: string; readonly product?: string }[] = [],
): string {
  // A quote in a quoted text is doubled. Source: multipath.conf(5).
  const quoted = (text = '') => `"${text.replace(/\s+/g, ' ').replaceAll('"', '""')}"`;
  const lines = [
    ...wwids.map((wwid) => `wwid ${quoted(wwid)}`),
    ...devices.map(
      ({ vendor, product }) =>
        `device {\n        vendor ${quoted(vendor)}\n        product ${quoted(product)}\n    }`,
    ),
  ];
  return [`${name} {`, ...lines.map((line) => `    ${line}`), '}', ''].join('\n');
}

const NM = '/etc/NetworkManager/system-connections';

/** yip hashes a password at each boot, except for one that begins like a hash or a locked account: mudler/entities. */
const UNHASHED = /^[$!*]/;

/** The user of an installed node. */
const USER = 'rancher';

/** Returns the parts that are no files. */
function* otherParts({ os = {}, install }: HarvesterConfig, release: Version): Iterable<Part> {
  const { modules = [], dns_nameservers: dns = [], sysctls = {}, environment = {} } = os;
  for (const module of new Set(modules)) {
    // The installer runs `modprobe` with an unquoted text: its words are the module and its parameters.
    const words = module.split(/\s+/).filter(Boolean).map(quoteShell);
    const step = { commands: [`modprobe ${words.join(' ')}`] };
    const name = modules.indexOf(module);
    yield { key: 'os.modules', target: `module ${module}`, step, holder: modules, name };
  }
  const ofOs = (name: string, target: string, step: Step) => ({
    key: `os.${name}`,
    target,
    step,
    holder: os,
    name,
  });
  if (dns.length > 0) {
    // Where the installer sets it: before v1.7.0 by the same command; since then in the profile of the management network, before
    // NetworkManager reads it. Source: pkg/config/cos.go and templates/nm-*.nmconnection of the installer.
    const isVlan = (install?.management_interface?.vlan_id ?? 0) >= 2;
    const profile = `${NM}/${isVlan ? 'vlan' : 'bridge'}-mgmt.nmconnection`;
    const command = isAtLeast(release, 'v1.7.0')
      ? `sed -i -e '/^dns=/d' -e ${quoteShell(`s/^\\[ipv4\\]$/&\\ndns=${dns.join(';')};/`)} ${profile}`
      : `sed -i ${quoteShell(`s/^NETCONFIG_DNS_STATIC_SERVERS.*/NETCONFIG_DNS_STATIC_SERVERS="${dns.join(' ')}"/`)} /etc/sysconfig/network/config`;
    yield ofOs('dns_nameservers', 'dns', { commands: [command] });
  }
  // The installer trims texts in maps.
  const textOf = (value: unknown) => String(value).trim();
  for (const [name, value] of Object.entries(sysctls)) {
    const step = { sysctl: { [name]: textOf(value) } };
    yield { key: 'os.sysctls', target: `sysctl ${name}`, step, holder: sysctls, name };
  }
  // Without a password, the account is like a locked one: no value is written.
  const { password = '!', ssh_authorized_keys: keys = [] } = os;
  if (isCryptHash(password) || password.includes('${secret:') || !UNHASHED.test(password))
    yield ofOs('password', 'password', { users: { [USER]: { passwd: password } } });
  const variables = Object.entries(environment).map(([name, value]) => [name, textOf(value)]);
  // yip rewrites the whole file of the environment, so all variables are one part.
  if (variables.length > 0)
    yield ofOs('environment', 'environment', { environment: Object.fromEntries(variables) });
  // The last, because its stage is.
  if (keys.length > 0) yield ofOs('ssh_authorized_keys', 'keys', { authorized_keys: { [USER]: keys } });
}
