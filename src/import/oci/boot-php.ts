import { OLDEST_RELEASE } from '../../knowledge/tables/harvester-releases.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Place, Source } from '../../source/origin.ts';
import { parseServerUrl } from '../../values/server-url.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import { few } from './few.ts';
import { showOnly } from './show-only.ts';

/** A value, and where it stands. */
export interface Said<T> {
  readonly value: T;
  readonly at: Place;
}

/** What boot.php says of a site. */
export interface BootPhp {
  /** The boot server's URL, without a path. */
  readonly server?: Said<string> | undefined;
  readonly release?: Said<Version> | undefined;
  /** The console that the installer runs on; undefined for the one that it has without a word. */
  readonly tty?: Said<string> | undefined;
}

/** A line `set name value` of the iPXE script in it. */
interface Setting extends Said<string> {
  readonly name: string;
}

/** The folder of Harvester's files on the web server. Source: oci-harvester, web/harvester/boot.php. */
const MEDIA_FOLDER = '/harvester';

const CONSOLE = 'console=';

/** What the installer's kernel line has in oci-harvester, and harvgen writes itself. */
const OWN_ARGS =
  /^(?:initrd=.*|ip=dhcp|net\.ifnames=1|rd\.cos\.disable|rd\.noverifyssl|console=tty1|root=live:.*)$/;

/** What boot() has and the installed system's own boot loader, too. Source: harvester-installer, bootargs.cfg. */
const INSTALLED_ARGS =
  /^(?:initrd=.*|console=.*|root=LABEL=COS_ACTIVE|cos-img\/filename=.*|panic=0|net\.ifnames=1|rd\.cos\.oem(?:timeout|label)=.*|audit=1|audit_backlog_limi?t=8192|intel_iommu=on|amd_iommu=on|iommu=pt)$/;

/**
 * Reads the values that people edit in boot.php: the web server's URL, the release, the kernel's arguments. Reports what
 * looks wrong; gives undefined where it is no such file. Nothing else of it is ever shown.
 */
export function readBootPhp(source: Source, notes: Notes, report: Report): BootPhp | undefined {
  const install = settingsIn(source, 'install');
  const boot = settingsIn(source, 'boot');
  const all = [...install, ...boot].sort((a, b) => a.at.start - b.at.start);
  showOnly(
    source,
    all.filter(({ name }) => name !== 'cmdline').map(({ at }) => at),
  );
  if (install.length === 0) {
    report.error({
      code: 'not-oci-harvester',
      message:
        'The file has no function install() that sets variables of iPXE: it is no boot.php of oci-harvester.',
      at: { source, start: 0, end: 0 },
      help: 'give the boot.php of the web server: /var/www/html/harvester/boot.php',
    });
    return undefined;
  }
  reportDifferences(install, boot, report);
  notePassword(source, notes);
  noteArgs(install, boot, notes);
  return {
    server: serverOf(last(install, 'base_url'), notes, report),
    release: releaseOf(last(install, 'build_version'), report),
    tty: ttyOf(last(install, 'cmdline'), notes),
  };
}

