import { NEWEST_RELEASE, OLDEST_RELEASE, standingOf } from '../../knowledge/harvester.ts';
import { isValueMap } from '../../source/origin.ts';
import { contains, ipv4Number } from '../../values/addresses.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import { dropEmptyParts, joinUrlOf, takeInstallation, takeText, textAt } from '../model/config-values.ts';
import type { Gathered, GatheredVip, Sourced } from '../model/gathered.ts';
import type { ImportSettings } from '../model/import-format.ts';
import { isInstaller, MEDIA_DERIVED } from '../model/kernel-params.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { referToSecrets, type Secrets } from '../model/secrets.ts';
import { emptyMap, setIn } from '../model/set-in.ts';
import { calledAs, type Machine } from './machine.ts';
import { checkConfigs } from './modern-config.ts';
import type { JoinedNetwork } from './networks.ts';
import { splitCommon } from './shared-config.ts';
import { type Content, type ContentMap, noted, OPEN, sourced, sourcedAt } from './write-site.ts';

/** The Harvester cluster of an imported site, as contents of the inventory. */
export interface HarvesterPlan {
  readonly version: Content;
  readonly media: Content | undefined;
  readonly vip: Sourced<string> | undefined;
  readonly cluster: ContentMap;
  /** The configuration of all nodes, and the consoles and arguments of their installers. */
  readonly config: ContentMap | undefined;
  readonly boot: ContentMap | undefined;
  readonly nodes: ReadonlyMap<Machine, ContentMap & { readonly boot: ContentMap | undefined }>;
}

/** A URL of installation media: the base URL, and the release or branch, which is also in the file name. */
const MEDIA = /^(https?:\/\/\S+)\/([^/\s]+)\/harvester-\2-(?:vmlinuz-)?(?:amd64|arm64)(?:\.iso)?$/;

/** The release of a cluster, and the server of its media if that is not the boot server. */
export interface Release {
  readonly version: Version;
  readonly at: Sourced<string> | undefined;
  readonly media: Sourced<string> | undefined;
  /** Whether a file is of a running cluster. */
  readonly isRunning: boolean;
}

/** Returns the release of a cluster: the requested one, otherwise that in the URLs of its media, otherwise the newest. */
export function releaseOf(
  gathered: readonly Gathered[],
  { harvesterVersion }: ImportSettings,
  notes: Notes,
): Release {
  const ofBoots = gathered.flatMap(({ boots = [] }) =>
    boots.flatMap((boot) => (isInstaller(boot) && boot.kernel ? [boot.kernel] : [])),
  );
  const configs = gathered.flatMap(({ machines }) => machines.flatMap(({ harvester }) => harvester ?? []));
  const ofConfigs = configs.flatMap(({ config: { install } }) =>
    isValueMap(install) ? (textAt(install, 'iso_url') ?? textAt(install, 'isourl') ?? []) : [],
  );
  for (const { value, at } of ofBoots) if (!MEDIA.test(value)) notes.changed('kernel', MEDIA_DERIVED, at);
  const used = [...ofBoots, ...ofConfigs];
  const running = gathered.flatMap(({ release }) => release ?? []);
  const ofMedia = [...used, ...configs.flatMap(({ media }) => media ?? [])].flatMap(({ value, at }) => {
    const [, base, text = ''] = MEDIA.exec(value) ?? [];
    return base === undefined ? [] : [{ base, text, at, version: parseVersion(text) }];
  });
  const named = [
    ...running.map(({ value, at }) => ({ base: '', text: value, at, version: parseVersion(value) })),
    ...ofMedia,
  ];
  const known = named.find(
    ({ version }) => version && isAtLeast(version, OLDEST_RELEASE) && standingOf(version) !== 'impossible',
  );
  const version = harvesterVersion ?? known?.version ?? (parseVersion(NEWEST_RELEASE) as Version);
  const [first] = named;
  const seen = configs.length + ofBoots.length > 0;
  if (seen && !first && !harvesterVersion)
    notes.changed(
      'harvester.version',
      `no file contains a release: ${version.text} is installed; or add --harvester-version`,
    );
  for (const { text, at } of named)
    if (text !== version.text)
      notes.changed(
        'release',
        `${text} becomes ${version.text}${harvesterVersion ? '' : '; add --harvester-version for another'}`,
        at,
      );
  const media = named.find(({ base, at }) => used.some((one) => one.at === at) && /^https?:/.test(base));
  return {
    version,
    at: known && { value: known.text, at: known.at },
    media: media && { value: media.base, at: media.at },
    isRunning: running.length > 0,
  };
}

