// needs: bash curl git jq npm shellcheck
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { BIN, harvgenWarm as harvgen } from './support/cli.ts';
import { type CommentsApi, startCommentsApi, TOKEN } from './support/comments-api.ts';
import { readPage as read } from './support/docs.ts';
import { type Job, runSteps, type Step } from './support/github-runner.ts';
import { blocksOf } from './support/markdown.ts';
import { buildAs } from './support/older-tree.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* The recipes for CI, run by bash as a runner runs them. */

const test = suite('the recipes for CI');

const root = fileURLToPath(new URL('..', import.meta.url));
const action: {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
} = parse(read('action.yml'));
const { steps } = action.runs;
const gitlab = parse(read('ci/gitlab-ci.yml')).harvgen;

/** An edit of the inventory that another machine causes. */
const NEW_MAC = ['52:54:00:aa:01:03', '52:54:00:aa:01:33'] as const;

const CHECK = 'Check the inventory';
const COMPARE = 'Compare the output trees with the inventory';
const EFFECTS = 'Print the effects on machines';
const COMMENT = 'Comment on the pull request';

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim();
}

/**
 * Makes a repository whose main branch has a site and its tree, and a branch on which the site has another text. `isBuilt`: the branch
 * has the tree of that. Returns the directory and the commit of main.
 */
function pullRequest(text: string, isBuilt = true): { readonly folder: string; readonly base: string } {
  const folder = dirname(dirname(makeSite(PLANT, 'sites/plant')));
  const commit = () => {
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', 'a state');
  };
  git(folder, 'init', '-qb', 'main');
  assert.is(harvgen(['build', 'sites/plant'], folder).code, 0);
  commit();
  const base = git(folder, 'rev-parse', 'HEAD');
  git(folder, 'checkout', '-qb', 'change');
  writeFileSync(join(folder, 'sites/plant/site.yaml'), text);
  if (isBuilt) assert.is(harvgen(['build', 'sites/plant'], folder).code, 0);
  commit();
  return { folder, base };
}

