import { isUnfilled } from '../../knowledge/known-values.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { commonest, groupedBy } from '../../values/grouped.ts';
import { isImage, isPlainUrl } from '../../values/urls.ts';
import type {
  GatheredDisk,
  GatheredIscsi,
  GatheredLogin,
  GatheredSan,
  GatheredServer,
  GatheredTarget,
  Sourced,
} from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import type { BootProfile } from './boot-profiles.ts';
import type { CloudData } from './cloud-data.ts';
import { firstOf } from './first-wins.ts';
import { calledAs, type Machine } from './machine.ts';
import { type Content, type ContentMap, flow, OPEN, sourceComment, sourced } from './write-site.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PATH = /^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._@+-]+)+$/;

/** The settings of an iSCSI server, with their names in messages and their valid forms. */
const ISCSI: readonly (readonly [key: keyof GatheredIscsi, what: string, form: RegExp])[] = [
  ['address', 'address', /(?:)/],
  ['driver', 'driver', /(?:)/],
  ['prefix', 'prefix', NAME],
  ['snapshot', 'snapshot', NAME],
  ['pool', 'pool', NAME],
  ['id', 'user', NAME],
  ['conf', 'configuration', PATH],
  ['keyring', 'keyring', PATH],
];

/** Returns the boot server and the iSCSI server; the first file takes precedence, then the most frequent address in scripts. */
export function bootServerOf(
  servers: readonly GatheredServer[],
  machines: readonly Machine[],
  findings: Findings,
): GatheredServer {
  let tftp: Sourced<string> | undefined;
  const iscsi: { -readonly [K in keyof GatheredIscsi]: Sourced<string> | undefined } = {};
  for (const server of servers) {
    tftp = firstOf('TFTP directory', tftp, server.tftp, { whose: 'the boot server', findings });
    for (const [key, what, form] of ISCSI) {
      const one = server.iscsi?.[key] as Sourced<string> | undefined;
      if (one && !form.test(one.value)) findings.notes.left(one, `not a valid ${what} of an iSCSI server`);
      else iscsi[key] = firstOf(what, iscsi[key], one, { whose: 'the iSCSI server', findings });
    }
  }
  const named = machines.flatMap(({ disk }) => disk?.san?.server ?? []);
  const addresses = named.filter(({ value }) => ipv4Number(value) !== undefined);
  iscsi.address ??= commonest(addresses, ({ value }) => value);
  return { tftp, iscsi: iscsi as GatheredIscsi };
}

/** Whether files contain any setting of an iSCSI server. */
export function hasIscsi({ iscsi = {} }: GatheredServer): boolean {
  return Object.values(iscsi).some((value) => value !== undefined);
}

/** Returns the keys of `server` that are derived from files. */
export function serverContent({ tftp, iscsi = {} }: GatheredServer): ContentMap {
  const { address, driver, prefix, snapshot, pool, id, conf, keyring } = iscsi;
  const ceph = [pool, id, conf, keyring].flatMap((fact) => fact ?? []);
  const [first] = ceph;
  const from = ceph.filter(({ at }) => at.source === first?.at.source).map(({ at }) => at);
  const rbd = flow(
    { pool: pool?.value ?? OPEN, id: id?.value, conf: conf?.value, keyring: keyring?.value },
    first ? sourceComment(from) : 'not found in the files read',
  );
  const content = {
    address: sourced(address),
    driver: sourced(driver),
    prefix: sourced(prefix),
    rbd: first || snapshot ? rbd : undefined,
    snapshot: sourced(snapshot),
  };
  return { tftp: sourced(tftp), iscsi: hasIscsi({ iscsi }) ? content : undefined };
}

/** The location of images: the common beginning of their URLs for `server.images`, and their paths. */
export interface Images {
  readonly url: string | undefined;
  /** Returns the path of an image in an inventory, or undefined if it cannot be one. */
  path(url: string): string | undefined;
}

