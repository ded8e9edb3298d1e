import { parseYamlValue } from '../../inventory/parse.ts';
import { DUMP_HEADER, DUMPED, groupOf, nameOf, objectsOf } from '../../knowledge/cluster-dump.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Path } from '../../source/leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../../source/origin.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { isShallow } from '../diff/values.ts';

/** The type and the name of a Kubernetes object. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A difference between the inventory and a cluster. */
export interface Difference {
  readonly object: ObjectName;
  /** The path of the value in the object; empty for the whole object. */
  readonly path: Path;
  /** The nodes that the object is for, of those that differ in the same way. */
  readonly nodes: readonly string[];
  /** The source location in the inventory; undefined if the inventory lacks the value. */
  readonly at?: SourceLocation | undefined;
  readonly declared: unknown;
  readonly running: unknown;
  /** How the value of the inventory gets into the cluster. */
  readonly mend: string;
  /** How the inventory gets the value of the cluster, or the source location to edit; undefined if it cannot have the value. */
  readonly keep?: string | SourceLocation | undefined;
}

/** A key whose effect in the cluster a dump does not show, with the nodes that it is for. */
export interface Unobservable {
  readonly key: string;
  /** Whether the dump contains its file in /oem, which a node reads when it boots. */
  readonly isInFile: boolean;
  readonly nodes: readonly string[];
}

/** The comparison of a cluster with the inventory. */
export interface Drift {
  readonly site: string;
  readonly cluster: string;
  readonly differences: readonly Difference[];
  readonly unobservable: readonly Unobservable[];
}

/** The objects that a cluster had when it was dumped. */
export interface Dump {
  /** Returns the objects of a type: `Setting.harvesterhci.io`, or `Node.` in the core of Kubernetes. */
  all(type: string): readonly ValueMap[];
  find(object: ObjectName): ValueMap | undefined;
  /** Whether the dump has all objects of a type, so that a missing one is missing in the cluster. */
  has(object: ObjectName): boolean;
  readonly isEmpty: boolean;
}

/** Returns the objects of a dump, YAML or JSON; undefined after an error, which it reports. */
export function readDump(source: Source, report: Report): Dump | undefined {
  const [first = ''] = source.text.split('\n', 1);
  const hasHeader = first.startsWith(DUMP_HEADER);
  const json = parseJson(hasHeader ? source.text.slice(first.length) : source.text);
  const value = json ?? parseYamlValue(source, report);
  if (value === undefined) return undefined;
  const objects = new Map<string, Map<string, ValueMap>>();
  for (const object of objectsOf(value)) {
    const type = typeOf(object);
    const ofType = objects.get(type) ?? new Map<string, ValueMap>();
    objects.set(type, ofType.set(keyOf(objectName(object)), object));
  }
  const resources = first.slice(DUMP_HEADER.length).trim().split(/\s+/);
  const listed = resources
    .filter((resource) => Object.hasOwn(DUMPED, resource))
    .map((resource) => `${DUMPED[resource]}.${/\.(.*)/.exec(resource)?.[1] ?? ''}`);
  const types = new Set(hasHeader ? listed : objects.keys());
  return {
    all: (type) => [...(objects.get(type)?.values() ?? [])],
    find: (object) => objects.get(typeOf(object))?.get(keyOf(object)),
    has: (object) => types.has(typeOf(object)),
    isEmpty: objects.size === 0,
  };
}

/** Returns the value of a JSON text, in a fraction of the time of YAML; undefined for any other text. */
export function parseJson(text: string): Value | undefined {
  const value = /^\s*[{[]/.test(text) ? orUndefined((): Value => JSON.parse(text)) : undefined;
  // kubectl prints no deeper JSON, and the full reader reports it.
  return isShallow(value, 100) ? value : undefined;
}

function typeOf({ apiVersion, kind }: ObjectName | ValueMap): string {
  return `${kind}.${groupOf(apiVersion)}`;
}

/** Returns the type and the name of an object in a dump. */
export function objectName(object: ValueMap): ObjectName {
  const { apiVersion, kind, metadata } = object;
  const namespace = isValueMap(metadata) ? metadata.namespace : undefined;
  return {
    apiVersion: String(apiVersion),
    kind: String(kind),
    name: nameOf(object) ?? '',
    ...(typeof namespace === 'string' && { namespace }),
  };
}

function keyOf({ namespace = '', name }: ObjectName): string {
  return `${namespace}/${name}`;
}
