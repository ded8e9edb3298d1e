import { type Place, placeOf } from '../../origin.ts';
import { lunKey } from '../../site/iscsi-lun.ts';
import type { IscsiServer, Site } from '../../site/model.ts';
import type { AcrossRule } from './across-rule.ts';

export const diskInTwoSites: AcrossRule = {
  code: 'disk-in-two-sites',
  severity: 'error',
  what: 'No disk by iSCSI is booted in two sites that are compiled together: neither one in a store that both have, nor a LUN of one target.',
  why: 'Two machines that write one disk destroy what is on it; and what one site takes for an orphan is the disk of the other.',
  check(sites, report) {
    const first = new Map<string, Owner>();
    for (const site of sites) {
      for (const { key, what, ...owner } of ownersIn(site)) {
        const other = first.get(key);
        if (!other) first.set(key, owner);
        else if (other.site !== site) {
          report({
            message: `${owner.name} boots ${what}, as ${other.name} of the site ${other.site.name} does: two machines that write one disk destroy what is on it.`,
            at: owner.at,
            related: [{ message: `${other.name} of ${other.site.name} boots it by`, at: other.at }],
            help: 'give each site a prefix of its own, with server.iscsi.prefix, or its own folder or pool; where both name a target, each node another',
          });
        }
      }
    }
  },
};

interface Owner {
  readonly site: Site;
  readonly name: string;
  readonly at: Place;
}

function* ownersIn(site: Site): Iterable<Owner & { readonly key: string; readonly what: string }> {
  for (const { name, iscsi } of site.nodes) {
    if (!iscsi) continue;
    const at = placeOf(iscsi, iscsi.disk === undefined ? 'target' : 'disk');
    const what =
      iscsi.disk === undefined
        ? `LUN ${iscsi.lun} of ${iscsi.target}`
        : `the disk ${iscsi.disk} of the store`;
    const key = iscsi.disk === undefined ? lunKey(iscsi) : `${storeOf(site.server.iscsi)} ${iscsi.disk}`;
    if (key !== undefined) yield { site, name, at, what, key };
  }
}

/** The store by a text that no other has: a pool is Ceph's, wherever it is asked from; a folder is of one server. */
function storeOf({ store, address }: IscsiServer): string {
  return store.kind === 'rbd' ? `rbd ${store.conf} ${store.pool}` : `files ${address} ${store.folder}`;
}
