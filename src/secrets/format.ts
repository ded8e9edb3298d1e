import { displayPath, formatLocation } from '../source/diagnostics/text.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { escapeControlChars, printedJson } from '../values/text.ts';
import type { SecretState, SiteSecrets } from './state-of.ts';
import type { SecretUse } from './uses-of.ts';

const HOW_TO_GIVE = `
Set the values in a YAML file for --secrets FILE, with a line \`name: value\` for each, or in HARVGEN_SECRET_<NAME>.
\`openssl rand -hex 32\` generates a token, \`openssl passwd -6\` a password hash.
`;

const HOW_TO_MAKE_ISCSI = `For iSCSI, \`openssl rand -hex 8\` generates a CHAP password and the suffix of target names.
`;

/** Keys of iSCSI secrets, for which a token does not work: a password has at most 16 characters. */
const OF_ISCSI = /^(boot\.(chap|target)|server\.iscsi)\b/;

/** Renders the secrets of sites as text: each with the source of its value, and where it is used. Contains no values. */
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
        ? `; did you set ${nearest} instead?`
        : '';
    return (isGiven ? 'missing' : 'needed') + hint;
  }
  const declared = 'declared only: the output does not need it';
  if (from === undefined) return declared;
  return `from ${escapeControlChars(from)}${isNeeded ? '' : `; ${declared}`}`;
}

function usage({ at, path, nodes }: SecretUse, folder: string): string {
  const reached = nodes.length > 0 ? `, for ${namesOf(nodes.map((name) => ({ name })))}` : '';
  return escapeControlChars(`${formatLocation(at, folder)} ${path}${reached}`);
}

/** Renders the secrets of sites as one JSON document without values, as in schema/secrets.schema.json. */
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
  return printedJson({ sites: plain });
}
