import { checkObject } from '../inventory/check-object.ts';
import { layer } from '../inventory/layer.ts';
import type { ManifestDocument, ManifestDocuments } from '../inventory/manifests.ts';
import { isInRelease, likelyKind, manifestKind, schemaOfKind } from '../knowledge/manifest-kinds.ts';
import type { ManifestKind } from '../knowledge/manifest-schema.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { Report } from '../source/diagnostics/report.ts';
import {
  copyWith,
  isBroken,
  isValueMap,
  keyLocationOf,
  located,
  locationOf,
  markBroken,
  selfLocation,
  type ValueMap,
} from '../source/origin.ts';
import { quote, replaceValue, safeFix, suggestedFix } from '../source/text-edit/fix.ts';
import type { Draft } from '../values/draft.ts';
import { hasBrackets, namesOfRange } from '../values/hostlist.ts';
import { nearest } from '../values/text.ts';
import { isInBootstrap, onceObject } from './bootstrap.ts';
import { membersOf } from './clusters.ts';
import { isKnown } from './from-inventory.ts';
import type { Cluster, Manifest } from './model.ts';
import {
  fillNodeValues,
  fillValues,
  holdsNodeValue,
  nodeFiller,
  siteFiller,
  type ValuesOf,
} from './references.ts';

interface Context {
  readonly inventory: Draft<SiteInventory>;
  readonly documents: ManifestDocuments;
  readonly clusters: readonly Draft<Cluster>[];
  readonly values: ValuesOf['site'];
  readonly report: Report;
}

type Resolving = Omit<Context, 'documents'> & { readonly losses: Report };

/** The objects of a site, and whether an error may have removed any. */
export interface ResolvedManifests {
  readonly manifests: Draft<Manifest>[];
  readonly areComplete: boolean;
}

/**
 * Resolves the Kubernetes objects of each cluster. Merges the layers of an object, substitutes values of the site and of nodes, and
 * validates it by the schema of the cluster's release. An object with `${node:name}` in its name is one for each member.
 */
export function resolveManifests({ documents: read, ...rest }: Context): ResolvedManifests {
  // An error that it gets removes an object.
  const losses = new Report();
  const context = { ...rest, losses };
  const { clusters } = rest;
  const documents = read.documents.filter((document) => isForCluster(document, context));
  const identified = documents.filter(({ map }) => checkIdentity(map, losses));
  const manifests = clusters.flatMap((cluster) => {
    const found = layersOf(identified, cluster, losses).flatMap((map) =>
      resolveObject(map, cluster, context),
    );
    const once = onceObject(cluster, found);
    return once ? [...found, once] : found;
  });
  rest.report.with(losses);
  const areComplete = read.areComplete && !losses.failed && manifests.every(({ name }) => name !== undefined);
  return { manifests, areComplete };
}

/** Reports a directory that is not named like a cluster; in a shared directory, it may be for another site. */
function isForCluster(
  { map, cluster, isOwn }: ManifestDocument,
  { inventory, clusters, losses }: Resolving,
): boolean {
  const areKnown = !isBroken(inventory, 'cluster') && isKnown(inventory, 'clusters');
  if (!isOwn || !areKnown || clusters.some(({ name }) => cluster === undefined || name === cluster))
    return true;
  const names = clusters.flatMap(({ name }) => name ?? []);
  const meant = cluster && nearest(cluster, names);
  losses.error({
    code: 'manifest-cluster',
    message:
      names.length === 0
        ? 'The site has manifests, but no Harvester cluster: nothing would apply them.'
        : `The site has no cluster ${cluster}${meant ? `: did you mean ${meant}?` : ': nothing would apply this object.'}`,
    at: selfLocation(map),
    help:
      names.length === 0
        ? 'add `cluster:`, or remove the directory manifests'
        : `move the file to manifests/, for every cluster, or to ${names.map((name) => `manifests/${name}/`).join(' or ')}`,
  });
  return false;
}

