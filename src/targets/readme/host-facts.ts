import { systemDisk } from '../../site/boot-order.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import { consoleLog } from '../../tree/host-paths.ts';
import { watchdogUnit, watchedNodes } from '../systemd/units.ts';

/** How a network of libvirt's leads out where nothing leads in. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['nat', 'isolated']);

/** What a person is to replace in the commands. */
const PLACEHOLDER = 'HOST';

/** A virtual machine of the host, as a person reads it. */
interface Machine {
  readonly name: string;
  readonly mode: Node['mode'];
  readonly vcpus: number;
  readonly memory: string;
  /** The image of the disk that its system is on. */
  readonly system: string;
  /** Where its serial console is logged. */
  readonly console: string;
  readonly disks: readonly { readonly size: string; readonly device: string; readonly file: string }[];
}

/** A cluster of the host: where it is, and by which ports of the host it is reached. */
interface ReachedCluster {
  readonly name: string;
  readonly vip: string;
  /** What scripts are told where there are several. */
  readonly flags: string;
  readonly to: readonly {
    readonly port: number;
    readonly vipPort: number;
    readonly url: string | undefined;
  }[];
  /** Whether people elsewhere reach Kubernetes by one of them. */
  readonly api: boolean;
  /** Whether its VIP is on a network that nothing but the host reaches. */
  readonly inside: boolean;
}

/** Gives what the README says of a libvirt host. Without one, there are neither machines nor clusters in it. */
export function hostFacts(site: Site) {
  const { host, server, clusters } = site;
  return {
    // The address of the URL is of the machines' network, which nobody elsewhere reaches.
    reach: host ? (host.address ?? PLACEHOLDER) : server.host,
    isReachKnown: !host || host.address !== undefined,
    machines: site.nodes.flatMap(machineOf),
    clusters: host ? clusters.map((cluster) => reached(cluster, site)) : [],
    watchdog: host && watchedNodes(site).length > 0 ? watchdogUnit(site) : undefined,
  };
}

function machineOf(node: Node): Machine[] {
  const { name, mode, domain, facts } = node;
  if (!domain) return [];
  const { vcpus, memory, disks } = domain;
  return [
    {
      name,
      mode,
      vcpus,
      memory: memory % 1024 === 0 ? `${memory / 1024}Gi` : `${memory}Mi`,
      system: systemDisk(node)?.file ?? '',
      console: consoleLog(node),
      disks: disks.map(({ device, file }, index) => ({
        size: facts.vm?.disks?.[index]?.size ?? '',
        device,
        file,
      })),
    },
  ];
}

function reached({ name, vip, members }: Cluster, { host, clusters }: Site): ReachedCluster {
  // What listens at the loopback is for the host itself.
  const exposed = (host?.expose ?? []).filter(
    ({ cluster, address }) => cluster.name === name && !address?.startsWith('127.'),
  );
  return {
    name,
    vip,
    flags: clusters.length > 1 ? ` --cluster ${name}` : '',
    to: exposed.map(({ port, to, address }) => ({
      port,
      vipPort: to,
      url: to === 443 ? urlOf(address ?? host?.address, port) : undefined,
    })),
    inside: members.every(({ bootNic }) => CLOSED.has(bootNic.network.libvirt?.forward)),
    api: exposed.some(({ to, address }) => to === 6443 && (address ?? host?.address) !== undefined),
  };
}

/** The URL of a dashboard, where the host's address is known. */
function urlOf(address: string | undefined, port: number): string | undefined {
  return address && `https://${address}${port === 443 ? '' : `:${port}`}`;
}
