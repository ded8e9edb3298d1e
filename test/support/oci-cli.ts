import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { scratchFolder } from './scratch.ts';
import { startWorker, type Worker } from './worker.ts';
import { writeTree } from './write-tree.ts';

/* Shared by the tests of oci-launch.sh: a tree, a stand-in for the OCI CLI, and a validator of its calls. */

const here = dirname(fileURLToPath(import.meta.url));

/** An option of the CLI, as its sources declare it. */
interface Option {
  readonly type: 'text' | 'int' | 'bool' | 'flag' | 'file' | 'json' | 'choice';
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly values?: readonly string[];
}

const table: {
  readonly global: Readonly<Record<string, Option>>;
  readonly commands: Readonly<Record<string, Readonly<Record<string, Option>>>>;
} = JSON.parse(readFileSync(join(here, '../data/oci-cli.json'), 'utf8'));

/** A call of the CLI: its command, and its options with their values. */
export interface Call {
  readonly command: string;
  readonly options: Readonly<Record<string, readonly string[]>>;
}

/** Returns a parsed call. Rejects what the CLI would: unknown commands and options, missing ones, wrong types. */
export function validated(words: readonly string[]): Call {
  const rest = [...words];
  const options: Record<string, string[]> = {};
  const command: string[] = [];
  while (rest.length > 0) {
    const word = rest.shift() as string;
    if (!word.startsWith('--')) {
      command.push(word);
      continue;
    }
    const option = { ...table.global, ...table.commands[command.join(' ')] }[word];
    assert.ok(option, `${command.join(' ')} has no ${word}`);
    const value = option.type === 'flag' ? '' : rest.shift();
    assert.ok(value !== undefined, `${word} has no value`);
    assertType(word, option, value);
    options[word] = [...(options[word] ?? []), value];
    assert.ok(option.multiple || options[word]?.length === 1, `${word} is there twice`);
  }
  const known = table.commands[command.join(' ')];
  assert.ok(known, `there is no ${command.join(' ')}`);
  for (const [name, { required }] of Object.entries(known)) {
    if (required) assert.ok(options[name], `${command.join(' ')} has no ${name}`);
  }
  return { command: command.join(' '), options };
}

function assertType(name: string, { type, values }: Option, value: string): void {
  if (type === 'int') assert.match(value, /^\d+$/, name);
  if (type === 'bool') assert.match(value, /^(true|false)$/, name);
  if (type === 'choice') assert.ok(values?.includes(value), `${name} ${value}`);
  if (type === 'file') assert.ok(existsSync(value), `${name} ${value}`);
  if (type === 'json') JSON.parse(value.startsWith('file://') ? readFileSync(value.slice(7), 'utf8') : value);
}

/** The cloud of the stand-in. */
export interface Cloud {
  readonly subnets: Readonly<Record<string, object>>;
  readonly instances?: readonly object[];
  readonly connections?: readonly object[];
  readonly [key: string]: unknown;
}

let standIn: Worker | undefined;

/** An environment to launch from: a tree, a home directory with keys, and the stand-in in the path. */
export class LaunchPad {
  readonly folder = scratchFolder();
  readonly tree = join(this.folder, 'tree');
  readonly #env: Readonly<Record<string, string>>;

  constructor(cloud: Cloud) {
    const bin = join(this.folder, 'bin');
    standIn ??= startWorker('oci-stand-in.mjs');
    const { requests, answers } = standIn.paths;
    for (const name of ['bin', 'home/.ssh']) mkdirSync(join(this.folder, name), { recursive: true });
    writeFileSync(
      join(bin, 'oci'),
      `#!/bin/bash
printf '%s\\0' "$OCI_STAND_IN" "$#" "$@" >'${requests}'
read -r code <'${answers}'
cat "$OCI_STAND_IN/stderr" >&2
cat "$OCI_STAND_IN/stdout"
exit "$code"
`,
    );
    // There is no real cloud to wait for.
    writeFileSync(join(bin, 'sleep'), '#!/bin/sh\n');
    for (const name of ['oci', 'sleep']) chmodSync(join(bin, name), 0o755);
    const home = join(this.folder, 'home');
    writeFileSync(join(home, '.ssh/oci-console.pub'), 'ssh-rsa AAAAB3NzaC1yc2E console\n');
    this.#env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: home,
      OCI_STAND_IN: this.folder,
      // Without SHLVL, bash assumes a remote login, and reads the startup files of users.
      SHLVL: '1',
    };
    this.cloud = cloud;
  }

  /** Replaces the cloud, and clears the recorded calls. */
  set cloud(cloud: Cloud) {
    const whole = { instances: [], connections: [], ...cloud };
    writeFileSync(join(this.folder, 'state.json'), JSON.stringify(whole));
    this.forget();
  }

  /** Clears the recorded calls. */
  forget(): void {
    writeFileSync(join(this.folder, 'calls.jsonl'), '');
  }

  /** Builds the tree of a site. */
  async build(site: string): Promise<void> {
    const { tree, diagnostics } = await compile(site);
    assert.ok(tree, JSON.stringify(diagnostics.map(({ message }) => message)));
    await writeTree(this.tree, tree);
  }

  /** Runs oci-launch.sh. */
  launch(
    args: readonly string[],
    {
      env = {},
      cwd = this.folder,
      script = join(this.tree, 'scripts/oci-launch.sh'),
    }: { env?: Record<string, string | undefined>; cwd?: string; script?: string } = {},
  ) {
    const { status, stdout, stderr } = spawnSync('bash', [script, ...args], {
      cwd,
      env: { ...this.#env, ...env },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  /** Runs commands of a page. */
  run(commands: string): string {
    return execFileSync('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: this.folder,
      env: this.#env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** The calls of the CLI, each validated. */
  get calls(): Call[] {
    return this.words.map(validated);
  }

  /** The same, word for word. */
  get words(): string[][] {
    const lines = readFileSync(join(this.folder, 'calls.jsonl'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  /** The calls that change something. */
  get changes(): Call[] {
    return this.calls.filter(({ command }) => !/ (list|list-vnics|get)$/.test(command));
  }
}
