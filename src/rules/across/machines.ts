import type { SecretValues } from '../../secrets/source.ts';
import { lunKey } from '../../site/iscsi.ts';
import type { Cluster, Site } from '../../site/model.ts';
import type { IscsiServer } from '../../site/model-server.ts';
import { eachNic } from '../../site/nics.ts';
import { eachMachineId, type MachineId } from '../../site/nodes.ts';
import { secretNames } from '../../source/marks.ts';
import { locationOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { isSharedId, macOwners } from '../identity.ts';
import { error, warning } from '../rule.ts';
import { fillReferences } from '../secret-texts.ts';
import { inTwoSites, type MultiSiteFinding, type MultiSiteRule } from './rule.ts';

export const macInTwoSites = error<MultiSiteRule>('mac-in-two-sites', {
  what: 'No MAC address is in two sites that are compiled together.',
  why: 'It is one machine, and it would install itself as whichever of the two answers first: most often it was moved, and not taken out of the other site.',
  check(sites, report) {
    for (const { one, site, first, other } of inTwoSites(sites, macOwners, ({ id }) => id)) {
      report({
        message: `The MAC address ${one.id} of ${one.what} is also that of ${first.what} in the site ${other.name}: it is one machine, and can be one of them only.`,
        at: one.at(),
        related: [{ message: `${first.what} of ${other.name} has it at`, at: first.at() }],
        help: `take it out of ${other.name} or of ${site.name}, or correct one of the two`,
      });
    }
  },
});

export const machineIdInTwoSites = warning<MultiSiteRule>('machine-id-in-two-sites', {
  what: 'No UUID and no serial number of a firmware is in two sites that are compiled together.',
  why: 'It most probably is one machine, which was moved and not taken out of the other site; only serial numbers of two makers can be alike.',
  check(sites, report) {
    // A shared ID is reported in each site.
    const idsOf = (site: Site) => [...eachMachineId(site)].filter((one) => !isSharedId(one));
    for (const { one, site, first, other } of inTwoSites(sites, idsOf, ({ id }) => id)) {
      if (isToldByMac(one, first)) continue;
      report({
        message: `The ${one.what} ${one.value} of ${one.node.name} is also that of ${first.node.name} in the site ${other.name}: it most probably is one machine.`,
        at: one.at,
        related: [{ message: `${first.node.name} of ${other.name} has it at`, at: first.at }],
        help: `take it out of ${other.name} or of ${site.name}, or correct one of the two`,
      });
    }
  },
});

/** Whether mac-in-two-sites says of the two nodes that they are one machine. */
function isToldByMac({ node }: MachineId, { node: other }: MachineId): boolean {
  return Boolean(
    node.nics?.some((nic) => nic?.mac && other.nics?.some((another) => another?.mac === nic.mac)),
  );
}

export const vipInTwoSites = error<MultiSiteRule>('vip-in-two-sites', {
  what: "A cluster's VIP is no address of another site that is compiled together with it.",
  why: 'Nodes of one cluster join the other, or both are cut off, where the sites can reach each other. Of sites that cannot, such as plants that are all numbered alike, silence it in the file that they share.',
  check(sites, report) {
    const clusters = sites.flatMap((site) => site.clusters.map((cluster) => ({ site, cluster })));
    for (const { one, first, other } of inTwoSites(
      sites,
      (site) => site.clusters,
      ({ vip }) => vip,
    ))
      report(finding(one, other, `the VIP of ${first.name}`, locationOf(first, 'vip')));
    // The first cluster that has a VIP comes last, and stays.
    const owners = new Map(clusters.reverse().map((owner) => [owner.cluster.vip, owner]));
    for (const site of sites) {
      for (const { node, nic } of eachNic(site)) {
        const owner = nic.ip === undefined ? undefined : owners.get(nic.ip);
        if (!owner || owner.site === site) continue;
        report(finding(owner.cluster, site, `the address of ${node.name}`, locationOf(nic, 'ip')));
      }
    }
  },
});

function finding(cluster: Cluster, other: Site, what: string, at: SourceLocation): MultiSiteFinding {
  return {
    message: `The VIP ${cluster.vip} of ${cluster.name} is also ${what} in the site ${other.name}: where the two sites reach each other, neither works.`,
    at: locationOf(cluster, 'vip'),
    related: [{ message: `${what} is set at`, at }],
    help: 'give the cluster a free address; where the two never meet, silence vip-in-two-sites with the reason',
  };
}

export const tokenInTwoSites = warning<MultiSiteRule>('token-in-two-sites', {
  what: 'Each cluster of the sites that are compiled together has a token of its own; of secrets, where their values are given.',
  why: 'With one token for two clusters a wrong server_url goes unnoticed, and who learns the token of one site has both. A section for each site in the file of secrets gives one name several values.',
  check(sites, report, valuesOf) {
    const tokensOf = (site: Site) => {
      const values = valuesOf(site);
      return site.clusters.map((cluster) => ({ cluster, token: tokenOf(cluster, values) }));
    };
    for (const { one, site, first, other } of inTwoSites(sites, tokensOf, ({ token }) => token)) {
      report({
        message: `The cluster ${one.cluster.name} of ${site.name} has the same token as ${first.cluster.name} of ${other.name}: who learns one has both.`,
        at: locationOf(one.cluster, 'token'),
        related: [{ message: 'the other one is set at', at: locationOf(first.cluster, 'token') }],
        help: `give each a token of its own: openssl rand -hex 32`,
      });
    }
  },
});

/** The token as machines read it; undefined where it refers to a secret whose value is not given. */
function tokenOf({ token }: Cluster, values: SecretValues | undefined): string | undefined {
  if (secretNames(token).every((name) => values?.has(name))) return fillReferences(token, values);
  return undefined;
}

export const diskInTwoSites = error<MultiSiteRule>('disk-in-two-sites', {
  what: 'No disk by iSCSI is booted in two sites that are compiled together: neither one in a store that both have, nor a LUN of one target; nor do both make an image of one name in one store.',
  why: 'Two machines that write one disk destroy what is on it. An image that is there already no site makes: the second one would boot what is on the first.',
  check(sites, report) {
    const disksAndImages = (site: Site) => [...disksIn(site), ...imagesIn(site)];
    for (const { one, first, other } of inTwoSites(sites, disksAndImages, ({ key }) => key)) {
      const isImage = first.verb === 'is';
      report({
        message: `${one.name} ${one.verb} ${one.what}, as ${first.name} of the site ${other.name} ${isImage ? 'is' : 'does'}: ${one.consequence}.`,
        at: one.at,
        related: [
          {
            message: `${first.name} of ${other.name} ${isImage ? 'is defined at' : 'boots it by'}`,
            at: first.at,
          },
        ],
        help: 'give each site a prefix of its own, with server.iscsi.prefix, or its own folder or pool; where both name a target, each node another',
      });
    }
  },
});

/** A disk that a site boots, or an image that it makes, and its key: the same in every site that has it. */
interface Disk {
  readonly key: string;
  readonly name: string;
  readonly at: SourceLocation;
  readonly verb: 'boots' | 'is';
  readonly what: string;
  readonly consequence: string;
}

function* disksIn(site: Site): Iterable<Disk> {
  const consequence = 'two machines that write one disk destroy what is on it';
  for (const { name, iscsi } of site.nodes) {
    if (!iscsi) continue;
    const { disk, lun, target } = iscsi;
    const at = locationOf(iscsi, disk === undefined ? 'target' : 'disk');
    const what = disk === undefined ? `LUN ${lun} of ${target}` : `the disk ${disk} of the store`;
    const key = disk === undefined ? lunKey(iscsi) : `${storeOf(site.server.iscsi)} ${disk}`;
    if (key !== undefined) yield { key, name, at, verb: 'boots', what, consequence };
  }
}

/** The images that a site makes: one that is there already it may share. */
function* imagesIn(site: Site): Iterable<Disk> {
  const consequence = 'only the first that is made is there';
  for (const image of site.images) {
    const { name, stored, source, snapshotOf } = image;
    if ((source ?? snapshotOf) === undefined) continue;
    const what = `the image ${stored} of the store`;
    const key = `${storeOf(site.server.iscsi)} ${stored}`;
    yield { key, name, at: selfLocation(image), verb: 'is', what, consequence };
  }
}

/** The store by a text that no other has: a pool is Ceph's, wherever it is asked from; a folder is of one server. */
function storeOf({ store, address }: IscsiServer): string {
  return store.kind === 'rbd' ? `rbd ${store.conf} ${store.pool}` : `files ${address} ${store.folder}`;
}
