import type { Report } from '../../source/diagnostics/report.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { isImage, isPlainUrl } from '../../values/urls.ts';
import { displayName } from '../names.ts';
import type { Notes } from '../notes.ts';
import { type Content, type ContentMap, flow, OPEN, said, sourceComment } from '../write-site.ts';
import type { BootProfile } from './boots.ts';
import type { CloudData } from './cloud-data.ts';
import type {
  GatheredDisk,
  GatheredIscsi,
  GatheredLogin,
  GatheredSan,
  GatheredServer,
  GatheredTarget,
  Sourced,
} from './gathered.ts';
import { calledAs, firstOf, type Machine } from './machine.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PATH = /^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._@+-]+)+$/;

/** What files may say of an iSCSI server, in words, and what of it a site could have. */
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

/** Returns the boot server and the iSCSI server: each value as the first file says it, else the address that most scripts name. */
export function bootServerOf(
  servers: readonly GatheredServer[],
  machines: readonly Machine[],
  notes: Notes,
  report: Report,
): GatheredServer {
  let tftp: Sourced<string> | undefined;
  const iscsi: { -readonly [K in keyof GatheredIscsi]: Sourced<string> | undefined } = {};
  for (const server of servers) {
    tftp = firstOf(tftp, server.tftp, { what: 'folder of TFTP', whose: 'the boot server', report });
    for (const [key, what, form] of ISCSI) {
      const one = server.iscsi?.[key] as Sourced<string> | undefined;
      if (one && !form.test(one.value))
        notes.left(one, `no ${what} of an iSCSI server that a site could have`);
      else iscsi[key] = firstOf(iscsi[key], one, { what, whose: 'the iSCSI server', report });
    }
  }
  const named = machines.flatMap(({ disk }) => disk?.san?.server ?? []);
  iscsi.address ??= commonest(named.filter(({ value }) => ipv4Number(value) !== undefined));
  return { tftp, iscsi: iscsi as GatheredIscsi };
}

function commonest(all: readonly Sourced<string>[]): Sourced<string> | undefined {
  const countOf = new Map<string, number>();
  for (const { value } of all) countOf.set(value, (countOf.get(value) ?? 0) + 1);
  const most = Math.max(...countOf.values());
  return all.find(({ value }) => countOf.get(value) === most);
}

/** Says whether files say anything of an iSCSI server. */
export function hasIscsi({ iscsi = {} }: GatheredServer): boolean {
  return Object.values(iscsi).some((value) => value !== undefined);
}

/** Gives the keys of `server` that follow from files. */
export function serverContent({ tftp, iscsi = {} }: GatheredServer): ContentMap {
  const { address, driver, prefix, snapshot, pool, id, conf, keyring } = iscsi;
  const ceph = [pool, id, conf, keyring].flatMap((one) => one ?? []);
  const [first] = ceph;
  const from = ceph.filter(({ at }) => at.source === first?.at.source).map(({ at }) => at);
  const rbd = flow(
    { pool: pool?.value ?? OPEN, id: id?.value, conf: conf?.value, keyring: keyring?.value },
    first ? sourceComment(from) : 'no file says it',
  );
  return {
    tftp: said(tftp),
    iscsi: hasIscsi({ iscsi })
      ? {
          address: said(address),
          driver: said(driver),
          prefix: said(prefix),
          rbd: first || snapshot ? rbd : undefined,
          snapshot: said(snapshot),
        }
      : undefined,
  };
}

/** Where images lie: what all URLs begin with, as `server.images` has it, and what each is written as. */
export interface Images {
  readonly url: string | undefined;
  /** Gives an image as an inventory has it; undefined where it cannot be one. */
  path(url: string): string | undefined;
}

