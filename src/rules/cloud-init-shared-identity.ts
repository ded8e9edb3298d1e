import type { Node } from '../site/model.ts';
import { type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

/** What says who a machine is, and what it is unless it is said. */
const IDENTITIES: readonly [key: string, unsaid: (site: string | undefined, name: string) => string][] = [
  ['instance-id', (site, name) => `${site}.${name}`],
  ['local-hostname', (_, name) => name],
];

interface Holder {
  readonly node: Draft<Node>;
  /** Where it is said; undefined where it is not. */
  readonly at: Place | undefined;
}

export const cloudInitSharedIdentity: Rule = {
  code: 'cloud-init-shared-identity',
  severity: 'warning',
  what: 'No two nodes have the same `instance-id` or `local-hostname` in the `meta_data` that cloud-init finds.',
  why: 'Machines of one host name are one to all that tell them by it, and of one instance-id to what gathers their data by it.',
  check({ name: site, nodes = [] }, report) {
    for (const [key, unsaid] of IDENTITIES) {
      const first = new Map<string, Holder>();
      for (const node of nodes) {
        const { metaData } = node?.cloudInit ?? {};
        if (!node?.name || !metaData) continue;
        const said: unknown = metaData[key];
        const at = said === undefined || said === null ? undefined : placeOf(metaData, key);
        const value = at ? textOf(said) : unsaid(site, node.name);
        const other = first.get(value);
        if (!other) first.set(value, { node, at });
        const place = at ?? other?.at;
        if (!other || !place) continue;
        const isElsewhere = at && other.at && placeKey(at) !== placeKey(other.at);
        report({
          node: at ? node : other.node,
          oncePerPlace: true,
          message: `${other.node.name} and ${node.name} have the same ${key}.`,
          at: place,
          ...(isElsewhere && {
            related: [{ message: `${other.node.name} has it at`, at: other.at as Place }],
          }),
          help: `leave it out, and each has its own: ${unsaid(site, node.name)}; or have \${node:name} in it`,
        });
      }
    }
  },
};

/** What is no scalar is no identity either: it is the same where it says the same. */
function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