/** Reports the absence of the keys that identify an object, and kinds that are probably misspelled. */
function checkIdentity(map: ValueMap, report: Report): boolean {
  const metadata = map.metadata;
  const places = [
    ['apiVersion', map],
    ['kind', map],
    ['name', isValueMap(metadata) ? metadata : undefined],
  ] as const;
  const missing = places.filter(([key, holder]) => typeof holder?.[key] !== 'string' || holder[key] === '');
  for (const [key, holder] of missing) {
    const path = key === 'name' ? 'metadata.name' : key;
    if (holder && isBroken(holder, key)) continue;
    const isSet = holder?.[key] !== undefined && holder[key] !== '';
    report.error({
      code: isSet ? 'wrong-type' : 'missing-key',
      message: isSet
        ? `${path} of this object must be a string.`
        : `This Kubernetes object lacks the key ${path}.`,
      at: holder ? locationOf(holder, key) : selfLocation(map),
      fix:
        isSet && holder && typeof holder[key] !== 'object'
          ? safeFix(quote(locationOf(holder, key)))
          : undefined,
      help: isSet ? 'write it in quotes' : `add ${path}`,
    });
  }
  if (missing.length > 0) return false;
  const { apiVersion, kind } = map as Record<string, string>;
  if (manifestKind(apiVersion as string, kind as string)) return true;
  const meant = likelyKind(apiVersion as string, kind as string);
  if (!meant) return true; // manifest-unchecked warns of it
  const isVersion = meant.kind === kind;
  report.error({
    code: 'manifest-kind',
    message: isVersion
      ? `There is no ${kind} in ${apiVersion}: did you mean apiVersion ${meant.apiVersion}?`
      : `${apiVersion} has no kind ${kind}: did you mean ${meant.kind}?`,
    at: locationOf(map, isVersion ? 'apiVersion' : 'kind'),
    fix: suggestedFix(
      replaceValue(
        locationOf(map, isVersion ? 'apiVersion' : 'kind'),
        isVersion ? meant.apiVersion : meant.kind,
      ),
    ),
    help: `write \`${isVersion ? `apiVersion: ${meant.apiVersion}` : `kind: ${meant.kind}`}\``,
  });
  return false;
}

/**
 * Returns the objects of a cluster, each with its layers merged: those of included directories, of the site, and of the cluster's own
 * directory, in this order. Reports an object that two documents of one layer set.
 */
function layersOf(
  documents: readonly ManifestDocument[],
  cluster: Draft<Cluster>,
  report: Report,
): ValueMap[] {
  const rank = ({ layer, cluster: own }: ManifestDocument) => 2 * layer + Number(own !== undefined);
  const objects = new Map<string, { map: ValueMap; top: ManifestDocument }>();
  const applied = documents
    .filter((document) => document.cluster === undefined || document.cluster === cluster.name)
    .sort((a, b) => rank(a) - rank(b));
  for (const document of applied) {
    const id = idOf(document.map);
    const below = objects.get(id);
    if (below && rank(below.top) === rank(document)) {
      const { kind, metadata } = document.map as Record<string, ValueMap & string>;
      report.error({
        code: 'manifest-twice',
        message: `The ${kind} ${metadata?.name} is defined twice: only one definition can apply.`,
        at: nameLocation(document.map),
        related: [{ message: 'the other is at', at: nameLocation(below.top.map) }],
        help: 'remove one of them, or rename it',
      });
      continue;
    }
    // A copy, because errors in one cluster do not apply to another.
    const lower = below?.map ?? located<ValueMap>(Object.create(null), selfLocation(document.map));
    objects.set(id, { map: layer(lower, document.map), top: document });
  }
  return [...objects.values()].map(({ map }) => map);
}

function nameLocation({ metadata }: ValueMap) {
  return locationOf(metadata as ValueMap, 'name');
}

