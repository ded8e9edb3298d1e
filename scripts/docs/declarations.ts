// Reads the interfaces and type aliases of TypeScript files, with their docstrings. It reads what these files have: `export interface`
// with readonly properties, and aliases of types. It throws an error for anything else in an interface.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A property of an interface. */
export interface Property {
  readonly name: string;
  readonly isOptional: boolean;
  /** The type as it is written, on one line. */
  readonly type: string;
  readonly doc: string;
}

/** An interface. */
export interface Declaration {
  readonly name: string;
  readonly doc: string;
  /** The interfaces that it extends. */
  readonly bases: readonly string[];
  /** Its own properties. */
  readonly own: readonly Property[];
  /** Its inherited and its own properties. */
  readonly properties: readonly Property[];
  /** The path of its file below src/. */
  readonly file: string;
}

/** The interfaces and type aliases of files, by name. */
export interface Declarations {
  readonly interfaces: ReadonlyMap<string, Declaration>;
  readonly aliases: ReadonlyMap<string, string>;
}

const INTERFACE =
  /(?:^\/\*\*(?<doc>(?:(?!\*\/)[\s\S])*)\*\/\n)?^export interface (?<name>\w+)(?: extends (?<bases>[\w, ]+))? \{(?:\}|\n(?<body>[\s\S]*?)^\})$/gm;
const PROPERTY =
  /^(?:\s*\/\*\*(?<doc>(?:(?!\*\/)[\s\S])*)\*\/)?\s*(?:readonly )?(?:(?<name>\w+)|'(?<quoted>[^']+)')(?<optional>\?)?: (?<type>(?:\{[^}]*\}|[^;{])*);/;
const ALIAS = /^export type (\w+) =\s*([^;]*);/gm;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The directory of the types of template data. */
export const TEMPLATE_DATA = 'scripts/docs/template-data';

/** Returns the types of the data that templates get, and of the site in it. */
export function templateDeclarations(): Declarations {
  return readDeclarations([
    'src/site/model.ts',
    'src/site/model-server.ts',
    'src/site/model-host.ts',
    'src/inventory/own-files.ts',
    'src/values/addresses.ts',
    'src/values/identifiers.ts',
    'src/values/version.ts',
    'src/knowledge/harvester.ts',
    'src/knowledge/cloud-providers.ts',
    ...readdirSync(join(ROOT, TEMPLATE_DATA)).map((file) => `${TEMPLATE_DATA}/${file}`),
  ]);
}

/** Reads the declarations of files. Throws an error for a property or a base that it cannot read. */
function readDeclarations(files: readonly string[]): Declarations {
  const found = new Map<string, Omit<Declaration, 'properties'>>();
  const aliases = new Map<string, string>();
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const { groups = {} } of text.matchAll(INTERFACE)) {
      const { name = '', doc = '', bases = '', body = '' } = groups;
      if (found.has(name)) throw new Error(`${file}: a second interface ${name}`);
      found.set(name, {
        name,
        doc: plain(doc),
        bases: bases.split(/, */).filter(Boolean),
        own: propertiesOf(body, file),
        file,
      });
    }
    for (const [, name = '', type = ''] of text.matchAll(ALIAS)) aliases.set(name, plain(type));
  }
  const all = (name: string): Property[] => {
    const one = found.get(name);
    if (!one) throw new Error(`no file has the interface ${name}`);
    const own = new Set(one.own.map((property) => property.name));
    return [...one.bases.flatMap(all).filter((property) => !own.has(property.name)), ...one.own];
  };
  const interfaces = new Map(
    [...found].map(([name, one]) => [name, { ...one, properties: all(name) }] as const),
  );
  return { interfaces, aliases };
}

function propertiesOf(body: string, file: string): Property[] {
  const properties: Property[] = [];
  for (let rest = body.trim(); rest !== ''; ) {
    const match = PROPERTY.exec(rest);
    if (!match) throw new Error(`${file}: cannot read the property ${rest.split('\n', 1)}`);
    const { doc = '', name, quoted = '', optional, type = '' } = match.groups ?? {};
    properties.push({
      name: name ?? quoted,
      isOptional: Boolean(optional),
      type: plain(type),
      doc: plain(doc),
    });
    rest = rest.slice(match[0].length).trim();
  }
  return properties;
}

/** Returns a text on one line, without the asterisks of a comment. */
function plain(text: string): string {
  return text.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
}
