import type { NodeChange } from './change.ts';
import { configChanges, withoutSecret } from './config-changes.ts';
import { DECLARED, type NodeFacts } from './facts.ts';
import { followsInConfig } from './follows.ts';
import { leafChanges } from './leaf-changes.ts';
import { turn } from './words.ts';

/** Says which keys of a node's configuration change, but for those that follow from what is told of the node itself. */
export function configKeyChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.config === undefined || after.config === undefined || before.config === after.config) return [];
  const told = { what: 'config', effect: 'installation' } as const;
  const changes = configChanges(before.config, after.config);
  if (!changes)
    return [{ ...told, text: 'its configuration changes; that of the earlier build cannot be read' }];
  return changes
    .filter((change) => !followsInConfig(change, before, after))
    .map(({ key, before, after, isSecret }): NodeChange => {
      if (isSecret) return { ...told, key, text: `${key} changes` };
      return { ...told, key, before, after, text: `${key}: ${turn(before, after)}` };
    });
}

/**
 * Says what is declared of a machine otherwise; labels and the virtual machine only where they are no part of what is
 * told already, of the configuration and of the domain.
 */
export function declaredChanges(
  before: NodeFacts,
  after: NodeFacts,
  told: readonly NodeChange[],
): NodeChange[] {
  const isTold = {
    labels: told.some(({ key }) => key?.startsWith('os.labels.')),
    vm: told.some(({ what }) => what === 'domain'),
  } as Readonly<Record<string, boolean>>;
  return DECLARED.filter((what) => !isTold[what]).flatMap((what) =>
    leafChanges(before.declared[what], after.declared[what]).map((leaf): NodeChange => {
      const { key, before, after, isSecret } = withoutSecret(leaf, what);
      const whole = key === '' ? what : `${what}.${key}`;
      const text = isSecret ? `${whole} changes` : `${whole}: ${turn(before, after)}`;
      return { what, key: whole, before, after, effect: 'inventory', text };
    }),
  );
}
