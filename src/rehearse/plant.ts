import { announceRouter, type Configurations, type Daemons, startDaemons } from './daemons.ts';
import { boot, type Machine, type MachineOptions } from './machine.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

export type { Configurations } from './daemons.ts';
export type { Firmware, Machine, MachineOptions } from './machine.ts';

/** The server's side of a network: the interface that dnsmasq listens on, and its IP addresses. */
export interface PlantOptions {
  interface: string;
  /** With the prefix length, such as 192.168.178.7/24. */
  address: string | readonly string[];
  /** Whether there is an IPv6 router on the network. Without one, iPXE takes 13 seconds longer. */
  router?: boolean;
}

/** A server and a switch for each network to boot machines at, isolated from the host's network and files. */
export interface Plant {
  readonly sandbox: Sandbox;
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
 * Opens a plant with its networks. Machines are on the first, unless they set others. Throws UserError if the kernel refuses namespaces.
 * If this process ends without close(), even by a signal, the plant is removed all the same.
 */
export async function openPlant(...networks: readonly PlantOptions[]): Promise<Plant> {
  const sandbox = await openSandbox();
  const bridge = networks[0]?.interface ?? '';
  const machines: Machine[] = [];
  let daemons: Daemons | undefined;

  const plant: Plant = {
    sandbox,
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
    for (const [index, { interface: name, address }] of networks.entries()) {
      // Its own MAC address: otherwise a bridge takes the lowest one of its ports, and loses connections when a machine is added.
      const mac = `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`;
      await plant.run(['ip', 'link', 'add', name, 'address', mac, 'type', 'bridge', 'forward_delay', '0']);
      for (const one of [address].flat()) await plant.run(['ip', 'address', 'add', one, 'dev', name]);
      await plant.run(['ip', 'link', 'set', name, 'up']);
    }
    const routed = networks.filter(({ router = true }) => router);
    if (routed.length > 0) await announceRouter(sandbox, ...routed.map((network) => network.interface));
    return plant;
  } catch (error) {
    await plant.close();
    throw error;
  }
}