function settingsIn(source: Source, name: 'install' | 'boot'): Setting[] {
  const { text } = source;
  const head = new RegExp(`\\bfunction\\s+${name}\\s*\\(`, 'i').exec(text);
  if (!head) return [];
  const from = head.index + head[0].length;
  const following = text.slice(from).search(/\bfunction\s+\w+\s*\(|\bnew\s+mysqli\b|\$_SERVER\b/i);
  const body = text.slice(from, following < 0 ? text.length : from + following);
  return Array.from(body.matchAll(/(?<=^|["'])[ \t]*set[ \t]+([\w-]+)[ \t]+([^\r\n]*)/gm), (match) => {
    const [whole, key = '', rest = ''] = match;
    // The last line may end with the quote of PHP's text.
    const value = rest.replace(/(?:\\n)?["']?;?\s*$/, '').trimEnd();
    const start = from + match.index + whole.length - rest.length;
    return { name: key, value, at: { source, start, end: start + Math.max(1, value.length) } };
  });
}

function last(settings: readonly Setting[], name: string): Setting | undefined {
  return settings.findLast((setting) => setting.name === name);
}

function reportDifferences(install: readonly Setting[], boot: readonly Setting[], report: Report): void {
  for (const name of ['base_url', 'build_version']) {
    const one = last(install, name);
    const other = last(boot, name);
    if (!one || !other || one.value === other.value) continue;
    report.warning({
      code: 'oci-boot-php',
      message:
        name === 'build_version'
          ? 'boot() has another release than install(): machines ran the kernel of one release with the system of another.'
          : 'boot() has another base_url than install().',
      at: other.at,
      related: [{ message: 'install() says it at', at: one.at }],
      help:
        name === 'build_version'
          ? 'the site has that of install(), and installed machines boot the kernel on their disk. Where they have been upgraded, give --harvester-version with what they run'
          : 'the site has that of install(); give --server URL if it is the other',
    });
  }
}

/** `new mysqli('localhost', "root", "…", "harvester")`. */
function notePassword(source: Source, notes: Notes): void {
  const found = /\bnew\s+(?:mysqli|PDO)\s*\(|\bmysqli?_connect\s*\(/i.exec(source.text);
  if (!found) return;
  const at = { source, start: found.index, end: found.index + found[0].length };
  notes.add(
    'left',
    'mysqli',
    'a password of the database stands in the page: change it, and shut the database down once no machine asks boot.php any more. ' +
      'A site has neither',
    at,
  );
}

function noteArgs(install: readonly Setting[], boot: readonly Setting[], notes: Notes): void {
  const line = last(install, 'cmdline');
  const strange = argsOf(line).filter((arg) => !OWN_ARGS.test(arg) && !arg.startsWith(CONSOLE));
  if (line && strange.length > 0)
    notes.add(
      'left',
      'cmdline',
      `the installer's kernel line has more than oci-harvester's: ${strange.map(keyOf).join(', ')}. What configures Harvester (harvester.…) belongs into config`,
      line.at,
    );
  const installed = last(boot, 'cmdline');
  if (!installed) return;
  const args = argsOf(installed);
  const own = args.filter((arg) => !INSTALLED_ARGS.test(arg)).map(keyOf);
  notes.add(
    'changed',
    'boot()',
    'an installed machine boots the kernel that is on its disk, by its own boot loader, which has the same arguments' +
      `${own.length > 0 ? `, but for ${own.join(', ')}` : ''}${args.some((arg) => arg.startsWith('audit_backlog_limt')) ? '; audit_backlog_limt was misspelt, and is audit_backlog_limit there' : ''}`,
    installed.at,
  );
}

function argsOf(line: Setting | undefined): string[] {
  return line?.value.split(/\s+/).filter(Boolean) ?? [];
}

/** What stands behind = may be a secret. */
function keyOf(arg: string): string {
  const [key = ''] = arg.split('=');
  return quoteVisibly(key);
}

/** The people who install it replace `ip-address`. */
function serverOf(base: Setting | undefined, notes: Notes, report: Report): Said<string> | undefined {
  if (!base || isPlaceholder(base.value)) return undefined;
  const [, origin = '', path = ''] = /^(https?:\/\/[^/]*)(.*)$/.exec(base.value) ?? [];
  if (!parseServerUrl(origin)) {
    report.warning({
      code: 'oci-boot-php',
      message: 'This is no URL that machines reach the web server at: http or https, and a host.',
      at: base.at,
      help: 'give --server URL, or fill it in where the site asks for it',
    });
    return undefined;
  }
  const isOther = path.replace(/\/+$/, '') !== MEDIA_FOLDER;
  notes.add(
    'changed',
    'base_url',
    `Harvester's files are at ${MEDIA_FOLDER}/<release>/<file>${isOther ? `, and not below ${quoteVisibly(path)}` : ''}: scripts/fetch-media.sh of the tree puts them there`,
    base.at,
  );
  return { value: origin, at: base.at };
}

/** Says whether a value is one that oci-harvester comes with for people to replace. */
export function isPlaceholder(value: string): boolean {
  return /^$|\bip-address\b|\.\.?(?:\w+\.)?update$|^XXXX:|^<.*>$/.test(value);
}

function releaseOf(setting: Setting | undefined, report: Report): Said<Version> | undefined {
  if (!setting) return undefined;
  const { value, at } = setting;
  const version = parseVersion(/^\d/.test(value) ? `v${value}` : value);
  if (version && isAtLeast(version, OLDEST_RELEASE)) return { value: version, at };
  report.warning({
    code: 'oci-boot-php',
    message: version
      ? `${version.text} is older than ${OLDEST_RELEASE}, the oldest release whose configuration harvgen knows.`
      : 'This is no release of Harvester, such as v1.6.1.',
    at,
    help: 'the site has the newest; --harvester-version names another',
  });
  return undefined;
}

/** The installer runs on the first console alone, and so it does with harvgen, which names one. Source: harvester-installer. */
function ttyOf(line: Setting | undefined, notes: Notes): Said<string> | undefined {
  const consoles = [...new Set(argsOf(line).filter((arg) => arg.startsWith(CONSOLE)))].map((arg) =>
    arg.slice(CONSOLE.length),
  );
  const carried = consoles.find((name) => /^tty\w+(?:,\d+\w*)?$/.test(name));
  const others = consoles.filter((name) => name !== carried);
  if (line && others.length > 0)
    notes.add(
      'left',
      few(others.map((name) => `${CONSOLE}${name}`)),
      `the installer runs on one console, which is ${carried ?? 'tty1'}. What is watched over OCI's console connection is the serial ` +
        'one: say it below defaults.config.install.tty, such as ttyS0,115200n8, where the installer is to be seen there',
      line.at,
    );
  return line && carried !== undefined && carried !== 'tty1' ? { value: carried, at: line.at } : undefined;
}
