import { placeKey } from '../../source/origin.ts';
import type { SecretText } from './secret-text.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const secretReused: ValueRule = {
  code: 'secret-reused',
  severity: 'warning',
  what: 'No two clusters have tokens of the same value, and no token is a password as well.',
  why: 'With one token for two clusters a wrong server_url goes unnoticed, and who learns one secret has both.',
  check(texts, report) {
    const tokens = new Map<string, SecretText>();
    for (const text of texts) {
      if (text.purpose !== 'token') continue;
      const other = tokens.get(text.filled);
      if (!other) tokens.set(text.filled, text);
      // The same reference twice shows without values: token-shared.
      else if (other.written !== text.written) report(finding(text, other));
    }
    for (const text of texts) {
      const token = text.purpose === 'password' ? tokens.get(text.filled) : undefined;
      if (token && placeKey(token.at) !== placeKey(text.at))
        report({ ...finding(text, token), node: text.node });
    }
  },
};

function finding(text: SecretText, other: SecretText) {
  return {
    message: `${subject(text)} has the same value as the token of the cluster ${other.cluster}.`,
    at: text.at,
    related: [{ message: 'that token is set at', at: other.at }],
    help: `give ${text.names.join(' or ')} a value of its own`,
  };
}
