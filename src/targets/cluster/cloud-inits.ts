import { clearInConfig } from '../../knowledge/hide.ts';
import { CLOUD_INIT_SINCE } from '../../knowledge/installed-keys.ts';
import { marked } from '../../secrets/uses-of.ts';
import { hostNameOf } from '../../site/clusters.ts';
import type { Cluster, Node } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { isAtLeast } from '../../values/version.ts';
import { renderYaml } from '../render-yaml.ts';
import { type ClusterObject, clusterObject, type Place } from './cluster-object.ts';
import { osParts, type Part, STAGES, type Step } from './os-parts.ts';

/** A part with the nodes' secrets: those in clear text, too. */
interface NodePart extends Part {
  readonly isClear: boolean;
}

/**
 * Returns the operating system of a cluster's nodes as CloudInits: one for all nodes with what they share, and one for each node
 * with the rest. A selector only compares labels, and node-manager ignores new labels of a node; its host name is always there.
 */
export function* cloudInitObjects(cluster: Cluster, create: Node | undefined): Iterable<ClusterObject> {
  if (!isAtLeast(cluster.version, CLOUD_INIT_SINCE)) return;
  const members = cluster.members.filter(({ os }) => os === 'harvester');
  // Made again for each use: those of all nodes together would take much memory.
  const partsOf = ({ config }: Node) =>
    osParts(config, config.install?.role === 'worker' ? {} : (create?.config ?? {}), cluster.version);
  // A cluster that exists has nodes that the inventory does not contain.
  const shared = cluster.exists ? [] : sharedParts(members, partsOf);
  yield* cloudInits(cluster, withClear(shared, members[0]), {}, (isSecret) =>
    isSecret ? ['harvgen-os-secrets', '95_harvgen_secrets.yaml'] : ['harvgen-os', '95_harvgen.yaml'],
  );
  const targets = new Set(shared.map(({ target }) => target));
  for (const node of members) {
    const name = hostNameOf(node);
    const rest = partsOf(node).filter(({ target }) => !targets.has(target));
    yield* cloudInits(cluster, withClear(rest, node), { 'kubernetes.io/hostname': name }, (isSecret) =>
      isSecret
        ? [`harvgen-secrets-${name}`, `96_harvgen_secrets_${name}.yaml`]
        : [`harvgen-node-${name}`, `96_harvgen_${name}.yaml`],
    );
  }
}

/** Returns the parts of the first node that all nodes have, with the same values. */
function sharedParts([first, ...others]: readonly Node[], partsOf: (node: Node) => readonly Part[]) {
  let shared = first ? partsOf(first).map((part) => ({ part, text: JSON.stringify(part.step) })) : [];
  for (const node of others) {
    if (shared.length === 0) break;
    const steps = new Map(partsOf(node).map(({ target, step }) => [target, step]));
    shared = shared.filter(({ part, text }) => JSON.stringify(steps.get(part.target)) === text);
  }
  return shared.map(({ part }) => part);
}

/** Marks the parts of a node with secrets in clear text. */
function withClear(parts: readonly Part[], node: Node | undefined): NodePart[] {
  if (parts.length === 0 || !node) return [];
  const clear = clearInConfig(node.config).map(({ path }) => path);
  return parts.map((part) => ({
    ...part,
    isClear: clear.some((path) => path === part.key || path.startsWith(`${part.key}.`)),
  }));
}

/** Returns up to two CloudInits: that with secrets cannot be in the same folder. */
function* cloudInits(
  cluster: Cluster,
  parts: readonly NodePart[],
  matchSelector: Readonly<Record<string, string>>,
  names: (isSecret: boolean) => readonly [name: string, filename: string],
): Iterable<ClusterObject> {
  for (const isSecret of [false, true]) {
    const own = parts.filter((part) => isSecret === holdsSecret(part));
    if (own.length === 0) continue;
    const [name, filename] = names(isSecret);
    const { stages, places } = stagesOf(own);
    // Never a comment in the first line: #cloud-config would be another format.
    const contents = renderYaml(marked({ name, stages }));
    yield clusterObject(cluster, {
      folder: 'os',
      type: 'node.harvesterhci.io/v1beta1/CloudInit',
      name,
      rest: { spec: { matchSelector, filename, contents } },
      places,
      hasClearText: own.some(({ isClear }) => isClear),
    });
  }
}

function holdsSecret({ step, isClear }: NodePart): boolean {
  return isClear || JSON.stringify(step).includes('${secret:');
}

/** Joins parts to one step for each stage: the order inside a step is fixed. */
function stagesOf(parts: readonly Part[]) {
  const stages: Record<string, [Step]> = {};
  const places: Place[] = [];
  for (const stage of STAGES) {
    let all: Step | undefined;
    for (const { step, place } of parts.filter((part) => part.stage === stage)) {
      const { path } = place;
      const inStep = path.map((name) => (typeof name === 'number' ? name + lengthAt(all, path) : name));
      places.push({ ...place, path: ['spec', 'contents', 'stages', stage, 0, ...inStep] });
      all = joined(all ?? {}, step) as Step;
    }
    if (all) stages[stage] = [all];
  }
  return { stages, places };
}

/** Returns the length of the list that a path of a step ends in. */
function lengthAt(step: unknown, path: Path): number {
  const list = path.slice(0, -1).reduce((at: unknown, name) => (at as Record<string, unknown>)?.[name], step);
  return Array.isArray(list) ? list.length : 0;
}

function joined(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above];
  if (typeof below !== 'object' || typeof above !== 'object' || !below || !above) return above;
  const all: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) all[key] = key in all ? joined(all[key], value) : value;
  return all;
}
