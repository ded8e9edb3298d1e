import { rmSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type Compilation, compile } from '../src/compile.ts';
import { releaseSchema } from '../src/knowledge/release-schema.ts';
import { rules } from '../src/rules/index.ts';
import { placeholdersOf } from '../src/secrets/uses-of.ts';
import type { Node, Site } from '../src/site/model.ts';
import { CODES } from '../src/source/diagnostics/codes.ts';
import { formatJson } from '../src/source/diagnostics/formats.ts';
import type { Diagnostic } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { placeholderOf } from '../src/source/placeholders.ts';
import type { SourceLocation } from '../src/source/source.ts';
import { CLOUD_INIT_FILES, cloudInitPath, configPath, scriptPath } from '../src/tree/paths.ts';
import type { Tree } from '../src/tree/tree.ts';
import type { Version } from '../src/values/version.ts';
import { FIELDS } from './harvester-fields.ts';
import { runs, SEED } from './support/effort.ts';
import { fileText } from './support/file-text.ts';
import { isMap, type Json, type JsonMap } from './support/random-fields.ts';
import { type Files, spread, written } from './support/random-files.ts';
import { edit, edited, type Mutation, mutated, mutations, type TextEdit } from './support/random-mutation.ts';
import { plansOfAllFields, RELEASES, type SitePlan, sitePlan } from './support/random-plan.ts';
import { buildSite } from './support/random-site.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';

/** Properties of all inventories, tested on random ones. `npm run test:long -- test/property` tests more of them. */

const test = suite('random inventories');

const severities = new Map([...CODES, ...rules].map(({ code, severity }) => [code, severity]));
const scratch = scratchFolder();
let cases = 0;

test('a valid one is accepted, and its output has its values', async () => {
  const seen = { releases: new Set<string>(), fields: new Set<string>(), warnings: new Set<string>() };
  await check(
    sitePlan,
    filesOf,
    async (plan) => {
      const { inventory, provokes, tolerates, silenced } = buildSite(plan);
      const { site, tree, diagnostics, configs } = await compileAndCheck(filesOf(plan));
      assert.ok(site && tree, 'accepted');
      const found = new Set(diagnostics.map(({ code }) => code));
      for (const code of found) {
        assert.ok((provokes.has(code) || tolerates.has(code)) && !silenced.has(code), `unexpected: ${code}`);
      }
      for (const code of provokes) assert.ok(found.has(code), `missing: ${code}`);
      for (const [node, config] of configs) {
        assertKept((inventory.nodes as Record<string, JsonMap>)[node.name]?.config, config, node.name);
        assertIdentity(node, config);
        for (const { path } of FIELDS) if (!seen.fields.has(path) && has(config, path)) seen.fields.add(path);
      }
      assertHost(site, tree);
      assertCloudInit(site, tree);
      assertIscsi(site, tree);
      assertPlaceholders(site);
      for (const { version } of site.clusters) seen.releases.add(version.text);
      for (const code of found) seen.warnings.add(code);
    },
    200,
    plansOfAllFields(),
  );
  assert.equal(
    FIELDS.filter(({ path }) => !seen.fields.has(path)).map(({ path }) => path),
    [],
    'every field occurs',
  );
  assert.equal([...seen.releases].sort(), [...RELEASES].sort());
});

test('one for another release is accepted only if that release has all of its keys', async () => {
  const results = new Set<boolean>();
  const filesWith = ({ plan, release }: { plan: SitePlan; release: string }) =>
    rewritten(filesOf(plan), plan.release, release);
  const arbitrary = fc.record({ plan: sitePlan, release: fc.constantFrom(...RELEASES) });
  await check(arbitrary, filesWith, async (value) => {
    results.add((await compileAndCheck(filesWith(value))).tree !== undefined);
  });
  assert.is(results.size, 2, 'some are accepted and some are not');
});

test('one with typos is accepted, or rejected with a source location', async () => {
  const results = new Set<boolean>();
  const filesWith = ({ plan, typos }: { plan: SitePlan; typos: Mutation[] }) =>
    written(mutated(spread(buildSite(plan).inventory, plan.style), typos), plan.style);
  await check(fc.record({ plan: sitePlan, typos: mutations }), filesWith, async (value) => {
    results.add((await compileAndCheck(filesWith(value))).tree !== undefined);
  });
  assert.is(results.size, 2, 'some are accepted and some are not');
});

