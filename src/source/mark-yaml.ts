import { type Document, parseAllDocuments, visit } from 'yaml';
import { insertPlaceholders } from './marks.ts';
import { tooDeepAt } from './nesting.ts';

interface ReferringScalar {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/**
 * Puts marks into the scalars of a YAML file, each of which is written in double quotes then, with the same value: a block
 * scalar, too, since the lines of a value would leave it. All else stays as it is, comments and order too. What is no YAML
 * is marked as other text is.
 */
export function markYaml(text: string): string {
  const scalars = referringScalars(text);
  if (!scalars) return insertPlaceholders(text);
  const marked = scalars.reduceRight((whole, { start, end, value }) => {
    // What a block scalar ends with is the end of its line.
    const lineEnd = whole.slice(start, end).endsWith('\n') ? '\n' : '';
    const quoted = insertPlaceholders(JSON.stringify(value), 'yaml') + lineEnd;
    return whole.slice(0, start) + quoted + whole.slice(end);
  }, text);
  return insertPlaceholders(marked);
}

/** Gives where a YAML file refers to a secret outside of its values: in a comment or a key, which no quotes can hold. */
export function strayReferences(text: string): number[] {
  const scalars = referringScalars(text);
  if (!scalars) return [];
  const places = Array.from(text.matchAll(/\$\{secret:/g), ({ index }) => index);
  return places.filter((at) => !scalars.some(({ start, end }) => start <= at && at < end));
}

/** The scalars of all documents of a file that refer to secrets, in their order; undefined where it is no YAML. */
function referringScalars(text: string): ReferringScalar[] | undefined {
  const scalars: ReferringScalar[] = [];
  const documents = documentsOf(text);
  for (const document of documents ?? []) {
    visit(document, {
      Scalar(key, { value, range }) {
        if (key === 'key' || typeof value !== 'string' || !value.includes('${secret:') || !range) return;
        scalars.push({ start: range[0], end: range[1], value });
      },
    });
  }
  return documents && scalars;
}

/** Says whether a text is taken for YAML here: what refers to a secret in it is put into quotes then. */
export function isYaml(text: string): boolean {
  return documentsOf(text) !== undefined;
}

function documentsOf(text: string): readonly Document.Parsed[] | undefined {
  if (tooDeepAt(text) !== undefined) return undefined;
  const documents = parseAllDocuments(text, { keepSourceTokens: false, logLevel: 'silent' });
  return documents.some(({ errors }) => errors.length > 0) ? undefined : documents;
}

/** A template that is cloud-config, or any YAML, once cloud-init has rendered it. */
const YAML_TEMPLATE = /^## template: *jinja[^\n]*\n#cloud-config/i;

/** Says whether a text is a template of cloud-config. */
export function isYamlTemplate(text: string): boolean {
  return YAML_TEMPLATE.test(text);
}
