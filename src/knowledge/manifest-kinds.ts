import { nearest } from '../values/text.ts';
import { isAtLeast, isAtMost, type Version } from '../values/version.ts';
import { groupOf } from './cluster-dump.ts';
import { factsOf } from './facts.ts';
import type { ManifestKind, ManifestSchema } from './manifest-schema.ts';
import { schemaOf } from './schemas.ts';

interface File {
  readonly kinds: Readonly<Record<string, Omit<ManifestKind, 'apiVersion' | 'kind'>>>;
  readonly parts: Readonly<Record<string, ManifestSchema>>;
}

const file = () => schemaOf('manifests/harvester.json') as File;

/** Returns the kinds of Kubernetes itself, and the metadata of every kind. */
export const coreKinds = () => factsOf<File & { readonly metadata: ManifestSchema }>('core-kinds');

let kinds: ReadonlyMap<string, ManifestKind> | undefined;

/** Returns the known kinds, by apiVersion and kind: `network.harvesterhci.io/v1beta1/VlanConfig`. Read once. */
export function manifestKinds(): ReadonlyMap<string, ManifestKind> {
  kinds ??= new Map(
    Object.entries({ ...file().kinds, ...coreKinds().kinds }).map(([id, kind]) => {
      const end = id.lastIndexOf('/');
      return [id, { apiVersion: id.slice(0, end), kind: id.slice(end + 1), ...kind }] as const;
    }),
  );
  return kinds;
}

/** Returns a kind, or undefined for one that harvgen does not know. */
export function manifestKind(apiVersion: string, kind: string): ManifestKind | undefined {
  return manifestKinds().get(`${apiVersion}/${kind}`);
}

/** Returns the known kind that an unknown one most probably means: with another version, or a typo. */
export function likelyKind(apiVersion: string, kind: string): ManifestKind | undefined {
  const all = [...manifestKinds().values()];
  const group = groupOf(apiVersion);
  const same = all.filter((known) => known.kind === kind);
  const inGroup = all.filter((known) => groupOf(known.apiVersion) === group);
  const meant = nearest(
    kind,
    inGroup.map((known) => known.kind),
  );
  return (
    same.find((known) => groupOf(known.apiVersion) === group) ??
    inGroup.find((known) => known.kind === meant) ??
    same.find((known) => nearest(groupOf(known.apiVersion), [group], 0.3) !== undefined)
  );
}

/** Returns the whole schema of a kind: of an unknown one, only that of its metadata, with any other key. */
export function schemaOfKind(kind: ManifestKind | undefined): ManifestSchema {
  const { schema = { additionalProperties: true } as const } = kind ?? {};
  const text: ManifestSchema = { type: 'string' };
  const properties = { apiVersion: text, kind: text, metadata: coreKinds().metadata, ...schema.properties };
  return { type: 'object', ...schema, properties, required: ['metadata', ...(schema.required ?? [])] };
}

/** Returns a part with its reference resolved; its own keywords override those of the target. */
export function followManifest(part: ManifestSchema): ManifestSchema {
  const { $ref, ...own } = part;
  const target = $ref === undefined ? undefined : (file().parts[$ref] ?? coreKinds().parts[$ref]);
  return target ? { ...followManifest(target), ...own } : part;
}

/** Whether a release has a key or a kind. Releases that are newer than the newest known one compare as that one. */
export function isInRelease(
  { 'x-since': since, 'x-until': until }: Pick<ManifestSchema, 'x-since' | 'x-until'>,
  release: Version,
): boolean {
  return (
    (since === undefined || isAtLeast(release, since)) && (until === undefined || isAtMost(release, until))
  );
}
