import { nearest } from '../values/text.ts';
import { isAtLeast, isAtMost, type Version } from '../values/version.ts';
import { schemaOf } from './schemas.ts';

/**
 * The kinds of Kubernetes objects whose keys harvgen knows. Source of manifests/harvester.json: the CustomResourceDefinitions of
 * harvester/harvester, node-manager, network-controller-harvester, node-disk-manager, KubeVirt and the Network Plumbing
 * Working Group at each release (scripts/derive-manifest-kinds.mjs). Source of manifests/core.json: Kubernetes' API reference.
 */
export interface ManifestKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** The keys beside apiVersion, kind and metadata. */
  readonly schema: ManifestSchema;
  /** The first release with the kind (default: v1.3.0 or older). */
  readonly 'x-since'?: string;
}

/** A part of a kind's schema: JSON Schema, closed unless `additionalProperties` is set, with harvgen's annotations on releases. */
export interface ManifestSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, ManifestSchema>>;
  readonly additionalProperties?: true | ManifestSchema;
  readonly items?: ManifestSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-since'?: string;
  readonly 'x-until'?: string;
  readonly 'x-since-values'?: Readonly<Record<string, string>>;
  /** The keys that only some releases require. */
  readonly 'x-required-in'?: Readonly<Record<string, Pick<ManifestSchema, 'x-since' | 'x-until'>>>;
}

type Kinds = Readonly<Record<string, Omit<ManifestKind, 'apiVersion' | 'kind'>>>;
type Parts = Readonly<Record<string, ManifestSchema>>;

interface File {
  readonly kinds: Kinds;
  readonly parts: Parts;
}

const FILES = ['manifests/harvester.json', 'manifests/core.json'];

/** The name of the part with the keys of all objects' metadata. */
const METADATA = 'core.metadata';

let kinds: ReadonlyMap<string, ManifestKind> | undefined;

/** Returns the known kinds, by apiVersion and kind: `network.harvesterhci.io/v1beta1/VlanConfig`. Read once. */
export function manifestKinds(): ReadonlyMap<string, ManifestKind> {
  kinds ??= new Map(
    FILES.flatMap((file) =>
      Object.entries((schemaOf(file) as File).kinds).map(([id, kind]) => {
        const end = id.lastIndexOf('/');
        return [id, { apiVersion: id.slice(0, end), kind: id.slice(end + 1), ...kind }] as const;
      }),
    ),
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
  const same = all.filter((one) => one.kind === kind);
  const inGroup = all.filter((one) => groupOf(one.apiVersion) === group);
  const meant = nearest(
    kind,
    inGroup.map((one) => one.kind),
  );
  return (
    same.find((one) => groupOf(one.apiVersion) === group) ??
    inGroup.find((one) => one.kind === meant) ??
    same.find((one) => nearest(groupOf(one.apiVersion), [group], 0.3) !== undefined)
  );
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.replace(/\/.*$/, '') : '';
}

/** Returns the schema of a kind's metadata. */
export function metadataSchema(): ManifestSchema {
  return followManifest({ $ref: METADATA });
}

/** Returns a part with its reference resolved; its own keywords override those of the target. */
export function followManifest(part: ManifestSchema): ManifestSchema {
  const { $ref, ...own } = part;
  if ($ref === undefined) return part;
  const target = FILES.map((file) => (schemaOf(file) as File).parts[$ref]).find((one) => one !== undefined);
  return { ...(target && followManifest(target)), ...own };
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
