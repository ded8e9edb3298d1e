import { announceRouter, type Configurations, type Daemons, startDaemons } from './daemons.ts';
import { boot, type Machine, type MachineOptions } from './machine.ts';
import { openSandbox } from './sandbox.ts';

export type { Configurations } from './daemons.ts';
export type { Firmware, Machine, MachineOptions } from './machine.ts';

/** The server's side of the network: the interface that dnsmasq listens on, and its IP address. */
export interface PlantOptions {
  interface: string;
  /** With the prefix length, such as 192.168.178.7/24. */
  address: string;
  /** Whether there is an IPv6 router on the network. Without one, iPXE takes 13 seconds longer. */
  router?: boolean;
}

/** A server and a switch to boot machines at, isolated from the host's network and files. */
export interface Plant {
  /** Scratch directory on the host; removed with the plant. */
  readonly folder: string;
  /**
   * Mounts the host's `source` at the absolute path `target` for everything that runs in the plant.
   * The daemons drop root: all users must be able to read their files and the directory `source`.
   */
  bind(source: string, target: string): Promise<void>;
  /** Runs argv on the server. Returns its stdout. Throws an Error with its stderr if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** (Re)starts the daemons with these configurations. Throws with the log if one does not start. */
  serve(configurations: Configurations): Promise<void>;
  /** Everything dnsmasq has logged since it was last started; empty before. */
  dnsmasqLog(): Promise<string>;
  /** Everything nginx has logged since it was last started; empty before. */
  nginxLog(): Promise<string>;
  /** Switches a machine on. Throws if QEMU cannot be started. */
  boot(options: MachineOptions): Promise<Machine>;
  /** Stops everything that runs in the plant, and removes all traces. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens a plant. Throws if not root.
 * If this process ends without close(), even by a signal, the plant is removed all the same.
 */
export async function openPlant(options: PlantOptions): Promise<Plant> {
  const sandbox = await openSandbox();
  const bridge = options.interface;
  const machines: Machine[] = [];
  let daemons: Daemons | undefined;

  const plant: Plant = {
    folder: sandbox.folder,
    bind: sandbox.bind,
    run: sandbox.run,
    async serve(configurations) {
      await daemons?.stop();
      daemons = undefined;
      daemons = await startDaemons(sandbox, configurations);
    },
    dnsmasqLog: async () => (await daemons?.dnsmasqLog()) ?? '',
    nginxLog: async () => (await daemons?.nginxLog()) ?? '',
    async boot(options) {
      const machine = await boot({ sandbox, bridge, serverLog: plant.dnsmasqLog }, options);
      machines.push(machine);
      return machine;
    },
    async close() {
      await Promise.allSettled(machines.map((machine) => machine.stop()));
      await sandbox.close();
    },
  };

  try {
    await plant.run(['ip', 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0']);
    await plant.run(['ip', 'address', 'add', options.address, 'dev', bridge]);
    await plant.run(['ip', 'link', 'set', bridge, 'up']);
    if (options.router ?? true) await announceRouter(sandbox, bridge);
    return plant;
  } catch (error) {
    await plant.close();
    throw error;
  }
}
