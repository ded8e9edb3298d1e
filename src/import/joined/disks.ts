import type { Report } from '../../source/diagnostics/report.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import { type Content, type ContentMap, flow, whence } from '../write-site.ts';
import type { CloudData } from './cloud-data.ts';
import type {
  GatheredDisk,
  GatheredLogin,
  GatheredSan,
  GatheredServer,
  GatheredTarget,
  Said,
} from './gathered.ts';
import { calledAs, type Machine, reportConflict } from './machine.ts';

/** Gives the disk that counts of two, and reports where they differ; of one target both may say a part. */
export function firstDisk(
  first: GatheredDisk | undefined,
  other: GatheredDisk | undefined,
  whose: string,
  report: Report,
): GatheredDisk | undefined {
  if (!first || !other) return first ?? other;
  const [counts, said] = [first, other].map(({ at, san }) => ({ value: san ? nameOf(san) : 'its own', at }));
  if (counts && said && counts.value !== said.value) reportConflict('disk', whose, counts, said, report);
  return first;
}

function nameOf({ target, server, lun }: GatheredSan): string {
  const number = lun && lun.value !== 1 ? `LUN ${lun.value} of ` : '';
  return `${number}${target.value}${server ? ` at ${server.value}` : ''}`;
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
      notes.add(
        'changed',
        calledAs(only),
        `no script says what it boots: it boots ${quoteVisibly(target.name.value)}, since it alone may come to it`,
        address.at,
      );
    } else
      notes.addOf(
        'left',
        { value: target.name.value, at: target.at },
        'no script of a node boots it: its disk stays where it is. Join the script by --join ipxe:FILE, or import the disk as an image',
      );
  }
  for (const those of byTarget.values()) noteShared(those, notes);
}

/** The machines that have one disk: the first of them may be the right one. */
function noteShared(machines: readonly Machine[], notes: Notes): void {
  const byDisk = new Map<string, Machine>();
  for (const machine of machines) {
    const { server, lun, target } = machine.disk?.san ?? {};
    const key = `${server?.value} ${lun?.value ?? 1}`;
    const other = byDisk.get(key);
    byDisk.set(key, other ?? machine);
    if (other && target)
      notes.add(
        'open',
        calledAs(machine),
        `it boots the disk of ${calledAs(other)}, ${quoteVisibly(target.value)}: two systems that write to one disk destroy it. Give it one of its own`,
        target.at,
      );
  }
}

function addLogin(machine: Machine, { login, targetLogin, at, store }: GatheredTarget, notes: Notes): void {
  const { disk } = machine;
  const san = disk?.san;
  if (!disk || !san) return;
  const called = calledAs(machine);
  if (store)
    notes.add(
      'changed',
      called,
      `behind its target is ${quoteVisibly(store.value)}: that is what to import, if it is to become an image`,
      store.at,
    );
  if (!login || san.login) return;
  notes.add('changed', called, 'its script does not say how it logs in: it does so as its target asks', at);
  machine.disk = { ...disk, san: { ...san, login, targetLogin: san.targetLogin ?? targetLogin } };
}

const TARGET = /^(?:[A-Za-z0-9.:_-]|\$\{secret:[a-z0-9_]+\}){1,223}$/;
const INITIATOR = /^iqn\.[0-9]{4}-(?:0[1-9]|1[0-2])\.(?=.{3,200}$)[a-z0-9](?:[a-z0-9.:-]*[a-z0-9])?$/;
const USER = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,62}$/;
const PASSWORD = /^[A-Za-z0-9._-]{12,16}$/;
const REFERENCE = /^\$\{secret:[a-z0-9_]+\}$/;

interface Context {
  /** The node's name. */
  readonly name: string;
  readonly server: GatheredServer;
  readonly data: CloudData;
  readonly notes: Notes;
  /** Stands for what must be filled in. */
  readonly open: string;
}

/** Gives what `boot` of a node says of its disk, a target that there is already, beside what it says further. Notes what a site could not have. */
export function diskContent({ san }: GatheredDisk, further: ContentMap, context: Context): Content {
  if (!san) return flow({ ...further, os: 'local' });
  const { notes, name, open } = context;
  const { target, lun, port, initiator } = san;
  notes.add(
    'changed',
    name,
    'it goes on to boot the target that it has: harvgen makes neither that nor the disk. To have both made, import what is on the disk as one of images, and say boot: { os: iscsi, image: NAME } in place of the target',
    target.at,
  );
  const isTarget = TARGET.test(target.value);
  if (!isTarget) notes.addOf('open', target, 'no name of a target that a site could have');
  const isInitiator = initiator && INITIATOR.test(initiator.value);
  const why = 'no IQN that every target takes: the node calls itself by its site and its name';
  if (initiator && !isInitiator) notes.addOf('left', initiator, why);
  const isPort = (value: number) => value >= 1 && value <= 65535;
  const boot: ContentMap = {
    ...further,
    os: 'iscsi',
    target: isTarget ? target.value : open,
    server: serverOf(san, context),
    port: numbered(port, 3260, isPort, 'not a TCP port', notes),
    lun: numbered(lun, 1, (value) => value <= 255, 'not a LUN of a site, from 0 to 255', notes),
    initiator: isInitiator ? initiator.value : undefined,
    chap: chapOf(san, context),
    fallback: san.fallback?.value,
  };
  return flow(boot, whence([target.at]));
}

/** Whose target it is, where that is not the site's own server. */
function serverOf({ server }: GatheredSan, { server: { iscsi }, open }: Context): string | undefined {
  if (!server || server.value === iscsi?.address?.value) return undefined;
  return ipv4Number(server.value) === undefined ? open : server.value;
}

/** A number that is not the usual one; of one that a site cannot have `text` is noted. */
function numbered(
  said: Said<number> | undefined,
  usual: number,
  isTaken: (value: number) => boolean,
  text: string,
  notes: Notes,
): number | undefined {
  if (!said || said.value === usual) return undefined;
  if (isTaken(said.value)) return said.value;
  notes.add('open', String(said.value), text, said.at);
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

/** A reference to the password, whose value is kept. */
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
    notes.add('open', name, why, user.at);
    return undefined;
  }
  if (REFERENCE.test(password.value)) return password.value;
  const reason =
    'its CHAP password is none that every initiator and target takes, 12 to 16 letters, digits, . _ and -: give it another one at both ends';
  if (!PASSWORD.test(password.value)) notes.add('open', name, reason, password.at);
  return data.keep(password.value, secret, password.at);
}
