import { bootChange, isAlwaysInstalled } from './boot-change.ts';
import type { Consequence, NodeAspect, NodeChange } from './change.ts';
import { type ConfigChange, configChanges, withoutSecret } from './config-changes.ts';
import { DECLARED, type NodeFacts } from './facts.ts';
import { followsInConfig, followsInText } from './follows.ts';
import { isSame, leafChanges } from './leaf-changes.ts';
import { nicChanges } from './nic-changes.ts';
import { turn } from './words.ts';

/** What a node's change amounts to: nothing where there is nothing to say. */
export interface Compared {
  readonly consequence: Consequence;
  readonly changes: readonly NodeChange[];
}

/** Says whose a MAC address was, and whether any machine of the site has it now. */
export interface Macs {
  wasOf(mac: string): string | undefined;
  isKnown(mac: string): boolean;
}

/** Compares what two trees say of one node; it may have another name. The most serious change is the first. */
export function compareNodes(before: NodeFacts, after: NodeFacts, macs: Macs): Compared {
  const boot = bootChange(before, after);
  const config = configOf(before, after);
  const changes: NodeChange[] = [
    ...nameChange(before, after),
    ...(boot?.change.effect === 'boot' ? [boot.change] : []),
    ...macChange(before, after, macs),
    ...addressChange(before, after),
    ...scriptChange(before, after),
    ...simple(before, after, 'cluster', 'cluster'),
    ...simple(before, after, 'mode', 'mode'),
    ...roleChange(before, after),
    ...simple(before, after, 'release', 'Harvester'),
    ...simple(before, after, 'arch', 'architecture'),
    ...nicChanges(before, after),
    ...config.map(toldConfig),
    ...(boot?.change.effect === 'inventory' ? [boot.change] : []),
    ...simple(before, after, 'firmware', 'firmware', 'inventory'),
    ...declaredChanges(before, after, config),
  ];
  const sameFiles = isSame(before.script, after.script) && isSame(before.config, after.config);
  if (!isAlwaysInstalled(after) || (changes.length === 0 && sameFiles)) {
    return {
      consequence: boot && boot.consequence !== 'none' ? boot.consequence : gravest(changes),
      changes,
    };
  }
  return { consequence: 'reinstalls', changes: reinstalled(changes) };
}

/** Of a machine that is installed at every boot, whatever counts at an installation counts at the next boot. */
function reinstalled(changes: readonly NodeChange[]): NodeChange[] {
  const sooner = changes.map(
    (change): NodeChange => (change.effect === 'installation' ? { ...change, effect: 'boot' } : change),
  );
  if (sooner.some(({ what }) => what === 'install' || what === 'os')) return sooner;
  const others = sooner.some(({ what }) => what !== 'name') ? ', with the changes below' : '';
  const text = `will reinstall at its next boot (install: always)${others}`;
  const name = sooner.findIndex(({ what }) => what !== 'name');
  const at = name < 0 ? sooner.length : name;
  return sooner.toSpliced(at, 0, {
    what: 'install',
    before: 'always',
    after: 'always',
    effect: 'boot',
    text,
  });
}

function gravest(changes: readonly NodeChange[]): Consequence {
  const has = (wanted: NodeChange['effect']) => changes.some(({ effect }) => effect === wanted);
  return has('boot') ? 'boots-otherwise' : has('installation') ? 'when-installed' : 'none';
}

function nameChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.name === after.name) return [];
  const text = `renamed, was ${before.name}: an installed system keeps that name`;
  return [{ what: 'name', before: before.name, after: after.name, effect: 'installation', text }];
}

function macChange(before: NodeFacts, after: NodeFacts, macs: Macs): NodeChange[] {
  const [from, to] = [before.mac, after.mac];
  if (from === undefined || to === undefined || from === to) return [];
  const owner = macs.wasOf(to);
  const text = [
    `boots from another MAC address: ${from} → ${to}`,
    owner !== undefined && owner !== before.name ? `, that of what was ${owner}` : '',
    macs.isKnown(from) ? '' : '; a machine with the old one is a stranger now',
  ].join('');
  return [{ what: 'mac', before: from, after: to, effect: 'boot', text }];
}

function addressChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.ip, after.ip];
  if (from === undefined || to === undefined || from === to) return [];
  const change = { what: 'ip', before: from, after: to } as const;
  const text = `address ${from} → ${to}`;
  if (after.os !== 'harvester') return [{ ...change, effect: 'boot', text }];
  if (after.leases === false) return [{ ...change, effect: 'installation', text }];
  if (isAlwaysInstalled(after)) return [{ ...change, effect: 'boot', text }];
  const when = after.leases ? ' from its next lease on' : '';
  const why = ': an installed Harvester node must keep the one that it has';
  return [{ ...change, effect: 'boot', text: `${text}${when}${why}` }];
}

/** What a script does otherwise for reasons that are told of the node themselves is not told again. */
function scriptChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.script, after.script];
  if (from === undefined || to === undefined || from === to) return [];
  const isTold = (['os', 'install', 'arch'] as const).some((key) => before[key] !== after[key]);
  if (isTold || followsInText(from, to, before, after)) return [];
  return [{ what: 'script', effect: 'boot', text: 'its script changes' }];
}

/** A fact that both trees know, and that is another. */
function simple(
  before: NodeFacts,
  after: NodeFacts,
  what: NodeAspect & keyof NodeFacts,
  words: string,
  effect: NodeChange['effect'] = 'installation',
): NodeChange[] {
  const [from, to] = [before[what], after[what]];
  if (from === undefined || to === undefined || from === to) return [];
  return [{ what, before: from, after: to, effect, text: `${words} ${turn(from, to)}` }];
}

/** A node without a role is an ordinary one; whether it has one is known where its mode is. */
function roleChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.role === after.role || before.mode === undefined || after.mode === undefined) return [];
  const text = `role ${turn(before.role, after.role)}`;
  return [{ what: 'role', before: before.role, after: after.role, effect: 'installation', text }];
}

type Told = ConfigChange | 'unread';

function configOf(before: NodeFacts, after: NodeFacts): Told[] {
  if (before.config === undefined || after.config === undefined || before.config === after.config) return [];
  const changes = configChanges(before.config, after.config);
  return changes?.filter((change) => !followsInConfig(change, before, after)) ?? ['unread'];
}

function toldConfig(change: Told): NodeChange {
  const told = { what: 'config', effect: 'installation' } as const;
  if (change === 'unread')
    return { ...told, text: 'its configuration changes; that of the earlier build cannot be read' };
  const { key, before, after, isSecret } = change;
  if (isSecret) return { ...told, key, text: `${key} changes` };
  return { ...told, key, before, after, text: `${key}: ${turn(before, after)}` };
}

function declaredChanges(before: NodeFacts, after: NodeFacts, config: readonly Told[]): NodeChange[] {
  // A node's labels are part of its configuration, and told there.
  const isLabelled = config.some((change) => change !== 'unread' && change.key.startsWith('os.labels.'));
  return DECLARED.filter((what) => what !== 'labels' || !isLabelled).flatMap((what) =>
    leafChanges(before.declared[what], after.declared[what]).map((leaf): NodeChange => {
      const { key, before, after, isSecret } = withoutSecret(leaf, what);
      const whole = key === '' ? what : `${what}.${key}`;
      const text = isSecret ? `${whole} changes` : `${whole}: ${turn(before, after)}`;
      return { what, key: whole, before, after, effect: 'inventory', text };
    }),
  );
}
