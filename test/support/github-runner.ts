import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { scratchFolder } from './scratch.ts';

/** A step of a composite action, or of a job. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** The result of a step. A step whose condition is false, or that uses another action, does not run. */
export interface StepRun {
  readonly outcome: 'success' | 'failure' | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  /** The inputs of another action. */
  readonly with?: Readonly<Record<string, string>>;
  readonly log: string;
}

/** The values that expressions and the runner's environment contain. */
export interface Job {
  readonly folder: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly event: object;
  readonly api: string;
  readonly actionPath: string;
  /** The directories in front of PATH. */
  readonly path: readonly string[];
}

/** Harvgen caches its compiled code there. */
const home = scratchFolder();

/**
 * Runs steps as GitHub's runner does, each with its own files; `earlier` has the results of steps before, by id. Returns the results by
 * name, and the summary of the job.
 */
export async function runSteps(
  steps: readonly Step[],
  job: Job,
  earlier: Readonly<Record<string, StepRun>> = {},
) {
  const temp = scratchFolder();
  const file = (name: string, content = '') => {
    writeFileSync(join(temp, name), content);
    return join(temp, name);
  };
  const [paths, summary, event] = [
    file('path'),
    file('summary'),
    file('event.json', JSON.stringify(job.event)),
  ];
  const results: Record<string, StepRun> = {};
  const byId: Record<string, StepRun> = { ...earlier };
  for (const [index, step] of steps.entries()) {
    const isFailed = Object.values(results).some(({ outcome }) => outcome === 'failure');
    const scope = {
      inputs: job.inputs,
      steps: byId,
      github: { event: job.event, job: 'sites' },
      cancelled: () => false,
    };
    // Without a status function, a condition only holds if all steps before succeeded.
    const condition =
      step.if && /\b(always|cancelled|failure|success)\(\)/.test(step.if)
        ? step.if
        : `${step.if ?? true} && ${!isFailed}`;
    const output = file(`output-${index}`);
    let [outcome, log]: [StepRun['outcome'], string] = ['skipped', ''];
    if (step.run !== undefined && evaluate(condition, scope)) {
      const added = readFileSync(paths, 'utf8').split('\n').filter(Boolean).reverse();
      const env = {
        PATH: [...added, ...job.path, process.env.PATH].join(':'),
        HOME: home,
        RUNNER_TEMP: temp,
        GITHUB_PATH: paths,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_EVENT_PATH: event,
        GITHUB_ACTION_PATH: job.actionPath,
        GITHUB_API_URL: job.api,
        GITHUB_REPOSITORY: 'org/sites',
        GITHUB_BASE_REF: 'main',
        ...Object.fromEntries(
          Object.entries(step.env ?? {}).map(([name, value]) => [name, expand(value, scope)]),
        ),
      };
      const script = file(`script-${index}.sh`, step.run);
      mkdirSync(job.folder, { recursive: true });
      const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
        cwd: job.folder,
        env,
      });
      child.stdin.end();
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      outcome = code === 0 ? 'success' : 'failure';
      log = stdout + stderr;
    }
    const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean);
    const outputs = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const inputs = Object.entries(step.with ?? {}).map(([name, value]) => [
      name,
      expand(String(value), scope),
    ]);
    const result = { outcome, outputs, log, with: Object.fromEntries(inputs) };
    results[step.name ?? step.uses ?? String(index)] = result;
    if (step.id) byId[step.id] = result;
  }
  return { results, summary: readFileSync(summary, 'utf8'), temp };
}

function expand(value: string, scope: Readonly<Record<string, unknown>>): string {
  return value.replace(/\$\{\{(.*?)\}\}/g, (_, expression) => String(evaluate(expression, scope) ?? ''));
}

/** Evaluates an expression: the operators are those of JavaScript, and a missing key is empty. */
function evaluate(expression: string, scope: Readonly<Record<string, unknown>>): unknown {
  const body = expression.replace(/^\s*\$\{\{|\}\}\s*$/g, '').replaceAll('.', '?.');
  return new Function(...Object.keys(scope), `return ${body};`)(...Object.values(scope));
}