/** Returns a directory with a program `harvgen`. */
function programs(): string {
  const folder = scratchFolder();
  symlinkSync(BIN, join(folder, 'harvgen'));
  // npx takes five times as long as the command line that it starts.
  writeFileSync(join(folder, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  return folder;
}

const path = [programs()];
let api: CommentsApi;

test.before(async () => {
  api = await startCommentsApi();
});
test.before.each(() => {
  api.comments.length = 0;
  api.requests.length = 0;
  api.mayWrite = true;
});
test.after(() => api.close());

type Change = { readonly folder: string; readonly base: string };

/** Runs the steps of the action behind the installation, or only some of them after the results of others. */
function run({ folder, base }: Change, change: Partial<Job> = {}, some = steps.slice(1), earlier = {}) {
  const event = { pull_request: { number: 12, base: { sha: base } } };
  const inputs = { sites: 'sites/*', out: 'out', token: TOKEN };
  return runSteps(some, { folder, inputs, event, api: api.url, actionPath: root, path, ...change }, earlier);
}

/** The results of the steps before the effects, if the check has passed. */
const CHECKED = { check: { outcome: 'success', outputs: {}, log: '' } };

/** Runs only the step that prints the effects. Returns the summary. */
async function effectsOf(change: Change, job: Partial<Job> = {}): Promise<string> {
  const some = steps.filter(({ name }) => name === EFFECTS);
  const { results, summary } = await run(change, job, some, CHECKED);
  assert.is(results[EFFECTS]?.outcome, 'success', results[EFFECTS]?.log);
  return summary;
}

const TEXT = { type: 'string', minLength: 1 };

/** The metadata of a composite action: docs.github.com, "Metadata syntax reference". */
const METADATA = {
  type: 'object',
  required: ['name', 'description', 'runs'],
  additionalProperties: false,
  properties: {
    name: TEXT,
    author: TEXT,
    description: TEXT,
    branding: {
      properties: {
        icon: TEXT,
        color: {
          enum: ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark'],
        },
      },
      additionalProperties: false,
    },
    inputs: {
      propertyNames: { pattern: '^[_a-z][a-z0-9_-]*$' },
      additionalProperties: {
        required: ['description'],
        properties: {
          description: TEXT,
          required: { type: 'boolean' },
          default: TEXT,
          deprecationMessage: TEXT,
        },
        additionalProperties: false,
      },
    },
    outputs: {
      additionalProperties: {
        required: ['description', 'value'],
        properties: { description: TEXT, value: TEXT },
        additionalProperties: false,
      },
    },
    runs: {
      required: ['using', 'steps'],
      additionalProperties: false,
      properties: {
        using: { const: 'composite' },
        steps: {
          items: {
            oneOf: [{ required: ['run', 'shell'] }, { required: ['uses'] }],
            properties: {
              ...Object.fromEntries(
                ['run', 'shell', 'uses', 'name', 'id', 'if', 'working-directory'].map((key) => [key, TEXT]),
              ),
              with: { type: 'object' },
              env: { additionalProperties: TEXT },
              'continue-on-error': { type: 'boolean' },
            },
            additionalProperties: false,
          },
        },
      },
    },
  },
};

test('the metadata of the action is what GitHub accepts, and no script contains an expression', () => {
  const isMetadata = new Ajv2020({ allErrors: true, strict: false }).compile(METADATA);
  assert.ok(isMetadata(action), JSON.stringify(isMetadata.errors));
  for (const { run: script = '', env = {} } of steps) {
    assert.not.match(script, '${{');
    for (const value of Object.values(env))
      for (const [, input = ''] of value.matchAll(/inputs\.(\w+)/g)) assert.ok(input in action.inputs, input);
  }
});

test('shellcheck accepts every script', () => {
  const scripts = [...steps.flatMap(({ run }) => run ?? []), ...gitlab.script];
  assert.is(scripts.length, 10);
  const folder = writeFiles(
    scratchFolder(),
    Object.fromEntries(scripts.map((script, index) => [`${index}.sh`, script])),
  );
  const files = readdirSync(folder);
  const { stdout, status } = spawnSync('shellcheck', ['-s', 'bash', ...files], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.is(status, 0, stdout);
});

test('GitHub: a pull request that changes a MAC address passes, with a summary, a report and one comment', async () => {
  const change = pullRequest(edited(PLANT, NEW_MAC));
  const { results, summary, temp } = await run(change);
  for (const name of [CHECK, COMPARE, EFFECTS, COMMENT])
    assert.is(results[name]?.outcome, 'success', results[name]?.log);
  assert.match(summary, '  harv-3: boots from another MAC address: 52:54:00:aa:01:03 → 52:54:00:aa:01:33');
  // The pull request itself shows the changed files.
  assert.not.match(summary, 'Patch');
  const { effects = '', report = '' } = results[EFFECTS]?.outputs ?? {};
  assert.is(readFileSync(effects, 'utf8'), summary);
  assert.match(readFileSync(report, 'utf8'), '52:54:00:aa:01:33');
  assert.ok(report.startsWith(temp));
  const { key = '' } = results[EFFECTS]?.outputs ?? {};
  const kept = results['Keep the report']?.with ?? {};
  assert.equal(kept, { name: `harvgen-report-sites-${key}`, path: report, overwrite: 'true' });
  // Another use in the same job overwrites neither files nor artifact.
  const { results: again } = await run(change, { inputs: { sites: 'sites/plant', out: 'out', token: '' } });
  assert.is.not(again[EFFECTS]?.outputs.report, report);
  assert.is.not(again['Keep the report']?.with?.name, kept.name);
  const [first, ...more] = api.comments.splice(0);
  assert.ok(first);
  assert.is(more.length, 0);
  assert.match(first.body, /^<!-- harvgen [0-9a-f]{16} -->\n/);
  assert.is(first.body.slice(first.body.indexOf('\n') + 1), summary);

  const earlier = { effects: results[EFFECTS] };
  const comment = () =>
    run(
      change,
      {},
      steps.filter(({ name }) => name === COMMENT),
      earlier,
    );
  // The next run updates the comment, also behind many others, but never a comment of another user.
  const forged = { id: 1, body: first.body, user: { type: 'User' }, author_association: 'NONE' } as const;
  const others = Array.from({ length: 120 }, (_, index) => ({
    ...forged,
    id: index + 2,
    body: 'Looks good',
  }));
  api.comments.push(forged, ...others, { ...first, id: 500, body: `${first.body.split('\n')[0]}\nearlier` });
  await comment();
  assert.is(api.comments.length, 122);
  assert.is(api.comments.at(-1)?.body, first.body);
  assert.is(api.requests.at(-1), 'PATCH /repos/org/sites/issues/comments/500');
  // Nor a comment of another bot.
  api.comments.splice(0, 122, { ...first, id: 400, isForeign: true }, { ...first, id: 500, body: 'changed' });
  await comment();
  assert.is(api.requests.at(-1), 'POST /repos/org/sites/issues/12/comments');
  await comment();
  assert.is(api.requests.at(-1), 'PATCH /repos/org/sites/issues/comments/102');

  // A fork has no write access: its summary has the effects, and the job passes.
  api.comments.length = 0;
  api.mayWrite = false;
  const { outcome, log } = (await comment()).results[COMMENT] ?? {};
  assert.is(outcome, 'success');
  assert.match(log ?? '', '::notice title=harvgen::No comment was written');
  assert.not.match(log ?? '', TOKEN);
});

test('GitHub: an error in a site fails with an annotation at its line, and nothing else runs', async () => {
  const { results } = await run(pullRequest(edited(PLANT, ['gateway:', 'gatewey:']), false));
  assert.is(results[CHECK]?.outcome, 'failure');
  assert.match(results[CHECK]?.log ?? '', /::error file=sites\/plant\/site\.yaml,line=9,.*gatewey/);
  for (const name of [COMPARE, EFFECTS, COMMENT]) assert.is(results[name]?.outcome, 'skipped');
});

test('GitHub: a tree that was not built fails, and the comment has the effects all the same', async () => {
  const { results } = await run(pullRequest(edited(PLANT, NEW_MAC), false));
  assert.is(results[COMPARE]?.outcome, 'failure');
  assert.match(results[COMPARE]?.log ?? '', /::error .*www\/inventory\.json/);
  assert.is(results[COMMENT]?.outcome, 'success');
  assert.match(api.comments[0]?.body ?? '', 'harv-3: boots from another MAC address');
});

test('GitHub: a push compares with the commit before, also in a shallow clone; a new branch with its own tree', async () => {
  const { folder: origin, base } = pullRequest(edited(PLANT, NEW_MAC));
  const folder = join(scratchFolder(), 'clone');
  git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  git(origin, 'clone', '-q', '--depth=1', `file://${origin}`, folder);
  assert.match(await effectsOf({ folder, base }, { event: { before: base } }), 'harv-3: boots from another');
  const event = { before: '0'.repeat(40) };
  assert.is(await effectsOf({ folder, base }, { event }), '```text\nout/plant: nothing changes\n```\n');
});

test('GitHub: inputs and events are data, whatever they contain', async () => {
  const { folder } = pullRequest(edited(PLANT, NEW_MAC));
  const hostile = '$(touch pwned)`touch pwned`"; touch pwned; #\';touch pwned';
  const pull = { number: 12, base: { sha: hostile }, head: { ref: hostile }, title: hostile };
  const inputs = { sites: `sites/plant\n${hostile}\n`, out: hostile, token: hostile };
  const change = { folder, base: '' };
  assert.match((await run(change, { inputs })).results[CHECK]?.log ?? '', 'touch pwned');
  const sites = 'sites/*\n';
  const some = steps.filter(({ name }) => name === EFFECTS || name === COMMENT);
  const job = { event: { pull_request: pull }, inputs: { ...inputs, sites } };
  const { results } = await run(change, job, some, CHECKED);
  assert.is(results[COMMENT]?.outcome, 'success', results[COMMENT]?.log);
  assert.match(results[COMMENT]?.log ?? '', '::notice');
  assert.is(existsSync(join(folder, 'pwned')), false);
});

test('GitHub: a version that the repository pins is installed, else that of the action', async () => {
  const install = steps.slice(0, 1);
  const bin = { name: 'harvgen', version: '0.0.1', bin: 'bin/harvgen.js' };
  const files = (name: string) => ({
    'package.json': JSON.stringify({
      ...bin,
      scripts: { prepare: 'mkdir -p dist/bin && touch dist/bin/main.js' },
    }),
    'package-lock.json': JSON.stringify({
      name: 'harvgen',
      version: '0.0.1',
      lockfileVersion: 3,
      packages: { '': bin },
    }),
    'bin/harvgen.js': `#!/usr/bin/env node\nconsole.log('${name}')\n`,
  });
  const which: Step[] = [...install, { name: 'which', run: 'harvgen' }];
  const actionPath = writeFiles(scratchFolder(), files('of the action'));
  execFileSync('chmod', ['+x', join(actionPath, 'bin/harvgen.js')]);
  const plain = await run({ folder: scratchFolder(), base: '' }, { actionPath, path: [] }, which);
  assert.is(plain.results.which?.log, 'of the action\n', plain.results['Install harvgen']?.log);
  assert.ok(existsSync(join(actionPath, 'dist/bin/main.js')), 'npm ci builds it');
  const folder = writeFiles(scratchFolder(), {
    'package.json': JSON.stringify({ devDependencies: { harvgen: 'file:own' } }),
    'package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { devDependencies: { harvgen: 'file:own' } },
        'node_modules/harvgen': { resolved: 'own', link: true },
        own: { ...bin, name: 'harvgen' },
      },
    }),
  });
  writeFiles(join(folder, 'own'), files('of the repository'));
  execFileSync('chmod', ['+x', join(folder, 'own/bin/harvgen.js')]);
  const pinned = await run({ folder, base: '' }, { actionPath, path: [] }, which);
  assert.is(pinned.results.which?.log, 'of the repository\n', pinned.results['Install harvgen']?.log);
});

