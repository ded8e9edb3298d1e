// docs/reference/cli.md, from the definitions of the commands in src/cli/main.ts.

import { parse } from '../../src/cli/main.ts';
import { cell, code, linkTo, table } from './page.mjs';

/** The arguments of the commands: what each is. A name in brackets after `command/` is of that command alone. */
const ARGUMENTS = {
  sites: "directories of sites, or quoted globs of them (`'sites/*'`); directories named `_…` are skipped",
  site: 'the directory of one site',
  node: 'the name of a node',
  nodes: 'the names of nodes; by default, one node of each kind',
  'explain/key': 'a key, or the beginning of several: `nics[0]`, `config.install`; by default, all keys',
  'node-or-key=value':
    'the name of a node; or a key of the site, such as `networks.mgmt.vlan=5`, and then only such keys',
  'key=value':
    'a key and its new value in YAML; `null` removes the key, so that the layers below apply again',
  code: 'the code of a check; by default, all checks',
  shell: '`bash`, `zsh` or `fish`',
  'template/name': 'the path of a template; by default, the list of all templates',
  version: 'a Harvester release, such as `v1.4.1`',
  dir: 'the directory of the new site, new or empty; its name becomes the name of the site',
  format: 'the format of the files, listed above',
  file: 'a file to convert; `-` is standard input',
  files: 'further files of the same format',
  log: 'an access log of nginx, a log of dnsmasq, or leases; `-` is standard input',
  logs: 'further logs, in any order; compressed ones, too',
  dump: 'the output of `scripts/dump-cluster.sh`; `-` is standard input',
};

/** The exit codes of each command besides 2; code 0 is in the text above the commands where it is not here. */
export const EXIT_CODES = {
  build: {
    0: 'the output trees are written; with `--check`, they match the inventory',
    1: 'a site has an error, or a manual edit would be overwritten: nothing is written; with `--check`, a tree differs',
  },
  check: {
    0: 'no site has an error; with `--fix`, after the corrections',
    1: 'a site has an error; with `--strict`, also a warning; with `--fix`, also if a file cannot be written: nothing is written',
  },
  diff: {
    0: 'the sites have no errors, whether or not a build would change a file',
    1: 'a site has an error, or harvgen did not write the output directory',
  },
  report: {
    0: 'the page is written',
    1: 'a site has an error, or the file cannot be written: nothing is written; with `--open`, also if no program opens the page',
  },
  drift: {
    0: 'the cluster is as in the inventory, as far as a dump shows it',
    1: 'there is a difference; or the site has an error, or the dump is not of one of its clusters: nothing is compared',
  },
  discover: {
    0: 'the list is printed; with `--into`, the unknown machines are saved',
    1: 'a file is not a log, or the site has an error; with `--into`, also if it would have one: nothing is saved',
  },
  verify: {
    0: 'the servers are as in the inventory, as far as they could be asked',
    1: 'there is a difference; or the site has an error: nothing is asked',
  },
  explain: {
    0: 'the values are printed; a known key without a value is not an error',
    1: 'the site has an error: the values that do not depend on it are still printed',
  },
  set: {
    0: 'the edit is saved',
    1: 'the inventory would have an error: nothing is saved',
  },
  secrets: {
    0: 'the list is printed; with values, every secret has one',
    1: 'a site has an error; or values were passed, and one is missing or invalid',
  },
  media: {
    0: 'the list is printed; with `--pin`, the pins are saved or unchanged',
    1: 'a site has an error; with `--pin`, nothing is saved',
  },
  rehearse: {
    0: 'every boot ends as in the inventory',
    1: 'a site has an error, a boot fails or differs, a named machine cannot be rehearsed, a program is missing, or a server does not start',
  },
  rules: { 0: 'the checks are printed' },
  lsp: { 0: 'the editor has ended the session', 1: 'the editor disappeared without ending the session' },
  schema: { 0: 'the schema is printed' },
  template: { 0: 'the list or the template is printed' },
  completion: { 0: 'the script is printed' },
  init: { 0: 'the site is created', 1: 'the directory is not empty, or cannot be written' },
  import: {
    0: 'the sites are written or printed; notes are on standard error',
    1: 'a file cannot be read or converted, or a target exists: nothing is written',
  },
};

export const OF_WRONG_COMMAND_LINE = 'the command line is wrong';

/** Examples that the documentation test can run: they need no other file, server or terminal. */
const NEEDS_MORE =
  / > |\||--watch|--against|--open|--pin|--secrets|dump\.yaml|^(?:sudo )?harvgen (?:import|discover|lsp|rehearse|verify)/;

/** Returns the generated part of the page. Throws if a command or an argument has no description. */
export function commands() {
  const all = parse(['rules']).commands;
  const known = Object.keys(EXIT_CODES).join();
  if (all.map(({ name }) => name).join() !== known)
    throw new Error(`scripts/docs/cli.mjs describes the commands ${known}`);
  const list = table(
    ['Command', 'Purpose'],
    all.map(({ name, description }) => [linkTo(`harvgen ${name}`, code(name)), cell(purposeOf(description))]),
  );
  return `${list}\n${all.map(sectionOf).join('\n')}`;
}

/** The line of help ends where a list of formats begins. */
function purposeOf(description) {
  return description.split('; formats: ')[0];
}

function sectionOf({ name, rawName, description, args, options, examples }) {
  const [purpose, formats] = description.split('; formats: ');
  const parts = [`## harvgen ${name}\n`, `${purpose}.\n`];
  parts.push(`\`\`\`text\nharvgen ${rawName}${options.length > 0 ? ' [options]' : ''}\n\`\`\`\n`);
  if (formats) parts.push(`Formats: ${formats}. [Import mappings](import-mappings.md) describes each.\n`);
  if (args.length > 0)
    parts.push(
      table(
        ['Argument', 'Meaning'],
        args.map(({ value }) => [code(value), cell(argument(name, value))]),
      ),
    );
  if (options.length > 0)
    parts.push(
      table(
        ['Option', 'Meaning', 'Default'],
        options.map(({ rawName, description, config }) => [
          code(rawName),
          cell(description),
          typeof config.default === 'string' ? code(config.default) : '',
        ]),
      ),
    );
  parts.push(
    table(
      ['Exit code', 'Meaning'],
      Object.entries({ ...EXIT_CODES[name], 2: OF_WRONG_COMMAND_LINE }).map(([status, meaning]) => [
        status,
        meaning,
      ]),
    ),
  );
  const runnable = examples.filter((example) => !NEEDS_MORE.test(example));
  const others = examples.filter((example) => NEEDS_MORE.test(example));
  if (runnable.length > 0) parts.push(block('sh', runnable));
  if (others.length > 0) parts.push(block('sh example', others));
  return parts.join('\n');
}

export function argument(command, name) {
  const text = ARGUMENTS[`${command}/${name}`] ?? ARGUMENTS[name];
  if (!text)
    throw new Error(`scripts/docs/cli.mjs has no description for the argument ${name} of ${command}`);
  return text;
}

function block(info, lines) {
  const text = lines.map((line) => line.replaceAll(/(^|\| )harvgen /g, '$1npx harvgen ')).join('\n');
  return `\`\`\`${info}\n${text}\n\`\`\`\n`;
}
