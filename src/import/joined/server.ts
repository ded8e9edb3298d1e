import type { Report } from '../../source/diagnostics/report.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { isImage, isPlainUrl } from '../../values/urls.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import { type ContentMap, flow, noted, whence } from '../write-site.ts';
import type { BootProfile } from './boots.ts';
import type { GatheredIscsi, GatheredServer, Said } from './gathered.ts';
import { firstOf, type Machine } from './machine.ts';

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

/**
 * Gives the boot server and the iSCSI server as all files together say them: each value as the first says it, contradictions
 * are reported. The iSCSI server's address is the one that most scripts name, where no file says it of the server.
 */
export function bootServerOf(
  servers: readonly GatheredServer[],
  machines: readonly Machine[],
  notes: Notes,
  report: Report,
): GatheredServer {
  let tftp: Said<string> | undefined;
  const iscsi: { -readonly [K in keyof GatheredIscsi]: Said<string> | undefined } = {};
  for (const server of servers) {
    tftp = firstOf(tftp, server.tftp, { what: 'folder of TFTP', whose: 'the boot server', report });
    for (const [key, what, form] of ISCSI) {
      const one = server.iscsi?.[key] as Said<string> | undefined;
      if (one && !form.test(one.value))
        notes.addOf('left', one, `no ${what} of an iSCSI server that a site could have`);
      else iscsi[key] = firstOf(iscsi[key], one, { what, whose: 'the iSCSI server', report });
    }
  }
  const named = machines.flatMap(({ disk }) => disk?.san?.server ?? []);
  iscsi.address ??= commonest(named.filter(({ value }) => ipv4Number(value) !== undefined));
  return { tftp, iscsi: iscsi as GatheredIscsi };
}

/** The value that is said most often; of several the first. */
function commonest(all: readonly Said<string>[]): Said<string> | undefined {
  const countOf = new Map<string, number>();
  for (const { value } of all) countOf.set(value, (countOf.get(value) ?? 0) + 1);
  const most = Math.max(...countOf.values());
  return all.find(({ value }) => countOf.get(value) === most);
}

/** Says whether files say anything of an iSCSI server. */
export function hasIscsi({ iscsi = {} }: GatheredServer): boolean {
  return Object.values(iscsi).some((value) => value !== undefined);
}

/** Gives the keys of `server` that follow from files; `open` stands for what must be filled in. */
export function serverContent({ tftp, iscsi = {} }: GatheredServer, open: string): ContentMap {
  const { address, driver, prefix, snapshot, pool, id, conf, keyring } = iscsi;
  const said = (one: Said<string> | undefined) => one && noted(one.value, whence([one.at]));
  const ceph = [pool, id, conf, keyring].flatMap((one) => one ?? []);
  const [first] = ceph;
  const from = ceph.filter(({ at }) => at.source === first?.at.source).map(({ at }) => at);
  const rbd = flow(
    { pool: pool?.value ?? open, id: id?.value, conf: conf?.value, keyring: keyring?.value },
    first ? whence(from) : 'no file says it',
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
  if (base !== undefined && first)
    notes.add(
      'changed',
      'images',
      `machines fetch them from ${base} as before: once they lie in /srv/harvgen/images of the boot server, take server.images out`,
      first.at,
    );
  return {
    url: base,
    path(url) {
      const [, below = url] = /^s3:\/\/(.+)$/.exec(url) ?? [];
      const path = base !== undefined && below.startsWith(`${base}/`) ? below.slice(base.length + 1) : below;
      return isImage(path) ? path : undefined;
    },
  };
}

function noteOdd({ value, at }: Said<string>, notes: Notes): void {
  if (isImage(value))
    notes.add(
      'open',
      quoteVisibly(value),
      'machines fetched it by TFTP, from below the folder that this served: put it below server.images of the boot server, in the same folder',
      at,
    );
  else if (value.startsWith('s3://') && isImage(value.slice('s3://'.length)))
    notes.add(
      'changed',
      's3://',
      'BSS signed a URL for each request: put the file below server.images of the boot server, in a folder called as its bucket',
      at,
    );
  else
    notes.add(
      'open',
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