/** Gives where the images of profiles lie; notes what is no URL that machines could fetch. */
export function imagesOf(profiles: readonly BootProfile[], notes: Notes): Images {
  const urls = profiles.flatMap(({ kernel, initrd, params, boot }) => [
    ...[kernel, initrd].flatMap((said) => said ?? []),
    ...(params.squashfs === undefined ? [] : [{ value: params.squashfs, at: (boot.params ?? boot).at }]),
  ]);
  const odd = urls.filter(({ value }) => !isPlainUrl(value));
  for (const said of odd) noteOdd(said, notes);
  const [first] = urls;
  const base = odd.length === 0 ? commonFolder(urls.map(({ value }) => value)) : undefined;
  const why = `machines fetch them from ${base} as before: once they lie in /srv/harvgen/images of the boot server, take server.images out`;
  if (base !== undefined && first) notes.changed('images', why, first.at);
  return {
    url: base,
    path(url) {
      const [, below = url] = /^s3:\/\/(.+)$/.exec(url) ?? [];
      const path = base !== undefined && below.startsWith(`${base}/`) ? below.slice(base.length + 1) : below;
      return isImage(path) ? path : undefined;
    },
  };
}

function noteOdd({ value, at }: Sourced<string>, notes: Notes): void {
  if (isImage(value))
    notes.open(
      displayName(value),
      'machines fetched it by TFTP, from below the folder that this served: put it below server.images of the boot server, in the same folder',
      at,
    );
  else if (value.startsWith('s3://') && isImage(value.slice('s3://'.length)))
    notes.changed(
      's3://',
      'BSS signed a URL for each request: put the file below server.images of the boot server, in a folder called as its bucket',
      at,
    );
  else
    notes.open(
      'boot',
      'an image is at a URL that a kernel line or script could not carry: put it below server.images, and give its path',
      at,
    );
}

/** The longest folder that all URLs are below; undefined where they are on several servers, or there are none. */
function commonFolder(urls: readonly string[]): string | undefined {
  const [first = [], ...others] = urls.map((url) => url.split('/').slice(0, -1));
  const differs = first.findIndex((folder, index) => others.some((folders) => folders[index] !== folder));
  const shared = differs < 0 ? first : first.slice(0, differs);
  // http:, nothing, the host.
  return shared.length < 3 ? undefined : shared.join('/');
}

/**
 * Gives machines what their targets say: how they log in where their scripts do not say it, and the target itself to a machine
 * that alone may come to it. Notes targets of no machine, and disks of several.
 */
export function joinTargets(
  machines: readonly Machine[],
  targets: readonly GatheredTarget[],
  notes: Notes,
): void {
  const byTarget = new Map<string, Machine[]>();
  const byIp = new Map<string, Machine>();
  for (const machine of machines) {
    for (const { ips } of machine.nics) for (const { value } of ips) byIp.set(value, machine);
    const target = machine.disk?.san?.target.value;
    if (target !== undefined) byTarget.set(target, [...(byTarget.get(target) ?? []), machine]);
  }
  for (const target of targets) {
    const named = byTarget.get(target.name.value);
    const [address, second] = target.addresses;
    const only = address && !second ? byIp.get(address.value) : undefined;
    if (named) for (const machine of named) addLogin(machine, target, notes);
    else if (only && address && !only.disk) {
      only.disk = { at: target.at, san: { target: target.name, lun: target.lun } };
      addLogin(only, target, notes);
      const why = `no script says what it boots: it boots ${displayName(target.name.value)}, since it alone may come to it`;
      notes.changed(calledAs(only), why, address.at);
    } else
      notes.left(
        { value: target.name.value, at: target.at },
        'no script of a node boots it: its disk stays where it is. Join the script by --join ipxe:FILE, or import the disk as an image',
      );
  }
  for (const those of byTarget.values()) noteShared(those, notes);
}

function noteShared(machines: readonly Machine[], notes: Notes): void {
  const byDisk = new Map<string, Machine>();
  for (const machine of machines) {
    const { server, lun, target } = machine.disk?.san ?? {};
    const key = `${server?.value} ${lun?.value ?? 1}`;
    const other = byDisk.get(key);
    byDisk.set(key, other ?? machine);
    if (other && target) {
      const why = `it boots the disk of ${calledAs(other)}, ${displayName(target.value)}: two systems that write to one disk destroy it. Give it one of its own`;
      notes.open(calledAs(machine), why, target.at);
    }
  }
}

function addLogin(machine: Machine, { login, targetLogin, at, store }: GatheredTarget, notes: Notes): void {
  const { disk } = machine;
  const san = disk?.san;
  if (!disk || !san) return;
  const called = calledAs(machine);
  if (store) {
    const why = `behind its target is ${displayName(store.value)}: that is what to import, if it is to become an image`;
    notes.changed(called, why, store.at);
  }
  if (!login || san.login) return;
  notes.changed(called, 'its script does not say how it logs in: it does so as its target asks', at);
  machine.disk = { ...disk, san: { ...san, login, targetLogin: san.targetLogin ?? targetLogin } };
}

