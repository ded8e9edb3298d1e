import type { SecretText } from './secret-text.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const chapBothWays: ValueRule = {
  code: 'chap-both-ways',
  severity: 'error',
  essential: true,
  what: 'A node and its target prove who they are by different passwords.',
  why: 'The standard forbids the same one both ways (RFC 7143): whoever is asked could ask the same of the other, and hand that answer back.',
  check(texts, report) {
    const ofNodes = new Map<string, SecretText>();
    for (const text of texts) {
      const { purpose, path, filled, at, node } = text;
      if ((purpose !== 'chap' && purpose !== 'foreign-chap') || !node) continue;
      if (path === 'boot.chap.password') ofNodes.set(node.name, text);
      const other = path === 'boot.chap.target_password' ? ofNodes.get(node.name) : undefined;
      if (other?.filled !== filled) continue;
      report({
        node,
        message: `${subject(text)} is the same password as that of the node, ${other.path} (${other.names.join(', ')}).`,
        at,
        related: [{ message: "the node's is said at", at: other.at }],
        help: 'give the target another one: openssl rand -hex 8',
      });
    }
  },
};
