// Derives test/data/cloud-upstream.json: the arguments of rancher/harvester-cloud's resources, with their values where
// these are literal. Run it manually for another commit, with a clone and its commit:
// node scripts/derive-harvester-cloud.mjs CLONE COMMIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PARSER = '@cdktf/hcl2json@0.21.0';

const MODULES = ['aws/ec2', 'azure/virtual-machine', 'digitalocean/droplet', 'google-cloud/compute-engine'];

/** Resources of other providers make keys and download images. */
const TYPES = /^(aws|azurerm|digitalocean|google)_/;

const [clone, commit] = process.argv.slice(2);
if (!clone || !commit) throw new Error('usage: derive-harvester-cloud.mjs CLONE COMMIT');
const folder = mkdtempSync(join(tmpdir(), 'harvgen-hcl-'));
try {
  execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, PARSER]);
  const { parse } = createRequire(join(folder, 'x.js'))('@cdktf/hcl2json');
  const found = {};
  for (const module of MODULES) {
    const path = `modules/${module}/main.tf`;
    const text = execFileSync('git', ['-C', clone, 'show', `${commit}:${path}`], { encoding: 'utf8' });
    for (const [type, blocks] of Object.entries((await parse(path, text)).resource)) {
      if (!TYPES.test(type)) continue;
      found[type] = {};
      for (const [block] of Object.values(blocks)) add(found[type], '', block);
    }
  }
  const lines = Object.entries(found)
    .sort()
    .map(([type, values]) => `  ${JSON.stringify(type)}: ${JSON.stringify(values)}`);
  const head = `"//": "Derived from rancher/harvester-cloud, commit ${commit}, by scripts/derive-harvester-cloud.mjs."`;
  const text = `{\n${head},\n"resource": {\n${lines.join(',\n')}\n}\n}\n`;
  writeFileSync('test/data/cloud-upstream.json', text);
} finally {
  rmSync(folder, { recursive: true });
}

/** Adds the values of arguments by their path; null for one that an expression computes. */
function add(values, path, value) {
  if (Array.isArray(value)) {
    for (const item of value) add(values, path, item);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) add(values, path ? `${path}.${key}` : key, inner);
  } else {
    const literal = typeof value === 'string' && value.includes('${') ? null : value;
    values[path] = [...new Set([...(values[path] ?? []), literal])];
  }
}
