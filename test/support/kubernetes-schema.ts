import { createRequire } from 'node:module';

/** An object of Kubernetes, as a kustomization gives it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: of each kind there is something else, which its schema says
  readonly [key: string]: any;
}

/** What the package has for a kind. */
type Kind = new () => { validate(): void };

const require = createRequire(import.meta.url);

/**
 * Gives what the schema of its kind has against an object: values that it does not take, and fields that it does not
 * know. Throws where there is no such kind.
 */
export function schemaFaults(object: KubernetesObject): string[] {
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
  return [...wrong, ...unknown.map((path) => `${path} is no field`)];
}

/** The schemas let unknown fields pass, as does the cluster, which drops them: whatever no schema looks at is unknown. */
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
