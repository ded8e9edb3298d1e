// needs: bash fish man mandoc zsh
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgen } from './support/cli.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';

/* Completion in real shells, each on a terminal of its own, and the manual page. */

const test = suite('completion, and the manual page');

const root = fileURLToPath(new URL('..', import.meta.url));
const home = writeFiles(scratchFolder(), {
  'values.yaml': '',
  // Other commands than completion record their arguments.
  'bin/harvgen': `#!/bin/bash\ncase $1 in __complete) exec ${process.execPath} ${BIN} "$@" ;; print) exec ${process.execPath} ${BIN} completion "$2" ;; esac\nprintf '%s ' "$@" >> "$HOME/ran"\necho >> "$HOME/ran"\n`,
  // Types into a shell on a terminal. It reads each line after the one before it.
  'type.zsh': `zmodload zsh/zpty
zpty shell "$1"
while read -r line; do zpty -w -n shell "\${(g::)line}"; done
while zpty -r shell output; do print -rn -- "$output"; done
`,
  'sites/$(touch broken)/site.yaml': '',
  'linked/.keep': '',
  'other/a@b/site.yaml': '',
  'my file': '',
});
chmodSync(join(home, 'bin/harvgen'), 0o755);
for (const name of ['location_x', 'location_y'])
  cpSync(join(root, 'sites', name), join(home, 'sites', name), { recursive: true });
cpSync(join(root, 'sites/_shared'), join(home, 'sites/_shared'), { recursive: true });

/** Typed keys, and the arguments that harvgen gets. */
const TYPED: readonly (readonly [string, string])[] = [
  ['bui\\tsites/location_x', 'build sites/location_x'],
  ['check sites/location_x\\t', 'check sites/location_x'],
  ['check other/a@\\t', 'check other/a@b'],
  ['check my\\\\ fi\\t', 'check my file'],
  ['check --str\\tsites/location_y', 'check --strict sites/location_y'],
  ['check --format gi\\tsites/location_y', 'check --format github sites/location_y'],
  [
    'explain sites/location_x harv-1 config.inst\\tdev\\t',
    'explain sites/location_x harv-1 config.install.device',
  ],
  [
    'explain sites/location_x harv-1 config.install.management_interface.int\\tnam\\t',
    'explain sites/location_x harv-1 config.install.management_interface.interfaces[0].name',
  ],
  ['set sites/location_x harv-2 insta\\tal\\t', 'set sites/location_x harv-2 install=always'],
  ['set sites/location_x harvester.ver\\tv1.9\\t', 'set sites/location_x harvester.version=v1.9.0'],
  ['set sites/location_x networks.mg\\tmtu=9000', 'set sites/location_x networks.mgmt.mtu=9000'],
  ['schema v1.9\\t', 'schema v1.9.0'],
  ['rules vip-in-d\\t', 'rules vip-in-dhcp-pool'],
  ['import tfv\\tx', 'import tfvars x'],
  ['template ipxe/node.\\t', 'template ipxe/node.ipxe.eta'],
  ['completion fi\\t', 'completion fish'],
  ['rehearse sites/location_x harv-1 --firm\\tht\\t', 'rehearse sites/location_x harv-1 --firmware http'],
  ['rehearse sites/location_x harv-1 harv-2\\t', 'rehearse sites/location_x harv-1 harv-2'],
  ['verify sites/location_x --as harv-2\\t', 'verify sites/location_x --as harv-2'],
  ['discover --site sites/location_y\\tval\\t', 'discover --site sites/location_y values.yaml'],
  ['secrets --secrets val\\tsites/location_x', 'secrets --secrets values.yaml sites/location_x'],
];

const SHELLS = {
  bash: {
    start: 'bash --norc --noprofile -i',
    load: 'set -u; COMP_WORDBREAKS=${COMP_WORDBREAKS/=/}; source <(harvgen print bash)',
  },
  zsh: {
    start: 'zsh -f -i',
    load: 'fpath=($HOME $fpath); autoload -Uz compinit; compinit -u -D; source <(harvgen print zsh)',
  },
  fish: { start: 'fish --no-config -i', load: 'harvgen print fish | source' },
};

