// What each built-in template gets as `it`, from the code: the types of the data in the calls of `render` in src/targets. Checks the tags
// of each template against them: `node scripts/template-types.mjs`, a stage of `npm run lint`. docs/reference/template-data.md is generated
// from them, too.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  isBinaryExpression,
  isCallExpression,
  isElementAccessExpression,
  isTemplateExpression,
} from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const targets = join(root, 'src', 'targets');
/** NodeBuilderFlags.NoTruncation. */
const WHOLE = 1;
/** ObjectFlags.Anonymous and Mapped: the type of an object literal, of a spread, or of a mapping of another type. */
const ANONYMOUS = (1 << 4) | (1 << 5);

/** The templates, by their names: the paths below src/targets, without `.eta`. */
export const templates = new Map(
  readdirSync(targets, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.eta'))
    .sort()
    .map((path) => [path.replace(/\.eta$/, ''), readFileSync(join(targets, path), 'utf8')]),
);

/**
 * Runs a function with the types of the data of each template, by its name, and with the checker of TypeScript. A template that several
 * calls render has several types. Throws if a call has a name that the types do not tell, or a template has no call.
 */
export function withTemplateTypes(use) {
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects()[0];
    const types = new Map([...templates.keys()].map((name) => [name, []]));
    for (const file of project.program.getSourceFileNames())
      if (file.startsWith(`${targets}/`) && !file.endsWith('.test.ts'))
        for (const call of callsOfRender(project.program.getSourceFile(file)))
          for (const [name, type] of dataOfCall(call, project.checker)) types.get(name)?.push(type);
    const unknown = [...types].filter(([, found]) => found.length === 0).map(([name]) => name);
    if (unknown.length > 0) throw new Error(`no call of render has the template ${unknown.join(', ')}`);
    return use(types, project.checker);
  } finally {
    api.close();
  }
}

function callsOfRender(file) {
  const calls = [];
  const visit = (node) => {
    if (isCallExpression(node) && ['render', 'renderScript'].includes(node.expression.text)) calls.push(node);
    node.forEachChild(visit);
  };
  visit(file);
  return calls;
}

/** Returns the templates of a call of render, each with the type of its data. */
function dataOfCall({ arguments: [path, data] }, checker) {
  if (!data) return [];
  const names = isTemplateExpression(path)
    ? valuesOf(path.templateSpans[0].expression, checker).map(
        (value) => `${path.head.text}${value}${path.templateSpans[0].literal.text}`,
      )
    : valuesOf(path, checker);
  if (names.length > 0) {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(data));
    return names.map((name) => [name, type]);
  }
  // `render(`host/${part}.sh`, data[part] ?? {})`: each property of `data` is the data of a template.
  const value = isBinaryExpression(data) ? data.left : data;
  if (isTemplateExpression(path) && isElementAccessExpression(value)) {
    const [head, tail] = [path.head.text, path.templateSpans[0].literal.text];
    return checker
      .getPropertiesOfType(checker.getTypeAtLocation(value.expression))
      .map((property) => [`${head}${property.name}${tail}`, checker.getTypeOfSymbol(property)]);
  }
  return [];
}

/** Returns the texts that an expression can have by its type; none if that is any text. */
function valuesOf(expression, checker) {
  const type = checker.getTypeAtLocation(expression);
  const values = (type.isUnionType() ? type.getTypes() : [type]).map(({ value }) => value);
  return values.every((value) => typeof value === 'string') ? values : [];
}

/**
 * Returns a type as data: `text` in TypeScript if it is a name, a literal or a basic type, `list` or `map` with the type of the entries,
 * `union` of types, or `properties` of an object literal. Alternatives of object literals become one object, with all properties.
 */
export function shapeOf(type, checker) {
  if (checker.isTupleType(type)) return { list: mergedShape(checker.getTypeArguments(type), checker) };
  if (checker.isArrayType(type)) return { list: shapeOf(checker.getTypeArguments(type)[0], checker) };
  if (type.isUnionType()) return mergedShape(alternatives(type), checker);
  if (type.isIntersectionType()) return objectShape([type], checker);
  const [index] = isAnonymous(type) ? checker.getIndexInfosOfType(type) : [];
  if (index) return { map: shapeOf(index.valueType, checker) };
  if (isAnonymous(type) && checker.getSignaturesOfType(type, 0).length === 0)
    return objectShape([type], checker);
  return { text: checker.typeToString(type, undefined, WHOLE), type };
}

/** Returns the shape of a value that has one of several types. With `isOpen`, a type with a name has its properties, too. */
export function mergedShape(types, checker, isOpen = false) {
  const isOptional = types.some(({ intrinsicName }) => intrinsicName === 'undefined');
  const some = types.filter(({ intrinsicName }) => !['undefined', 'null', 'never'].includes(intrinsicName));
  if (some.length === 0) return { text: 'undefined', isOptional };
  if (some.every((type) => checker.isArrayType(type) || checker.isTupleType(type))) {
    const entries = some.flatMap((type) => checker.getTypeArguments(type).flatMap(alternatives));
    return { list: mergedShape(entries, checker), isOptional };
  }
  if (isOpen || some.every((type) => isAnonymous(type) && checker.getPropertiesOfType(type).length > 0))
    return { ...objectShape(some, checker), isOptional };
  if (some.length === 1) return { ...shapeOf(some[0], checker), isOptional };
  const union = some.map((type) => shapeOf(type, checker)).filter(({ text }) => text !== 'false');
  const shapes = union.map((shape) => (shape.text === 'true' ? { text: 'boolean' } : shape));
  return shapes.length === 1 ? { ...shapes[0], isOptional } : { union: shapes, isOptional };
}

