import type { Draft } from '../values/draft.ts';
import { serialConsole } from './derived-facts.ts';
import type { Node } from './model.ts';

/**
 * Single values of nodes' configurations, for those who ask of every node: of nearly all, the rest of it is asked for when its file is
 * written, and by nobody in a check.
 */

/** Gives a node's `config.install.role`. */
export function roleInConfig({ os, said, role }: Draft<Node>): string | undefined {
  return os === 'harvester' ? (said?.install?.role ?? role) : undefined;
}

/** Gives a node's `config.install.tty`. */
export function consoleInConfig(node: Draft<Node>): string | undefined {
  return node.os === 'harvester' ? (node.said?.install?.tty ?? serialConsole(node)) : undefined;
}

/** Gives a node's `config.os.labels` where one of them is meant; undefined where none is. */
export function labelsInConfig(
  node: Draft<Node>,
  isMeant: (label: string) => boolean,
): Draft<Readonly<Record<string, string>>> | undefined {
  const { os, said, facts } = node;
  if (os !== 'harvester') return undefined;
  const isThere = hasOneOf(facts?.labels, isMeant) || hasOneOf(said?.os?.labels, isMeant);
  return isThere ? node.config?.os?.labels : undefined;
}

function hasOneOf(labels: object | undefined, isMeant: (label: string) => boolean): boolean {
  for (const label in labels) if (isMeant(label)) return true;
  return false;
}
