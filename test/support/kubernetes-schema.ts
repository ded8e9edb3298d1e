import { createRequire } from 'node:module';

/** A Kubernetes object of a kustomization. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: other fields depend on the kind, and are in its schema
  readonly [key: string]: any;
}

/** The class of a kind in the package. */
type Kind = new () => { validate(): void };

const require = createRequire(import.meta.url);

/**
 * Returns the errors of an object by the schema of its kind: invalid values, and unknown fields. Throws if there is no
 * such kind.
 */
export function schemaErrors(object: KubernetesObject): string[] {
  const module = require(`kubernetes-models/${object.apiVersion}/${object.kind}`);
  const { prototype } = module[object.kind] as Kind;
  const seen = new Set<string>();
  const wrong: string[] = [];
  try {
    prototype.validate.call(watched(Object.assign(Object.create(prototype), object), '', seen));
  } catch (error) {
    wrong.push((error as Error).message);
  }
  const unknown = pathsIn(object).filter((path) => !seen.has(path));
  return [...wrong, ...unknown.map((path) => `${path} is not a field`)];
}

/** The schemas accept unknown fields, as does the cluster, which drops them: a field that no schema reads is unknown. */
function watched<T>(value: T, path: string, seen: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const inner = `${path}/${String(key)}`;
      seen.add(inner);
      return watched(Reflect.get(target, key), inner, seen);
    },
  });
}

function pathsIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}/${key}`,
    ...pathsIn(inner, `${path}/${key}`),
  ]);
}
