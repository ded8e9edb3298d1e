import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { factsOf } from '../../knowledge/facts.ts';
import type { ManifestSchema } from '../../knowledge/manifest-schema.ts';
import { isValueMap, lacks, type ValueMap } from '../../source/origin.ts';
import { type Ipv4Range, ipv4Number, isPrivate, parseCidr } from '../../values/addresses.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { isAtLeast, type Version } from '../../values/version.ts';
import { hasPrefixLength } from '../manifests/harvester.ts';
import { overlap } from '../support.ts';

/** A key or index inside a value. */
type Step = string | number;

/** What is wrong in the value of a setting: where, and whether Harvester's webhook refuses it, or accepts it and something fails later. */
export interface Fault {
  readonly path: readonly Step[];
  /** The predicate of a sentence about the value at the path. */
  readonly what: string;
  /** The consequence of a value that is accepted. */
  readonly effect?: string;
}

/** What the checks of values need of the cluster; undefined where it is unknown. */
export interface Surroundings {
  readonly release: Version;
  /** The number of nodes with disks of Longhorn, of all except the witness, and of all. */
  readonly nodes?: { readonly storage: number; readonly all: number; readonly names: readonly string[] };
  /** The cluster networks that manifests define, and mgmt. */
  readonly networks?: readonly string[];
  /** Ranges that other traffic of the cluster uses, each in words. */
  readonly used: readonly { readonly range: Ipv4Range; readonly what: string }[];
  /** The values of other settings that are maps, by name. */
  readonly others: ReadonlyMap<string, ValueMap>;
}

/** A value under check. Keys of JSON are found as Go finds them, whatever their case. */
class Value {
  readonly faults: Fault[] = [];
  readonly around: Surroundings;
  readonly map: ValueMap;
  readonly text: string;

  constructor(value: unknown, around: Surroundings) {
    this.around = around;
    this.map = isValueMap(value) ? value : {};
    this.text = isValueMap(value) ? '' : String(value);
  }

  since(release: string): boolean {
    return isAtLeast(this.around.release, release);
  }