/** Returns the location of the profiles' images; adds notes on URLs that machines cannot download from. */
export function imagesOf(profiles: readonly BootProfile[], notes: Notes): Images {
  const urls = profiles.flatMap(({ params: { squashfs }, boot }) => {
    const root = squashfs === undefined ? [] : [{ value: squashfs, at: (boot.params ?? boot).at }];
    return [boot.kernel ?? [], boot.initrd ?? [], root].flat();
  });
  const odd = urls.filter(({ value }) => !isPlainUrl(value));
  for (const image of odd) noteOdd(image, notes);
  const [first] = urls;
  const base = odd.length === 0 ? commonFolder(urls.map(({ value }) => value)) : undefined;
  const why = `machines download them from ${base} as before: after you copy them to /srv/harvgen/images of the boot server, remove server.images`;
  if (base !== undefined) notes.changed('images', why, first?.at);
  return {
    url: base,
    path(url) {
      const below = url.replace(/^s3:\/\/(?=.)/, '');
      const path = base !== undefined && below.startsWith(`${base}/`) ? below.slice(base.length + 1) : below;
      return isImage(path) ? path : undefined;
    },
  };
}

function noteOdd({ value, at }: Sourced<string>, notes: Notes): void {
  if (isImage(value))
    notes.open(
      displayName(value),
      'machines downloaded it by TFTP: copy it to the same relative path in server.images of the boot server',
      at,
    );
  else if (value.startsWith('s3://') && isImage(value.slice('s3://'.length)))
    notes.changed(
      's3://',
      'BSS signed a URL for each request: copy the file to server.images of the boot server, in a directory named after its bucket',
      at,
    );
  else
    notes.open(
      'boot',
      'the URL of an image is not valid in a kernel command line or script: copy it to server.images, and set its path',
      at,
    );
}

/** Returns the longest common directory of all URLs; undefined if they are on several servers, or for no URL. */
function commonFolder(urls: readonly string[]): string | undefined {
  const [first = [], ...others] = urls.map((url) => url.split('/').slice(0, -1));
  const differs = first.findIndex((folder, index) => others.some((folders) => folders[index] !== folder));
  const shared = differs < 0 ? first : first.slice(0, differs);
  // The first three parts are http:, an empty text and the host.
  return shared.length < 3 ? undefined : shared.join('/');
}

/**
 * Adds the data of targets to machines: the login if their scripts lack it, and the target itself if only one machine can
 * access it. Adds notes on targets without a machine, and on disks of several machines.
 */
export function joinTargets(
  machines: readonly Machine[],
  targets: readonly GatheredTarget[],
  notes: Notes,
): void {
  noteShared(machines, notes);
  const byTarget = groupedBy(machines, ({ disk }) => disk?.san?.target.value);
  const byIp = new Map(
    machines.flatMap((machine) =>
      machine.nics.flatMap(({ ips }) => ips.map(({ value }) => [value, machine] as const)),
    ),
  );
  for (const target of targets) {
    const { name, at, lun, store } = target;
    const booting: Machine[] = byTarget.get(name.value) ?? [];
    const [address, second] = target.addresses;
    const only = address && !second ? byIp.get(address.value) : undefined;
    if (booting.length === 0 && address && only && !only.disk) {
      only.disk = { at, san: { target: name, lun } };
      booting.push(only);
      const why = `its boot was not found in the scripts read: it boots ${displayName(name.value)}, because only it can access that target`;
      notes.changed(calledAs(only), why, address.at);
    }
    const left =
      'no script that boots it found in the files read, so its disk is unchanged: add the script with --join ipxe:FILE, or import the disk as an image';
    if (booting.length === 0) notes.left({ value: name.value, at }, left);
    for (const address of booting.length > 0 ? target.addresses : [])
      if (!booting.some((machine) => machine === byIp.get(address.value)))
        notes.left(
          address,
          'an allowed client of the target: no machine with it that boots this disk was found in the files read',
        );
    for (const machine of booting) {
      const { disk } = machine;
      if (!disk?.san) continue;
      if (store) {
        const why = `the store of its target is ${displayName(store.value)}: import that to make it an image`;
        notes.changed(calledAs(machine), why, store.at);
      }
      if (!target.login || disk.san.login) continue;
      notes.changed(calledAs(machine), 'its script contains no login: it uses that of its target', at);
      const { login, targetLogin } = target;
      machine.disk = {
        ...disk,
        san: { ...disk.san, login, targetLogin: disk.san.targetLogin ?? targetLogin },
      };
    }
  }
}

