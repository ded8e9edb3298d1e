import type { Report } from '../../source/diagnostics/report.ts';
import { ipv4Number } from '../../values/ipv4.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import { type Content, type ContentMap, flow, noted, whence } from '../write-site.ts';
import type { GatheredIscsi, GatheredServer, Said } from './gathered.ts';
import { firstOf, type Machine } from './machine.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PATH = /^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._@+-]+)+$/;

const FORMS: Readonly<Partial<Record<keyof GatheredIscsi, RegExp>>> = {
  prefix: NAME,
  snapshot: NAME,
  pool: NAME,
  id: NAME,
  conf: PATH,
  keyring: PATH,
};

const KEYS = ['address', 'driver', 'prefix', 'snapshot', 'pool', 'id', 'conf', 'keyring'] as const;

/** What files call these in words. */
const WORDS = { conf: 'configuration', id: 'user', prefix: 'prefix' } as const;

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
    for (const key of KEYS) {
      const what = (WORDS as Readonly<Record<string, string>>)[key] ?? key;
      const one = server.iscsi?.[key] as Said<string> | undefined;
      const form = FORMS[key];
      if (one && form && !form.test(one.value))
        notes.add(
          'left',
          quoteVisibly(one.value),
          `no ${what} of an iSCSI server that a site could have`,
          one.at,
        );
      else iscsi[key] = firstOf(iscsi[key], one, { what, whose: 'the iSCSI server', report });
    }
  }
  const named = machines.flatMap(({ disk }) => disk?.san?.server ?? []);
  iscsi.address ??= commonest(named.filter(({ value }) => ipv4Number(value) !== undefined));
  return { tftp, iscsi: iscsi as GatheredIscsi };
}

/** The value that is said most often; of several the first. */
function commonest(all: readonly Said<string>[]): Said<string> | undefined {
  const counts = new Map<string, { readonly said: Said<string>; count: number }>();
  for (const said of all) {
    const known = counts.get(said.value);
    if (known) known.count += 1;
    else counts.set(said.value, { said, count: 1 });
  }
  return [...counts.values()].reduce<{ said: Said<string>; count: number } | undefined>(
    (most, one) => (most && most.count >= one.count ? most : one),
    undefined,
  )?.said;
}

/** Says whether files say anything of an iSCSI server. */
export function hasIscsi({ iscsi = {} }: GatheredServer): boolean {
  return Object.values(iscsi).some((value) => value !== undefined);
}

/** Gives the keys of `server` that follow from files; `open` stands for what must be filled in. */
export function serverContent({ tftp, iscsi = {} }: GatheredServer, open: string): ContentMap {
  const { address, driver, prefix, snapshot, pool, id, conf, keyring } = iscsi;
  const said = (one: Said<string> | undefined): Content | undefined =>
    one && noted(one.value, whence([one.at]));
  const ceph = [pool, id, conf, keyring].flatMap((one) => one ?? []);
  return {
    tftp: said(tftp),
    iscsi: hasIscsi({ iscsi })
      ? {
          address: said(address),
          driver: said(driver),
          prefix: said(prefix),
          rbd:
            ceph.length === 0 && !snapshot
              ? undefined
              : flow(
                  { pool: pool?.value ?? open, id: id?.value, conf: conf?.value, keyring: keyring?.value },
                  ceph.length === 0
                    ? 'no file says it'
                    : whence(ceph.flatMap(({ at }) => (at.source === ceph[0]?.at.source ? at : []))),
                ),
          snapshot: said(snapshot),
        }
      : undefined,
  };
}