const TARGET = /^(?:[A-Za-z0-9.:_-]|\$\{secret:[a-z0-9_]+\}){1,223}$/;
const INITIATOR = /^iqn\.[0-9]{4}-(?:0[1-9]|1[0-2])\.(?=.{3,200}$)[a-z0-9](?:[a-z0-9.:-]*[a-z0-9])?$/;
const USER = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,62}$/;
const PASSWORD = /^[A-Za-z0-9._-]{12,16}$/;
const REFERENCE = /^\$\{secret:[a-z0-9_]+\}$/;

interface Context {
  readonly name: string;
  readonly server: GatheredServer;
  readonly data: CloudData;
  readonly notes: Notes;
}

/** Gives what `boot` of a node says of its disk, a target that there is already, beside what it says further. Notes what a site could not have. */
export function diskContent({ san }: GatheredDisk, further: ContentMap, context: Context): Content {
  if (!san) return flow({ ...further, os: 'local' });
  const { notes, name } = context;
  const { target, lun, port, initiator } = san;
  const reason =
    'it goes on to boot the target that it has: harvgen makes neither that nor the disk. To have both made, import what is on the disk as one of images, and say boot: { os: iscsi, image: NAME } in place of the target';
  notes.changed(name, reason, target.at);
  const isTarget = TARGET.test(target.value);
  if (!isTarget) notes.open(target, 'no name of a target that a site could have');
  const isInitiator = initiator && INITIATOR.test(initiator.value);
  const why = 'no IQN that every target takes: the node calls itself by its site and its name';
  if (initiator && !isInitiator) notes.left(initiator, why);
  const isPort = (value: number) => value >= 1 && value <= 65535;
  const boot: ContentMap = {
    ...further,
    os: 'iscsi',
    target: isTarget ? target.value : OPEN,
    server: serverOf(san, context),
    port: numbered(port, 3260, isPort, 'not a TCP port', notes),
    lun: numbered(lun, 1, (value) => value <= 255, 'not a LUN of a site, from 0 to 255', notes),
    initiator: isInitiator ? initiator.value : undefined,
    chap: chapOf(san, context),
    fallback: san.fallback?.value,
  };
  return flow(boot, sourceComment([target.at]));
}

function serverOf({ server }: GatheredSan, { server: { iscsi } }: Context): string | undefined {
  if (!server || server.value === iscsi?.address?.value) return undefined;
  return ipv4Number(server.value) === undefined ? OPEN : server.value;
}

/** A number that is not the usual one; of one that a site cannot have `text` is noted. */
function numbered(
  said: Sourced<number> | undefined,
  usual: number,
  isTaken: (value: number) => boolean,
  text: string,
  notes: Notes,
): number | undefined {
  if (!said || said.value === usual) return undefined;
  if (isTaken(said.value)) return said.value;
  notes.open(String(said.value), text, said.at);
  return undefined;
}

function chapOf({ login, targetLogin }: GatheredSan, context: Context): ContentMap | undefined {
  const stem = `chap_${context.name.replace(/[^a-z0-9]+/g, '_')}`;
  const own = passwordOf(login, stem, context);
  if (!login || own === undefined) return undefined;
  const other = passwordOf(targetLogin, `${stem}_target`, context);
  return {
    user: login.user.value,
    password: own,
    target_user: other === undefined ? undefined : targetLogin?.user.value,
    target_password: other,
  };
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
    ? 'it has a CHAP user without a password: say chap'
    : 'its CHAP user is none that a site could have: letters, digits, . : _ and -';
  if (!isUser || !password || password.value === '') {
    notes.open(name, why, user.at);
    return undefined;
  }
  if (REFERENCE.test(password.value)) return password.value;
  const reason =
    'its CHAP password is none that every initiator and target takes, 12 to 16 letters, digits, . _ and -: give it another one at both ends';
  if (!PASSWORD.test(password.value)) notes.open(name, reason, password.at);
  return data.keep(password.value, secret, password.at);
}