function noteShared(machines: readonly Machine[], notes: Notes): void {
  const booting = machines.flatMap((machine) =>
    machine.disk?.san ? [{ machine, san: machine.disk.san }] : [],
  );
  const keyOf = ({ target, server, lun }: GatheredSan) =>
    [target.value, server?.value, lun?.value ?? 1].join('\0');
  for (const [first, ...others] of groupedBy(booting, ({ san }) => keyOf(san)).values())
    for (const { machine, san } of others) {
      const why = `it boots the disk of ${calledAs(first.machine)}, ${displayName(san.target.value)}: two systems that write to one disk destroy it. Use a separate disk`;
      notes.open(calledAs(machine), why, san.target.at);
    }
}

const TARGET = /^(?:[A-Za-z0-9.:_-]|\$\{secret:[a-z0-9_]+\}){1,223}$/;
const INITIATOR = /^iqn\.[0-9]{4}-(?:0[1-9]|1[0-2])\.(?=.{3,200}$)[a-z0-9](?:[a-z0-9.:-]*[a-z0-9])?$/;
const PORT = { test: (port: number) => port >= 1 && port <= 65535 };
const LUN = { test: (lun: number) => lun <= 255 };
const USER = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,62}$/;
const PASSWORD = /^[A-Za-z0-9._-]{12,16}$/;
const REFERENCE = /^\$\{secret:[a-z0-9_]+\}$/;

interface Context {
  readonly name: string;
  readonly server: GatheredServer;
  readonly data: CloudData;
  readonly notes: Notes;
}

/** Returns `boot` of a node with an existing target and further keys. Adds notes on values that a site cannot have. */
export function diskContent({ san }: GatheredDisk, further: ContentMap, context: Context): Content {
  if (!san) return flow({ ...further, os: 'local' });
  const { notes, name } = context;
  const { target, server } = san;
  const reason =
    'it continues to boot its existing target: harvgen creates neither that nor the disk. To create both, import the disk as one of images, and set boot: { os: iscsi, image: NAME } instead of the target';
  notes.changed(name, reason, target.at);
  /** Returns a value unless it is the default; adds a note on an invalid one. */
  const valid = <T extends string | number>(
    fact: Sourced<T> | undefined,
    form: { test(value: T): boolean },
    why: string,
    kind: 'open' | 'left' = 'open',
    usual?: T,
  ) => {
    if (!fact || fact.value === usual) return undefined;
    return form.test(fact.value) ? fact.value : notes[kind](displayName(String(fact.value)), why, fact.at);
  };
  const isKnown = !server || server.value === context.server.iscsi?.address?.value;
  const noIqn = 'not an IQN that every target accepts: the node uses an IQN of its site and its name';
  return flow(
    {
      ...further,
      os: 'iscsi',
      target: valid(target, TARGET, 'not a valid target name of a site') ?? OPEN,
      server: isKnown ? undefined : ipv4Number(server.value) === undefined ? OPEN : server.value,
      port: valid(san.port, PORT, 'not a TCP port', 'open', 3260),
      lun: valid(san.lun, LUN, 'not a LUN of a site, from 0 to 255', 'open', 1),
      initiator: valid(san.initiator, INITIATOR, noIqn, 'left'),
      chap: chapOf(san, context),
      fallback: san.fallback?.value,
    },
    sourceComment([target.at]),
  );
}

function chapOf({ login, targetLogin }: GatheredSan, context: Context): ContentMap | undefined {
  const stem = `chap_${context.name.replace(/[^a-z0-9]+/g, '_')}`;
  const password = passwordOf(login, stem, context);
  if (password === undefined) return undefined;
  const target_password = passwordOf(targetLogin, `${stem}_target`, context);
  const target_user = target_password && targetLogin?.user.value;
  return { user: login?.user.value, password, target_user, target_password };
}

function passwordOf(
  login: GatheredLogin | undefined,
  secret: string,
  { name, data, notes }: Context,
): string | undefined {
  if (!login) return undefined;
  const { user, password } = login;
  const isUser = USER.test(user.value);
  const why = isUser
    ? 'it has a CHAP user without a password: set chap'
    : 'its CHAP user is not valid: use letters, digits, . : _ and -';
  if (!isUser || !password?.value) return notes.open(name, why, user.at);
  if (REFERENCE.test(password.value)) return password.value;
  const reason =
    'its CHAP password is not valid for every initiator and target: set another one at both ends, with 12 to 16 letters, digits, . _ and -';
  if (!PASSWORD.test(password.value) && !isUnfilled(password.value)) notes.open(name, reason, password.at);
  return data.keep(password.value, secret, password.at);
}
