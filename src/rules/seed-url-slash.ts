import { placeOf } from '../source/origin.ts';
import { kernelWords, setsParameter } from '../values/kernel-words.ts';
import type { Rule } from './rule.ts';

export const seedUrlSlash: Rule = {
  code: 'seed-url-slash',
  severity: 'error',
  what: "The URL of cloud-init's data on a kernel line ends in a slash.",
  why: 'Names of files are put behind it as it stands, `meta-data` among them: without the slash cloud-init asks for what there is not, and says nothing on the console.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const args = node?.linux?.args ?? [];
      for (const [index, arg] of args.entries()) {
        const url = arg === undefined ? undefined : seedWithoutSlash(arg);
        if (!node || url === undefined) continue;
        report({
          node,
          oncePerPlace: true,
          message: `cloud-init would ask for ${url}meta-data: the URL of its data ends in no slash.`,
          at: placeOf(args, index),
          help: `write s=${url}/; or leave the argument out, and it is the folder of the tree that is the node's own`,
        });
      }
    }
  },
};

/**
 * The URL of cloud-init's data in an argument, if there is one that does not end in a slash. One that says itself where the
 * name goes, by `%s` or as the end of a query, has none to lack. Source: cloud-init, cloudinit/util.py (read_seeded).
 */
function seedWithoutSlash(arg: string): string | undefined {
  const ds = kernelWords(arg).find((word) => setsParameter(word, 'ds'));
  const url = ds && /;(?:s|seedfrom)=([a-z]+:\/\/[^;"]+)/.exec(ds)?.[1];
  return url && !url.endsWith('/') && !/%s|\?/.test(url) ? url : undefined;
}