  /** Reports a value that the webhook refuses. */
  refuse(what: string, ...path: readonly Step[]): void {
    this.faults.push({ path: this.#written(path), what });
  }

  /** Reports a value that the webhook accepts. */
  doubt(what: string, effect: string, ...path: readonly Step[]): void {
    this.faults.push({ path: this.#written(path), what, effect });
  }

  #written(path: readonly Step[]): Step[] {
    let map = this.map;
    return path.map((step) => {
      const key = typeof step === 'string' ? keyIn(map, step) : step;
      map = mapIn(map, String(key));
      return key;
    });
  }
}

type Check = (it: Value) => void;

/** Returns the key of a map as it is written: Go ignores its case. */
function keyIn(map: ValueMap, key: string): string {
  if (Object.hasOwn(map, key)) return key;
  return Object.keys(map).find((one) => one.toLowerCase() === key.toLowerCase()) ?? key;
}

const valueIn = (map: ValueMap, key: string): unknown => map[keyIn(map, key)];

/** Returns a text in a map; undefined if it is unknown, such as a secret, or of another type. */
function textIn(map: ValueMap, key: string): string | undefined {
  const value = valueIn(map, key);
  if (value === undefined || value === null)
    return lacks(map, keyIn(map, key)) || value === null ? '' : undefined;
  return typeof value === 'string' && !value.includes('${') ? value : undefined;
}

/** Returns a number in a map, 0 if it is missing as in Go; undefined if it is unknown or of another type. */
function numberIn(map: ValueMap, key: string): number | undefined {
  const value = valueIn(map, key);
  if (value === undefined || value === null)
    return lacks(map, keyIn(map, key)) || value === null ? 0 : undefined;
  return typeof value === 'number' ? value : undefined;
}

const mapIn = (map: ValueMap, key: string): ValueMap => {
  const value = valueIn(map, key);
  return isValueMap(value) ? value : {};
};

const listIn = (map: ValueMap, key: string): readonly unknown[] => {
  const value = valueIn(map, key);
  return Array.isArray(value) ? value : [];
};

/** The form of a text. With an `effect`, the webhook accepts another one, and this happens. */
interface Form {
  readonly pattern?: string;
  readonly ignoreCase?: true;
  readonly least?: number;
  readonly most?: number;
  readonly even?: true;
  readonly what?: string;
  readonly effect?: string;
  readonly since?: string;
  readonly required?: true;
}

const FORMS = factsOf<{
  readonly texts: Readonly<Record<string, Form>>;
  readonly numbers: Readonly<
    Record<string, Readonly<Record<string, readonly [least: number, most?: number]>>>
  >;
  readonly choices: Readonly<Record<string, Readonly<Record<string, Form>>>>;
}>('setting-values');

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** Checks a text by its form. Source: StrictAtoi in the validator, for numbers. */
function form(it: Value, text: string, form: Form, path: readonly Step[] = []): void {
  const { pattern, ignoreCase, what = '', effect, least = 0, most = Number.MAX_SAFE_INTEGER, even } = form;
  if (pattern !== undefined) {
    if (new RegExp(pattern, ignoreCase ? 'i' : '').test(text)) return;
    if (effect === undefined) it.refuse(what, ...path);
    else it.doubt(what, effect, ...path);
  } else if (!/^(?:0|-?[1-9]\d*)$/.test(text))
    it.refuse('must be a whole number without a unit, a sign or leading zeros');
  else if (Number(text) < least || Number(text) > most)
    it.refuse(`must be a number ${rangeText(least, most)}`);
  else if (even && Number(text) % 2 !== 0) it.refuse('must be an even number');
}

const rangeText = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;

/** Checks the texts and numbers of a map by their forms. */
function forms(it: Value, name: string): void {
  for (const [dotted, one] of Object.entries(FORMS.choices[name] ?? {})) {
    const steps = dotted.split('.');
    const last = steps.pop() ?? '';
    const holder = steps.reduce(mapIn, it.map);
    const text = textIn(holder, last);
    if (text === undefined || (text === '' && !one.required) || (one.since && !it.since(one.since))) continue;
    form(it, text, one, [...steps, last]);
  }
  for (const [key, [from, to]] of Object.entries(FORMS.numbers[name] ?? {})) {
    const value = numberIn(it.map, key);
    if (value === undefined || (value >= from && value <= (to ?? value))) continue;
    const missing = valueIn(it.map, key) === undefined ? ', and is missing' : '';
    it.refuse(`must be a number ${rangeText(from, to)}${missing}`, key);
  }
}

/* Checks of maps. */

/** The network of a setting. Source: checkNetworkVlanValid and check*RangeValid in the validator, by release. */
function network(it: Value, map: ValueMap, path: readonly Step[], name: string): void {
  const vlan = numberIn(map, 'vlan');
  if (path.length > 0 && typeof valueIn(map, 'vlan') === 'string')
    it.refuse('must be a number', ...path, 'vlan');
  const on = textIn(map, 'clusterNetwork');
  if (on === '') it.refuse('must name a cluster network', ...path);
  else if (on && it.around.networks?.includes(on) === false)
    it.refuse('is no cluster network that a manifest defines, nor mgmt', ...path, 'clusterNetwork');
  const least = !it.since('v1.5.0') ? 1 : on === 'mgmt' ? 2 : 0;
  if (vlan !== undefined && (vlan < least || vlan > 4094))
    it.refuse(
      `must be a VLAN from ${least} to 4094${on === 'mgmt' ? ' on mgmt, whose untagged traffic is that of the nodes' : ''}`,
      ...path,
      'vlan',
    );
  const text = textIn(map, 'range');
  if (text === undefined) return;
  const range = subnet(it, text, [...path, 'range']);
  if (!range) return;
  if (it.since('v1.5.0') && range.prefix < 16)
    return void it.refuse('must have a prefix length of at least /16', ...path, 'range');
  const found = it.faults.length;
  const taken = excluded(it, map, range, [...path, 'exclude']);
  const size = Math.max(0, range.last - range.first - 1) - taken;
  const need = it.around.nodes && it.since('v1.5.0') ? needOf(name, it.around.nodes) : 0;
  if (size < need && it.faults.length === found)
    it.refuse(
      `has ${size} usable IP addresses, but needs ${need} for ${it.around.nodes?.all} nodes`,
      ...path,
      'range',
    );
  for (const used of it.around.used)
    if (overlap(range, used.range))
      it.doubt(
        `overlaps ${used.what}, ${used.range.text}`,
        'packets to the one reach the other',
        ...path,
        'range',
      );
  if (!isPrivate(range))
    it.doubt(
      'is not a private subnet',
      'machines with these IP addresses elsewhere are unreachable',
      ...path,
      'range',
    );
  for (const other of it.since('v1.6.0') ? NETWORKS.slice(0, NETWORKS.indexOf(name)) : []) {
    const settings = it.around.others.get(other) ?? {};
    const own = other === 'rwx-network' ? mapIn(settings, 'network') : settings;
    const theirs = parseCidr(String(valueIn(own, 'range')), 32);
    if (theirs && overlap(range, theirs))
      it.refuse(`overlaps the range of ${other}, ${theirs.text}`, ...path, 'range');
  }
}

const NETWORKS = ['storage-network', 'vm-migration-network', 'rwx-network'];

function needOf(name: string, { storage, all }: { storage: number; all: number }): number {
  if (name === 'rwx-network') return all + 32;
  // Two addresses of each node, and two of each of its disks.
  return name === 'storage-network' ? storage * 4 : storage;
}

function subnet(it: Value, text: string, path: readonly Step[]): Subnet | undefined {
  const [address = '', length = '', ...more] = text.split('/');
  const first = ipv4Number(address);
  const prefix = /^\d{1,2}$/.test(length) && more.length === 0 ? Number(length) : 99;
  if (isIP(address) === 6) it.refuse('must be an IPv4 subnet', ...path);
  else if (first === undefined || prefix > 32) it.refuse('must be a subnet with its prefix length', ...path);
  else if (first % 2 ** (32 - prefix) !== 0)
    it.refuse('must begin at the first IP address of its subnet', ...path);
  else return { text, prefix, first, last: first + 2 ** (32 - prefix) - 1 };
  return undefined;
}

type Subnet = Ipv4Range & { readonly prefix: number };

/** Checks the excluded subnets, and returns their number of IP addresses. */
function excluded(it: Value, map: ValueMap, range: Subnet, path: readonly Step[]): number {
  const list = it.since('v1.5.0') ? listIn(map, 'exclude') : [];
  const seen: Subnet[] = [];
  for (const [index, text] of list.entries()) {
    const one = typeof text === 'string' ? subnet(it, text, [...path, index]) : undefined;
    const refuse = (what: string) => it.refuse(what, ...path, index);
    if (!one) continue;
    if (one.first <= range.first && one.last >= range.last) refuse('leaves no IP address of the range');
    else if (!overlap(one, range)) refuse(`is outside the range ${range.text}`);
    else if (seen.some((other) => overlap(one, other))) refuse('overlaps another excluded subnet');
    seen.push(one);
  }
  return seen.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

const rwxNetwork: Check = (it) => {
  const own = mapIn(it.map, 'network');
  const refuseOthers = (map: ValueMap, known: RegExp, ...path: readonly Step[]) => {
    for (const key of Object.keys(map)) if (!known.test(key)) it.refuse('is no key of it', ...path, key);
  };
  refuseOthers(it.map, /^(?:share-storage-network|network)$/i);
  refuseOthers(own, /^(?:vlan|clusterNetwork|range|exclude|exclusiveVlan)$/i, 'network');
  if (valueIn(it.map, 'share-storage-network') === true) {
    if (!it.around.others.has('storage-network'))
      it.doubt(
        'shares a storage network that is not set',
        'Harvester rejects it until storage-network is set',
        'share-storage-network',
      );
  } else if (Object.keys(own).length > 0) network(it, own, ['network'], 'rwx-network');
};

/** Source: validateVipPoolsConfigHelper. */
const vipPools: Check = (it) => {
  for (const [namespace, pool] of Object.entries(it.map)) {
    if (typeof pool !== 'string' || pool.includes('${')) continue;
    const parts = pool.split(',');
    const ends = parts.flatMap((part) => (part.includes('-') ? [part.split('-')] : []));
    const isRange = (two: readonly string[]) => two.length === 2 && two.every((one) => isIP(one) === 4);
    const areRanges = ends.length > 0;
    if (areRanges && ends.length < parts.length) it.refuse('mixes ranges and subnets', namespace);
    else if (areRanges ? !ends.every(isRange) : !parts.every(hasPrefixLength))
      it.refuse('must be subnets, or ranges of IPv4 addresses', namespace);
    else if (ends.some(([from = '', to = '']) => (ipv4Number(from) ?? 0) > (ipv4Number(to) ?? 0)))
      it.doubt('ends before it begins', 'load balancers get no IP address', namespace);
    if (!new RegExp(`^${LABEL}$`).test(namespace))
      it.doubt('is not for a namespace', 'no load balancer uses the pool', namespace);
  }
};

const ntpServers: Check = (it) => {
  const list = listIn(it.map, 'ntpServers');
  if (valueIn(it.map, 'ntpServers') === undefined && lacks(it.map, 'ntpServers'))
    return void it.refuse('must have ntpServers');
  for (const [index, one] of list.entries()) {
    const path = ['ntpServers', index];
    if (typeof one !== 'string' || one.includes('${')) continue;
    if (list.indexOf(one) !== index) it.refuse('is listed twice', ...path);
    else if (isIP(one) === 0 && one !== '' && !/^(?:[-a-zA-Z0-9_]+\.?)+$/.test(one))
      it.refuse('must be an IP address or a name, without a scheme and a port', ...path);
    else if (isIP(one) === 0 && (!NAME.test(one) || /^[\d.]+$/.test(one)))
      it.doubt('is neither an IP address nor a name', 'the clocks of the nodes can differ', ...path);
  }
};

const S3_KEYS = ['accessKeyId', 'secretAccessKey', 'bucketName', 'bucketRegion'];

const backupTarget: Check = (it) => {
  const [type, endpoint] = [textIn(it.map, 'type'), textIn(it.map, 'endpoint')];
  if (type === undefined || (type === '' && endpoint === '')) return;
  const missing = S3_KEYS.filter((key) => valueIn(it.map, key) === '' || lacks(it.map, keyIn(it.map, key)));
  if (type !== 's3' && type !== 'nfs') it.refuse('must be s3 or nfs', 'type');
  else if (type === 's3') {
    if (missing.length > 0) it.refuse(`of the type s3 has no ${missing.join(' and no ')}`);
    if (endpoint && !/^https?:\/\/\S+$/.test(endpoint))
      it.doubt('must be a URL with http:// or https://', 'backups fail', 'endpoint');
  } else {
    const own = S3_KEYS.find((key) => !missing.includes(key));
    if (own) it.refuse('is only for s3', own);
    if (endpoint === '') it.refuse('of the type nfs must have an endpoint');
    else if (endpoint !== undefined && !/^nfs:\/\/[^\s:/]+:\/\S*$/.test(endpoint))
      it.doubt('is not the URL of an NFS export', 'backups fail', 'endpoint');
  }
  if ((numberIn(it.map, 'refreshIntervalInSeconds') ?? 0) < 0)
    it.refuse('must not be negative', 'refreshIntervalInSeconds');
};

/* PEM. */

const BLOCK = /-----BEGIN ([^-\n]+)-----[\s\S]*?-----END \1-----/g;

function certificateIn(pem: string): X509Certificate | undefined {
  return orUndefined(() => new X509Certificate(pem));
}

/** Returns what is wrong with certificates for clients that verify with them; undefined if they are right. */
function faultOfCas(text: string): string | undefined {
  const blocks = [...text.matchAll(BLOCK)];
  const rest = text.replace(BLOCK, '').trim();
  if (blocks.length === 0) return 'has no certificate in PEM, with its lines';
  const other = blocks.find(([, label]) => label !== 'CERTIFICATE');
  if (other) return `has a ${other[1]}, which is no certificate`;
  for (const [block] of blocks) {
    const certificate = certificateIn(block);
    if (!certificate) return 'has a certificate that cannot be parsed';
    if (!certificate.ca) return 'has a certificate that is not one of a CA';
    if (Date.parse(certificate.validTo) < Date.now()) return 'has a certificate that has expired';
  }
  return rest === '' ? undefined : 'has text around the certificates';
}

const additionalCa: Check = (it) => {
  const fault = it.text.includes('${') ? undefined : faultOfCas(it.text);
  if (fault) it.doubt(fault, 'TLS connections that need it fail');
};

/** Source: validateSSLCertificatesHelper, and pkg/util/tls of harvester/harvester. */
const sslCertificates: Check = (it) => {
  const [ca, certificate, key] = ['ca', 'publicCertificate', 'privateKey'].map((one) => textIn(it.map, one));
  if (![ca, certificate, key].some((one) => one !== '')) return;
  const labels = (pem: string) => [...pem.matchAll(BLOCK)].map(([, label = '']) => label);
  for (const [name, pem, isNeeded] of [
    ['publicCertificate', certificate, true],
    ['ca', ca, false],
  ] as const) {
    if (pem === undefined || (pem === '' && !isNeeded)) continue;
    if (
      labels(pem).length === 0 ||
      labels(pem).some((label) => label !== 'CERTIFICATE') ||
      (isNeeded && !certificateIn(pem))
    )
      it.refuse('must be a certificate in PEM', name);
    else if (Date.parse(certificateIn(pem)?.validTo ?? '') < Date.now())
      it.doubt('has expired', 'browsers and nodes reject it', name);
  }
  if (key === undefined || certificate === undefined || !certificateIn(certificate)) return;
  const keys = labels(key).filter((label) => label.endsWith('PRIVATE KEY'));
  if (keys.length !== 1 || labels(key).length !== 1)
    return it.refuse('must be one private key in PEM', 'privateKey');
  const own = orUndefined(() => createPrivateKey(key));
  const fits = own && certificateIn(certificate)?.checkPrivateKey(own);
  if (!fits)
    it.doubt(
      own ? 'is the key of another certificate' : 'cannot be parsed',
      'the dashboard does not answer',
      'privateKey',
    );
};

const upgradeConfig: Check = (it) => {
  const strategy = mapIn(mapIn(it.map, 'imagePreloadOption'), 'strategy');
  if ((numberIn(strategy, 'concurrency') ?? 0) < 0)
    it.refuse('must not be negative', 'imagePreloadOption', 'strategy', 'concurrency');
  if (!it.since('v1.7.0')) return;
  const paused = listIn(mapIn(mapIn(it.map, 'nodeUpgradeOption'), 'strategy'), 'pauseNodes');
  for (const [index, name] of paused.entries()) {
    if (String(name).includes('${')) continue;
    const path = ['nodeUpgradeOption', 'strategy', 'pauseNodes', index];
    if (paused.indexOf(name) !== index) it.refuse('is listed twice', ...path);
    else if (it.around.nodes && !it.around.nodes.names.includes(String(name)))
      it.refuse('is no node of the cluster', ...path);
  }
};

const registry: Check = (it) => {
  const [mirrors, configs] = [mapIn(it.map, 'Mirrors'), mapIn(it.map, 'Configs')];
  for (const host of Object.keys(mirrors)) {
    const mirror = mapIn(mirrors, host);
    const path = ['Mirrors', host, 'Endpoints'];
    for (const [index, one] of listIn(mirror, 'Endpoints').entries())
      if (!/^https?:\/\/|\$\{/.test(String(one)))
        it.doubt('must be a URL with http:// or https://', 'nodes cannot pull from it', ...path, index);
  }
  for (const host of Object.keys(configs))
    if (host.includes('://'))
      it.doubt('must be a host without a scheme', 'nodes do not find these settings', 'Configs', host);
};

const instanceManagers: Check = (it) => {
  const cpu = mapIn(it.map, 'cpu');
  for (const key of Object.keys(cpu).length > 0 ? ['v1', 'v2'] : []) {
    const value = valueIn(cpu, key);
    if (typeof value !== 'string' || !/^\d+(?:\.\d+)?$/.test(value) || Number(value) >= 40)
      it.refuse('must be a number below 40, in quotes, for both v1 and v2', 'cpu', key);
  }
};

/** What the checks by form do not cover. Source: pkg/webhook/resources/setting/validator.go of harvester/harvester, v1.4.3 to v1.9.0. */
const CHECKS: Readonly<Record<string, Check>> = {
  'additional-ca': additionalCa,
  'additional-guest-memory-overhead-ratio': (it) => {
    const ratio = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(it.text) ? Number(it.text) : -1;
    if (/^nan$/i.test(it.text)) it.doubt('is not a number', 'VMs get no memory of their own');
    else if (ratio !== 0 && !(ratio >= 1 && ratio <= 10))
      it.refuse('must be 0, or a number from 1.0 to 10.0');
  },
  'backup-target': backupTarget,
  'containerd-registry': registry,
  'instance-manager-resources': instanceManagers,
  'kubevirt-migration': (it) => {
    for (const [key, value] of Object.entries(it.map))
      if (/^(?:network|nodeDrainTaintKey)$/i.test(key)) it.refuse('cannot be set', key);
      else if (typeof value === 'number' && value < 0) it.refuse('must not be negative', key);
      else if (value === 0 && /^parallel/i.test(key)) it.doubt('is 0', 'no VM migrates', key);
  },
  'ntp-servers': ntpServers,
  'rancher-cluster': (it) => {
    const key = 'removeUpstreamClusterWhenNamespaceIsDeleted';
    if (valueIn(it.map, key) === true)
      it.refuse('needs the Secret harvester-system/rancher-cluster-config, which a new cluster lacks', key);
  },
  'rwx-network': rwxNetwork,
  'ssl-certificates': sslCertificates,
  'storage-network': (it) => network(it, it.map, [], 'storage-network'),
  'support-bundle-image': (it) => {
    const missing = ['repository', 'tag', 'imagePullPolicy'].filter((key) => textIn(it.map, key) === '');
    if (missing.length > 0) it.refuse(`has no ${missing.join(' and no ')}`);
  },
  'traefik-default-tls-options': (it) => {
    if (!Array.isArray(valueIn(it.map, 'cipherSuites') ?? [])) it.refuse('must be a list', 'cipherSuites');
  },
  'upgrade-config': upgradeConfig,
  'vip-pools': vipPools,
  'vm-migration-network': (it) => network(it, it.map, [], 'vm-migration-network'),
};

/** Returns what is wrong in the value of a setting: a map, or the text of a setting that is no map. */
export function faultsOf(name: string, value: unknown, around: Surroundings): readonly Fault[] {
  const it = new Value(value, around);
  const plain = FORMS.texts[name];
  if (plain && !isValueMap(value)) form(it, it.text, plain);
  forms(it, name);
  CHECKS[name]?.(it);
  return it.faults;
}

/**
 * Returns the keys and types in the JSON of a setting that Go does not decode as its schema has them: the webhook refuses other types,
 * if it reads the setting, and ignores unknown keys.
 */
export function decodeFaults(
  map: ValueMap,
  schema: ManifestSchema,
  isUnchecked: boolean,
  path: readonly Step[] = [],
): Fault[] {
  const { properties = {}, additionalProperties: others } = schema;
  return Object.entries(map).flatMap(([key, value]): Fault[] => {
    const part = properties[keyIn(properties as object as ValueMap, key)] ?? others;
    const at = [...path, key];
    if (part === true) return [];
    if (part) return valueFaults(value, part, isUnchecked, at);
    return [{ path: at, what: 'is no key of the setting', effect: 'Harvester ignores it' }];
  });
}

function valueFaults(
  value: unknown,
  part: ManifestSchema,
  isUnchecked: boolean,
  path: readonly Step[],
): Fault[] {
  const types = [part.type ?? []].flat() as readonly string[];
  const plain = Number.isInteger(value) ? 'integer' : typeof value;
  const type = Array.isArray(value) ? 'array' : plain;
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'));
  if (value !== null && types.length > 0 && !fits) {
    const text = types.join(' or ');
    const effect = isUnchecked ? { effect: 'Harvester cannot read it' } : {};
    return [{ path, what: `must be of the type ${text}`, ...effect }];
  }
  if (isValueMap(value)) return decodeFaults(value, part, isUnchecked, path);
  const { items } = part;
  return Array.isArray(value) && items
    ? value.flatMap((one, index) => valueFaults(one, items, isUnchecked, [...path, index]))
    : [];
}
