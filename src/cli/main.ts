import { type CAC, cac } from 'cac';
import { VERSION } from '../values/package.ts';
import { nearest } from '../values/text.ts';
import { readArguments, STDIN, UsageError } from './read-arguments.ts';

/**
 * Runs harvgen's command line. Takes the arguments after the program's name; gives the exit code: 0, 1 where the
 * inventory or the output is not as it should be, 2 for a wrong command line. Never throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  // Somebody who reads only the beginning (`| head`) is no reason for a stack trace.
  process.stdout.on('error', () => process.exit(0));
  try {
    return await run(argv);
  } catch (error) {
    if (error instanceof UsageError || (error instanceof Error && error.name === 'CACError')) {
      process.stderr.write(`harvgen: ${asTyped(error.message)}\nSee harvgen --help.\n`);
      return 2;
    }
    const detail = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`harvgen: this is a fault of harvgen itself: ${detail.message}\n`);
    if (process.env.HARVGEN_DEBUG) process.stderr.write(`${detail.stack}\n`);
    else
      process.stderr.write('Please report it with the inventory; HARVGEN_DEBUG=1 shows where it happened.\n');
    return 1;
  }
}

/** cac names options as it keeps them, `--dryRun`; people type `--dry-run`. */
function asTyped(message: string): string {
  return message.replace(/`--\w+`/g, (option) =>
    option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
}

async function run(argv: readonly string[]): Promise<number> {
  const cli = parse(argv);
  const { options } = cli;
  if (options.help || options.version) return 0; // cac has printed it
  if (cli.matchedCommand) return (await cli.runMatchedCommand()) as number;
  const [unknown] = cli.args;
  if (unknown !== undefined) {
    const names = cli.commands.map(({ name }) => name);
    const meant = nearest(unknown, names);
    throw new UsageError(
      `there is no command ${unknown}${meant ? `: did you mean ${meant}?` : '.'} There are ${names.join(', ')}`,
    );
  }
  const [option] = argv;
  if (option !== undefined) throw new UsageError(`unknown option ${option}`);
  cli.outputHelp();
  return 2;
}

/** Gives the command line as it has been read: which command was matched, its words, and its options. Throws UsageError. */
export function parse(typed: readonly string[]): CAC {
  const cli = define();
  const { argv, values } = readArguments(cli, typed);
  cli.parse(['node', 'harvgen', ...argv], { run: false });
  Object.assign(cli.options, values);
  cli.args = cli.args.map((arg) => (arg === STDIN ? '-' : arg));
  return cli;
}

/** The commands. Each is loaded when it runs, so that none pays for another. */
export function define(): CAC {
  const cli = cac('harvgen');
  cli
    .command('build <...sites>', 'Compile sites and write their trees')
    .option('--out <dir>', 'Write to DIR/<site>', { default: 'out' })
    .option(
      '--check',
      'Write nothing; exit 1 if a tree is not what its inventory gives, and say what differs',
    )
    .option('--force', 'Overwrite files that somebody edited by hand')
    .option('--watch', 'Build again whenever a file of the sites changes, until Ctrl-C')
    .option('--secrets <file>', 'Fill in the values of secrets, from a YAML file; - is standard input')
    .option('--allow-secrets-in-git', 'Write them even where git tracks the output')
    .example('harvgen build sites/location_x')
    .example('harvgen build --watch sites/location_x')
    .example('sops -d secrets.yaml | harvgen build --secrets - --out /srv/filled sites/location_x')
    .example("harvgen build --check 'sites/*'")
    .action(async (sites: string[], options) => (await import('./build.ts')).build(sites, options));
  cli
    .command('check <...sites>', 'Check sites and write nothing')
    .option('--format <format>', 'How to say what was found: text, json, sarif or github', {
      default: 'text',
    })
    .option('--strict', 'Take warnings for errors')
    .option('--secrets <file>', 'Check the values of secrets, too, from a YAML file; - is standard input')
    .example('harvgen check sites/location_x')
    .example('harvgen check --strict --format github sites/location_x sites/location_y')
    .action(async (sites: string[], options) => (await import('./check.ts')).check(sites, options));
  cli
    .command('diff <...sites>', 'Say what a build would change, by node and by file, and write nothing')
    .option('--out <dir>', 'Compare with DIR/<site>', { default: 'out' })
    .option('--format <format>', 'How to say it: text, which is a patch too, or json', { default: 'text' })
    .option('--no-patch', 'Leave the lines that change out: words only')
    .option(
      '--secrets <file>',
      'Compare with a build that fills in the values of secrets, from a YAML file or -',
    )
    .example('harvgen diff sites/location_x')
    .example("harvgen diff --no-patch 'sites/*'")
    .example('harvgen diff --format json sites/location_x')
    .action(async (sites: string[], options) => (await import('./diff.ts')).diff(sites, options));
  cli
    .command('explain <site> <node> [key]', 'Say what holds for a node, and which line says so')
    .option('--format <format>', 'How to say it: text or json', { default: 'text' })
    .example('harvgen explain sites/location_x harv-1')
    .example('harvgen explain sites/location_x harv-1 config.install')
    .action(async (site: string, node: string, key: string | undefined, options) =>
      (await import('./explain.ts')).explain(site, node, key, options),
    );
  cli
    .command(
      'set <site> <node> <...key=value>',
      "Edit a node's keys in the inventory, KEY=VALUE each; null removes",
    )
    .example('harvgen set sites/location_x harv-2 install=always')
    .example(
      "harvgen set sites/location_x harv-2 config.install.device=/dev/sda 'labels.example.org/gpu=a100'",
    )
    .action(async (site: string, node: string, assignments: string[]) =>
      (await import('./set.ts')).set(site, node, assignments),
    );
  cli
    .command('secrets <...sites>', 'Say which secrets sites need, and which have no value')
    .option('--secrets <file>', 'Values in YAML, `name: value`; - is standard input')
    .option(
      '--format <format>',
      'text, json, or nginx, which prints the include that fills the values in, kubernetes, the Secret that holds it, or iscsi, the values for put-targets.sh',
      { default: 'text' },
    )
    .example('harvgen secrets sites/location_x')
    .example('sops -d secrets.yaml | harvgen secrets --secrets - sites/location_x')
    .example('harvgen secrets --format nginx --secrets secrets.yaml sites/location_x | ssh boot-server …')
    .example(
      'harvgen secrets --format kubernetes --secrets secrets.yaml sites/location_x | kubectl apply -f -',
    )
    .example('harvgen secrets --format iscsi --secrets secrets.yaml sites/location_x | ssh iscsi-server …')
    .action(async (sites: string[], options) => (await import('./secrets.ts')).secrets(sites, options));
  cli
    .command(
      'media <...sites>',
      'List every URL that a boot of sites needs, for a mirror; or pin their files',
    )
    .option('--format <format>', 'How to list: text, json, urls (for wget -i) or sha512 (for sha512sum -c)', {
      default: 'text',
    })
    .option('--pin', "Write the SHA-512 of the releases' files into the inventory, from the checksum file")
    .option('--from <source>', 'Where --pin reads: a mirror, a folder of media, or a checksum file')
    .example('harvgen media sites/location_x')
    .example('harvgen media --format urls sites/location_x | wget -x -nH --cut-dirs=1 -i -')
    .example('harvgen media --pin sites/location_x')
    .action(async (sites: string[], options) => (await import('./media.ts')).media(sites, options));
  cli
    .command('rules [code]', 'List every check, or say all about one')
    .example('harvgen rules')
    .example('harvgen rules vip-in-dhcp-pool')
    .action(async (code?: string) => (await import('./rules.ts')).rules(code));
  cli
    .command('schema <version>', "Print the JSON Schema of a Harvester release's configuration")
    .option('--mode <mode>', 'Only for create or join, with what the installer demands there')
    .example('harvgen schema v1.4.1')
    .example('harvgen schema --mode create v1.6.1')
    .action(async (version: string, options) => (await import('./schema.ts')).schema(version, options));
  cli
    .command('init <dir>', 'Begin a new site')
    .example('harvgen init sites/plant_a')
    .action(async (folder: string) => (await import('./init.ts')).init(folder));
  cli
    .command(
      'import <kind> <file> [...files]',
      'Make sites of files of another system; kinds: tfvars (harvester-cloud), phs (harvester-bootstrapserver), oci (oci-harvester); and these, which are joined into one site: smd, bss, magellan, ochami, boot-service, cloud-init (OpenCHAMI), dnsmasq, dhcpd (ISC), libvirt, csv, bmi, hil, ipxe, pxelinux, tgt',
    )
    .option(
      '--join <kind:file>',
      'A further file, of another kind that is joined; can be given several times',
      { type: [] },
    )
    .option(
      '--site <name>',
      'What the site shall be called, unless as the file says; or which of several it is',
    )
    .option('--into <dir>', 'Begin each site of the file in a folder of its own, DIR/<site>')
    .option('--to <dir>', 'Begin the site in DIR, new or empty, instead of printing its site.yaml')
    .option(
      '--secrets-to <file>',
      'Write the values of its secrets to a new file, outside of sites and of git',
    )
    .option(
      '--harvester-version <version>',
      'The release to move to, for kinds of file that are older (phs, oci)',
    )
    .option(
      '--server <url>',
      'Where machines fetch from, for files that do not say it (phs, oci, and what is joined)',
    )
    .option(
      '--subnet <cidr>',
      'The subnet that machines are on, for files that do not say it (oci, and what is joined)',
    )
    .option('--launch <file>', 'The launch.sh that machines were launched with, for what it says (oci)')
    .example('harvgen import tfvars terraform.tfvars')
    .example('harvgen import tfvars terraform.tfvars --to sites/lab --secrets-to ~/lab-secrets.yaml')
    .example('harvgen import phs data.yaml --into sites --harvester-version v1.6.1')
    .example('harvgen import oci nodes.tsv --launch launch.sh --to sites/oci')
    .example(
      'harvgen import smd components.json interfaces.json --join bss:bootparameters.json --to sites/cg',
    )
    .example('harvgen import csv machines.csv --join dnsmasq:dnsmasq.leases --to sites/lab')
    .action(async (kind: string, file: string, further: string[], options) =>
      (await import('./import.ts')).importSite(kind, [file, ...further], options),
    );
  cli.help();
  cli.version(VERSION);
  return cli;
}
