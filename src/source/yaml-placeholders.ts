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
  const parts: string[] = [];
  let after = 0;
  for (const { start, end, value } of scalars) {
    // The range of a block scalar includes its last line end.
    const lineEnd = text.slice(start, end).endsWith('\n') ? '\n' : '';
    parts.push(text.slice(after, start), insertPlaceholders(JSON.stringify(value), 'yaml'), lineEnd);
    after = end;
  }
  return insertPlaceholders(parts.join('') + text.slice(after));
}

/**
 * Returns the references to secrets in comments and keys of a YAML file, where they cannot be quoted: the number of references
 * before each.
 */
export function strayReferences(text: string): number[] {
  const scalars = referringScalars(text);
  if (!scalars) return [];
  let next = 0;
  return Array.from(text.matchAll(/\$\{secret:/g), ({ index }) => index).flatMap((at, number) => {
    while ((scalars[next]?.end ?? Infinity) <= at) next += 1;
    return (scalars[next]?.start ?? Infinity) <= at ? [] : number;
  });
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
