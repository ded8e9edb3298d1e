import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { USER_DATA } from '../../src/tree/paths.ts';
import type { Block, MainFile } from './cloud-mains.ts';
import { scratchFolder } from './scratch.ts';

/** The program to test with, `terraform` or `tofu`: neither is a package of Debian, so the tests need none. */
export const TERRAFORM = process.env.HARVGEN_TEST_TERRAFORM;

const REFERENCE = /(?<![\w.$-])(data\.)?((?:aws|azurerm|digitalocean|google)_\w+)\.(\w+)(?:\.(\w+))?/g;

/**
 * Writes a folder with `cloud/main.tf.json` in which a resource of the program itself replaces each resource of the provider,
 * because plugins of providers are not at hand. All expressions, functions, references and dependencies remain. Attributes
 * that only a provider knows have made-up values. Returns the folder.
 */
export function withoutProvider(main: MainFile, userData: string): string {
  const standIns: Record<string, Block> = {};
  const known = new Map<string, Set<string>>();
  for (const [, data = '', type, name, attribute] of JSON.stringify(main).matchAll(REFERENCE)) {
    const key = `${data ? 'data_' : ''}${type}_${name}`;
    known.set(key, (known.get(key) ?? new Set()).add(attribute ?? 'id'));
  }
  const standInFor = (_: string, data = '', type = '', name = '', attribute = '') =>
    `terraform_data.${data ? 'data_' : ''}${type}_${name}${attribute && `.output.${attribute}`}`;
  const rewritten = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(REFERENCE, standInFor);
    if (Array.isArray(value)) return value.map(rewritten);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rewritten(one)]));
  };
  for (const kind of ['data', 'resource'] as const)
    for (const [type, blocks] of Object.entries(main[kind] ?? {}))
      for (const [name, { depends_on, lifecycle, ...args }] of Object.entries(blocks)) {
        const key = `${kind === 'data' ? 'data_' : ''}${type}_${name}`;
        const made = [...(known.get(key) ?? [])].filter((attribute) => !(attribute in args));
        const { precondition } = (lifecycle ?? {}) as Block;
        standIns[key] = {
          input: {
            ...(rewritten(args) as Block),
            ...Object.fromEntries(made.map((attribute) => [attribute, madeUp(type, name, attribute)])),
          },
          ...(depends_on !== undefined && { depends_on: rewritten(depends_on) }),
          ...(precondition !== undefined && { lifecycle: { precondition } }),
        };
      }
  const folder = scratchFolder();
  mkdirSync(join(folder, 'host'));
  mkdirSync(join(folder, 'cloud'));
  writeFileSync(join(folder, USER_DATA), userData);
  const locals = rewritten(main.locals ?? {});
  const outputs = { ...main.output, user_data: { value: '${local.user_data}' } };
  const output = rewritten(main.locals?.user_data ? outputs : main.output);
  const file = { ...(main.locals && { locals }), resource: { terraform_data: standIns }, output };
  writeFileSync(join(folder, 'cloud/main.tf.json'), JSON.stringify(file));
  return folder;
}

/** Returns a value that only a provider knows; a list for those that are lists. */
function madeUp(type: string, name: string, attribute: string): unknown {
  if (attribute === 'locations') return ['eu-central-1b', 'eu-central-1a'];
  if (/address$|public_ip$/.test(attribute)) return '203.0.113.7';
  return type === 'aws_ebs_volume' ? `vol-${name}` : `${type}-${name}`;
}

/** Runs `init`, `validate` and `apply` in the folder, and returns the outputs. */
export function applied(program: string, folder: string): Readonly<Record<string, string>> {
  const run = (...args: string[]) =>
    execFileSync(program, [`-chdir=${join(folder, 'cloud')}`, ...args], { encoding: 'utf8', stdio: 'pipe' });
  run('init', '-input=false');
  run('validate');
  run('apply', '-auto-approve', '-input=false');
  const outputs = JSON.parse(run('output', '-json')) as Record<string, { readonly value: string }>;
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

/** Returns the text of user data, evaluated for the few expressions in it. */
export function evaluated(
  template: string,
  values: Readonly<Record<string, string>>,
  userData: string,
): string {
  return template
    .replace(
      /\$\{base64gzip\("(#[^"$]*)\$\{jsonencode\(\[\{type="([^"]+)",content=file\("[^"]+"\)\}\]\)\}"\)\}/,
      (_, head, type) => {
        const archive = head.replace('\\n', '\n') + JSON.stringify([{ content: userData, type }]);
        return gzipSync(archive).toString('base64');
      },
    )
    .replace(/\$\{(?:local|aws_\w+\.\w+)\.(\w+)\}/g, (_, name) => values[name] ?? `?${name}?`)
    .replace(/([$%])\1\{/g, '$1{');
}
