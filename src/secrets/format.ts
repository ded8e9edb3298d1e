import { displayPath, formatPlace } from '../source/diagnostics/text.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { escapeControlChars } from '../values/text.ts';
import type { SecretState, SiteSecrets } from './state-of.ts';
import type { SecretUse } from './uses-of.ts';

const HOW_TO_GIVE = `
Give the values by --secrets FILE, in YAML with a line \`name: value\` for each, or by HARVGEN_SECRET_<NAME>.
\`openssl rand -hex 32\` makes a token, \`openssl passwd -6\` the hash of a password.
`;

const HOW_TO_MAKE_ISCSI = `Of iSCSI, \`openssl rand -hex 8\` makes a password (CHAP), and the end of names of targets.
`;

/** What iSCSI takes is no token: a password has 16 characters at most. */
const OF_ISCSI = /^(boot\.(chap|target)|server\.iscsi)\b/;

/** Renders the secrets of sites for a person: each with where its value comes from, and where it is used. No values. */
export function formatSecrets(sites: readonly SiteSecrets[], folder: string): string {
  const texts = sites.map(({ site, secrets, notNeeded, isGiven }) => {
    const others = notNeeded.length > 0 ? `  not needed: ${notNeeded.join(', ')}\n` : '';
    if (secrets.length === 0) return `${site} has no secrets\n${others}`;
    const lines = secrets.flatMap((secret) => [
      `  ${secret.name}: ${state(secret, isGiven)}\n`,
      ...secret.uses.map((use) => `    ${usage(use, folder)}\n`),
    ]);
    return `${site}\n${lines.join('')}${others}`;
  });
  const missing = sites.flatMap(({ secrets }) => secrets.filter(({ isMissing }) => isMissing));
  if (missing.length === 0) return texts.join('\n');
  const isOfIscsi = missing.some(({ uses }) => uses.some(({ path }) => OF_ISCSI.test(path)));
  return texts.join('\n') + HOW_TO_GIVE + (isOfIscsi ? HOW_TO_MAKE_ISCSI : '');
}

function state({ from, isMissing, isNeeded, nearest, elsewhere }: SecretState, isGiven: boolean): string {
  if (isMissing) {
    const hint = elsewhere
      ? `; ${escapeControlChars(elsewhere)}`
      : nearest
        ? `; is ${nearest} meant for it?`
        : '';
    return (isGiven ? 'missing' : 'needed') + hint;
  }
  const declared = 'only declared, the output does not need it';
  if (from === undefined) return declared;
  return `from ${escapeControlChars(from)}${isNeeded ? '' : `; ${declared}`}`;
}

function usage({ at, path, nodes }: SecretUse, folder: string): string {
  const reached = nodes.length > 0 ? `, for ${namesOf(nodes.map((name) => ({ name })))}` : '';
  return escapeControlChars(`${formatPlace(at, folder)} ${path}${reached}`);
}

/** Renders the secrets of sites as one JSON document, without values: schema/secrets.schema.json is its form. */
export function formatSecretsJson(sites: readonly SiteSecrets[], folder: string): string {
  const plain = sites.map(({ site, secrets, notNeeded }) => ({
    site,
    secrets: secrets.map(({ name, isNeeded, isMissing, from, nearest, elsewhere, uses }) => ({
      name,
      needed: isNeeded,
      missing: isMissing,
      from,
      nearest,
      elsewhere,
      uses: uses.map((use) => ({
        key: use.path,
        file: displayPath(use.at.source.file, folder),
        ...use.at.source.position(use.at.start),
        needed: use.isNeeded,
        nodes: use.nodes,
      })),
    })),
    not_needed: notNeeded.length > 0 ? notNeeded : undefined,
  }));
  return `${JSON.stringify({ sites: plain }, null, 2)}\n`;
}
