import type { LinuxBoot, Node } from '../site/model.ts';
import { NODE_VALUE_NAMES } from '../site/node-values.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isQuoteOpen, kernelWords } from '../values/kernel-words.ts';
import { quoteGrubArg } from '../values/quoting/grub.ts';
import { quoteIpxe } from '../values/quoting/ipxe.ts';
import { Unquotable } from '../values/quoting/unquotable.ts';
import type { Rule } from './rule.ts';

export const kernelArgument: Rule = {
  code: 'kernel-argument',
  severity: 'error',
  what: 'An argument of the kernel, and the name of what a node boots Linux from, can be said to the kernel by the boot loader.',
  why: 'Boot loaders have words of their own for `${…}`, quotes, backslashes and `||`: the kernel would be told something else, or nothing.',
  essential: true,
  check({ nodes = [] }, report) {
    // Most of them are said of all nodes.
    const right = new Set<string>();
    for (const node of nodes) {
      if (!node?.linux) continue;
      const loader = node.loader ?? 'ipxe';
      for (const { text, at } of textsOf(node.linux)) {
        const key = `${loader} ${text}`;
        const fault = right.has(key) ? undefined : faultOf(text, loader);
        if (!fault) {
          right.add(key);
          continue;
        }
        const [message, help] = fault;
        report({ node, oncePerPlace: true, message, at: at(), help });
      }
    }
  },
};

interface Text {
  readonly text: string;
  readonly at: () => Place;
}

function* textsOf(linux: Draft<LinuxBoot>): Iterable<Text> {
  if (linux.kernel) yield { text: linux.kernel, at: () => placeOf(linux, 'kernel') };
  if (linux.squashfs) yield { text: linux.squashfs, at: () => placeOf(linux, 'squashfs') };
  for (const list of [linux.initrds ?? [], linux.args ?? []])
    for (const [index, text] of list.entries()) if (text) yield { text, at: () => placeOf(list, index) };
}

/** Says what is wrong with a text, and what to do; undefined for one that is right. */
function faultOf(text: string, loader: Node['loader']): readonly [message: string, help: string] | undefined {
  const setting = /\$\{[^}]*\}?/.exec(text)?.[0];
  // A value of the node that there is not has been said where it was looked up.
  if (setting?.startsWith('${node:') && setting.endsWith('}')) return undefined;
  if (setting !== undefined)
    return [
      `${setting} is no value of the node, and iPXE would put a setting of its own there.`,
      `write \${node:name}; there are ${NODE_VALUE_NAMES.join(', ')}`,
    ];
  if (isQuoteOpen(text))
    return [
      'A double quote is left open: the kernel would take all that follows for the same argument.',
      'close it',
    ];
  try {
    for (const word of kernelWords(text)) {
      // A node that boots by GRUB has a script for iPXE, too.
      for (const part of word.split(' ')) quoteIpxe(part);
      if (loader === 'grub') quoteGrubArg(word);
    }
  } catch (error) {
    if (!(error instanceof Unquotable)) throw error;
    return [`${error.message}.`, 'say it otherwise, or have it in the image itself'];
  }
  return undefined;
}
