// Writes ajv's validator of the inventory's schema into dist/, instead of the module that compiles it at run time.
import { writeFileSync } from 'node:fs';
import { _ } from 'ajv/dist/compile/codegen/index.js';
import standalone from 'ajv/dist/standalone/index.js';
import { transformSync } from 'esbuild';

const folder = new URL('../dist/inventory/', import.meta.url);
const { SCHEMA_ID, schemaAjv } = await import(new URL('schema-validator.js', folder).href);

/** Imports for the required names: from the package's own modules, and from ajv's, which are CommonJS. */
const imports = ["import { FORMATS as formats } from './formats.js';"];

/** The keywords whose value in the schema is the parameter of their errors. */
const OWN = ['type', 'enum', 'pattern', 'format'];
/**
 * Replacements of repeated code, three fourths of the validator. They omit properties of errors that no message needs, and
 * parameters of functions that no schema of an inventory needs.
 */
const SHORTER = [
  [
    /const (\w+) = \{instancePath(?::(.+?))?,schemaPath:.+?,keyword:"(\w+)",params:(\{.*?\}),schema:.+?,parentSchema:([\w.[\]"-]+),data(?::(\w+))?(?:,propertyName:(\w+))?\};\s*if\(vErrors === null\)\{\s*vErrors = \[\1\];\s*\}\s*else \{\s*vErrors\.push\(\1\);\s*\}\s*errors\+\+;/g,
    (_whole, _name, path = 'instancePath', keyword, params, schema, data = 'data', name = '') =>
      `vErrors = withError(vErrors, ${path}, "${keyword}", ${OWN.includes(keyword) ? 'undefined' : params}, ${schema}, ${data}${name && `, ${name}`}); errors++;`,
  ],
  [
    /vErrors = vErrors === null \? (\w+)\.errors : vErrors\.concat\(\1\.errors\);/g,
    'vErrors = withErrorsOf(vErrors, $1);',
  ],
  [/\{instancePath="", parentData, parentDataProperty, rootData=data\}=\{\}/g, 'instancePath=""'],
  [/\{instancePath(?::([^;]+?))?,parentData\b[^;]+?,rootData\}/g, (_whole, path = 'instancePath') => path],
];
const HELPER = `function withError(errors, instancePath, keyword, given, parentSchema, data, propertyName) {
  const params = given ?? { [keyword === 'enum' ? 'allowedValues' : keyword]: parentSchema[keyword] };
  const error = { instancePath, keyword, params, parentSchema, data, ...(propertyName !== undefined && { propertyName }) };
  if (errors === null) return [error];
  errors.push(error);
  return errors;
}
const withErrorsOf = (errors, { errors: more }) => errors === null ? more : errors.concat(more);`;

const generated = standalone
  .default(schemaAjv({ source: true, esm: true, formats: _`formats` }), { validate: SCHEMA_ID })
  .replace(/^"use strict";/, '')
  .replaceAll(/require\("(ajv\/dist\/runtime\/(\w+))"\)\.default/g, (_whole, path, name) => {
    imports.push(`import ${name}_ from '${path}.js';`);
    return `${name}_.default`;
  });
const code = SHORTER.reduce((text, [long, short]) => text.replace(long, short), generated);
if (/schemaPath|parentData|vErrors\.concat/.test(code))
  throw new Error('ajv generates other code than the replacements expect');
if (code.includes('require(')) throw new Error('the validator requires an unknown module');
// Minified, including names: the generated code has half a megabyte. Omits schemas that no error refers to.
const minified = transformSync(`${[...new Set(imports)].join('\n')}\n${HELPER}\n${code}\n`, {
  minify: true,
  treeShaking: true,
  format: 'esm',
});
writeFileSync(new URL('schema-validator.js', folder), minified.code);
