import type { Node, Server } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const grubByHttp: Rule = {
  code: 'grub-by-http',
  severity: 'error',
  what: 'What GRUB fetches it fetches by http.',
  why: 'GRUB speaks no https: it would stop at its prompt.',
  essential: true,
  check({ server, nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'linux' || node.loader !== 'grub') continue;
      for (const { url, at } of fetched(node, server)) {
        if (!url.startsWith('https:')) continue;
        report({
          node,
          oncePerPlace: true,
          message: `${node.name} boots by GRUB, which cannot fetch ${url}: it speaks no https.`,
          at,
          help: 'serve it by http; or take boot.loader out, and iPXE fetches it',
        });
      }
    }
  },
};

/** What GRUB itself fetches; the root file system is fetched by the initrd. */
function* fetched(
  { linux }: Draft<Node>,
  server: Draft<Server> | undefined,
): Iterable<{ url: string; at: Place }> {
  if (server?.url) yield { url: server.url, at: placeOf(server, 'url') };
  if (!linux) return;
  // Those on the boot server are at fault by its URL.
  const isOwn = (url: string) => server?.url !== undefined && url.startsWith(`${server.url}/`);
  if (linux.kernel && !isOwn(linux.kernel)) yield { url: linux.kernel, at: placeOf(linux, 'kernel') };
  const initrds = linux.initrds ?? [];
  for (const [index, url] of initrds.entries())
    if (url && !isOwn(url)) yield { url, at: placeOf(initrds, index) };
}
