import { announceRouter, type Configurations, type Daemons, startDaemons } from './daemons.ts';
import { boot, type Machine, type MachineOptions } from './machine.ts';
import { openSandbox } from './sandbox.ts';

export type { Configurations } from './daemons.ts';
export type { Firmware, Machine, MachineOptions } from './machine.ts';

/** The server's side of the network: the interface that dnsmasq listens on, and its address. */
export interface PlantOptions {
  interface: string;
  /** With the prefix length, such as 192.168.178.7/24. */
  address: string;
  /** Whether there is an IPv6 router on the network. iPXE takes 13 seconds longer where there is none. */
  router?: boolean;
}

/** A server and a switch, cut off from the host's network and files, to boot machines at. */
export interface Plant {
  /** Scratch folder on the host; goes away with the plant. */
  readonly folder: string;
  /**
   * Shows the host's `source` at the absolute path `target` to everything that runs in the plant.
   * The daemons give up root: what they serve must be readable for all, the folder `source` included.
   */
  bind(source: string, target: string): Promise<void>;
  /** Runs argv on the server; gives its stdout, throws an Error with its stderr if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** (Re)starts the daemons with these configurations; throws with the log if one does not come up. */
  serve(configurations: Configurations): Promise<void>;
  /** Everything dnsmasq has logged since it was last started; empty before. */
  dnsmasqLog(): Promise<string>;
  /** Everything nginx has logged since it was last started; empty before. */
  nginxLog(): Promise<string>;
  /** Switches a machine on; throws if QEMU cannot be started. */
  boot(options: MachineOptions): Promise<Machine>;
  /** Stops everything that runs in the plant and leaves nothing behind. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens a plant. Takes the server's interface and address, gives the plant; throws if not root.
 * If this process ends without close(), even by a signal, the plant goes away all the same.
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
