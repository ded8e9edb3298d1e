// needs: root nginx curl script unshare
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { startDaemons } from '../../src/rehearse/daemons.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { BIN } from '../support/cli.ts';
import { plantCalled } from '../support/plant.ts';
import { longSecret, NASTY, randomSecrets } from '../support/random-secrets.ts';
import { scratchFolder, writeFiles } from '../support/scratch.ts';

const test = suite('secrets, from their source to the machine, with the real nginx');

/** 200 random values, one longer than nginx accepts as one parameter, and values with special characters. */
const SECRETS = [...NASTY, longSecret(6000, 1), ...randomSecrets(200, 2)];
/** Each value is in three formats, and nginx substitutes 255 placeholders of one site. */
const SITES = Array.from({ length: Math.ceil(SECRETS.length / 80) }, (_, index) => siteOf(index));

interface SecretSite {
  readonly name: string;
  readonly number: number;
  /** The values of its secrets: the token, then `s0` and so on. */
  readonly values: Readonly<Record<string, string>>;
  readonly inventory: string;
}

function siteOf(index: number): SecretSite {
  const name = `plant${index}`;
  const own = SECRETS.slice(index * 80, index * 80 + 80);
  const values = Object.fromEntries(own.map((value, at) => [`s${at}`, value]));
  const config = { config: configOf(Object.keys(values), (secret) => `\${secret:${secret}}`) };
  const token = `a token of ${name}: "$' \\ }`;
  const inventory = plantCalled(name, index + 1).replace(
    /( {2}harv-1: \{.*) \}\n/,
    (_, line) => `${line}, ${JSON.stringify(config).slice(1, -1)} }\n`,
  );
  return { name, number: index + 1, values: { cluster_token: token, ...values }, inventory };
}

/** Returns a configuration with secrets in every type of text; `of` returns the text of each secret. */
function configOf(names: readonly string[], of: (name: string) => string) {
  const each = <T>(make: (name: string) => T) => Object.fromEntries(names.map((name) => [name, make(name)]));
  return {
    os: {
      environment: each(of),
      after_install_chroot_commands: names.map((name) => `before ${of(name)}, ${of(name)} after`),
      write_files: [
        { path: '/etc/a.yaml', content: names.map((name) => `${name}: "${of(name)}"\n`).join('') },
        { path: '/etc/b.yml', content: names.map((name) => `- x${of(name)}y # a comment\n`).join('') },
        { path: '/etc/c.txt', content: names.map((name) => `${name}=<${of(name)}>\n`).join('') },
      ],
    },
    system_settings: {
      'containerd-registry': { Configs: each((name) => ({ Auth: { Username: 'x', Password: of(name) } })) },
      'csi-driver-config': JSON.stringify(each((name) => ({ volumeSnapshotClassName: `a ${of(name)} b` }))),
    },
  };
}

/** A source of values for harvgen: arguments, input and environment variables. */
interface Source {
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Passes the values of a site in a file, a pipe or the environment, as far as that can hold them. */
function source({ number, values }: SecretSite, home: string): Source {
  const inFile = (content: string): Source => {
    writeFiles(home, { 's.yaml': content });
    chmodSync(join(home, 's.yaml'), 0o600);
    return { args: ['--secrets', 's.yaml'] };
  };
  if (number % 3 === 0) return inFile(stringify(values, { lineWidth: 0 }));
  if (number % 3 === 1) return { args: ['--secrets', '-'], input: JSON.stringify(values) };
  const entries = Object.entries(values);
  const isForFile = (value: string) => /[\0\ufffd]/.test(value);
  return {
    ...inFile(JSON.stringify(Object.fromEntries(entries.filter(([, value]) => isForFile(value))))),
    env: Object.fromEntries(
      entries
        .filter(([, value]) => !isForFile(value))
        .map(([name, value]) => [`HARVGEN_SECRET_${name.toUpperCase()}`, value]),
    ),
  };
}

/** Runs harvgen. Returns its standard output. Throws if it fails. */
function run(args: readonly string[], cwd: string, { input, env }: Partial<Source> = {}): Buffer {
  const options = { cwd, input: input ?? '', env: { PATH: process.env.PATH, ...env } };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], options);
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** The ways to substitute: each makes the trees of the sites below `out`, and returns the includes of nginx by site. */
const WAYS: Readonly<Record<string, (home: string) => Readonly<Record<string, Buffer>>>> = {
  'substituted by nginx': (home) => {
    const includes: Record<string, Buffer> = {};
    for (const site of SITES) {
      run(['build', site.name], home);
      const { args, ...rest } = source(site, home);
      includes[site.name] = run(['secrets', '--format', 'nginx', ...args, site.name], home, rest);
    }
    return includes;
  },
  'substituted by the build': (home) => {
    for (const site of SITES) {
      const { args, ...rest } = source(site, home);
      run(['build', ...args, site.name], home, rest);
    }
    return {};
  },
};

for (const [way, fill] of Object.entries(WAYS)) {
  test(`each secret arrives byte for byte: ${way}`, async () => {
    const home = scratchFolder();
    for (const { name, inventory } of SITES) writeFiles(home, { [`${name}/site.yaml`]: inventory });
    const served = await serve(home, fill(home));
    for (const { name, values } of SITES) {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(served[name]);
      for (const version of ['1.1', '1.2'] as const) assertArrived(text, values, version);
    }
  });
}

