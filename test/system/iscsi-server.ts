import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import type { Plant } from '../../src/rehearse/plant.ts';
import { harvgen } from '../support/cli.ts';
import { SECRETS } from './deploy.ts';
import { until } from './until.ts';

/** A real tgtd in a plant. */
export interface IscsiServer {
  /** Starts tgtd with its configured targets, as Debian's unit does, and waits until it serves them. */
  start(): Promise<void>;
  /** Stops tgtd, which ends all sessions. */
  stop(): Promise<void>;
  /**
   * Installs the targets of a site's tree, which a deployment has built from the inventory's directory. Uses the emitted
   * script and the values of secrets as the command line prints them. Takes arguments for the script. Returns the output of
   * the script. Throws if it fails.
   */
  put(folder: string, ...args: readonly string[]): Promise<string>;
  /** Returns the targets, as tgtadm prints them. */
  targets(): Promise<string>;
}

/** Returns the iSCSI server of a plant, which does not run yet. */
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
