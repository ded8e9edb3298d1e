// Writes ajv's validator of the inventory's schema into dist/, instead of the module that compiles it at run time.
import { writeFileSync } from 'node:fs';
import { _ } from 'ajv/dist/compile/codegen/index.js';
import standalone from 'ajv/dist/standalone/index.js';
import { transformSync } from 'esbuild';

const folder = new URL('../dist/inventory/', import.meta.url);
const { SCHEMA_ID, schemaAjv } = await import(new URL('shape-validator.js', folder).href);

/** Imports for the required names: from the package's own modules, and from ajv's, which are CommonJS. */
const imports = ["import { FORMATS as formats } from './formats.js';"];

const code = standalone
  .default(schemaAjv({ source: true, esm: true, formats: _`formats` }), { validate: SCHEMA_ID })
  .replace(/^"use strict";/, '')
  .replaceAll(/require\("(ajv\/dist\/runtime\/(\w+))"\)\.default/g, (_whole, path, name) => {
    imports.push(`import ${name}_ from '${path}.js';`);
    return `${name}_.default`;
  });
if (code.includes('require(')) throw new Error('the validator requires an unknown module');
// Minified, including names: the generated code has half a megabyte. Omits schemas that no error refers to.
const minified = transformSync(`${[...new Set(imports)].join('\n')}\n${code}\n`, {
  minify: true,
  treeShaking: true,
  format: 'esm',
});
writeFileSync(new URL('shape-validator.js', folder), minified.code);