/** Asserts that a node's configuration, and the YAML and JSON in it, contain each secret unchanged. */
function assertArrived(text: string, values: Readonly<Record<string, string>>, version: '1.1' | '1.2'): void {
  const read = (yaml: string) => parse(yaml, { version, merge: false });
  const got = read(text);
  const { cluster_token: token, ...others } = values;
  const names = Object.keys(others);
  const want = configOf(names, (name) => values[name] ?? '');
  assert.is(got.token, token);
  assert.equal(got.os.environment, want.os.environment);
  assert.equal(got.os.after_install_chroot_commands, want.os.after_install_chroot_commands);
  const [map, list, plain] = got.os.write_files.map(({ content }: { content: string }) => content);
  assert.equal(read(map), others);
  assert.equal(
    read(list),
    names.map((name) => `x${values[name]}y`),
  );
  assert.is(plain, want.os.write_files[2]?.content);
  const { 'containerd-registry': registry, 'csi-driver-config': drivers } = got.system_settings;
  assert.equal(JSON.parse(registry), want.system_settings['containerd-registry']);
  assert.equal(JSON.parse(drivers), JSON.parse(want.system_settings['csi-driver-config']));
}

/** Serves the trees below `out`. Returns the configuration that the first node of each site gets. */
async function serve(
  home: string,
  includes: Readonly<Record<string, Buffer>>,
): Promise<Readonly<Record<string, Buffer>>> {
  const sandbox = await openSandbox();
  try {
    for (const { name, number } of SITES) {
      await sandbox.bind(join(home, 'out', name), `/srv/harvgen/${name}`);
      // Only root and the group of the files can read secrets.
      await sandbox.run(['chown', '-R', 'root:www-data', `/srv/harvgen/${name}`]);
      for (const host of [7, 41])
        await sandbox.run(['ip', 'address', 'add', `192.168.${number}.${host}/24`, 'dev', 'lo']);
    }
    await mkdir(join(sandbox.folder, 'includes'));
    for (const [name, include] of Object.entries(includes)) {
      const file = join(sandbox.folder, 'includes', name);
      await writeFile(file, include);
      await sandbox.run(['install', '-D', '-m', '0600', file, `/etc/nginx/harvgen/${name}.secrets.conf`]);
    }
    const all = join(sandbox.folder, 'sites.conf');
    await writeFile(
      all,
      SITES.map(({ name }) => `include /srv/harvgen/${name}/nginx/${name}.conf;\n`).join(''),
    );
    const daemons = await startDaemons(sandbox, { nginx: all });
    const served: Record<string, Buffer> = {};
    for (const site of SITES) served[site.name] = await fetch(sandbox, site);
    await daemons.stop();
    return served;
  } finally {
    await sandbox.close();
  }
}

/** Returns the name of the files of a site's first node. */
function keyOf({ number }: SecretSite): string {
  return `52-54-00-aa-${number.toString(16).padStart(2, '0')}-01`;
}

async function fetch(sandbox: Sandbox, site: SecretSite): Promise<Buffer> {
  const { number } = site;
  const key = keyOf(site);
  const file = join(sandbox.folder, key);
  const url = `http://192.168.${number}.7/config/${key}.yaml`;
  const own = ['--interface', `192.168.${number}.41`];
  await sandbox.run(['curl', '--silent', '--show-error', '--fail', ...own, '--output', file, url]);
  return readFileSync(file);
}

test('a tree for nginx contains no secret, and only root and a group can read the files of a tree with values', () => {
  const home = scratchFolder();
  const site = SITES.at(-1) as SecretSite;
  writeFiles(home, { [`${site.name}/site.yaml`]: site.inventory });
  run(['build', site.name], home);
  const long = Object.values(site.values).filter((value) => value.length > 8 && !value.includes('@@secret'));
  assert.ok(long.length > 20);
  const texts = filesBelow(join(home, 'out')).map((path) => readFileSync(path, 'utf8'));
  for (const value of long) for (const text of texts) assert.not(text.includes(value));
  const { args, ...rest } = source(site, home);
  run(['build', '--out', 'filled', ...args, site.name], home, rest);
  const config = join(home, 'filled', site.name, `www/config/${keyOf(site)}.yaml`);
  assert.is(statSync(config).mode & 0o777, 0o640);
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? join(entry.parentPath, entry.name) : [],
  );
}

test('a value that is only a placeholder or a reference is rejected in both ways', () => {
  const [site] = SITES as [SecretSite];
  const home = writeFiles(scratchFolder(), { [`${site.name}/site.yaml`]: site.inventory });
  for (const value of ['@@secret:s1@@', '@@secret:s1:json@@', '${secret:s1}']) {
    const input = JSON.stringify({ ...site.values, s0: value });
    for (const command of [['build'], ['secrets', '--format', 'nginx']]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [BIN, ...command, '--secrets', '-', site.name],
        { cwd: home, input, encoding: 'utf8' },
      );
      assert.equal([status, stdout], [1, '']);
      assert.match(stderr, 'The value of the secret s0');
    }
  }
});

test('the include is not printed on a terminal', () => {
  const [site] = SITES as [SecretSite];
  const home = writeFiles(scratchFolder(), {
    [`${site.name}/site.yaml`]: site.inventory,
    's.yaml': JSON.stringify(site.values),
  });
  chmodSync(join(home, 's.yaml'), 0o600);
  const command = `${process.execPath} ${BIN} secrets --format nginx --secrets s.yaml ${site.name}; echo code $?`;
  const text = execFileSync('script', ['--quiet', '--command', command, '/dev/null'], {
    cwd: home,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.match(text.replaceAll(/\s+/g, ' '), 'so no values of secrets are printed: pipe them to the server');
  assert.match(text, /code 2\s+$/);
  assert.not.match(text, 'sub_filter');
});

test.run();