/**
 * Returns the Harvester cluster of machines; undefined without any. Takes the values with keys of their own in a site from
 * the configurations, and replaces secrets with references. Reports values that the release rejects.
 */
export function harvesterPlan(
  machines: readonly Machine[],
  vips: readonly GatheredVip[],
  { version, at, media, isRunning }: Release,
  { secrets, hasOthers }: { readonly secrets: Secrets; readonly hasOthers: boolean },
  findings: Findings,
): HarvesterPlan | undefined {
  const { notes, report } = findings;
  const [first] = machines;
  if (!first) return undefined;
  const nodes = machines.map((machine) => nodeOf(machine));
  for (const { os } of nodes.map(({ config }) => config)) {
    const password = isValueMap(os) ? takeText(os, 'password') : undefined;
    if (isValueMap(os) && password) os.password = secrets.reference('node_password', password);
  }
  if (!report.failed) checkConfigs(nodes, version, report);
  const creating = nodes.find(({ mode }) => mode?.value === 'create');
  const joins = !creating && nodes.some(({ mode }) => mode);
  const some = nodes.find(({ vip }) => vip);
  const [reserved] = vips;
  const joined = nodes.flatMap(({ serverUrl }) => {
    const host = joinUrlOf(serverUrl)?.host;
    return serverUrl && host !== undefined && ipv4Number(host) !== undefined
      ? [{ value: host, at: serverUrl.at }]
      : [];
  });
  const vip = creating?.vip ?? some?.vip ?? reserved?.ip ?? joined[0];
  const setting = creating?.vip ? creating : some;
  const mode = setting ? setting.vipMode : reserved?.mac && { value: 'dhcp', at: reserved.at };
  const mac = setting?.vipHwAddr ?? reserved?.mac;
  noteCluster({ nodes, creating, vip: vip?.value }, notes);
  if (creating) reportOtherClusters(creating, nodes, findings);
  const isByDhcp = mode?.value === 'dhcp' && mac !== undefined;
  if (mode && mode.value !== 'static' && !isByDhcp)
    notes.changed(
      'install.vip_mode',
      'a VIP is static, or by DHCP with a MAC address: it is now static',
      mode.at,
    );
  const token = creating?.token ?? nodes.find((node) => node.token)?.token;
  if (!token && (joins || isRunning)) {
    const todo = 'no file has one: set the secret cluster_token to the token of the running cluster';
    notes.open('token', todo);
  } else if (!token) {
    secrets.make(
      'cluster_token',
      'openssl rand -hex 32',
      'token',
      'no file has one: generate the secret cluster_token',
    );
  }
  for (const { config } of nodes) referToSecrets(config, secrets);
  // A Linux node cannot have a configuration of Harvester.
  const split = (part: 'config' | 'boot') =>
    splitCommon(
      nodes.map((node) => node[part]),
      !hasOthers,
    );
  const [configs, boots] = [split('config'), split('boot')];
  return {
    version: at?.value === version.text ? (sourced(at) ?? version.text) : version.text,
    media: sourced(media),
    vip,
    cluster: {
      exists: joins ? true : undefined,
      vip: sourced(vip) ?? noted(OPEN, 'a free IP address in the subnet of the nodes'),
      vip_mode: isByDhcp ? sourced(mode) : undefined,
      vip_hw_addr: isByDhcp ? sourced({ ...mac, value: mac.value.toLowerCase() }) : undefined,
      token: token
        ? sourcedAt(
            secrets.reference('cluster_token', token),
            nodes.map((node) => node.token?.at),
          )
        : '${secret:cluster_token}',
    },
    config: configs.common,
    boot: boots.common,
    nodes: new Map(
      nodes.map(({ machine, mode, role }, index) => {
        // Without any configuration, one node has to create the cluster.
        const creates = mode?.value === 'create' || (index === 0 && nodes.every((one) => !one.mode));
        const content = {
          mode: creates ? (sourced(mode) ?? 'create') : undefined,
          role: role && role.value !== 'default' ? sourced(role) : undefined,
          config: configs.rests[index],
          boot: boots.rests[index],
        };
        return [machine, content];
      }),
    ),
  };
}

/** Takes the values with keys of their own in a site from the configuration of a machine. */
function nodeOf(machine: Machine) {
  const config = machine.harvester?.config ?? emptyMap(machine.at);
  const { install } = config;
  const ofInstall = (key: string) => takeText(isValueMap(install) ? install : undefined, key);
  takeText(config, 'scheme_version');
  const node = {
    machine,
    config,
    boot: machine.harvester?.boot ?? emptyMap(machine.at),
    mode: ofInstall('mode'),
    role: ofInstall('role'),
    ...takeInstallation(config),
  };
  const { iso } = machine.harvester ?? {};
  if (iso) setIn(config, ['install', 'iso_url'], iso.value, iso.at);
  const device = isValueMap(install) ? textAt(install, 'device') : undefined;
  // The installer rejects virtual machines without skipchecks, which `vm` sets.
  if (device && /^\/dev\/vd[a-z]$/.test(device.value)) machine.vm ??= {};
  dropEmptyParts(config);
  return node;
}