function alternatives(type) {
  return type.isUnionType() ? type.getTypes() : [type];
}

function isAnonymous(type) {
  return type.isObjectType() && (type.objectFlags & ANONYMOUS) !== 0;
}

/** Returns the shape of object types, in one: a property that one of them lacks is optional. */
function objectShape(types, checker) {
  const symbols = types.map(
    (type) => new Map(checker.getPropertiesOfType(type).map((symbol) => [symbol.name, symbol])),
  );
  const names = [...new Set(symbols.flatMap((properties) => [...properties.keys()]))];
  const properties = names.map((name) => {
    const found = symbols.flatMap((properties) => properties.get(name) ?? []);
    const shape = mergedShape(
      found.flatMap((symbol) => alternatives(checker.getTypeOfSymbol(symbol))),
      checker,
    );
    const isOptional = shape.isOptional || found.length < types.length;
    return { name, ...shape, isOptional, doc: docOf(found[0], checker) };
  });
  return { properties };
}

/** Returns the docstring of a symbol on one line; `` if it has none. */
export function docOf(symbol, checker) {
  const doc = symbol?.getDocumentationComment(checker) ?? '';
  return [doc]
    .flat()
    .map((part) => part.text ?? part)
    .join('');
}

/** Returns a shape in TypeScript. */
function typeText({ text, list, map, union, properties }) {
  if (list) return `readonly (${typeText(list)})[]`;
  if (map) return `Record<string, ${typeText(map)}>`;
  if (union) return union.map((shape) => `(${typeText(shape)})`).join(' | ');
  if (!properties) return text;
  return `{ ${properties.map((property) => `${JSON.stringify(property.name)}${property.isOptional ? '?' : ''}: ${typeText(property)}`).join('; ')} }`;
}

/** Returns the description in the first line of a template: a comment in a tag. */
export function descriptionOf(name) {
  const [, description] = /^<%\/\* (.*) \*\/%>\n/.exec(templates.get(name)) ?? [];
  if (!description) throw new Error(`src/targets/${name}.eta does not begin with <%/* Generates … */%>`);
  return description;
}

/** Checks each template, and returns the errors of TypeScript, with the file and line of the template. */
function checkTemplates() {
  const folder = join(root, '.cache', 'templates');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const exported = exportedTypes();
  const files = new Map();
  withTemplateTypes((types, checker) => {
    for (const [name, found] of types) {
      const type = typeText(mergedShape(found, checker));
      const file = join(folder, `${name.replaceAll('/', '.')}.ts`);
      files.set(file, name);
      writeFileSync(file, programOf(name, type, exported));
    }
  });
  const options = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      strict: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      noImplicitAny: false,
    },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, include: ['*.ts'] }));
  const api = new API({ cwd: folder });
  const { program } = api.updateSnapshot({ openProjects: [join(folder, 'tsconfig.json')] }).getProjects()[0];
  const errors = [...files].flatMap(([file, name]) =>
    [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ pos, text }) => {
        const line = readFileSync(file, 'utf8').slice(0, pos).split('\n').length - 1;
        return `src/targets/${name}.eta:${line}: ${text}`;
      },
    ),
  );
  api.close();
  return errors;
}

/** Returns a template as TypeScript: its first line declares `it`, the others have the code of the tags where the template has it. */
function programOf(name, type, exported) {
  const names = new Set(type.replaceAll(/'[^']*'/g, '').match(/\b[A-Z]\w+/g) ?? []);
  const imports = [...names]
    .filter((word) => exported.has(word))
    .map((word) => `import type { ${word} } from '../../src/${exported.get(word)}';`);
  const blank = (text) => text.replaceAll(/[^\n]/g, ' ');
  const code = templates
    .get(name)
    .replaceAll(/([\s\S]*?)(?:<%([-_]?\s*[=~]?)([\s\S]*?)[-_]?%>|$)/g, (_all, text, kind, code = '') => {
      if (kind === undefined) return blank(text);
      const tag = code.replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, (comment) =>
        /^\/\/.*['"`]/.test(comment) ? comment : blank(comment),
      );
      return /[=~]/.test(kind) ? `${blank(text)} w(${tag});` : `${blank(text)}  ${blank(kind)}${tag}  `;
    });
  return `${imports.join(' ')} export const t = (it: ${type.replaceAll('\n', ' ')}, w: (text: string | number | boolean) => void) => {\n${code}};\n`;
}

/** Returns the file below src/ of each exported type of the rooms that targets import. */
function exportedTypes() {
  const found = new Map();
  const rooms = ['values', 'source', 'knowledge', 'inventory', 'site', 'tree', 'secrets', 'plan', 'targets'];
  const files = rooms.flatMap((room) =>
    readdirSync(join(root, 'src', room), { recursive: true, encoding: 'utf8' }).map(
      (path) => `${room}/${path}`,
    ),
  );
  for (const path of files)
    if (path.endsWith('.ts') && !path.endsWith('.test.ts'))
      for (const [, name] of readFileSync(join(root, 'src', path), 'utf8').matchAll(
        /^export (?:interface|type|class) (\w+)/gm,
      ))
        found.set(name, path.replaceAll('\\', '/'));
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const errors = checkTemplates();
  for (const error of errors) console.error(error);
  if (errors.length > 0) process.exitCode = 1;
}
