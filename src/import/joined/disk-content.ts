import { ipv4Number } from '../../values/ipv4.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import { type Content, type ContentMap, flow, whence } from '../write-site.ts';
import type { CloudData } from './cloud-data.ts';
import type { GatheredDisk, GatheredLogin, GatheredSan, GatheredServer, Said } from './gathered.ts';

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
  const { server, notes, name, open } = context;
  const { target, lun, port, initiator } = san;
  notes.add(
    'changed',
    name,
    'it goes on to boot the target that it has: harvgen makes neither that nor the disk. To have both made, import what is on the disk as one of images, and say boot: { os: iscsi, image: NAME } in place of the target',
    target.at,
  );
  const isTarget = TARGET.test(target.value);
  if (!isTarget) note(notes, 'open', target, 'no name of a target that a site could have');
  const boot: ContentMap = {
    ...further,
    os: 'iscsi',
    target: isTarget ? target.value : open,
    server: serverOf(san, server, open),
    port: numbered(port, { unless: 3260, least: 1, most: 65535 }, 'a TCP port', notes),
    lun: numbered(lun, { unless: 1, least: 0, most: 255 }, 'a LUN of a site, from 0 to 255', notes),
    initiator: initiatorOf(initiator, notes),
    chap: chapOf(san, context),
    fallback: san.fallback?.value,
  };
  return flow(boot, whence([target.at]));
}

/** Whose target it is, where that is not the site's own server. */
function serverOf({ server }: GatheredSan, { iscsi }: GatheredServer, open: string): string | undefined {
  if (!server || server.value === iscsi?.address?.value) return undefined;
  return ipv4Number(server.value) === undefined ? open : server.value;
}

function note(notes: Notes, kind: 'left' | 'open', { value, at }: Said<string>, text: string): void {
  notes.add(kind, quoteVisibly(value), text, at);
}

function numbered(
  said: Said<number> | undefined,
  { unless, least, most }: { readonly unless: number; readonly least: number; readonly most: number },
  what: string,
  notes: Notes,
): number | undefined {
  if (!said || said.value === unless) return undefined;
  if (said.value >= least && said.value <= most) return said.value;
  notes.add('open', String(said.value), `not ${what}`, said.at);
  return undefined;
}

function initiatorOf(said: Said<string> | undefined, notes: Notes): string | undefined {
  if (!said || INITIATOR.test(said.value)) return said?.value;
  note(notes, 'left', said, 'no IQN that every target takes: the node calls itself by its site and its name');
  return undefined;
}

function chapOf({ login, targetLogin }: GatheredSan, context: Context): ContentMap | undefined {
  const { name } = context;
  const stem = `chap_${name.replace(/[^a-z0-9]+/g, '_')}`;
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
  if (!USER.test(user.value)) {
    notes.add(
      'open',
      name,
      'its CHAP user is none that a site could have: letters, digits, . : _ and -',
      user.at,
    );
    return undefined;
  }
  if (!password || password.value === '') {
    notes.add('open', name, 'it has a CHAP user without a password: say chap', user.at);
    return undefined;
  }
  if (REFERENCE.test(password.value)) return password.value;
  if (!PASSWORD.test(password.value))
    notes.add(
      'open',
      name,
      'its CHAP password is none that every initiator and target takes, 12 to 16 letters, digits, . _ and -: give it another one at both ends',
      password.at,
    );
  return data.keep(password.value, secret, password.at);
}