type Node = ReturnType<typeof nodeOf>;

function noteCluster(
  { nodes, creating, vip }: { nodes: readonly Node[]; creating: Node | undefined; vip: string | undefined },
  notes: Notes,
): void {
  if (vip === undefined) notes.open('cluster.vip', 'no file contains the VIP');
  const [first] = nodes;
  const why = 'no file contains the node that creates the cluster: it is this one (mode: create)';
  const todo =
    'no file creates the cluster: the nodes join the one at the VIP. For a new cluster, set mode: create for one of ' +
    'them, and remove exists';
  if (!creating && nodes.some(({ mode }) => mode)) notes.open('cluster.exists', todo, first?.mode?.at);
  else if (!creating && first) notes.changed(calledAs(first.machine), why, first.machine.at);
  const token = creating?.token ?? nodes.find((node) => node.token)?.token;
  for (const { token: own, mode, serverUrl, isoUrl, machine, config } of nodes) {
    if (mode && !/^(?:create|join)$/.test(mode.value))
      notes.changed('install.mode', 'a node creates or joins its cluster: this one joins', mode.at);
    if (own && token && own.value !== token.value)
      notes.changed('token', 'it differs from that of the other nodes, which the site uses for all', own.at);
    const { host, port = '443' } = joinUrlOf(serverUrl) ?? {};
    if (serverUrl && (host !== vip || port !== '443'))
      notes.changed(
        'server_url',
        `nodes join at https://${vip ?? 'VIP'}:443, the VIP of the cluster`,
        serverUrl.at,
      );
    if (isoUrl && !MEDIA.test(isoUrl.value)) notes.changed('install.iso_url', MEDIA_DERIVED, isoUrl.at);
    const { install, os } = config;
    if (!isValueMap(install) || install.device === undefined)
      notes.open(
        calledAs(machine),
        'no file contains its installation disk: add config.install.device',
        machine.at,
      );
    if (!isValueMap(os) || (os.password === undefined && os.ssh_authorized_keys === undefined))
      notes.open(
        calledAs(machine),
        'no file contains its password: add config.os.password, or ssh_authorized_keys',
        machine.at,
      );
  }
}

/** Reports nodes that create another cluster than the first one: their VIP would be lost, and they would join the first. */
function reportOtherClusters(creating: Node, nodes: readonly Node[], findings: Findings): void {
  for (const { mode, vip } of nodes)
    if (mode?.value === 'create' && vip && creating.vip && vip.value !== creating.vip.value)
      findings.error(
        'import-conflict',
        vip.at,
        `This node creates a cluster with the VIP ${vip.value}, and another one with ${creating.vip.value}: joined files describe one cluster.`,
        'import the files of each cluster as a separate site',
        ['the other VIP is set at', creating.vip.at],
      );
}

/** Reports a VIP outside the networks of the files, which probably describe two clusters. */
export function reportVipOutside(
  vip: Sourced<string> | undefined,
  networks: readonly JoinedNetwork[],
  findings: Findings,
): void {
  const [network] = networks;
  if (!vip || ipv4Number(vip.value) === undefined || !network?.input) return;
  if (networks.some(({ subnet }) => contains(subnet, vip.value))) return;
  findings.warning(
    'import-conflict',
    vip.at,
    `The VIP ${vip.value} is outside ${network.subnet.text}, the network of the nodes: the files probably describe two clusters.`,
    'import the files of each cluster as a separate site, or correct the VIP or the subnet',
    ['the subnet is set at', network.input.subnet.at],
  );
}

/** Adds notes on reservations for a VIP, if the site has no Harvester cluster for it or another VIP. */
export function noteVips(vips: readonly GatheredVip[], plan: HarvesterPlan | undefined, notes: Notes): void {
  for (const { at, name, ip, mac } of vips) {
    if (plan && (ip === undefined || ip.value === plan.vip?.value)) continue;
    const keys = [ip && `vip: ${ip.value}`, mac && `vip_mode: dhcp, vip_hw_addr: "${mac.value}"`].filter(
      Boolean,
    );
    const why = `the VIP of a Harvester cluster, not a machine: set cluster: { ${keys.join(', ')} } for one`;
    notes.left({ value: name, at }, why);
  }
}
