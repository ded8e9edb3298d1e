import { CLOUD_CONFIG_LISTS } from '../knowledge/tables/cloud-config-lists.ts';
import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const cloudConfigListItem: Rule = {
  code: 'cloud-config-list-item',
  severity: 'error',
  what: 'A command of `bootcmd` and `runcmd` of cloud-config is a text or a list of words, an entry of `mounts` a list, and a key of `ssh_authorized_keys` a text.',
  why: 'To YAML a line with a colon and a blank in it is a map. Over one such command cloud-init runs none of them, and over one such key it installs none, with a warning in a log on the machine.',
  check(site, report) {
    for (const { node, name, part } of eachCloudInitPart(site)) {
      if (typeof part !== 'object') continue;
      for (const [key, { items }] of Object.entries(CLOUD_CONFIG_LISTS)) {
        const list: unknown = part[key];
        // cloud-config-file-path speaks of the entries of write_files.
        if (!Array.isArray(list) || items.includes('map')) continue;
        for (const { holder, index } of strange(list, items)) {
          const at = placeOf(holder, index);
          report({
            node,
            message: `This item of ${key} of ${name} is ${kindOf(holder[index]).words}, and no ${holder === list ? items.join(' or ') : 'word'}: ${effect(key, holder === list)}.`,
            at,
            help: remedy(at, holder[index], key),
          });
        }
      }
    }
  },
};

interface Item {
  readonly holder: readonly unknown[];
  readonly index: number;
}

/** Gives the items that are not of the kinds, and the maps and lists among the words of a command. */
function* strange(list: readonly unknown[], kinds: readonly string[]): Iterable<Item> {
  for (const [index, item] of list.entries()) {
    // Nothing at all cloud-init passes over.
    if (item === null) continue;
    if (!kinds.includes(kindOf(item).kind)) yield { holder: list, index };
    else if (Array.isArray(item))
      for (const [word, value] of item.entries())
        if (typeof value === 'object' && value !== null) yield { holder: item, index: word };
  }
}

function kindOf(value: unknown): { readonly kind: string; readonly words: string } {
  if (typeof value === 'string') return { kind: 'text', words: 'a text' };
  if (Array.isArray(value)) return { kind: 'list', words: 'a list' };
  if (typeof value === 'object') return { kind: 'map', words: 'a map' };
  return { kind: typeof value, words: typeof value === 'number' ? 'a number' : 'true or false' };
}

function effect(key: string, isItem: boolean): string {
  if (!isItem) return 'cloud-init would hand on how Python writes it';
  if (key === 'mounts') return 'cloud-init would pass over it';
  return `cloud-init would ${key === 'ssh_authorized_keys' ? 'install none of the keys' : `run nothing of ${key}`}`;
}

function remedy({ source, start, end }: Place, value: unknown, key: string): string {
  const line = source.text.slice(start, end).trim();
  const isOneLine = !line.includes('\n') && !/^[[{'"&*!#]/.test(line) && line.length > 0;
  if (key === 'mounts') return `write a list of its fields: ${CLOUD_CONFIG_LISTS.mounts?.sample}`;
  if (isOneLine) return `quote the whole line: '${line.replaceAll("'", "''")}'`;
  return Array.isArray(value)
    ? 'write its words beside the others'
    : 'quote the whole line, or write it as a text below `|`';
}
