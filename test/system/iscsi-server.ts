import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { harvgen } from '../support/cli.ts';
import { SECRETS } from './deploy.ts';
import type { Plant } from './plant.ts';
import { until } from './until.ts';

/** A real tgtd in a plant. */
export interface IscsiServer {
  /** Starts it with the targets of its configuration, as Debian's unit does, and waits until it has them. */
  start(): Promise<void>;
  /** Ends it, and with it whoever is logged in. */
  stop(): Promise<void>;
  /**
   * Brings the targets of a site's tree there, which a deployment has built from the inventory's folder, by the emitted script and
   * with the values of secrets as the command line prints them. Takes arguments for the script, gives what that says; throws where
   * it fails.
   */
  put(folder: string, ...args: readonly string[]): Promise<string>;
  /** What it has of targets, as tgtadm shows them. */
  targets(): Promise<string>;
}

/** Gives the iSCSI server of a plant, which does not run yet. */
export function iscsiServer(plant: Plant): IscsiServer {
  const sh = (script: string) => plant.run(['sh', '-ec', script]);
  return {
    async start() {
      await sh('mkdir -p /run/tgtd && tgtd </dev/null >>/var/log/tgtd.log 2>&1');
      await until(async () => (await sh('tgtadm --mode sys --op show')) !== '');
      await sh('tgt-admin --execute');
    },
    stop: async () => {
      await sh(
        'kill -KILL $(pidof tgtd) && while pidof tgtd; do sleep 0.1; done && rm -f /run/tgtd/socket.*',
      );
    },
    async put(folder, ...args) {
      const site = basename(folder);
      const own = (name: string) => join(plant.folder, name);
      await writeFile(own('secrets.yaml'), stringify(SECRETS), { mode: 0o600 });
      const secrets = ['secrets', '--format', 'iscsi', '--secrets', own('secrets.yaml'), folder];
      const { code, stdout, stderr } = harvgen(secrets, plant.folder);
      if (code !== 0) throw new Error(stderr);
      await writeFile(own('secrets.iscsi'), stdout, { mode: 0o600 });
      await sh(`install -D -m 0600 ${own('secrets.iscsi')} /etc/harvgen/${site}.iscsi`);
      return sh(`bash ${own(`out/${site}/scripts/put-targets.sh`)} ${args.join(' ')} 2>&1`);
    },
    targets: () => sh('tgtadm --lld iscsi --mode target --op show'),
  };
}
