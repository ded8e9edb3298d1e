import { posix } from 'node:path';
import type { Report } from '../../../source/diagnostics/report.ts';
import type { Place, Source } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import { isSecretKey } from '../../../values/secret-key.ts';
import { type IniEntry, interpolated, readIni } from '../../ini/read-ini.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import { concealLikely } from '../../secrets.ts';
import type { GatheredIscsi, GatheredServer, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { type Carried, LEFT_SECTIONS, SECTIONS } from './keys.ts';

/** The configuration of BMI, or M2. It says of no machine: HIL and BMI's boot files do. */
export const bmi: JoinedKind = {
  name: 'bmi',
  what: 'the configuration of BMI (M2): bmiconfig.cfg, with its sections bmi, fs, iscsi and tftp',
  isLike: ({ text }) =>
    /^\[(?:bmi|identity|haas|net_isolator|netiso\.hil|rest_api|fs\.ceph|iscsi\.tgt)\]/m.test(text),
  read(source, report) {
    concealLikely(source);
    const { entries, sections, faults } = readIni(source);
    // A value may go on for lines, and what looks like another key may be a piece of a password.
    for (const { key, value } of entries) if (isSecretKey(key.text)) source.conceal(value);
    for (const { message, start, end, help } of faults)
      report.error({ code: 'import-syntax', message, at: { source, start, end }, help });
    if (faults.length > 0) return undefined;
    if (!sections.some(({ text }) => Object.hasOwn(SECTIONS, text))) {
      // What is secret in it only its own kind would know.
      source.conceal({ start: 0, end: source.text.length });
      report.error({
        code: 'import-kind',
        message: 'This is no configuration of BMI: it has none of its sections.',
        at: { source, start: 0, end: 0 },
        help: 'give the file that BMI_CONFIG names, such as /etc/bmi/bmiconfig.cfg',
      });
      return undefined;
    }
    const notes = new Notes();
    const carried = carriedOf(source, entries, notes, report);
    const server = serverOf(carried, notes);
    return { machines: [], isSite: true, server, notes: notes.sorted() };
  },
};

type Values = ReadonlyMap<Carried, Said<string>>;

/** What the file says that a site has, by what it is there; all else is noted. */
function carriedOf(source: Source, entries: readonly IniEntry[], notes: Notes, report: Report): Values {
  const lasts = new Map<string, IniEntry>();
  for (const entry of entries) lasts.set(`${entry.section}\0${entry.key.text}`, entry);
  const carried = new Map<Carried, Said<string>>();
  for (const { section, key, value } of lasts.values()) {
    const keyAt = { source, start: key.start, end: key.end };
    const of = `${quoteVisibly(section)} ${quoteVisibly(key.text)}`;
    const leftSection = Object.hasOwn(LEFT_SECTIONS, section) ? LEFT_SECTIONS[section] : undefined;
    const known = Object.hasOwn(SECTIONS, section) ? (SECTIONS[section] ?? {}) : {};
    const meaning = Object.hasOwn(known, key.text) ? known[key.text] : undefined;
    if (leftSection !== undefined || !meaning) {
      notes.add(
        'left',
        leftSection === undefined ? of : quoteVisibly(section),
        leftSection ?? 'harvgen knows no such key of BMI',
        keyAt,
      );
      continue;
    }
    if ('why' in meaning) {
      notes.add('left', meaning.isAll ? quoteVisibly(section) : of, meaning.why, keyAt);
      continue;
    }
    const at = { source, start: value.start, end: value.end };
    const text = interpolated(
      value.text,
      (name) => (lasts.get(`${section}\0${name}`) ?? lasts.get(`DEFAULT\0${name}`))?.value.text,
    );
    if (text === undefined) {
      report.error({
        code: 'import-value',
        message: `ConfigParser does not take the value of ${of}: a % begins %(name)s there, and is %% for itself.`,
        at,
        help: 'write what is meant',
      });
      continue;
    }
    if (text === '') continue;
    if (text.startsWith('<'))
      notes.add('open', of, `it is not filled in: ${quoteVisibly(text)} is what the template has there`, at);
    else if (text.includes('\n'))
      notes.add('left', of, 'it goes on over several lines, since the next ones begin with a blank', at);
    else carried.set(meaning.carried, { value: text, at });
  }
  return carried;
}

function serverOf(carried: Values, notes: Notes): GatheredServer {
  const address = carried.get('address');
  const isAddress = address !== undefined && ipv4Number(address.value) !== undefined;
  if (address && !isAddress)
    notes.add(
      'open',
      quoteVisibly(address.value),
      'no IPv4 address: say that of the iSCSI server',
      address.at,
    );
  const iscsi: GatheredIscsi = {
    address: isAddress ? address : undefined,
    driver: driverOf(carried, notes),
    prefix: prefixOf(carried, notes),
    snapshot: carried.get('snapshot'),
    pool: carried.get('pool'),
    id: carried.get('id'),
    conf: carried.get('conf'),
    keyring: carried.get('keyring'),
  };
  const store = carried.get('store');
  if (store && !/^(?:true|.*(?:ceph|rbd).*)$/i.test(store.value))
    notes.add('left', quoteVisibly(store.value), 'BMI keeps its images in Ceph, and no place else', store.at);
  return { tftp: tftpOf(carried, notes), iscsi };
}

/** BMI ran tgt, whatever the file says: only its first years had IET. Source: CCI-MOC/ims, ims/einstein/operations.py. */
function driverOf(carried: Values, notes: Notes): GatheredIscsi['driver'] {
  const driver = carried.get('driver');
  if (!driver) return undefined;
  const [, name] = /(?:^|[^a-z])(tgt|iet)(?:$|[^a-z])/i.exec(driver.value) ?? [];
  const known = name?.toLowerCase();
  if (known === 'tgt' || known === 'iet') return { value: known, at: driver.at };
  notes.add(
    'left',
    quoteVisibly(driver.value),
    'no iSCSI driver of BMI: harvgen writes for tgt, unless driver says lio or iet',
    driver.at,
  );
  return undefined;
}

/** No name of BMI's begins with it: `5img42` is none of harvgen's to remove. */
function prefixOf(carried: Values, notes: Notes): Said<string> | undefined {
  const uid = carried.get('uid');
  if (!uid) return undefined;
  const plain = uid.value.toLowerCase().replace(/[^a-z0-9_]+/g, '');
  if (plain === '') {
    notes.add('left', quoteVisibly(uid.value), 'no uid that names could begin with', uid.at);
    return undefined;
  }
  const prefix = `${plain}-`;
  notes.add(
    'changed',
    'bmi uid',
    `disks of the site are called ${prefix}NODE.IMAGE, images ${prefix}image.IMAGE, so that several sites share a pool as several BMI did. BMI's own, ${quoteVisibly(`${plain}img42`)} and the like, keep their names, and none of the site's begins so: nothing of harvgen touches them. They can be imported as images`,
    uid.at,
  );
  return { value: prefix, at: uid.at };
}

/** The root of TFTP is where BMI put its scripts. */
function tftpOf(carried: Values, notes: Notes): Said<string> | undefined {
  const root = folderOf(carried.get('ipxe'), notes);
  const menus = folderOf(carried.get('pxelinux'), notes);
  const raw = carried.get('pxelinux');
  if (raw && menus && !raw.value.endsWith('/'))
    notes.add(
      'changed',
      'tftp pxelinux',
      `BMI put names behind it as it stands: without a slash at its end its files are ${raw.value}01-…, and pxelinux never asks for those. harvgen's are ${menus.value}/01-…`,
      raw.at,
    );
  if (!menus) return root;
  const home = root ?? { value: posix.dirname(menus.value), at: menus.at };
  if (menus.value !== posix.join(home.value, 'pxelinux.cfg'))
    notes.add(
      'changed',
      'tftp pxelinux',
      `pxelinux asks for pxelinux.cfg beside itself: harvgen puts its files into ${posix.join(home.value, 'pxelinux.cfg')}`,
      menus.at,
    );
  return home;
}

function folderOf(said: Said<string> | undefined, notes: Notes): { value: string; at: Place } | undefined {
  if (!said) return undefined;
  const value = posix.normalize(said.value).replace(/(?<=.)\/$/, '');
  if (/^(?:\/[A-Za-z0-9._@+-]+)+$/.test(value)) return { value, at: said.at };
  notes.add(
    'open',
    quoteVisibly(said.value),
    'no folder as a site has it: an absolute path of letters, digits and . _ / @ + -',
    said.at,
  );
  return undefined;
}