for (const [shell, { start, load }] of Object.entries(SHELLS))
  test(`${shell} completes commands, options, sites, nodes, keys, values, releases and files`, () => {
    const lines = [load, 'rm -f $HOME/ran', ...TYPED.map(([keys]) => `harvgen ${keys}`), 'exit'];
    const { stdout, stderr } = spawnSync('zsh', ['-f', join(home, 'type.zsh'), start], {
      cwd: home,
      env: { HOME: home, PATH: `${home}/bin:${process.env.PATH}`, TERM: 'xterm', LANG: 'C.UTF-8' },
      input: lines.map((line) => `${line}\\n\n`).join(''),
      encoding: 'utf8',
      timeout: 120_000,
    });
    const ran = readFileSync(join(home, 'ran'), 'utf8').replaceAll(' \n', '\n');
    assert.is(ran, TYPED.map(([, args]) => `${args}\n`).join(''), stdout + stderr);
  });

test('offers sites by links, and searches only the directories that fit', () => {
  symlinkSync('../sites/location_x', join(home, 'linked/here'));
  assert.is(harvgen(['__complete', 'check', 'li'], home).stdout, 'linked/here\n');
  const { stdout } = harvgen(['__complete', 'check', ''], home);
  assert.is(stdout, 'linked/here\nother/a@b\nsites/location_x\nsites/location_y\n');
});

test('offers no name that a shell would run', () => {
  const { stdout } = harvgen(['__complete', 'check', 'sites/'], home);
  assert.is(stdout, 'sites/location_x\nsites/location_y\n');
});

test('offers the values of keys, and nothing for an unreadable site', () => {
  const offered = (...words: string[]) => harvgen(['__complete', ...words], home).stdout;
  assert.is(
    offered('set', 'sites/location_x', 'harv-1', 'install='),
    'install=once\ninstall=always\ninstall=never\ninstall=null\n',
  );
  assert.is(offered('explain', 'nowhere', 'a'), '');
  assert.match(
    offered('set', 'sites/location_x', 'networks.mgmt.ga'),
    /^networks\.mgmt\.gateway=\t[^\n]+\.\n$/,
  );
  assert.is(offered('init', ''), '');
  assert.is(offered('verify', 'sites/location_x', '--as', 'harv-'), 'harv-1\nharv-2\nharv-3\n');
  assert.is(offered('rehearse', 'sites/location_x', '--firmware', ''), 'bios\nuefi\nhttp\n');
  assert.is(offered('discover', '--site', 'sites/'), 'sites/location_x\nsites/location_y\n');
});

test('completion rejects an unknown shell', () => {
  assert.is(
    harvgen(['completion', 'tcsh'], home).stderr,
    'harvgen: unknown shell tcsh; shells: bash, zsh, fish\nSee harvgen --help.\n',
  );
});

test('the manual page is valid, and has every command and option of the help', () => {
  const page = join(root, 'man/harvgen.1');
  // It has no date: the same sources produce the same bytes.
  const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', page], { encoding: 'utf8' });
  assert.is(stdout.replace(/^.* WARNING: missing date, using "": TH\n/, ''), '');
  const man = spawnSync('man', ['--warnings', '--local-file', '-Tutf8', page], {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '200', GROFF_NO_SGR: '1', LANG: 'C.UTF-8' },
  });
  assert.is(man.stderr, '');
  const text = man.stdout
    .split('\b')
    .map((part, index, all) => part.slice(0, index < all.length - 1 ? -1 : undefined))
    .join('');
  const help = harvgen(['--help'], home).stdout;
  const commands = [...help.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name);
  assert.ok(commands.length > 12);
  for (const name of commands) {
    assert.match(text, `harvgen ${name} `);
    for (const [option] of harvgen([name, '--help'], home).stdout.matchAll(/--[\w-]+/g))
      assert.match(text, option, name);
  }
});

test.run();
