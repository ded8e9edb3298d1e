import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../values/user-error.ts';
import type { Sandbox } from './sandbox.ts';

/** The absolute paths, inside the sandbox, of the configurations to serve. */
export interface Configurations {
  dnsmasq?: string;
  nginx?: string;
}

/** The running daemons and their logs. */
export interface Daemons {
  /** Everything dnsmasq has logged, DHCP packets included. */
  dnsmasqLog(): Promise<string>;
  /** Everything nginx has logged to its error log. */
  nginxLog(): Promise<string>;
  /** Stops the daemons; their logs stay readable. */
  stop(): Promise<void>;
}

/** A server that runs in a sandbox. */
export interface Daemon {
  /** Returns the whole log. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Returns the command of a dnsmasq in the foreground. It logs to a file instead of syslog; without root, it cannot drop root. */
export const dnsmasqIn = ({ isRoot }: Sandbox): string[] => [
  'dnsmasq',
  isRoot ? '--keep-in-foreground' : '--no-daemon',
  '--log-facility=-',
];

const logOf = ({ folder }: Pick<Sandbox, 'folder'>, name: string) => join(folder, `${name}.log`);

/** The longest wait for the next line of a server's log until it serves, in milliseconds. */
const QUIET = 30_000;

/** The number of lines of a log in the message about a server that does not start. */
const LAST_LINES = 20;

/**
 * Starts a server, and waits for the line of its log that reports that it serves. Throws UserError with the end of its log if it
 * does not start, or logs nothing new for `quiet` milliseconds.
 */
export async function startDaemon(
  sandbox: Pick<Sandbox, 'folder' | 'spawn' | 'stop'>,
  name: string,
  argv: readonly string[],
  ready: RegExp,
  quiet = QUIET,
): Promise<Daemon> {
  const path = logOf(sandbox, name);
  const file = openSync(path, 'a');
  const child = sandbox.spawn(argv, { stdio: ['ignore', file, file] });
  closeSync(file);
  const log = () => readFile(path, 'utf8');
  const fail = (what: string, text: string) => {
    const lines = text.trim().split('\n').slice(-LAST_LINES).join('\n');
    throw new UserError(`${name} ${what}${lines === '' ? ': its log is empty' : `:\n${lines}`}`);
  };
  let [text, news] = [await log(), Date.now()];
  while (!ready.test(text)) {
    if (child.exitCode !== null) fail('did not start', await log());
    if (Date.now() - news > quiet) fail(`does not serve, ${quiet / 1000} seconds after its last line`, text);
    await sleep(50);
    const now = await log();
    if (now !== text) [text, news] = [now, Date.now()];
  }
  return { log, stop: () => sandbox.stop(child) };
}

/**
 * Starts dnsmasq and nginx in the sandbox, each if it has a configuration, and waits until they serve. Throws with the log
 * if one does not start.
 */
export async function startDaemons(sandbox: Sandbox, { dnsmasq, nginx }: Configurations): Promise<Daemons> {
  const running: Daemon[] = [];
  const start = async (...args: [name: string, argv: readonly string[], ready: RegExp]) =>
    running.push(await startDaemon(sandbox, ...args));
  const log = async (name: string) => readFile(logOf(sandbox, name), 'utf8').catch(() => '');
  const daemons: Daemons = {
    dnsmasqLog: () => log('dnsmasq'),
    nginxLog: () => log('nginx'),
    async stop() {
      await Promise.all(running.map((daemon) => daemon.stop()));
    },
  };

  try {
    await Promise.all(['dnsmasq', 'nginx'].map((name) => writeFile(logOf(sandbox, name), '')));
    // --log-dhcp only adds log lines
    if (dnsmasq !== undefined)
      await start(
        'dnsmasq',
        [...dnsmasqIn(sandbox), `--conf-file=${dnsmasq}`, '--log-dhcp'],
        /started, version/,
      );
    if (nginx !== undefined) {
      const main = join(sandbox.folder, 'nginx.conf');
      await writeFile(main, mainConfiguration(nginx, sandbox.isRoot ? 'www-data' : 'root'));
      await start('nginx', ['nginx', '-e', 'stderr', '-c', main], /start worker process /);
    }
    return daemons;
  } catch (error) {
    await daemons.stop();
    throw error;
  }
}

/**
 * Has the server announce itself as an IPv6 router, like the router of a household. Without a router, iPXE looks for one
 * for 13 seconds each time it configures a NIC, even after DHCP has answered. Throws if dnsmasq does not start.
 */
export async function announceRouter(sandbox: Sandbox, ...bridges: readonly string[]): Promise<void> {
  for (const [index, bridge] of bridges.entries())
    await sandbox.run(['ip', '-6', 'address', 'add', `fd00:178:${index}::1/64`, 'dev', bridge, 'nodad']);
  const interfaces = bridges.flatMap((bridge, index) => [
    `--interface=${bridge}`,
    `--dhcp-range=fd00:178:${index}::,ra-only,64`,
  ]);
  const only = ['--conf-file=/dev/null', '--port=0', '--bind-interfaces', ...interfaces];
  const announce = ['--enable-ra', '--pid-file=/run/router.pid'];
  await startDaemon(
    sandbox,
    'router',
    [...dnsmasqIn(sandbox), ...only, ...announce, '--dhcp-leasefile=/run/router.leases'],
    /started, version|DHCPv4-derived|router advertisement/,
  );
}

/** Returns the settings of Debian's nginx.conf around a file in conf.d; nginx runs in the foreground and logs notices. */
function mainConfiguration(included: string, user: string): string {
  return `user ${user};
worker_processes 1;
daemon off;
pid /run/nginx.pid;
error_log stderr notice;
events {}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  include ${included};
}
`;
}
