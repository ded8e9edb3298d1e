import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { BOOTSTRAP_FILE } from '../../site/bootstrap.ts';
import type { Path } from '../../source/leaf.ts';
import { quoteShell } from '../../values/quoting.ts';
import { isCryptHash } from '../../values/secrets.ts';
import { isAtLeast, type Version } from '../../values/version.ts';
import type { Place } from './cluster-object.ts';
import { multipathFile } from './multipath.ts';

/** A file of yip. Its permissions must be a number: a file in /oem with another type disables all files there. */
export interface StepFile {
  readonly path: string;
  readonly content: string;
  readonly encoding?: string;
  readonly permissions: number;
  readonly ownerstring?: string;
}

/** A step of yip, with its actions in their own order. Source: pkg/schema/schema.go and pkg/executor/default.go of yip. */
export interface Step {
  readonly directories?: readonly {
    readonly path: string;
    readonly permissions: number;
    readonly owner: 0;
    readonly group: 0;
  }[];
  readonly files?: readonly StepFile[];
  readonly commands?: readonly string[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly users?: Readonly<Record<string, { readonly passwd: string }>>;
  readonly authorized_keys?: Readonly<Record<string, readonly string[]>>;
  readonly systemctl?: { readonly enable: readonly string[] };
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The stages in which a value overrides that of the installation. yip runs the files of a stage in parallel, but `.after` only
 * when the stage has ended. Source: RunStage of elemental-toolkit, and pkg/executor/default.go of yip.
 */
export const STAGES = ['initramfs.after', 'network.after'] as const;

/**
 * A part of the operating system that one CloudInit of a node must write alone: two files that change the same target in one
 * stage would overwrite each other.
 */
export interface Part {
  readonly stage: (typeof STAGES)[number];
  /** A name for the target: `sysctl vm.swappiness`. */
  readonly target: string;
  readonly step: Step;
  /** The key of the configuration, for example `os.sysctls`. */
  readonly key: string;
  /** The location of its value; the path begins in the step, with index 0 for the part's own entry of a list. */
  readonly place: Place;
}

/** The user of an installed node. */
const USER = 'rancher';

type Os = NonNullable<HarvesterConfig['os']>;

/** Returns the parts of a node's operating system that the inventory sets and that a CloudInit can change. */
export function osParts(config: HarvesterConfig, sans: HarvesterConfig, release: Version): Part[] {
  const { os = {} } = config;
  const vlan = config.install?.management_interface?.vlan_id;
  return [
    ...fileParts(os),
    ...sshdParts(os, release),
    ...multipathParts(os, release),
    ...sanParts(sans),
    ...moduleParts(os),
    ...dnsParts(os, release, vlan),
    ...sysctlParts(os),
    ...loginParts(os),
    ...environmentParts(os),
  ];
}

/** Returns a part whose value is in a map or list of the configuration. */
function part(key: string, target: string, step: Step, holder: object, name: string | number): Part {
  const stage = step.authorized_keys ? 'network.after' : 'initramfs.after';
  return { stage, key, target, step, place: { path: pathIn(step), holder, key: name } };
}

/** Returns the path of the value in a step: in its last action. */
function pathIn(step: Step): Path {
  if (step.systemctl) return ['systemctl', 'enable', 0];
  const [[action, value] = ['', {}]] = Object.entries(step).slice(-1);
  if (Array.isArray(value)) return [action, 0];
  return action === 'environment' ? [action] : [action, ...Object.keys(value)];
}

/** The installer's permissions of a file without any. */
const DEFAULT_MODE = '0600';

function fileParts({ write_files: files = [] }: Os): Part[] {
  return files.flatMap(({ path = '', content = '', encoding, permissions = DEFAULT_MODE, owner }, index) => {
    // The cluster applies its objects itself.
    if (path === BOOTSTRAP_FILE) return [];
    const file: StepFile = {
      path,
      content,
      ...(encoding && { encoding }),
      permissions: Number.parseInt(permissions, 8),
      ...(owner && { ownerstring: owner }),
    };
    return [part(`os.write_files[${index}]`, `file ${path}`, { files: [file] }, files, index)];
  });
}

/** Where the installer writes the files of sshd, and where sshd is in a release. Source: pkg/config/cos.go of the installer. */
const SSHD = '/etc/ssh/sshd_config.d';
/** yip would derive the mode of a missing directory from that of the file. */
const SSHD_FOLDER = { path: SSHD, permissions: 0o755, owner: 0, group: 0 } as const;

/** The directory is persistent, so `false` removes the file. */
function sshdParts({ sshd = {} }: Os, release: Version): Part[] {
  const sftp = `Subsystem\tsftp\t/usr/${isAtLeast(release, 'v1.7.0') ? 'libexec' : 'lib'}/ssh/sftp-server\n`;
  const noPassword = 'PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n';
  const files = [
    ['sftp', `${SSHD}/sftp.conf`, sftp],
    ['disable_password_auth', `${SSHD}/99-disable-password-auth.conf`, noPassword],
  ] as const;
  return files.flatMap(([name, path, content]) => {
    if (sshd[name] === undefined) return [];
    const step: Step = sshd[name]
      ? { directories: [SSHD_FOLDER], files: [{ path, content, permissions: 0o644 }] }
      : { commands: [`rm -f ${path}`] };
    return [part(`os.sshd.${name}`, `file ${path}`, step, sshd, name)];
  });
}

function multipathParts({ externalStorageConfig: external }: Os, release: Version): Part[] {
  if (external?.enabled !== true) return [];
  const of = 'os.externalStorageConfig';
  const enable = { systemctl: { enable: ['multipathd'] } };
  const unit = part(`${of}.enabled`, 'unit multipathd', enable, external, 'enabled');
  const [path, content] = ['/etc/multipath.conf', multipathFile(external.multiPathConfig, release)];
  if (content === undefined) return [unit];
  const file = { files: [{ path, content, permissions: 0o755 }] };
  return [unit, part(`${of}.multiPathConfig`, `file ${path}`, file, external, 'multiPathConfig')];
}

/** A file that RKE2 reads last; `+` adds to the list of the installation. Source: pkg/configfilearg/parser.go of K3s. */
const SANS_FILE = '/etc/rancher/rke2/config.yaml.d/99-z10-harvgen-sans.yaml';

/** Only the create node has the names in its configuration, but all servers of the API need them: `config` is the create node's. */
function sanParts(config: HarvesterConfig): Part[] {
  const { sans } = config;
  if (!sans || sans.length === 0) return [];
  const content = `tls-san+: ${JSON.stringify(sans)}\n`;
  const step = { files: [{ path: SANS_FILE, content, permissions: 0o600 }] };
  return [part('sans', `file ${SANS_FILE}`, step, config, 'sans')];
}

/** The installer runs `modprobe` with an unquoted text: its words are the module and its parameters. */
function moduleParts({ modules = [] }: Os): Part[] {
  return [...new Set(modules)].map((module) => {
    const words = module.split(/\s+/).filter(Boolean).map(quoteShell);
    const step = { commands: [`modprobe ${words.join(' ')}`] };
    return part('os.modules', `module ${module}`, step, modules, modules.indexOf(module));
  });
}

const NM = '/etc/NetworkManager/system-connections';

/**
 * Sets the DNS servers where the installer does. Before v1.7.0 by the same command; since then in the profile of the management
 * network, before NetworkManager reads it. Source: pkg/config/cos.go and templates/nm-*.nmconnection of the installer.
 */
function dnsParts(os: Os, release: Version, vlan = 0): Part[] {
  const servers = os.dns_nameservers;
  if (!servers || servers.length === 0) return [];
  const profile = `${NM}/${vlan >= 2 ? 'vlan' : 'bridge'}-mgmt.nmconnection`;
  const command = isAtLeast(release, 'v1.7.0')
    ? `sed -i -e '/^dns=/d' -e ${quoteShell(`s/^\\[ipv4\\]$/&\\ndns=${servers.join(';')};/`)} ${profile}`
    : `sed -i ${quoteShell(`s/^NETCONFIG_DNS_STATIC_SERVERS.*/NETCONFIG_DNS_STATIC_SERVERS="${servers.join(' ')}"/`)} /etc/sysconfig/network/config`;
  return [part('os.dns_nameservers', 'dns', { commands: [command] }, os, 'dns_nameservers')];
}

function sysctlParts({ sysctls = {} }: Os): Part[] {
  return Object.entries(sysctls).map(([name, value]) =>
    part('os.sysctls', `sysctl ${name}`, { sysctl: { [name]: textOf(value) } }, sysctls, name),
  );
}

/** yip hashes a password at each boot, except for one that begins like a hash or a locked account: mudler/entities. */
const UNHASHED = /^[$!*]/;

function loginParts(os: Os): Part[] {
  // Without a password, the account is like a locked one: no value is written.
  const { password = '!', ssh_authorized_keys: keys = [] } = os;
  const isSet = isCryptHash(password) || password.includes('${secret:') || !UNHASHED.test(password);
  const users = { [USER]: { passwd: password } };
  const authorized_keys = { [USER]: keys };
  return [
    ...(isSet ? [part('os.password', 'password', { users }, os, 'password')] : []),
    ...(keys.length > 0
      ? [part('os.ssh_authorized_keys', 'keys', { authorized_keys }, os, 'ssh_authorized_keys')]
      : []),
  ];
}

/** yip rewrites the whole file of the environment, so all variables are one part. */
function environmentParts(os: Os): Part[] {
  const entries = Object.entries(os.environment ?? {});
  if (entries.length === 0) return [];
  const environment = Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)]));
  return [part('os.environment', 'environment', { environment }, os, 'environment')];
}

/** The installer trims texts in maps. */
function textOf(value: unknown): string {
  return String(value).trim();
}
