import { type CreateNodeOptions, Document, type ToStringOptions } from 'yaml';

/** An object of Kubernetes, or a kustomization. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** kubectl reads YAML 1.1: what is a number or a truth value there is quoted. */
const OPTIONS: CreateNodeOptions & ToStringOptions & { version: '1.1' } = {
  version: '1.1',
  lineWidth: 0,
  aliasDuplicateObjects: false,
};

/** Renders an object as YAML, its keys in their order, with a comment above. */
export function renderManifest(manifest: Manifest, comment: string): string {
  const document = new Document(manifest, OPTIONS);
  document.commentBefore = comment.replace(/^/gm, ' ');
  return document.toString(OPTIONS);
}
