// Derives two files from rancher/harvester-cloud. One is test/data/cloud-upstream.json: the arguments of its resources, with literal
// values, and the variables of its projects. The other is src/knowledge/harvester/digests.json: the SHA-512 digests of Harvester's
// releases. Run it manually for another commit, with a clone and its commit:
// node --import tsx scripts/derive-harvester-cloud.mjs CLONE COMMIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { harvesterMedia } from '../src/knowledge/harvester.ts';

const PARSER = '@cdktf/hcl2json@0.21.0';

const PROJECTS = { aws: 'aws', azure: 'azure', digitalocean: 'digitalocean', google: 'google-cloud' };

const MODULES = ['aws/ec2', 'azure/virtual-machine', 'digitalocean/droplet', 'google-cloud/compute-engine'];

/** The script with a line such as `HARVESTER_v1_8_1_ISO_SUM_amd64="<digest>"` for each file. */
const SCRIPT = 'modules/harvester/deployment-script/sles_startup_script_sh.tpl';
const DIGEST =
  /^HARVESTER_(v[0-9]+_[0-9]+_[0-9]+)_(VMLINUZ|INITRD|ROOTFS|ISO)_SUM_(amd64|arm64)="([0-9a-f]{128})"$/gm;

/** Resources of other providers make keys and download images. */
const TYPES = /^(aws|azurerm|digitalocean|google)_/;

const [clone, commit] = process.argv.slice(2);
if (!clone || !commit) throw new Error('usage: derive-harvester-cloud.mjs CLONE COMMIT');
const textOf = (path) =>
  execFileSync('git', ['-C', clone, 'show', `${commit}:${path}`], { encoding: 'utf8' });
const comment = `Derived from rancher/harvester-cloud, commit ${commit}, by scripts/derive-harvester-cloud.mjs.`;
const folder = mkdtempSync(join(tmpdir(), 'harvgen-hcl-'));
try {
  execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, PARSER]);
  const { parse } = createRequire(join(folder, 'x.js'))('@cdktf/hcl2json');
  const found = {};
  for (const module of MODULES) {
    const path = `modules/${module}/main.tf`;
    for (const [type, blocks] of Object.entries((await parse(path, textOf(path))).resource)) {
      if (!TYPES.test(type)) continue;
      found[type] = {};
      for (const [block] of Object.values(blocks)) add(found[type], '', block);
    }
  }
  const variables = {};
  for (const [provider, project] of Object.entries(PROJECTS)) {
    const path = `projects/${project}/variables.tf`;
    for (const [name, [variable]] of Object.entries((await parse(path, textOf(path))).variable)) {
      const { type, default: value } = variable;
      variables[name] = { type: type.replace(/^\$\{(.*)\}$/, '$1'), defaults: {}, ...variables[name] };
      variables[name].defaults[provider] = value ?? null;
    }
  }
  const lines = Object.entries(found)
    .sort()
    .map(([type, values]) => `  ${JSON.stringify(type)}: ${JSON.stringify(values)}`);
  const variableLines = Object.entries(variables).map(
    ([name, variable]) => `  ${JSON.stringify(name)}: ${JSON.stringify(variable)}`,
  );
  const text = `{\n"//": ${JSON.stringify(comment)},\n"resource": {\n${lines.join(',\n')}\n},\n"variable": {\n${variableLines.join(',\n')}\n}\n}\n`;
  writeFileSync('test/data/cloud-upstream.json', text);
} finally {
  rmSync(folder, { recursive: true });
}

const sha512 = {};
for (const [, version = '', kind, arch, digest] of textOf(SCRIPT).matchAll(DIGEST)) {
  const media = harvesterMedia(version.replaceAll('_', '.'), arch);
  sha512[media[kind === 'VMLINUZ' ? 'kernel' : kind.toLowerCase()]] = digest;
}
writeFileSync(
  'src/knowledge/harvester/digests.json',
  `${JSON.stringify({ '//': comment, sha512 }, null, 2)}\n`,
);

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
