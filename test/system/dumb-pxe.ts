import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { hideIpxe, tftpRequest } from './frame.ts';

/** What makes iPXE's own ROM pass for a PXE ROM of another make. */
export interface DumbPxe {
  /** The names of the files asked for over TFTP, in order: the first is the boot file of the ROM. */
  readonly requested: readonly string[];
  /** Gives the arguments for QEMU that lead all frames which leave the NIC at `netdev` through here. */
  filter(netdev: string): Promise<string[]>;
  /** Stops listening. */
  close(): void;
}

/**
 * Makes the ROM of one machine a dumb one: until it asks for its boot file, nothing in its DHCP packets says
 * iPXE. From then on it is the boot file that speaks, and every frame passes as it is.
 * Takes a folder for its sockets, gives the ROM; filter() throws if it cannot listen there.
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
      // queue=rx is what the network receives, that is what the guest sends; such frames pass the filters
      // from the last to the first, so those that come back are behind the way out
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

/** Cuts the stream of a filter-redirector: a frame is packed as its length (32 bits) and itself. */
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
