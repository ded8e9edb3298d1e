import type { Cluster } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { locationsOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';

/** A Kubernetes object of a cluster, with the source locations of its values. */
export interface ClusterObject {
  readonly cluster: Cluster;
  /** The subdirectory of the kustomize folder, by effect: settings, addons, nodes, os, network, storage, images, workloads. */
  readonly folder: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  /** Whether it contains a secret in clear text, which the inventory contains, too. */
  readonly hasClearText?: boolean | undefined;
  /** The object as it is written; secrets are placeholders. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The source location of its name in a manifest, or of the first value of the inventory in it. */
  readonly origin: SourceLocation;
  /**
   * Returns the source location of the value at a path of `body`, or of the nearest value around it. A path may continue into
   * the map of a text: that of a Setting's JSON, or of a CloudInit's `contents`.
   */
  at(path: Path): SourceLocation;
}

/** A path of an object's body, and the key of the inventory that sets the value there. */
export interface Place {
  readonly path: Path;
  readonly holder: object;
  readonly key: string | number;
}

/** The parts of an object that differ between kinds. */
interface Contents {
  readonly folder: string;
  /** Its type: `v1/Node`. */
  readonly type: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels?: object | undefined;
  /** All other keys. */
  readonly rest: object;
  readonly places: readonly Place[];
  readonly hasClearText?: boolean;
}

/** Returns an object of a cluster. */
export function clusterObject(cluster: Cluster, contents: Contents): ClusterObject {
  const { folder, type, name, namespace, labels, rest, places, hasClearText } = contents;
  const [, apiVersion = '', kind = ''] = /^(.*)\/(.*)$/.exec(type) ?? [];
  const metadata = { name, ...(namespace && { namespace }), ...(labels && { labels }) };
  return {
    cluster,
    folder,
    apiVersion,
    kind,
    name,
    namespace,
    hasClearText,
    body: { apiVersion, kind, metadata, ...rest },
    origin: locationAt(places, places[0]?.path ?? []) ?? selfLocation(cluster),
    at: (path) => locationAt(places, path) ?? selfLocation(cluster),
  };
}

function locationAt(places: readonly Place[], path: Path): SourceLocation | undefined {
  let best: Place | undefined;
  for (const place of places)
    if (place.path.length >= (best?.path.length ?? 0) && place.path.every((step, at) => step === path[at]))
      best = place;
  if (!best) return undefined;
  let { holder, key } = best;
  let at = locationsOf(holder, key)?.value ?? selfLocation(holder);
  for (const step of path.slice(best.path.length)) {
    const inner = (holder as Record<string | number, unknown>)[key];
    if (typeof inner !== 'object' || inner === null) break;
    at = locationsOf(inner, step)?.value ?? at;
    [holder, key] = [inner, step];
  }
  return at;
}
