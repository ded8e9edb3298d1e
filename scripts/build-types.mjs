// Writes the types of the library into one file, dist/bin/index.d.ts: of each module, the declarations that src/index.ts reaches, in a
// namespace of its own, because modules use the same names.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const modules = new Map();

/** Returns a module's declarations and its imports, by their names in it. */
function moduleAt(path) {
  const known = modules.get(path);
  if (known) return known;
  const text = readFileSync(path, 'utf8');
  const found = {
    namespace: `in_${relative(dist, path)
      .replace(/\.d\.ts$/, '')
      .replace(/\W/g, '_')}`,
    declarations: new Map(),
    imports: new Map(),
    reached: new Set(),
  };
  modules.set(path, found);
  const [, ...statements] = `\n${text}`.split(
    /\n(?=(?:import|export|declare|interface|type|class)\b|\/\*\*)/,
  );
  for (const [index, statement] of statements.entries()) {
    const [, names, from] =
      /^(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']+)';\s*$/.exec(statement) ?? [];
    const [, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|const|class|function|enum) (\w+)/.exec(
        statement,
      ) ?? [];
    // The comment of a declaration precedes it. Those of the inventory's keys are in its schema.
    const comment = statements[index - 1]?.startsWith('/**') ? statements[index - 1] : '';
    const code = `${comment}\n${statement.replace(/^(export )?(declare )?/, '')}`;
    if (name) found.declarations.set(name, path.endsWith('.gen.d.ts') ? withoutComments(code) : code);
    for (const one of names?.match(/\w+( as \w+)?/g)?.filter((word) => word !== 'type') ?? []) {
      if (one.includes(' as ')) throw new Error(`${path} renames ${one}: build-types.mjs cannot`);
      found.imports.set(one, join(dirname(path), from.replace(/\.[jt]s$/, '.d.ts')));
    }
  }
  return found;
}

/** Adds a declaration, and all that it names. */
function reach(path, name) {
  const { declarations, imports, reached } = moduleAt(path);
  const from = imports.get(name);
  if (from) reach(from, name);
  if (reached.has(name) || (!from && !declarations.has(name))) return;
  reached.add(name);
  if (from) return;
  const code = withoutComments(declarations.get(name)).replace(/'[^']*'/g, '');
  for (const word of new Set(code.match(/\w+/g))) if (word !== name) reach(path, word);
}

function withoutComments(code) {
  return code.replace(/\s*\/\*\*[\s\S]*?\*\//g, '');
}

const index = join(dist, 'index.d.ts');
const exported = [...moduleAt(index).imports];
for (const [name] of exported) reach(index, name);
modules.delete(index);
const namespaces = [...modules.values()].map(({ namespace, declarations, imports, reached }) => {
  const lines = [...reached].map((name) => {
    const from = imports.get(name);
    return from ? `import ${name} = ${modules.get(from).namespace}.${name};` : declarations.get(name).trim();
  });
  return lines.length > 0 ? [`declare namespace ${namespace} {`, ...lines, '}'].join('\n') : '';
});
writeFileSync(
  join(dist, 'bin', 'index.d.ts'),
  [
    "/** harvgen's public API. */",
    ...exported.map(([name, from]) => `import ${name} = ${modules.get(from).namespace}.${name};`),
    ...namespaces.filter((text) => text !== ''),
    readFileSync(index, 'utf8')
      .match(/^export [^;]*(?=\} from)/gm)
      .map((line) => `${line}};`)
      .join('\n'),
    '',
  ].join('\n'),
);
