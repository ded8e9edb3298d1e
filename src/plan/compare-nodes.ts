import { bootChange, isAlwaysInstalled } from './boot-change.ts';
import type { Consequence, NodeAspect, NodeChange } from './change.ts';
import type { NodeFacts } from './facts.ts';
import { followsInText } from './follows.ts';
import { addressChange, type Macs, macChange, nameChange } from './identity-changes.ts';
import { configKeyChanges, declaredChanges } from './key-changes.ts';
import { nicChanges } from './nic-changes.ts';
import { stepOf, type WordFact } from './step.ts';
import { turn } from './words.ts';

/** What is to be said of a node: no changes where there is nothing. */
export interface Compared {
  readonly consequence: Consequence;
  readonly changes: readonly NodeChange[];
}

/** Compares what two trees say of one node; it may have another name. The most serious change is the first. */
export function compareNodes(before: NodeFacts, after: NodeFacts, macs: Macs): Compared {
  const boot = bootChange(before, after);
  const config = configKeyChanges(before, after);
  const changes: NodeChange[] = [
    ...nameChange(before, after),
    ...(boot?.change.effect === 'boot' ? [boot.change] : []),
    ...macChange(before, after, macs),
    ...addressChange(before, after),
    ...scriptChange(before, after),
    ...factChange(before, after, 'cluster', 'cluster'),
    ...factChange(before, after, 'mode', 'mode'),
    ...roleChange(before, after),
    ...factChange(before, after, 'release', 'Harvester'),
    ...factChange(before, after, 'arch', 'architecture'),
    ...nicChanges(before, after),
    ...config,
    ...(boot?.change.effect === 'inventory' ? [boot.change] : []),
    ...factChange(before, after, 'firmware', 'firmware', 'inventory'),
    ...declaredChanges(before, after, config),
  ];
  const isAsItWas = before.script === after.script && before.config === after.config && changes.length === 0;
  if (isAlwaysInstalled(after) && !isAsItWas)
    return { consequence: 'reinstalls', changes: reinstalled(changes) };
  const isOfBoot = boot && boot.consequence !== 'none';
  return { consequence: isOfBoot ? boot.consequence : gravest(changes), changes };
}

/** Of a machine that is installed at every boot, whatever counts at an installation counts at the next boot. */
function reinstalled(changes: readonly NodeChange[]): NodeChange[] {
  const sooner = changes.map(
    (change): NodeChange => (change.effect === 'installation' ? { ...change, effect: 'boot' } : change),
  );
  if (sooner.some(({ what }) => what === 'install' || what === 'os')) return sooner;
  const [names, others] = [sooner.filter(isOfName), sooner.filter((change) => !isOfName(change))];
  const text = `will reinstall at its next boot (install: always)${others.length > 0 ? ', with the changes below' : ''}`;
  return [...names, { what: 'install', before: 'always', after: 'always', effect: 'boot', text }, ...others];
}

function isOfName({ what }: NodeChange): boolean {
  return what === 'name';
}

function gravest(changes: readonly NodeChange[]): Consequence {
  const has = (wanted: NodeChange['effect']) => changes.some(({ effect }) => effect === wanted);
  return has('boot') ? 'boots-otherwise' : has('installation') ? 'when-installed' : 'none';
}

/** What a script does otherwise for reasons that are told of the node themselves is not told again. */
function scriptChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const step = stepOf(before, after, 'script');
  const isTold = (['os', 'install', 'arch'] as const).some((fact) => stepOf(before, after, fact));
  if (!step || isTold || followsInText(step.from, step.to, before, after)) return [];
  return [{ what: 'script', effect: 'boot', text: 'its script changes' }];
}

/** A fact of which there is no more to say than what it was and is. */
function factChange(
  before: NodeFacts,
  after: NodeFacts,
  what: NodeAspect & WordFact,
  words: string,
  effect: NodeChange['effect'] = 'installation',
): NodeChange[] {
  const step = stepOf(before, after, what);
  if (!step) return [];
  return [{ what, before: step.from, after: step.to, effect, text: `${words} ${turn(step.from, step.to)}` }];
}

/** A node without a role is an ordinary one; whether it has one is known where its mode is. */
function roleChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.role === after.role || before.mode === undefined || after.mode === undefined) return [];
  const text = `role ${turn(before.role, after.role)}`;
  return [{ what: 'role', before: before.role, after: after.role, effect: 'installation', text }];
}
