import { fstatSync, writeFileSync } from 'node:fs';
import { type CAC, cac } from 'cac';
import { meaningOf } from '../tree/output-folder.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { VERSION } from '../values/package.ts';
import { escapeLines, nearest } from '../values/text.ts';
import { UserError } from '../values/user-error.ts';
import { didYouMean, readArguments, STDIN, UsageError } from './read-arguments.ts';

/**
 * Runs harvgen's command line. Takes the arguments after the program name. Returns the exit code: 0 for success, 1 for
 * errors in the inventory or the output, 2 for a wrong command line. Never throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  watchOutput();
  try {
    return await run(argv);
  } catch (error) {
    if (error instanceof UsageError || (error instanceof Error && error.name === 'CACError')) {
      process.stderr.write(`harvgen: ${escapeLines(asTyped(error.message))}\nSee harvgen --help.\n`);
      return 2;
    }
    if (error instanceof UserError) {
      process.stderr.write(`harvgen: ${escapeLines(error.message)}\n`);
      return 1;
    }
    if ((error as NodeJS.ErrnoException).syscall === 'uv_cwd') {
      process.stderr.write('harvgen: the current directory was removed: change to another directory\n');
      return 1;
    }
    const detail = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`harvgen: this is a bug in harvgen: ${escapeLines(detail.message)}\n`);
    if (process.env.HARVGEN_DEBUG) process.stderr.write(`${detail.stack}\n`);
    else process.stderr.write('Please report it with the inventory; HARVGEN_DEBUG=1 prints a stack trace.\n');
    return 1;
  }
}

/** A program that runs several commands in one process calls `main` for each. */
let isOutputWatched = false;

/**
 * Ends the process when standard output cannot be written: without a message if its reader has closed the pipe (`| head`), otherwise
 * with an error, as the output is incomplete.
 */
