import { type Arch, harvesterMedia, type Media } from '../knowledge/harvester.ts';
import { locationAlong, type Path, valueAlong } from '../source/leaf.ts';
import { isValueMap, lacks } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { groupedBy } from '../values/grouped.ts';
import { onceFor } from '../values/once-for.ts';
import { orUndefined } from '../values/or-undefined.ts';
import type { Manifest, Site } from './model.ts';

type Object = Draft<Manifest>;
type Body = Pick<Object, 'body'>;

/** Returns the manifests of a site by kind. */
export const manifestsByKind = onceFor((manifests: readonly (Object | undefined)[]) => {
  return groupedBy(
    manifests.flatMap((manifest) => manifest ?? []),
    ({ kind }) => kind,
  );
});

/** Returns the manifests of one kind. */
export function manifestsOf(kind: string): (site: Pick<Draft<Site>, 'manifests'>) => readonly Object[] {
  return ({ manifests = [] }) => manifestsByKind(manifests).get(kind) ?? [];
}

/** Returns the value at a path of a manifest's object, or undefined. */
export function valueIn({ body }: Body, path: Path): unknown {
  return valueAlong(body, path);
}

/** Returns the text at a path of a manifest's object, or undefined. */
export function textIn(object: Body, ...path: Path): string | undefined {
  const value = valueIn(object, path);
  return typeof value === 'string' ? value : undefined;
}

/** Returns the maps of the list at a path of a manifest's object; an empty one for each entry with an error. */
export function mapsIn(object: Body, ...path: Path): readonly Record<string, unknown>[] {
  const value = valueIn(object, path);
  return Array.isArray(value) ? value.map((item) => (isValueMap(item) ? item : {})) : [];
}

/** Whether an object definitely lacks the value at a path: it is missing, and not because of a reported error. */
export function lacksIn({ body }: Body, ...path: Path): boolean {
  const end = path.findIndex((_, index) => valueAlong(body, path.slice(0, index + 1)) === undefined);
  const holder = end < 0 ? undefined : valueAlong(body, path.slice(0, end));
  return typeof holder === 'object' && holder !== null && lacks(holder, path[end] as never);
}

/** Returns the JSON of the text at a path of a manifest's object: undefined if there is no text, or no JSON in it. */
export function jsonIn(object: Body, ...path: Path): unknown {
  const text = textIn(object, ...path);
  return text === undefined ? undefined : orUndefined(() => JSON.parse(text) as unknown);
}

/** Returns the source location of the value at a path of a manifest's object, or of the nearest one around it. */
export function locationIn({ body }: Body, ...path: Path): SourceLocation {
  return locationAlong(body as object, path);
}

/** A release to which manifests upgrade a cluster, with the ISO of `server.media`. */
export interface UpgradeRelease {
  readonly version: string;
  readonly arch: Arch;
  readonly files: Media;
}

/** Returns each release to which manifests upgrade a cluster with an ISO of `server.media`, once. */
export function upgradeReleases(site: Pick<Draft<Site>, 'manifests' | 'server'>): UpgradeRelease[] {
  const releases = new Map<string, UpgradeRelease>();
  for (const object of manifestsOf('Version')(site)) {
    const { name: version, cluster } = object;
    if (version === undefined || !cluster?.arch) continue;
    const files = harvesterMedia(version, cluster.arch);
    if (textIn(object, 'spec', 'isoURL') === `${site.server?.media?.url}/${version}/${files.iso}`)
      releases.set(files.iso, { version, arch: cluster.arch, files });
  }
  return [...releases.values()];
}

/** A volume that the VM controller creates for a VM, from its annotation. */
export interface ClaimTemplate {
  readonly name?: string;
  /** The image, as `namespace/name`. */
  readonly image?: string;
  readonly storageClass?: string;
}

/** The path of the annotation with the volumes of a VM. */
export const CLAIM_TEMPLATES: Path = ['metadata', 'annotations', 'harvesterhci.io/volumeClaimTemplates'];

/** Returns the volumes that the VM controller creates for a VM; undefined if the annotation is not a list in JSON. */
export function claimTemplates(vm: Body): readonly ClaimTemplate[] | undefined {
  if (valueIn(vm, CLAIM_TEMPLATES) === undefined) return [];
  const list = jsonIn(vm, ...CLAIM_TEMPLATES);
  if (!Array.isArray(list)) return undefined;
  return list.filter(isValueMap).map(({ metadata, spec }) => {
    const { name, annotations } = (isValueMap(metadata) ? metadata : {}) as Record<string, unknown>;
    const image = isValueMap(annotations) ? annotations['harvesterhci.io/imageId'] : undefined;
    const storageClass = isValueMap(spec) ? spec.storageClassName : undefined;
    return { name, image, storageClass } as ClaimTemplate;
  });
}

/** Returns a reference to an object as `namespace/name`, with the namespace of the referring object by default. */
export function qualified(name: string, { namespace }: Object): string {
  return name.includes('/') ? name : `${namespace}/${name}`;
}
