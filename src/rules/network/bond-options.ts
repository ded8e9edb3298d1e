import { factsOf } from '../../knowledge/facts.ts';
import { isBroken, keyLocationOf, lacks, locationOf } from '../../source/origin.ts';
import { removeKey, renameKey, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, nodesWith, type Report } from '../rule.ts';

/** An option of a bond, as `facts/bond-options.json` explains it. */
export interface BondOption {
  readonly range?: readonly [least: number, most: number];
  readonly words?: readonly string[];
  readonly pattern?: string;
  readonly expects?: string;
  readonly modes?: readonly string[];
  readonly rejected?: readonly string[];
  readonly needs?: readonly string[];
  readonly group?: string;
}

const { bondOptions: OPTIONS } = factsOf<{
  readonly bondOptions: Readonly<Record<string, BondOption>>;
}>('bond-options');

/** Returns what NetworkManager accepts for an option, in words; undefined if it accepts the value. */
export function expectedBondValue(option: BondOption, value: string): string | undefined {
  const { words = [], range: [least, most] = [0, words.length - 1], pattern } = option;
  const isNumber = /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
  if (isNumber || words.includes(value) || (pattern && new RegExp(pattern).test(value))) return undefined;
  return option.expects ?? (words.join(', ') || `a number from ${least} to ${most}`);
}

const REJECTS = 'NetworkManager rejects the whole bond, and the node has no management network';

const withOptions = nodesWith('userConfig', ({ install }) => install?.management_interface?.bond_options);

export const bondOptionRules = [
  error('bond-option', {
    what: 'From v1.7.0, `bond_options` must have names and values that NetworkManager knows, and that fit the mode and each other.',
    why: 'The installer writes them unchecked (harvester/harvester#9691). NetworkManager silently drops an unknown name or value, and rejects a bond whose options contradict each other: the node has no management network. Before v1.7.0, wicked and the kernel decide.',
  }).check(withOptions.eachOnce, (node, report) => {
    const options = node.userConfig.install?.management_interface?.bond_options;
    const release = node.cluster?.version;
    if (node.os === 'harvester' && options && release && isAtLeast(release, 'v1.7.0'))
      for (const key of Object.keys(options)) checkOption(key, options, report);
  }),
];

function checkOption(key: string, options: Readonly<Record<string, unknown>>, report: Report) {
  const at = keyLocationOf(options, key);
  const textOf = (name: string) => (options[name] === undefined ? undefined : String(options[name]).trim());
  const optionOf = (name: string): BondOption => (Object.hasOwn(OPTIONS, name) ? (OPTIONS[name] ?? {}) : {});
  if (!Object.hasOwn(OPTIONS, key)) {
    const meant = likelyBondOption(key);
    return report(at, {
      message: `NetworkManager has no bond option ${key}${meant ? `: did you mean ${meant}?` : ', and silently drops it.'}`,
      fix: meant && lacks(options, meant) ? suggestedFix(renameKey(at, meant)) : undefined,
      help: meant ? `write ${meant}` : 'remove it; `man nm-settings` lists the options of a bond',
    });
  }
  const option = optionOf(key);
  const [value, mode] = [textOf(key), isBroken(options, 'mode') ? undefined : textOf('mode')];
  if (key === 'mode' || value === undefined || value.includes('${secret:')) return;
  const isOfOtherMode = ({ modes }: BondOption) => mode !== undefined && modes && !modes.includes(mode);
  if (isOfOtherMode(option)) {
    const isOff = value === '0' || value === option.words?.[0];
    // One finding for the options of a group.
    const all = Object.keys(options).filter(
      (other) => isOfOtherMode(optionOf(other)) && groupOf(other) === groupOf(key),
    );
    if (all[0] !== key || (option.rejected && option.range && isOff)) return;
    const [names, modes = []] = [all.join(' and '), option.modes];
    return report(at, {
      message: `${names} ${all.length > 1 ? 'are' : 'is'} only for the mode${modes.length > 1 ? 's' : ''} ${modes.join(', ')}, but the mode is ${mode}: ${option.rejected?.includes(mode ?? '') && !isOff ? REJECTS : 'NetworkManager silently drops the option'}.`,
      related: [{ message: 'the mode is set at', at: locationOf(options, 'mode') }],
      fix: suggestedFix(...all.map((other) => removeKey(options, other))),
      help: `remove ${names}, or set mode: ${modes[0]}`,
    });
  }
  const expected = expectedBondValue(option, value);
  const meant = expected && nearest(value, option.words ?? [], 0.15);
  if (expected !== undefined)
    return report(locationOf(options, key), {
      message: `${key} cannot be ${value || 'empty'}: ${meant ? `did you mean ${meant}?` : `${option.needs && option.pattern ? REJECTS : 'NetworkManager silently drops it'}.`}`,
      fix: meant ? suggestedFix(setKey(options, key, meant)) : undefined,
      help: `write ${expected}`,
    });
  // NetworkManager checks links every 100 ms by default.
  const miimon = textOf('miimon') ?? '100';
  const isSet = (other: string) => !/^0?$/.test(other === 'miimon' ? miimon : (textOf(other) ?? ''));
  const { needs: [needed] = [], needs = [] } = option;
  const twin = key === 'num_unsol_na' ? textOf('num_grat_arp') : undefined;
  const [fault, help] =
    needed && value !== '0' && !needs.some(isSet)
      ? [
          `needs ${needs.join(' or ')}, which is ${textOf(needed) ?? 'not set'}`,
          `set ${needed}, or remove ${key}`,
        ]
      : key === 'peer_notif_delay' && Number(value) % Number(miimon) !== 0
        ? [`is ${value}, not a multiple of miimon (${miimon})`, 'write a multiple of miimon']
        : twin !== undefined && Number(twin) !== Number(value)
          ? [`is ${value}, but num_grat_arp, the same option, is ${twin}`, 'remove one of the two']
          : [];
  if (fault && help) report(at, { message: `${key} ${fault}: ${REJECTS}.`, help });
}

const groupOf = (name: string): string => OPTIONS[name]?.group ?? name;

/** Returns the option that an unknown name probably means. */
export function likelyBondOption(name: string): string | undefined {
  return nearest(name.replace(/^bond(ing)?[-_]?/i, ''), Object.keys(OPTIONS), 0.3);
}
