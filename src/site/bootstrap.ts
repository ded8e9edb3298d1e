import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { CLOUD_INIT_SINCE } from '../knowledge/installed-keys.ts';
import {
  keyLocationOf,
  located,
  locatedList,
  locationOf,
  markDerived,
  selfLocation,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { createNode } from './clusters.ts';
import type { Underived } from './derived-facts.ts';
import type { Cluster, Manifest, Nic } from './model.ts';

/**
 * Objects that the installation of a cluster creates. RKE2 on the create node applies the files in a directory, and retries each file
 * until the cluster accepts it. It would apply them again at each start of the server, and overwrite later changes. It
 * ignores a file for which there is another of the same name with `.skip`. A CloudInit resource, one of the objects, writes this file,
 * from the next boot of the node on. Source: pkg/deploy/controller.go of k3s-io/k3s (listFilesIn, shouldSkipFile), which RKE2
 * uses; pkg/controller/cloudinit of harvester/node-manager.
 */
export const BOOTSTRAP_FILE = '/var/lib/rancher/rke2/server/manifests/harvgen-bootstrap.yaml';

/** The name of the CloudInit resource. */
export const ONCE_NAME = 'harvgen-bootstrap';

type Identified = Pick<Draft<Manifest>, 'kind' | 'namespace' | 'name'>;

/** Whether an entry of `cluster.bootstrap` selects an object: `Kind`, `Kind/name` or `Kind/namespace/name`. */
export function isSelected(entry: string, { kind, namespace = '', name }: Identified): boolean {
  return [kind, `${kind}/${name}`, `${kind}/${namespace}/${name}`].includes(entry);
}

/** Whether the installation of a cluster creates an object. */
export function isInBootstrap({ bootstrap = [] }: Draft<Cluster>, object: Identified): boolean {
  return bootstrap.some((entry) => entry !== undefined && isSelected(entry, object));
}

/** Returns the object that ends the application of those that the installation created, or undefined without any. */
export function onceObject(
  cluster: Draft<Cluster>,
  manifests: readonly Draft<Manifest>[],
): Draft<Manifest> | undefined {
  const create = createNode(cluster);
  const { version } = cluster;
  if (!create?.name || !version || !isAtLeast(version, CLOUD_INIT_SINCE)) return undefined;
  if (!manifests.some(({ bootstrap }) => bootstrap)) return undefined;
  const at = keyLocationOf(cluster, 'bootstrap');
  const file = {
    path: `${BOOTSTRAP_FILE}.skip`,
    content: 'applied by the installation\n',
    permissions: 0o644,
    owner: 0,
    group: 0,
  };
  const stages = { initramfs: [{ files: [file] }] };
  const hostname = create.userConfig?.os?.hostname ?? create.name;
  const [apiVersion, kind, name] = ['node.harvesterhci.io/v1beta1', 'CloudInit', ONCE_NAME];
  const spec = {
    matchSelector: { 'kubernetes.io/hostname': hostname },
    filename: '95_harvgen_bootstrap.yaml',
    contents: `${JSON.stringify({ name: 'manifests of the installation: once', stages })}\n`,
  };
  const body = located({ apiVersion, kind, metadata: located({ name }, at), spec: located(spec, at) }, at);
  return located({ cluster, apiVersion, kind, name, body, bootstrap: true }, at);
}

export type Files = NonNullable<NonNullable<HarvesterConfig['os']>['write_files']>;
type File = Files[number];

/**
 * Returns a function that returns the file with the objects that the installation of a cluster creates, for its create node. The
 * documents are JSON: YAML parsers of any version read it alike.
 */
export function bootstrapFile(manifests: readonly Draft<Manifest>[]) {
  return (cluster: Draft<Cluster>): File | undefined => {
    const bodies = manifests.flatMap((it) => (it.cluster === cluster && it.bootstrap ? [it.body] : []));
    if (bodies.length === 0) return undefined;
    const text = bodies.map((body) => `---\n${JSON.stringify(body)}\n`).join('');
    // The installed system renders files with a template engine: this is its escape of two braces.
    const content = `# Created by the installation; harvgen made it from the manifests of the site.\n${text.replaceAll('{{', '{{`{{`}}')}`;
    return located(
      { path: BOOTSTRAP_FILE, permissions: '0600', content },
      keyLocationOf(cluster, 'bootstrap'),
    );
  };
}

/** The first release whose installed system is configured by NetworkManager, which may ask for an IP address on any NIC. */
const NETWORK_MANAGER_SINCE = 'v1.7.0';

/**
 * Returns the file that keeps the boot NIC of a node down after the installation, if it is no link of the management bond: from v1.7.0
 * on, a second lease would bring another default route and DNS server. Before, only configured NICs are set up.
 * Source: NetworkManager.conf(5), match-device; harvester, harv-install keeps /etc/NetworkManager.
 */
export function bootNicFile({ bootNic, bond = [], cluster }: Underived): File | undefined {
  const { mac, name } = bootNic ?? {};
  const isLink = (nic: Draft<Nic> | undefined) => nic === bootNic || (mac !== undefined && nic?.mac === mac);
  if (!bootNic || !(mac ?? name) || bond.length === 0 || bond.some(isLink)) return undefined;
  if (!cluster?.version || !isAtLeast(cluster.version, NETWORK_MANAGER_SINCE)) return undefined;
  const device = mac ? `mac:${mac}` : `interface-name:${name}`;
  const lines = [
    '# This NIC is only for the installation.',
    '[device-harvgen-boot]',
    `match-device=${device}`,
  ];
  return located(
    {
      path: '/etc/NetworkManager/conf.d/90-harvgen-boot-nic.conf',
      permissions: '0644',
      content: [...lines, 'managed=0', ''].join('\n'),
    },
    selfLocation(bootNic),
  );
}

/** Returns the files of a configuration with one more, and what it is derived from. */
export function withFile(files: Files | undefined, file: File, how: string): Files {
  const own = (files ?? []).map((value, index) => ({ value, at: locationOf(files as Files, index) }));
  for (const key of Object.keys(file)) markDerived(file, key, how);
  const self = selfLocation(file);
  return locatedList(files ? selfLocation(files) : self, [...own, { value: file, at: self }]);
}
