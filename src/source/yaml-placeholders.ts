import { type Document, parseAllDocuments, visit } from 'yaml';
import { tooDeepAt } from './nesting.ts';
import { insertPlaceholders } from './placeholders.ts';

interface ReferringScalar {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/**
 * Inserts placeholders into the scalars of a YAML file. Writes each such scalar in double quotes, with the same value; also a
 * block scalar, because the lines of a secret could leave the block. All else stays unchanged, including comments and order.
 * Treats a text that is not YAML as other text.
 */
export function yamlWithPlaceholders(text: string): string {
  const scalars = referringScalars(text);
  if (!scalars) return insertPlaceholders(text);
  const marked = scalars.reduceRight((whole, { start, end, value }) => {
    // The range of a block scalar includes its last line end.
    const lineEnd = whole.slice(start, end).endsWith('\n') ? '\n' : '';
    const quoted = insertPlaceholders(JSON.stringify(value), 'yaml') + lineEnd;
    return whole.slice(0, start) + quoted + whole.slice(end);
  }, text);
  return insertPlaceholders(marked);
}

/** Returns the offsets of references to secrets in comments and keys of a YAML file, where they cannot be quoted. */
export function strayReferences(text: string): number[] {
  const scalars = referringScalars(text);
  if (!scalars) return [];
  const offsets = Array.from(text.matchAll(/\$\{secret:/g), ({ index }) => index);
  return offsets.filter((at) => !scalars.some(({ start, end }) => start <= at && at < end));
}

/** Returns the scalars of all documents that refer to secrets, in order, or undefined if the text is not YAML. */
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

/** Whether a text parses as YAML: references to secrets in it are then quoted. */
export function isYaml(text: string): boolean {
  return documentsOf(text) !== undefined;
}

function documentsOf(text: string): readonly Document.Parsed[] | undefined {
  if (tooDeepAt(text) !== undefined) return undefined;
  const documents = parseAllDocuments(text, { keepSourceTokens: false, logLevel: 'silent' });
  return documents.some(({ errors }) => errors.length > 0) ? undefined : documents;
}

/** A template that cloud-init renders to cloud-config, which is YAML. */
const YAML_TEMPLATE = /^## template: *jinja[^\n]*\n#cloud-config/i;

/** Whether a text is a template of cloud-config. */
export function isYamlTemplate(text: string): boolean {
  return YAML_TEMPLATE.test(text);
}
