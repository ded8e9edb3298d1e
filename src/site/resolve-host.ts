import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  brokenKeys,
  isBroken,
  keyPlaceOf,
  located,
  markBroken,
  placeOf,
  setPlace,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { build, entries, saidOr } from './build.ts';
import type { Cluster, Exposed, Host, HostDisk } from './model.ts';

type HostInventory = NonNullable<Draft<SiteInventory>['host']>;
type ExposedInventory = NonNullable<NonNullable<HostInventory['expose']>[number]>;

/**
 * Makes the libvirt host of an inventory, with what it does not say filled in; undefined where it has none. Reports a
 * port whose cluster there is not, or cannot be told.
 */
export function resolveHost(
  inventory: Draft<SiteInventory>,
  clusters: readonly Draft<Cluster>[],
  report: Report,
): Draft<Host> | undefined {
  const { host } = inventory;
  if (!host) return undefined;
  const images = host.images?.replace(/\/+$/, '') ?? '/var/lib/libvirt/images';
  const result = build<Draft<Host>>(
    {
      address: host.address,
      domainType: saidOr(host, 'domain_type', 'kvm'),
      threads: host.threads,
      memory: host.memory,
      images,
      disks: resolveDisks(host, images),
      expose: resolveExposed(host, inventory, clusters, report),
    },
    host,
    { domainType: 'domain_type' },
    keyPlaceOf(inventory, 'host'),
  );
  for (const key of ['disks', 'expose'] as const) {
    if (host[key] && brokenKeys(host[key]).length > 0) markBroken(result, key);
  }
  return result;
}

function resolveDisks({ disks = {} }: HostInventory, images: string): Draft<HostDisk>[] {
  return Object.entries(disks).flatMap(([name, disk]) => {
    if (!disk) return [];
    const filesystem = saidOr(disk, 'filesystem', 'ext4');
    const values = { name, device: disk.device, size: disk.size, filesystem, mount: `${images}/${name}` };
    return [build<Draft<HostDisk>>(values, disk, {}, keyPlaceOf(disks, name))];
  });
}

function resolveExposed(
  { expose = [] }: HostInventory,
  inventory: Draft<SiteInventory>,
  clusters: readonly Draft<Cluster>[],
  report: Report,
): Draft<Exposed>[] {
  const result: Draft<Exposed>[] = located([], placeOf(inventory, 'host'));
  expose.forEach((one, index) => {
    if (!one) return;
    const { port, to, address, allow } = one;
    setPlace(result, result.length, placeOf(expose, index));
    result.push(
      build<Draft<Exposed>>(
        {
          port,
          to: to ?? (isBroken(one, 'to') ? undefined : port),
          cluster: clusterOf(one, inventory, clusters, report),
          address,
          allow: entries(allow),
        },
        one,
        {},
        placeOf(expose, index),
      ),
    );
  });
  return result;
}

/** The cluster that a port names, else the site's only one. */
function clusterOf(
  exposed: ExposedInventory,
  inventory: Draft<SiteInventory>,
  clusters: readonly Draft<Cluster>[],
  report: Report,
): Draft<Cluster> | undefined {
  const isKnown =
    !isBroken(inventory, 'clusters') &&
    !isBroken(inventory, 'cluster') &&
    brokenKeys(inventory.clusters ?? {}).length === 0;
  const found =
    exposed.cluster === undefined
      ? clusters.length === 1 && !isBroken(exposed, 'cluster')
        ? clusters[0]
        : undefined
      : clusters.find(({ name }) => name === exposed.cluster);
  if (found || !isKnown || isBroken(exposed, 'cluster')) return found;
  const names = clusters.map(({ name }) => name).join(', ');
  // That there is none at all is one fault, however many ports lack it.
  const [first] = inventory.host?.expose ?? [];
  if (!names && exposed.cluster === undefined && exposed !== first) return undefined;
  if (exposed.cluster !== undefined) {
    report.error({
      code: 'unknown-cluster',
      message: `A port of the host leads to the cluster ${exposed.cluster}, and there is no such cluster.`,
      at: placeOf(exposed, 'cluster'),
      help: `known clusters: ${names || 'none: define it under clusters'}`,
    });
  } else {
    report.error({
      code: 'expose-without-cluster',
      message: `It cannot be told which cluster's VIP the port ${exposed.port} of the host leads to.`,
      at: placeOf(exposed, 'port'),
      help: names ? `say it with cluster: ${names}` : 'give the site a cluster, or remove the port',
    });
  }
  return undefined;
}
