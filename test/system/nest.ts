import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import type { Site } from '../../src/site/model.ts';
import { harvesterMedia } from '../../src/tables/harvester-media.ts';
import { domainPath, libvirtNetworks, networkPath } from '../../src/targets/host-paths.ts';
import { harvgen } from '../support/cli.ts';
import { announceRouter, type Daemons, startDaemons } from './daemons.ts';
import { SECRETS, siteOf } from './deploy.ts';
import { type Libvirt, startLibvirt } from './libvirt.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { buildStandIn } from './stand-in.ts';

/** A host whose libvirt has the virtual machines of a site, cut off from the network and files of the machine. */
export interface Nest {
  readonly sandbox: Sandbox;
  readonly libvirt: Libvirt;
  /** Builds a site's folder by the command line, and brings the host to what the tree says. Gives the site. */
  bringUp(folder: string): Promise<Site>;
  /** Stops everything and leaves nothing behind. */
  close(): Promise<void>;
}

/** Opens such a host; throws if not root. */
export async function openNest(): Promise<Nest> {
  const sandbox = await openSandbox();
  try {
    const libvirt = await startLibvirt(sandbox);
    let daemons: Daemons | undefined;
    return {
      sandbox,
      libvirt,
      async bringUp(folder) {
        const site = await siteOf(folder);
        const { root, media, tftp, secrets } = site.server;
        const out = join(sandbox.folder, 'out');
        const build = harvgen(['build', '--out', out, folder], '/');
        if (build.code !== 0) throw new Error(build.stderr);
        const sh = (script: string) => sandbox.run(['bash', '-ec', script]);
        const secretsFile = join(sandbox.folder, 'secrets.yaml');
        await writeFile(secretsFile, stringify(SECRETS), { mode: 0o600 });
        const include = harvgen(['secrets', folder, '--format', 'nginx', '--secrets', secretsFile], '/');
        await writeFile(join(sandbox.folder, 'include'), include.stdout);
        await sh(`install -D -m 0600 ${sandbox.folder}/include ${secrets}
          mkdir -p ${root} ${tftp}; rsync -a --delete ${out}/${site.name}/ ${root}/
          cp -L /usr/lib/ipxe/{undionly.kpxe,snponly.efi} ${tftp}`);
        for (const { version, arch } of site.clusters) {
          const names = harvesterMedia(version.text, arch);
          const here = join(sandbox.folder, 'media', version.text);
          await mkdir(here, { recursive: true });
          await buildStandIn(here, { kernelName: names.kernel, initrdName: names.initrd });
          await writeFile(join(here, names.rootfs), 'the root file system');
          await sh(`mkdir -p ${media.path}; cp -r ${here} ${media.path}`);
        }
        for (const network of libvirtNetworks(site)) {
          await libvirt.virsh('net-define', join(out, site.name, networkPath(site, network)));
          const name = network.libvirt?.name ?? '';
          await libvirt.virsh('net-start', name).catch(() => '');
        }
        const bridge = site.networks[0]?.libvirt?.bridge ?? '';
        await sh(`echo 0 >/proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`);
        await announceRouter(sandbox, bridge);
        await daemons?.stop();
        daemons = await startDaemons(sandbox, { nginx: `${root}/nginx/${site.name}.conf` });
        for (const node of site.nodes) {
          for (const { file, size, format } of node.domain?.disks ?? [])
            await sh(`mkdir -p $(dirname ${file}); qemu-img create -q -f ${format} ${file} ${size}`);
          await libvirt.virsh('define', join(out, site.name, domainPath(node)));
        }
        return site;
      },
      close: () => sandbox.close(),
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