test('the page names the action with its inputs, and the file and the variables of the GitLab job', () => {
  const page = read('docs/how-to/ci.md');
  const [job = ''] = blocksOf(page, 'yaml github');
  const { permissions, jobs } = parse(job);
  assert.equal(permissions, { contents: 'read', 'pull-requests': 'write' });
  const used: Step = jobs.sites.steps.find(({ uses = '' }: Step) => uses.includes('/harvgen@'));
  assert.match(used.uses ?? '', /^your-org\/harvgen@v1\.0\.0$/);
  for (const [name, { default: value }] of Object.entries(action.inputs))
    assert.match(page, name === 'token' ? '| `token` |' : `| \`${name}\` | \`${value}\` |`);
  const [include = ''] = blocksOf(page, 'yaml gitlab');
  assert.ok(existsSync(join(root, parse(include).include[0].file)));
  for (const name of ['HARVGEN_SITES', 'HARVGEN_OUT'])
    assert.ok(name in gitlab.variables && page.includes(name));
});

test('the last step of the page stops at a reinstallation', async () => {
  const { folder, base } = pullRequest(edited(PLANT, ['178.42 }', '178.42, install: always }']));
  git(folder, 'update-ref', 'refs/remotes/origin/main', base);
  const [job = ''] = blocksOf(read('docs/how-to/ci.md'), 'yaml github');
  const { if: _, ...step }: Step = parse(job).jobs.sites.steps.at(-1);
  const { results } = await run({ folder, base }, {}, [step]);
  const { outcome, log } = results['Stop at machines that can lose data'] ?? {};
  assert.is(outcome, 'failure');
  assert.match(log ?? '', /^plant harv-2: reinstalls$/m);
  git(folder, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
  const again = async () => Object.values((await run({ folder, base }, {}, [step])).results)[0];
  assert.is((await again())?.outcome, 'success');
  // An update of harvgen changes scripts, and harv-2 installs at every boot before and after it.
  await buildAs(
    '0.0.9',
    folder,
    'plant',
    { 'www/ipxe/52-54-00-aa-01-01.ipxe': ['#!ipxe', '#!ipxe\necho older'] },
    'sites/plant',
  );
  git(folder, 'commit', '-qam', 'built by an older version');
  git(folder, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
  const updated = await again();
  assert.is(updated?.outcome, 'success', updated?.log);
});

/** Runs lines of the GitLab job as its runner does: they are one script. Returns the outcome, the log and the artifacts. */
async function runGitLab(
  { folder, base }: Change,
  token?: string,
  script: readonly string[] = gitlab.script,
) {
  writeFiles(folder, {
    'package.json': '{}',
    'package-lock.json': '{ "lockfileVersion": 3, "packages": { "": {} } }',
  });
  const env = {
    ...Object.fromEntries(Object.entries(gitlab.variables).map(([name, value]) => [name, String(value)])),
    CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
    CI_API_V4_URL: api.url,
    CI_PROJECT_ID: '34',
    CI_MERGE_REQUEST_IID: '12',
    ...(token === undefined ? {} : { HARVGEN_TOKEN: token }),
  };
  const job = { folder, inputs: {}, event: {}, api: '', actionPath: '', path };
  const { results } = await runSteps([{ name: 'job', run: script.join('\n'), env }], job);
  const artifacts: string[] = gitlab.artifacts.paths.map((name: string) => orNothing(join(folder, name)));
  return { outcome: results.job?.outcome, log: results.job?.log ?? '', artifacts };
}

function orNothing(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

test('GitLab: a merge request that changes a MAC address passes, with one note, artifacts and a log', async () => {
  const change = pullRequest(edited(PLANT, NEW_MAC));
  const { outcome, log, artifacts } = await runGitLab(change, TOKEN);
  assert.is(outcome, 'success', log);
  const [report = '', effects = ''] = artifacts;
  assert.match(report, '52:54:00:aa:01:33');
  assert.match(effects, '  harv-3: boots from another MAC address: 52:54:00:aa:01:03 → 52:54:00:aa:01:33');
  assert.match(log, effects);
  const [note] = api.comments;
  assert.match(note?.body ?? '', /^<!-- harvgen [0-9a-f]{16} -->\n```text\nout\/plant: /);

  const noteLines = gitlab.script.filter((lines: string) => lines.includes('harvgen-note'));
  assert.is(noteLines.length, 1);
  api.comments.unshift({ id: 1, body: note?.body ?? '', author: { id: 8 } });
  assert.is((await runGitLab(change, TOKEN, noteLines)).outcome, 'success');
  assert.is(api.comments.length, 2);
  assert.is(api.requests.at(-1), 'PUT /projects/34/merge_requests/12/notes/100');
  // Without a token there is no note, and a token that may not write stops nothing.
  api.requests.length = 0;
  assert.is((await runGitLab(change, undefined, noteLines)).outcome, 'success');
  assert.equal(api.requests, []);
  const refused = await runGitLab(change, 'another', noteLines);
  assert.is(refused.outcome, 'success');
  assert.match(
    refused.log,
    'The note is not written (401 Unauthorized): effects.md has the effects on machines.',
  );
});

test('GitLab: an error in a site fails, and a tree that was not built fails after the note', async () => {
  const [install, ...lines] = gitlab.script;
  assert.match(install, /^npm ci /);
  const wrong = await runGitLab(pullRequest(edited(PLANT, ['gateway:', 'gatewey:']), false), TOKEN, lines);
  assert.is(wrong.outcome, 'failure');
  assert.match(wrong.log, /sites\/plant\/site\.yaml:9:.*unknown-key/);
  assert.is(api.comments.length, 0);
  const stale = await runGitLab(pullRequest(edited(PLANT, NEW_MAC), false), TOKEN, lines);
  assert.is(stale.outcome, 'failure');
  assert.match(stale.log, 'out/plant differs from the inventory');
  assert.match(api.comments[0]?.body ?? '', 'harv-3: boots from another');
});

test.run();
