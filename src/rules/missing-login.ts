import { isUnknown } from '../site/is-unknown.ts';
import type { Node } from '../site/model.ts';
import { isStray } from '../site/stray.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { nodesWithoutOs } from './boot.ts';
import type { Rule } from './rule.ts';

export const missingLogin: Rule = {
  code: 'missing-login',
  severity: 'error',
  what: 'A Harvester node has an SSH key or a password.',
  why: 'The installer stops with "no SSH authorized keys or passwords are set".',
  essential: true,
  check(site, report) {
    const { nodes = [] } = site;
    const isLinux = nodesWithoutOs(nodes);
    const lacking = nodes.flatMap((node) =>
      node?.os === 'harvester' && lacksLogin(node) && !isLinux.has(node) && !isStray(node, site)
        ? [node]
        : [],
    );
    const [first, another] = lacking;
    if (!first) return;
    report({
      message: `Nobody could log in to ${namesOf(lacking)}: ${another ? 'they have' : 'it has'} neither SSH keys nor a password, and the installer would stop.`,
      at: placeOf(first, 'name'),
      help: 'add config: {os: {ssh_authorized_keys: ["github:your_name"]}} to defaults',
    });
  },
};

function lacksLogin(node: Draft<Node>): boolean {
  const os = node.said?.os;
  if (os?.password || os?.ssh_authorized_keys?.length) return false;
  return !isUnknown(node, 'os.ssh_authorized_keys') && !isUnknown(node, 'os.password');
}