test('one with an edited text is accepted, or rejected with a source location', async () => {
  const results = new Set<boolean>();
  const filesWith = ({ plan, change }: { plan: SitePlan; change: TextEdit }) => edited(filesOf(plan), change);
  await check(fc.record({ plan: sitePlan, change: edit }), filesWith, async (value) => {
    results.add((await compileAndCheck(filesWith(value))).tree !== undefined);
  });
  assert.is(results.size, 2, 'some are accepted and some are not');
});

test.run();

function filesOf(plan: SitePlan): Files<string> {
  return written(spread(buildSite(plan).inventory, plan.style), plan.style);
}

/** Returns files with each occurrence of a text replaced. */
function rewritten(files: Files<string>, from: string, to: string): Files<string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replaceAll(from, to)]));
}

/**
 * Checks a property on a usual number of random cases, and on examples. Reports for a failure how to reproduce it: the seed, and the smallest failing inventory.
 */
async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  files: (value: T) => Files<string>,
  property: (value: T) => Promise<void>,
  usual = 60,
  examples: readonly T[] = [],
): Promise<void> {
  const run = fc.asyncProperty(arbitrary, property);
  const { failed, counterexample, counterexamplePath, errorInstance, numRuns } = await fc.check(run, {
    seed: SEED,
    numRuns: examples.length + runs(usual),
    examples: examples.map((example) => [example]),
  });
  if (!failed || !counterexample) return;
  const inventory = Object.entries(files(counterexample[0])).map(([path, text]) => `# ${path}\n${text}`);
  const { stack } = errorInstance as Error;
  throw new Error(
    `HARVGEN_SEED=${SEED}, path ${counterexamplePath}, after ${numRuns} inventories:\n${stack}\n${inventory.join('')}`,
  );
}

interface CheckedCompilation extends Compilation {
  /** The configurations of the output tree, by their nodes. */
  readonly configs: readonly (readonly [Node, JsonMap])[];
}

