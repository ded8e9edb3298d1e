import { lunKey } from '../../site/iscsi-lun.ts';
import type { IscsiServer, Site } from '../../site/model.ts';
import { type Place, placeOf, selfPlace } from '../../source/origin.ts';
import type { AcrossRule } from './across-rule.ts';

export const diskInTwoSites: AcrossRule = {
  code: 'disk-in-two-sites',
  severity: 'error',
  what: 'No disk by iSCSI is booted in two sites that are compiled together: neither one in a store that both have, nor a LUN of one target; nor do both make an image of one name in one store.',
  why: 'Two machines that write one disk destroy what is on it. An image that is there already no site makes: the second one would boot what is on the first.',
  check(sites, report) {
    const first = new Map<string, Owner>();
    for (const site of sites) {
      for (const { key, ...owner } of [...disksIn(site), ...imagesIn(site)]) {
        const other = first.get(key);
        if (!other) first.set(key, owner);
        else if (other.site !== site) {
          const { verb, what, consequence } = owner;
          report({
            message: `${owner.name} ${verb} ${what}, as ${other.name} of the site ${other.site.name} ${other.verb === 'is' ? 'is' : 'does'}: ${consequence}.`,
            at: owner.at,
            related: [
              {
                message: `${other.name} of ${other.site.name} ${other.verb === 'is' ? 'is defined at' : 'boots it by'}`,
                at: other.at,
              },
            ],
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
  readonly verb: 'boots' | 'is';
  readonly what: string;
  readonly consequence: string;
}

type Keyed = Owner & { readonly key: string };

function* disksIn(site: Site): Iterable<Keyed> {
  const consequence = 'two machines that write one disk destroy what is on it';
  for (const { name, iscsi } of site.nodes) {
    if (!iscsi) continue;
    const at = placeOf(iscsi, iscsi.disk === undefined ? 'target' : 'disk');
    const what =
      iscsi.disk === undefined
        ? `LUN ${iscsi.lun} of ${iscsi.target}`
        : `the disk ${iscsi.disk} of the store`;
    const key = iscsi.disk === undefined ? lunKey(iscsi) : `${storeOf(site.server.iscsi)} ${iscsi.disk}`;
    if (key !== undefined) yield { site, name, at, verb: 'boots', what, consequence, key };
  }
}

/** The images that a site makes: one that is there already it may share. */
function* imagesIn(site: Site): Iterable<Keyed> {
  const consequence = 'only the first that is made is there';
  for (const image of site.images) {
    const { name, stored, source, snapshotOf } = image;
    if ((source ?? snapshotOf) === undefined) continue;
    const what = `the image ${stored} of the store`;
    const key = `${storeOf(site.server.iscsi)} ${stored}`;
    yield { site, name, at: selfPlace(image), verb: 'is', what, consequence, key };
  }
}

/** The store by a text that no other has: a pool is Ceph's, wherever it is asked from; a folder is of one server. */
function storeOf({ store, address }: IscsiServer): string {
  return store.kind === 'rbd' ? `rbd ${store.conf} ${store.pool}` : `files ${address} ${store.folder}`;
}
