import { factsOf } from '../../knowledge/facts.ts';
import { isBroken, keyLocationOf, lacks, locationOf } from '../../source/origin.ts';
import { removeKey, renameKey, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, type LocatedFinding, nodesWith, type Rule } from '../rule.ts';

/** An option of a bond: its values, and when NetworkManager accepts it. */
export interface BondOption {
  readonly range?: readonly [least: number, most: number];
  readonly words?: readonly string[];
  readonly pattern?: string;
  readonly expects?: string;
  /** The modes that have it; all modes if undefined. */
  readonly modes?: readonly string[];
  /** The modes in which NetworkManager rejects the bond instead of dropping the option. */
  readonly rejected?: readonly string[];
  /** The options of which one must be set, and not 0. */
  readonly needs?: readonly string[];
  readonly group?: string;
}

/** The options of bonds, by name. */
const { bondOptions: BOND_OPTIONS } = factsOf<{
  readonly bondOptions: Readonly<Record<string, BondOption>>;
}>('bond-options');

/** Returns the option that an unknown name probably means. */
export function likelyBondOption(name: string): string | undefined {
  return nearest(name.replace(/^bond(ing)?[-_]?/i, ''), Object.keys(BOND_OPTIONS), 0.3);
}

/** Returns what NetworkManager accepts for an option, in words; undefined if it accepts the value. */
export function expectedBondValue(
  { range, words, pattern, expects }: BondOption,
  value: string,
): string | undefined {
  if (range) {
    const [least, most] = range;
    const isInRange = /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
    return isInRange ? undefined : most === 1 ? '0 or 1' : `a number from ${least} to ${most}`;
  }
  if (words) {
    const isWord = words.includes(value) || (/^\d+$/.test(value) && Number(value) < words.length);
    return isWord ? undefined : words.join(', ');
  }
  return pattern === undefined || new RegExp(pattern).test(value) ? undefined : expects;
}

/** NetworkManager checks links every 100 ms by default. */
const LINK_CHECK = '100';
const REJECTS = 'NetworkManager rejects the whole bond, and the node has no management network';

export const bondOptionRules: readonly Rule[] = [
  error('bond-option', {
    what: 'From v1.7.0, `bond_options` must have names and values that NetworkManager knows, and that fit the mode and each other.',
    why: 'The installer writes them unchecked (harvester/harvester#9691). NetworkManager silently drops an unknown name or value, and rejects a bond whose options contradict each other: the node has no management network. Before v1.7.0, wicked and the kernel decide.',
  }).check(
    nodesWith('userConfig', ({ install }) => install?.management_interface?.bond_options).eachOnce,
    (node, report) => {
      const options = node.userConfig.install?.management_interface?.bond_options;
      const release = node.cluster?.version;
      if (node.os !== 'harvester' || !options || !release || !isAtLeast(release, 'v1.7.0')) return;
      for (const { at, ...finding } of faultsOf(options)) report(at, finding);
    },
  ),
];

type Options = Readonly<Record<string, unknown>>;

function* faultsOf(options: Options): Iterable<LocatedFinding> {
  const textOf = (key: string) => (options[key] === undefined ? undefined : String(options[key]).trim());
  const mode = isBroken(options, 'mode') ? undefined : (textOf('mode') ?? 'balance-rr');
  const hasMode = mode !== undefined && !lacks(options, 'mode');
  const lacksMode = ({ modes }: BondOption) => hasMode && modes && !modes.includes(mode);
  for (const key of Object.keys(options)) {
    const value = textOf(key);
    const option = Object.hasOwn(BOND_OPTIONS, key) ? BOND_OPTIONS[key] : undefined;
    const at = keyLocationOf(options, key);
    const valueAt = locationOf(options, key);
    if (!option) {
      const meant = likelyBondOption(key);
      const isFree = meant !== undefined && lacks(options, meant);
      yield {
        at,
        message: `NetworkManager has no bond option ${key}${meant ? `: did you mean ${meant}?` : ', and silently drops it.'}`,
        fix: isFree ? suggestedFix(renameKey(at, meant)) : undefined,
        help: meant ? `write ${meant}` : 'remove it; `man nm-settings` lists the options of a bond',
      };
      continue;
    }
    if (value === undefined || value.includes('${secret:')) continue;
    if (hasMode && lacksMode(option)) {
      const isOff = value === '0' || value === option.words?.[0];
      const rejects = option.rejected?.includes(mode) && !isOff;
      // One finding for the options of a group.
      const group = Object.keys(options).filter((other) => {
        const { group, ...one } = BOND_OPTIONS[other] ?? {};
        return lacksMode(one) && (other === key || (option.group ?? key) === (group ?? other));
      });
      if (group[0] !== key || (option.rejected && option.range && isOff)) continue;
      yield {
        at,
        message: `${group.join(' and ')} ${group.length > 1 ? 'are' : 'is'} only for the mode${option.modes?.length === 1 ? '' : 's'} ${option.modes?.join(', ')}, but the mode is ${mode}: ${rejects ? REJECTS : 'NetworkManager silently drops the option'}.`,
        related: [{ message: 'the mode is set at', at: locationOf(options, 'mode') }],
        fix: suggestedFix(...group.map((other) => removeKey(options, other))),
        help: `remove ${group.join(' and ')}, or set mode: ${option.modes?.[0]}`,
      };
      continue;
    }
    const expected = expectedBondValue(option, value);
    if (expected !== undefined) {
      const meant = nearest(value, option.words ?? [], 0.15);
      yield {
        at: valueAt,
        message: `${key} cannot be ${value === '' ? 'empty' : value}${meant ? `: did you mean ${meant}?` : `: ${option.group && option.pattern ? REJECTS : 'NetworkManager silently drops it'}.`}`,
        fix: meant ? suggestedFix(setKey(options, key, meant)) : undefined,
        help: `write ${expected}`,
      };
      continue;
    }
    const conflict = conflictOf(key, value, option, textOf);
    if (conflict) yield { at, ...conflict };
  }
}

/** Returns the contradiction between an option and another one, if any. */
function conflictOf(
  key: string,
  value: string,
  { needs = [] }: BondOption,
  textOf: (key: string) => string | undefined,
): Omit<LocatedFinding, 'at'> | undefined {
  const [needed] = needs;
  // Links are checked by default.
  const isSet = (other: string) => !/^0?$/.test(textOf(other) ?? (other === 'miimon' ? LINK_CHECK : ''));
  if (needed && value !== '0' && !needs.some(isSet))
    return {
      message: `${key} needs ${needs.join(' or ')}, which is ${textOf(needed) === undefined ? 'not set' : textOf(needed)}: ${REJECTS}.`,
      help: `set ${needed}, or remove ${key}`,
    };
  if (key === 'peer_notif_delay' && Number(value) % Number(textOf('miimon') ?? LINK_CHECK) !== 0)
    return {
      message: `peer_notif_delay is ${value}, not a multiple of miimon (${textOf('miimon') ?? LINK_CHECK}): ${REJECTS}.`,
      help: 'write a multiple of miimon',
    };
  const other = key === 'num_unsol_na' ? textOf('num_grat_arp') : undefined;
  if (other !== undefined && Number(other) !== Number(value))
    return {
      message: `num_unsol_na is ${value}, but num_grat_arp is ${other}: they are one option, and ${REJECTS}.`,
      help: 'remove one of the two',
    };
  return undefined;
}