function watchOutput(): void {
  if (isOutputWatched) return;
  isOutputWatched = true;
  const { stdout } = process;
  // On an almost full disk, Node writes the beginning of a text and ignores the rest. In a worker thread, there is no file.
  if (orUndefined(() => fstatSync(stdout.fd))?.isFile())
    stdout._write = (chunk, _encoding, done) => {
      try {
        writeFileSync(stdout.fd, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    };
  stdout.on('error', ({ code = 'EIO' }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(0);
    process.stderr.write(`harvgen: standard output cannot be written: ${meaningOf(code)}\n`);
    process.exit(1);
  });
  // A lost diagnostic does not change the exit code.
  process.stderr.on('error', () => {});
}

/** cac reports options in its own spelling, `--dryRun`; users type `--dry-run`. */
function asTyped(message: string): string {
  return message.replace(/`--\w+`/g, (option) =>
    option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
}

async function run(argv: readonly string[]): Promise<number> {
  // Not for users: the scripts of `harvgen completion` call it.
  if (argv[0] === '__complete') {
    process.stdout.write((await import('./complete.ts')).complete(define(), argv.slice(1)));
    return 0;
  }
  const cli = parse(argv);
  const { options } = cli;
  // cac prints it, but not beside a command: there, `-v` would be a check that succeeds without checking.
  if (options.version && (cli.matchedCommand || cli.args.length > 0))
    throw new UsageError('-v is --version, which takes no command: omit it');
  if (options.help || options.version) return 0;
  if (cli.matchedCommand) return (await cli.runMatchedCommand()) as number;
  const [unknown] = cli.args;
  if (unknown !== undefined) {
    const names = cli.commands.map(({ name }) => name);
    throw new UsageError(
      `unknown command ${unknown}${didYouMean(nearest(unknown, names))} Commands: ${names.join(', ')}`,
    );
  }
  const [option] = argv;
  if (option !== undefined) throw new UsageError(`unknown option ${option}`);
  cli.outputHelp();
  return 2;
}

/** The default directory of output trees. */
const OUT = 'out';

/** Returns the parsed command line: the matched command, its arguments and its options. Throws UsageError. */
export function parse(typed: readonly string[]): CAC {
  const cli = define();
  const { argv, values } = readArguments(cli, typed);
  cli.parse(['node', 'harvgen', ...argv], { run: false });
  Object.assign(cli.options, values);
  // Unless it was typed, `outFolder` finds where it is.
  if (cli.options.out === OUT && values.out === undefined) delete cli.options.out;
  cli.args = cli.args.map((arg) => (arg === STDIN ? '-' : arg));
  return cli;
}

/** Defines the commands. Each is loaded when it runs, so that a command does not load the others. */
export function define(): CAC {
  const cli = cac('harvgen');
  cli
    .command('build <...sites>', 'Compile sites and write their output trees')
    .option('--out <dir>', 'Write to DIR/<site>; without it, beside sites/', { default: OUT })
    .option('--check', 'Write nothing; list files that differ from a fresh build; exit 1 if any')
    .option('--format <format>', 'Output format of --check: text, json, sarif or github (default: text)')
    .option('--force', 'Overwrite files with manual edits')
    .option('--watch', 'Rebuild when a file of the sites changes, until Ctrl-C')
    .option('--report', 'With --watch, serve the report on this machine; it reloads at each build')
    .option('--secrets <file>', 'Substitute values of secrets from a YAML file (-: standard input)')
    .option('--allow-secrets-in-git', 'Write values of secrets even where git tracks the output')
    .option('--no-templates', 'Do not run the templates of the sites, which are programs')
    .example('harvgen build sites/location_x')
    .example('harvgen build --watch sites/location_x')
    .example('harvgen build --watch --report sites/location_x')
    .example('sops -d secrets.yaml | harvgen build --secrets - --out /srv/filled sites/location_x')
    .example("harvgen build --check 'sites/*'")
    .example("harvgen build --check --format github 'sites/*'")
    .action(async (sites: string[], options) => (await import('./build.ts')).build(sites, options));
  cli
    .command('check <...sites>', 'Check sites; write nothing, or with --fix, corrections')
    .option('--format <format>', 'Output format: text, json, sarif or github', {
      default: 'text',
    })
    .option('--strict', 'Treat warnings as errors')
    .option('--fix', 'First apply corrections with only one meaning to the files of the sites')
    .option('--secrets <file>', 'Also check values of secrets from a YAML file (-: standard input)')
    .option('--no-templates', 'Do not run the templates of the sites, which are programs')
    .example('harvgen check sites/location_x')
    .example("harvgen check --fix 'sites/*'")
    .example('harvgen check --strict --format github sites/location_x sites/location_y')
    .action(async (sites: string[], options) => (await import('./check.ts')).check(sites, options));
  cli
    .command('diff <...sites>', 'Show what a build would change, by node and file; write nothing')
    .option('--out <dir>', 'Compare with DIR/<site>; without it, beside sites/', { default: OUT })
    .option('--against <rev-or-dir>', 'Compare with the trees of a git revision, or in DIR')
    .option('--format <format>', 'Output format: text, markdown (a comment) or json', { default: 'text' })
    .option('--no-patch', 'Omit the patch; print the summary only')
    .option('--secrets <file>', 'Compare with values of secrets from a YAML file (-: standard input)')
    .option('--no-templates', 'Do not run the templates of the sites, which are programs')
    .example('harvgen diff sites/location_x')
    .example("harvgen diff --no-patch 'sites/*'")
    .example("harvgen diff --format markdown --against origin/main 'sites/*'")
    .example('harvgen diff --format json sites/location_x')
    .action(async (sites: string[], options) => (await import('./diff.ts')).diff(sites, options));
  cli
    .command('report <...sites>', 'Write one HTML page that shows sites, for sign-off and review')
    .option('--out <file>', 'Write the page to FILE (-: standard output)', { default: 'report.html' })
    .option('--against <rev-or-dir>', 'Mark changes since a git revision, or since the trees in DIR')
    .option('--open', 'Open the page in the browser')
    .option('--no-templates', 'Do not run the templates of the sites, which are programs')
    .example('harvgen report sites/location_x')
    .example("harvgen report --out fleet.html 'sites/*'")
    .example('harvgen report --against main --open sites/location_x')
    .action(async (sites: string[], options) => (await import('./report.ts')).report(sites, options));
  cli
    .command(
      'drift <site> <dump>',
      'Compare a running cluster, as scripts/dump-cluster.sh dumps it, with a site',
    )
    .option('--format <format>', 'Output format: text or json', { default: 'text' })
    .example('harvgen drift sites/location_x location_x.dump.yaml')
    .example('out/location_x/scripts/dump-cluster.sh | harvgen drift sites/location_x -')
    .action(async (site: string, dump: string, options) =>
      (await import('./drift.ts')).drift(site, dump, options),
    );
  cli
    .command(
      'discover <log> [...logs]',
      'Show unknown machines and how far each node is, from logs of the boot server',
    )
    .option('--site <site>', 'The site of the logs, or a quoted glob of several: names its nodes')
    .option('--into <dir>', 'Add the unknown machines to the site in DIR')
    .option('--profile <name>', 'A profile of the unknown machines; repeatable', { type: [] })
    .option('--format <format>', 'Output format: text or json', { default: 'text' })
    .example('harvgen discover /var/log/nginx/harvgen-location_x.log')
    .example('harvgen discover --site sites/location_x access.log access.log.1 access.log.2.gz')
    .example('journalctl -u dnsmasq | harvgen discover --site sites/location_x access.log -')
    .example('harvgen discover --into sites/location_x access.log dnsmasq.leases')
    .action(async (file: string, further: string[], options) =>
      (await import('./discover.ts')).discover([file, ...further], options),
    );
  cli
    .command('verify <site>', 'Ask the deployed servers as the machines would, and compare')
    .option('--as <node>', 'Ask only as this node; repeatable', { type: [] })
    .option('--interface <if>', 'Ask DHCP only by this interface')
    .option('--media', 'Also download pinned media and compare their digests')
    .option('--secrets <file>', 'Compare values of secrets from a YAML file (-: standard input)')
    .option('--ca <file>', 'Trust this CA certificate (PEM), besides public ones')
    .option('--format <format>', 'Output format: text or json', { default: 'text' })
    .option('--no-templates', 'Do not run the templates of the sites, which are programs')
    .example('sudo harvgen verify sites/location_x')
    .example('harvgen verify --as harv-1 --as harv-2 sites/location_x')
    .example('sops -d secrets.yaml | harvgen verify --media --secrets - sites/location_x')
    .action(async (site: string, options) => (await import('./verify.ts')).verify(site, options));
  cli
    .command('explain <site> <node> [key]', "Show a node's effective values and the line that sets each")
    .option('--format <format>', 'Output format: text or json', { default: 'text' })
    .example('harvgen explain sites/location_x harv-1')
    .example('harvgen explain sites/location_x harv-1 config.install')
    .action(async (site: string, node: string, key: string | undefined, options) =>
      (await import('./explain.ts')).explain(site, node, key, options),
    );
  cli
    .command(
      'set <site> <node-or-key=value> [...key=value]',
      'Edit keys of a node, or of the site, KEY=VALUE each; null removes',
    )
    .option('--no-templates', 'Do not run the templates of the sites, which are programs')
    .example('harvgen set sites/location_x harv-2 install=always')
    .example('harvgen set sites/location_x harvester.version=v1.5.1')
    .example(
      "harvgen set sites/location_x harv-2 config.install.device=/dev/sda 'labels.example.org/gpu=a100'",
    )
    .action(async (site: string, node: string, assignments: string[], options) =>
      (await import('./set.ts')).set(site, node, assignments, options),
    );
  cli
    .command('secrets <...sites>', 'List the secrets that sites need and those without a value')
    .option('--secrets <file>', 'Read `name: value` pairs from a YAML file (-: standard input)')
    .option('--format <format>', 'Output format: text, json, nginx, kubernetes, iscsi or cluster', {
      default: 'text',
    })
    .example('harvgen secrets sites/location_x')
    .example('sops -d secrets.yaml | harvgen secrets --secrets - sites/location_x')
    .example('harvgen secrets --format nginx --secrets secrets.yaml sites/location_x | ssh boot-server …')
    .example(
      'harvgen secrets --format kubernetes --secrets secrets.yaml sites/location_x | kubectl apply -f -',
    )
    .example('harvgen secrets --format iscsi --secrets secrets.yaml sites/location_x | ssh iscsi-server …')
    .action(async (sites: string[], options) => (await import('./secrets.ts')).secrets(sites, options));
  cli
    .command('media <...sites>', 'List every URL that booting sites needs, or pin the release files')
    .option('--format <format>', 'Output format: text, json, urls (wget -i) or sha512 (sha512sum -c)', {
      default: 'text',
    })
    .option('--pin', 'Write the SHA-512 of the release files into the inventory')
    .option('--from <source>', 'Source for --pin: a mirror, a media directory or a checksum file')
    .option('--no-templates', 'Do not run the templates of the sites, which are programs')
    .example('harvgen media sites/location_x')
    .example('harvgen media --format urls sites/location_x | wget -x -nH --cut-dirs=1 -i -')
    .example('harvgen media --pin sites/location_x')
    .action(async (sites: string[], options) => (await import('./media.ts')).media(sites, options));
  cli
    .command('rehearse <site> [...nodes]', 'Boot the machines of a site in QEMU, from its output tree')
    .option('--firmware <firmware>', 'Firmware of the machines: bios, uefi or http (default: per node)')
    .option('--all', 'Boot every machine instead of one of each kind')
    .option('--keep <dir>', 'Write consoles, screens (PNG) and logs of the servers to DIR')
    .option('--out <dir>', 'Boot from DIR/<site>; without it, beside sites/', { default: OUT })
    .example('harvgen rehearse sites/location_x')
    .example('harvgen rehearse sites/location_x harv-2 --firmware http --keep boots')
    .action(async (site: string, nodes: string[], options) =>
      (await import('./rehearse.ts')).rehearse(site, nodes, options),
    );
  cli
    .command('rules [code]', 'List all checks, or describe one')
    .example('harvgen rules')
    .example('harvgen rules vip-in-dhcp-pool')
    .action(async (code?: string) => (await import('./rules.ts')).rules(code));
  cli
    .command('lsp', 'Start a language server for editors, on standard input and output')
    .option('--stdio', 'Accepted for editors that pass it: there is no other transport')
    .example('harvgen lsp')
    .action(async () => (await import('./lsp.ts')).lsp());
  cli
    .command('schema <version>', "Print the JSON Schema of a Harvester release's configuration")
    .option('--mode <mode>', 'Limit to create or join, with the keys that the installer requires')
    .example('harvgen schema v1.4.1')
    .example('harvgen schema --mode create v1.6.1')
    .action(async (version: string, options) => (await import('./schema.ts')).schema(version, options));
  cli
    .command('template [name]', 'List the built-in templates, or print one to copy into a site')
    .example('harvgen template')
    .example('harvgen template ipxe/node.ipxe.eta > sites/location_x/templates/ipxe/node.ipxe.eta')
    .action(async (name?: string) => (await import('./template.ts')).template(name));
  cli
    .command('completion <shell>', 'Print the script that completes commands in bash, zsh or fish')
    .example('harvgen completion bash > ~/.local/share/bash-completion/completions/harvgen')
    .example('harvgen completion zsh > ~/.zsh/completions/_harvgen')
    .example('harvgen completion fish > ~/.config/fish/completions/harvgen.fish')
    .action(async (shell: string) => (await import('./completion.ts')).completion(shell));
  cli
    .command('init <dir>', 'Create a new site')
    .example('harvgen init sites/plant_a')
    .action(async (folder: string) => (await import('./init.ts')).init(folder));
  cli
    .command(
      'import <format> <file> [...files]',
      'Convert files into sites. Formats: tfvars (harvester-cloud), phs (harvester-bootstrapserver), oci (oci-harvester). Joined into one site: smd, bss, magellan, ochami, boot-service, cloud-init (OpenCHAMI), dnsmasq, dhcpd, kea (ISC), libvirt, csv, bmi, hil, ipxe, pxelinux, tgt, harvester, settings (ipxe-examples), cluster (a running one)',
    )
    .option('--join <format:file>', 'Join another file, of another format; repeatable', { type: [] })
    .option('--site <name>', 'Site name (default: from the file), or which of several sites to use')
    .option('--into <dir>', 'Create each site in DIR/<site>; if DIR is a site, add the new machines')
    .option('--profile <name>', 'A profile of machines that --into adds; repeatable', { type: [] })
    .option('--to <dir>', 'Create the site in DIR, new or empty, instead of printing site.yaml')
    .option('--secrets-to <file>', 'Write values of secrets to a new file, outside of sites and git')
    .option('--harvester-version <version>', 'Harvester release of the site (phs, oci, joined)')
    .option('--server <url>', 'URL that machines fetch from, if not in the file (phs, oci, joined)')
    .option('--subnet <cidr>', 'Subnet of the machines, if not in the file (oci, joined)')
    .option('--launch <file>', 'The launch.sh that started the machines, for its settings (oci)')
    .example('harvgen import tfvars terraform.tfvars')
    .example('harvgen import tfvars terraform.tfvars --to sites/lab --secrets-to ~/lab.secrets.yaml')
    .example('harvgen import phs data.yaml --into sites --harvester-version v1.6.1')
    .example('harvgen import oci nodes.tsv --launch launch.sh --to sites/oci')
    .example(
      'harvgen import smd components.json interfaces.json --join bss:bootparameters.json --to sites/cg',
    )
    .example('harvgen import harvester config-create.yaml config-join.yaml --join dhcpd:dhcpd.conf')
    .example('harvgen import cluster dump.json --join csv:macs.csv --to sites/plant')
    .example('harvgen import csv machines.csv --join dnsmasq:dnsmasq.leases --to sites/lab')
    .action(async (kind: string, file: string, further: string[], options) =>
      (await import('./import.ts')).importSite(kind, [file, ...further], options),
    );
  // cac prints the default of a --no- option as the one of the option without no-.
  cli.help((sections) =>
    sections.map(({ title, body }) => ({
      ...(title === undefined ? {} : { title }),
      body: body.replace(/(--no-.*) \(default: true\)/g, '$1'),
    })),
  );
  cli.version(VERSION);
  return cli;
}
