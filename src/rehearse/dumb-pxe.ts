import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { hideIpxe, tftpRequest } from './frame.ts';

/** Disguises iPXE's own ROM as a PXE ROM of another make. */
export interface DumbPxe {
  /** The names of the files requested over TFTP, in order: the first is the boot file of the ROM. */
  readonly requested: readonly string[];
  /** Returns the arguments for QEMU that redirect all frames from the NIC at `netdev` through this process. */
  filter(netdev: string): Promise<string[]>;
  /** Stops listening. */
  close(): void;
}

/**
 * Disguises the ROM of one machine: until it requests its boot file, its DHCP packets do not name iPXE. Afterwards, the boot file sends
 * the packets, and every frame passes unchanged. Takes a directory for its sockets. filter() throws if it cannot listen there.
 */
export function openDumbPxe(folder: string): DumbPxe {
  const requested: string[] = [];
  const servers: Server[] = [];

  const inspect = (frame: Buffer): void => {
    const name = tftpRequest(frame);
    if (name !== undefined) requested.push(name);
    if (requested.length === 0) hideIpxe(frame);
  };

  async function listen(path: string, use: (socket: Socket) => void): Promise<void> {
    const server = createServer(use).listen(path).unref();
    servers.push(server);
    await once(server, 'listening');
  }

  return {
    requested,
    async filter(netdev) {
      const ways = { back: `${netdev}-back`, out: `${netdev}-out` };
      let back: Socket | undefined;
      await listen(join(folder, ways.back), (socket) => (back = socket.on('error', () => {}).resume()));
      await listen(join(folder, ways.out), (socket) => {
        eachFrame(
          socket.on('error', () => {}),
          (packed, frame) => {
            inspect(frame);
            back?.write(packed);
          },
        );
      });
      // queue=rx is what the network receives, so what the guest sends. Such frames pass the filters from the last to the
      // first, so returning frames enter behind the filter that redirects them
      const filter = (id: string) => `filter-redirector,id=filter-${id},netdev=${netdev},queue=rx`;
      return [
        ...Object.values(ways).flatMap((id) => ['-chardev', `socket,id=${id},path=${join(folder, id)}`]),
        ...['-object', `${filter(ways.back)},indev=${ways.back}`],
        ...['-object', `${filter(ways.out)},outdev=${ways.out}`],
      ];
    },
    close() {
      for (const server of servers) server.close();
    },
  };
}

/** Splits the stream of a filter-redirector: each frame is packed as its length (32 bits) and its bytes. */
function eachFrame(socket: Socket, use: (packed: Buffer, frame: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const packed = rest.subarray(0, 4 + rest.readUInt32BE(0));
      use(packed, packed.subarray(4));
      rest = rest.subarray(packed.length);
    }
  });
}
