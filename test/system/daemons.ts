import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../support/patience.ts';
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

/**
 * Starts dnsmasq and nginx in the sandbox, each if it has a configuration, and waits until they serve. Throws with the log
 * if one does not start.
 */
export async function startDaemons(sandbox: Sandbox, { dnsmasq, nginx }: Configurations): Promise<Daemons> {
  const log = (name: string) => join(sandbox.folder, `${name}.log`);
  const running: ChildProcess[] = [];

  async function start(name: string, argv: string[], ready: RegExp): Promise<void> {
    const file = openSync(log(name), 'a');
    const child = sandbox.spawn(argv, { stdio: ['ignore', file, file] });
    closeSync(file);
    running.push(child);
    const end = Date.now() + PATIENCE;
    while (!ready.test(await text(log(name)))) {
      if (child.exitCode !== null || Date.now() > end) {
        throw new Error(`${name} did not start:\n${await text(log(name))}`);
      }
      await sleep(50);
    }
  }

  const daemons: Daemons = {
    dnsmasqLog: () => text(log('dnsmasq')),
    nginxLog: () => text(log('nginx')),
    async stop() {
      await Promise.all(running.map((child) => sandbox.stop(child)));
    },
  };

  try {
    await Promise.all(['dnsmasq', 'nginx'].map((name) => writeFile(log(name), '')));
    if (dnsmasq !== undefined) {
      // these options only add log lines, and replace syslog
      const talk = ['--log-dhcp', '--log-facility=-'];
      await start(
        'dnsmasq',
        ['dnsmasq', '--keep-in-foreground', `--conf-file=${dnsmasq}`, ...talk],
        /started, version/,
      );
    }
    if (nginx !== undefined) {
      const main = join(sandbox.folder, 'nginx.conf');
      await writeFile(main, mainConfiguration(nginx));
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
export async function announceRouter(sandbox: Sandbox, networkInterface: string): Promise<void> {
  await sandbox.run(['ip', '-6', 'address', 'add', 'fd00:178::1/64', 'dev', networkInterface, 'nodad']);
  const only = ['--conf-file=/dev/null', '--port=0', '--bind-interfaces', `--interface=${networkInterface}`];
  const announce = ['--enable-ra', '--dhcp-range=fd00:178::,ra-only,64', '--pid-file=/run/router.pid'];
  const quiet = ['--log-facility=/dev/null', '--dhcp-leasefile=/run/router.leases'];
  await sandbox.run(['dnsmasq', ...only, ...announce, ...quiet]);
}

/** Returns the settings of Debian's nginx.conf around a file in conf.d; nginx runs in the foreground and logs notices. */
function mainConfiguration(included: string): string {
  return `user www-data;
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

const text = async (path: string) => readFile(path, 'utf8').catch(() => '');