/** Returns what identifies an object in a cluster. */
function idOf(map: ValueMap): string {
  const { apiVersion, kind, metadata } = map as { [key: string]: string } & { metadata: ValueMap };
  const known = manifestKind(apiVersion ?? '', kind ?? '');
  return [apiVersion, kind, namespaceOf(metadata, known) ?? '', metadata.name].join(' ');
}

/** Returns the namespace of an object: `default` if it sets none. */
function namespaceOf({ namespace }: ValueMap, kind: ManifestKind | undefined): string | undefined {
  if (kind?.scope === 'Cluster') return undefined;
  return typeof namespace === 'string' ? namespace : kind && 'default';
}

/** Returns the objects of a document: one for each name of a range, `web-[1-3]`, and for each node that its name contains. */
function resolveObject(written: ValueMap, cluster: Draft<Cluster>, context: Resolving): Draft<Manifest>[] {
  const metadata = written.metadata as ValueMap;
  const range = metadata.name as string;
  const names = hasBrackets(range) ? namesOfRange(range) : [];
  if (names.length === 0) return resolveNamed(written, range, cluster, context);
  return names.flatMap((name) =>
    resolveNamed(copyWith(written, { metadata: copyWith(metadata, { name }) }), name, cluster, context),
  );
}

function resolveNamed(
  written: ValueMap,
  object: string,
  cluster: Draft<Cluster>,
  { values, report, losses }: Resolving,
): Draft<Manifest>[] {
  const of = { site: values, cluster, object };
  const map = fillValues(written, '${site:', siteFiller(of, report));
  const name = (map.metadata as ValueMap).name as string;
  if (!holdsNodeValue(map)) return [manifestOf(map, cluster, report)];
  if (!name.includes('${node:name}')) {
    losses.error({
      code: 'manifest-per-node',
      message: `This ${map.kind} has values of a node, but one name: every node would overwrite the object of the others.`,
      at: nameLocation(map),
      help: `write \`name: ${name}-\${node:name}\`: harvgen writes an object for each node of the cluster`,
    });
    return [];
  }
  return membersOf(cluster).map((node) =>
    manifestOf(fillNodeValues(map, nodeFiller(node, values.server, report)), cluster, report),
  );
}

function manifestOf(map: ValueMap, cluster: Draft<Cluster>, report: Report): Draft<Manifest> {
  const { apiVersion, kind } = map as Record<string, string>;
  const known = manifestKind(apiVersion ?? '', kind ?? '');
  if (known && cluster.version && !isInRelease(known, cluster.version))
    report.error({
      code: 'manifest-kind',
      message: `${cluster.version.text} has no kind ${kind}: Harvester has it since ${known['x-since']}.`,
      at: locationOf(map, 'kind'),
      help: 'remove the object, or upgrade the cluster first',
    });
  else checkObject(map, String(kind), schemaOfKind(known), cluster.version, report);
  const metadata = (map.metadata ?? {}) as ValueMap;
  const namespace = namespaceOf(metadata, known);
  const { name } = metadata as { readonly name?: string };
  const isComplete =
    namespace === undefined || metadata.namespace !== undefined || map.metadata === undefined;
  const body = isComplete ? map : copyWith(map, { metadata: withNamespace(metadata, namespace) });
  const self = keyLocationOf(map, 'kind');
  const bootstrap = isInBootstrap(cluster, { kind, namespace, name });
  const result = located({ cluster, apiVersion, kind, name, namespace, body, bootstrap }, self);
  if (name === undefined) markBroken(result, 'name');
  return result;
}

/** Adds the namespace, which is otherwise that of the program that applies the object. */
function withNamespace(metadata: ValueMap, namespace: string): ValueMap {
  const { name, ...rest } = metadata;
  return copyWith(metadata, { ...(name !== undefined && { name }), namespace, ...rest } as Partial<ValueMap>);
}
