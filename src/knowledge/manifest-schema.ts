/**
 * The kinds of Kubernetes objects whose keys harvgen knows. Source of manifests/harvester.json: the CustomResourceDefinitions of
 * harvester/harvester, node-manager, network-controller-harvester, node-disk-manager, KubeVirt and the Network Plumbing
 * Working Group at each release (scripts/derive-manifest-kinds.mjs).
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
  /** A format of the inventory. */
  readonly format?: string;
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
  /** The keys that users probably mean by other names. */
  readonly 'x-renamed'?: Readonly<Record<string, string>>;
  /** The keys that only some releases require. */
  readonly 'x-required-in'?: Readonly<Record<string, Pick<ManifestSchema, 'x-since' | 'x-until'>>>;
}