/** Compiles files, and asserts the properties of all compilations. */
async function compileAndCheck(files: Files<string>): Promise<CheckedCompilation> {
  cases += 1;
  const folder = writeFiles(join(scratch, String(cases)), files);
  try {
    const compiled = await compile(join(folder, 'plant'));
    const { diagnostics, tree } = compiled;
    for (const diagnostic of diagnostics) assertDiagnostic(diagnostic, folder);
    assert.is(
      tree === undefined,
      diagnostics.some(({ severity }) => severity === 'error'),
    );
    if (cases % 10 === 0)
      assert.is(plain(await compile(join(folder, 'plant')), folder), plain(compiled, folder));
    return { ...compiled, configs: configsOf(compiled) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function assertDiagnostic(
  { code, severity, message, at, help, related = [] }: Diagnostic,
  folder: string,
): void {
  assert.is(severity, severities.get(code), `${code} is in the list`);
  assert.ok(help, `${code} has a help`);
  assertLocation(at, folder, code);
  for (const other of related) assertLocation(other.at, folder, code);
  for (const text of [message, help, ...related.map((other) => other.message)]) {
    assert.not.match(text, /undefined|\[object|NaN|^\s|\s$|^$/, code);
  }
}

function assertLocation({ source, start, end }: SourceLocation, folder: string, code: string): void {
  assert.ok(source.file.startsWith(folder), `${code} is in the site`);
  assert.ok(
    start >= 0 && start <= end && end <= source.text.length,
    `${code} is in the file: ${start} to ${end}`,
  );
}

/** Returns all diagnostics of a compilation, and each byte of its output. */
function plain({ diagnostics, tree }: Compilation, folder: string): string {
  const text = formatText(diagnostics, { color: true, folder });
  return JSON.stringify([formatJson(diagnostics, folder), text, [...(tree ?? [])]]);
}

/** Parses each configuration of an output tree as all releases do, and validates it by the schema of the node's release. */
function configsOf({ site, tree }: Compilation): [Node, JsonMap][] {
  const paths = [...(tree?.keys() ?? [])].filter((path) => path.startsWith('www/config/'));
  const nodes = (site?.nodes ?? []).filter(({ os }) => os === 'harvester');
  assert.is(paths.length, nodes.length);
  return nodes.map((node) => {
    const text = fileText(tree, `www/${configPath(node)}`) ?? '';
    const config: JsonMap = parse(text);
    assert.equal(parse(text, { version: '1.1' }), config, node.name);
    const validate = validator(node.cluster?.version as Version, node.mode);
    const complete = withKernelArguments(config, fileText(tree, `www/${scriptPath(node)}`) ?? '');
    // A configuration that no installer reads can lack values that iPXE provides.
    const isRead = node.install !== 'never' || node.bond.some(({ mac, name }) => mac ?? name);
    assert.ok(!isRead || validate(complete), `${node.name}: ${JSON.stringify(validate.errors)}`);
    return [node, config];
  });
}

/** Returns the configuration with the values that iPXE sets on the kernel command line, such as the NIC that booted. */
function withKernelArguments(config: JsonMap, script: string): JsonMap {
  const install = config.install as JsonMap;
  const management = install.management_interface as JsonMap;
  const isSet = / harvester\.install\.management_interface\.interfaces=hwAddr:\$\{netX\/mac\} /.test(script);
  if (!isSet) return config;
  assert.is(management.interfaces, undefined);
  const interfaces = [{ hwAddr: '52:54:00:aa:00:01' }];
  return { ...config, install: { ...install, management_interface: { ...management, interfaces } } };
}

const validators = new Map<string, ValidateFunction>();

function validator(release: Version, mode: Node['mode']): ValidateFunction {
  const key = `${release.text} ${mode}`;
  const known = validators.get(key);
  if (known) return known;
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { ipv4: isIPv4 } });
  const made = ajv.compile(releaseSchema(release, mode));
  validators.set(key, made);
  return made;
}

/** Asserts that the installer's configuration contains the user's configuration of the node, unchanged except for notation. */
function assertKept(input: Json | undefined, config: Json | undefined, path: string, suffix = ''): void {
  // A setting that is a map in the inventory is JSON text for the installer.
  const isJson = isMap(input) && typeof config === 'string';
  const map = isJson ? (JSON.parse(config) as Json) : config;
  if (isMap(input) && isMap(map)) {
    for (const [key, value] of Object.entries(input)) {
      if (key !== 'interfaces') assertKept(value, map[key], `${path}.${key}`, isJson ? ':json' : suffix);
    }
  } else if (input !== undefined) {
    assert.equal(decoded(config, input), marked(input, suffix), path);
  }
}

/** Returns a list of files as in the inventory: harvgen sends some texts in base64. */
function decoded(config: Json | undefined, input: Json): Json | undefined {
  if (!Array.isArray(config) || !Array.isArray(input)) return config;
  return config.map((file, index) => {
    const own = input[index];
    if (!isMap(file) || !isMap(own) || file.encoding !== 'b64' || own.encoding === 'b64') return file;
    const content = Buffer.from(String(file.content), 'base64').toString();
    return JSON.parse(JSON.stringify({ ...file, content, encoding: own.encoding })) as Json;
  });
}

/** Returns a value with placeholders for its secrets, as in the output tree. */
function marked(value: Json, suffix = ''): Json {
  return JSON.parse(JSON.stringify(value).replace(/\$\{secret:([a-z0-9_]+)\}/g, `@@secret:$1${suffix}@@`));
}

/** Asserts that cloud-init's data is the same in all YAML versions, names the node, and has placeholders for secrets. */
function assertCloudInit({ name: siteName, nodes }: Site, tree: Tree): void {
  for (const node of nodes) {
    if (!node.cloudInit) continue;
    for (const file of CLOUD_INIT_FILES) {
      const text = fileText(tree, `www/${cloudInitPath(node)}${file}`);
      assert.type(text, 'string', `${node.name} ${file}`);
      assert.not.match(text as string, /\$\{(?:secret|node):/, `${node.name} ${file}`);
      // Scripts, templates and includes are not YAML.
      if (/^#(?!cloud-config)/.test(text as string)) continue;
      const value = parse(text as string);
      assert.equal(parse(text as string, { version: '1.1' }), value, `${node.name} ${file}`);
      if (file !== 'meta-data') continue;
      assert.is(value['local-hostname'], node.name);
      assert.ok([`${siteName}.${node.name}`, `x-${node.name}`].includes(value['instance-id']), node.name);
    }
  }
}

/** Asserts that equivalent nodes, examined once, have the same secrets as each of them. */
function assertPlaceholders(site: Site): void {
  const alone = site.nodes.flatMap((node) => placeholdersOf({ ...site, nodes: [node] }).map(placeholderOf));
  assert.equal(placeholdersOf(site).map(placeholderOf), [...new Set(alone)].sort());
}

/** Asserts that a diskless node's script contains its target, and that names, targets and disks are unique. */
function assertIscsi({ nodes }: Site, tree: Tree): void {
  const disks = nodes.flatMap(({ iscsi }) => iscsi ?? []);
  for (const values of [
    disks.map(({ initiator }) => initiator),
    disks.map(({ target }) => target),
    disks.flatMap(({ disk }) => disk ?? []),
  ])
    assert.is(new Set(values).size, values.length);
  for (const node of nodes) {
    const { iscsi, os } = node;
    assert.is(iscsi !== undefined, os === 'iscsi', node.name);
    if (!iscsi) continue;
    const script = fileText(tree, `www/${scriptPath(node)}`) ?? '';
    assert.match(script, iscsi.target.replace('${secret:iscsi_suffix}', '@@secret:iscsi_suffix@@'));
    assert.match(script, `\nset initiator-iqn ${iscsi.initiator}\n`);
    assert.match(script, `iscsi:${iscsi.address}:tcp:${iscsi.port}:${iscsi.lun.toString(16)}:`);
    assert.is(/^set password /m.test(script), iscsi.chap !== undefined);
    assert.not.match(script, '${secret:');
  }
}

/** Asserts that each installer's configuration contains the name, the mode and the identifiers of its node. */
function assertIdentity({ name, mode, cluster, ip, bond }: Node, config: JsonMap): void {
  const { os, install, server_url } = config as { os: JsonMap; install: JsonMap; server_url?: string };
  const { method, interfaces, ip: address } = install.management_interface as JsonMap;
  assert.is(os.hostname, name);
  assert.is(install.mode, mode);
  assert.is(config.token, marked(cluster?.token ?? ''));
  assert.is(install.vip, mode === 'create' ? cluster?.vip : undefined);
  assert.is(server_url?.replace(/:443$/, ''), mode === 'join' ? `https://${cluster?.vip}` : undefined);
  assert.is(address, method === 'static' ? ip : undefined);
  // For unknown NICs, iPXE passes the value to the installer.
  const known = bond.filter(({ mac, name }) => mac ?? name);
  assert.equal(
    interfaces,
    known.length > 0 ? known.map(({ mac, name }) => (mac ? { hwAddr: mac } : { name })) : undefined,
  );
}

/** Asserts that a libvirt host has a file for each network, domain and port, and that UUIDs and images are unique. */
function assertHost({ name, host, networks, nodes }: Site, tree: Tree): void {
  const below = (folder: string) => [...tree.keys()].filter((path) => path.startsWith(folder));
  const domains = nodes.flatMap(({ domain }) => domain ?? []);
  const images = domains.flatMap(({ disks }) => disks.map(({ file }) => file));
  assert.is(new Set(domains.map(({ uuid }) => uuid)).size, domains.length);
  assert.is(new Set(images).size, images.length);
  assert.is(below('libvirt/domains/').length, domains.length);
  assert.is(
    below('libvirt/network').length,
    host ? networks.filter(({ libvirt }) => libvirt !== undefined).length : 0,
  );
  assert.is(below(`systemd/harvgen-${name}-expose-`).length, host?.expose.length ?? 0);
}

/** Whether a configuration has a field of the table. */
function has(config: JsonMap, path: string): boolean {
  const steps = path.split(/\.|(?=\[\])/).map((step) => (step === '*' ? 'sample.name' : step));
  return (
    steps.reduce<unknown>((at, step) => (at as JsonMap | undefined)?.[step === '[]' ? '0' : step], config) !==
    undefined
  );
}
