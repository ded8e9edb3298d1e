import type { Draft } from '../values/draft.ts';
import type { Node } from './model.ts';

/** The name of a label with the rack: `rack`, or `rack` behind a prefix, such as `example.org/rack`. */
const RACK_LABEL = /^(?:.*\/)?rack$/;

/**
 * Returns the rack of a machine: the one that it sets, else that of a label, else the cabinet of its xname; undefined if no key
 * names one. Source of xnames: Cray-HPE/hms-xname.
 */
export function rackOf({ rack, facts, xname }: Draft<Node>): string | undefined {
  const label = Object.entries(facts?.labels ?? {}).find(([name]) => RACK_LABEL.test(name))?.[1];
  return rack ?? (label === undefined ? xname?.replace(/c.*$/, '') : String(label));
}
