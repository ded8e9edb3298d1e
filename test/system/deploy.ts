import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { compile } from '../../src/compile.ts';
import type { Site } from '../../src/site/model.ts';
import { harvesterMedia } from '../../src/tables/harvester-media.ts';
import { BIN, harvgen } from '../support/cli.ts';
import { blocksOf } from '../support/markdown.ts';
import type { Plant } from './plant.ts';
import { buildStandIn } from './stand-in.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What stands in for another host and for an init system: both run here, in the plant. */
const STAND_INS: Record<string, string> = {
  // ssh [-l USER] HOST COMMAND…: a shell there takes the command, its words put together
  ssh: '#!/bin/sh\nwhile [ "$1" = -l ]; do shift 2; done\nshift\nexec sh -c "$*"\n',
  npx: `#!/bin/sh\nshift\nexec ${process.execPath} ${BIN} "$@"\n`,
  systemctl: '#!/bin/sh\necho "$@" >>/run/systemctl.log\n',
};

/** The secrets of the samples, as an operator has them. */
export const SECRETS: Record<string, string> = {
  cluster_token: 'the-token-of-this-plant',
  root_password: 'the "$password\\" of root; ${host}',
  node_password: 'the "$password\\" of rancher; ${host}',
  rancher_registration_url: 'https://rancher.example.org/v3/import/x7vq_c-m-1.yaml',
};

/** Compiles a site's folder; throws where there is an error. */
export async function siteOf(folder: string): Promise<Site> {
  const { site, diagnostics } = await compile(folder);
  if (!site) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return site;
}

/**
 * Builds a sample site by the command line and deploys the tree by the very commands of its README, in a plant: secrets,
 * copying, fetching the media (a stand-in for Harvester's, from a mirror in the plant), services. Takes the plant and the
 * site; starts the emitted configurations. Throws where a command fails.
 */
export async function deploy(plant: Plant, site: Site): Promise<void> {
  const build = harvgen(['build', '--out', join(plant.folder, 'out'), `sites/${site.name}`], root);
  if (build.code !== 0) throw new Error(build.stderr);
  const tree = join(plant.folder, 'out', site.name);
  await prepareServer(plant, site);
  const readme = await readFile(join(tree, 'README.md'), 'utf8');
  const commands = blocksOf(readme, 'sh').filter((block) => !block.startsWith('make '));
  const paths: Record<string, string> = { TREE: tree, SECRETS: join(plant.folder, 'secrets.yaml') };
  await writeFile(paths.SECRETS ?? '', stringify(SECRETS), { mode: 0o600 });
  const filledIn = commands.join('').replace(/^(TREE|SECRETS)=.*$/gm, (_, name) => `${name}=${paths[name]}`);
  const script = `set -e\ncd ${root}\n${filledIn}`;
  await plant.run(['env', `PATH=${plant.folder}/bin:${process.env.PATH}`, ...MIRROR, 'bash', '-c', script]);
  const dnsmasq = site.networks.some((network) => network.dhcp?.server === 'dnsmasq');
  await plant.serve({
    nginx: `/etc/nginx/conf.d/${site.name}.conf`,
    ...(dnsmasq ? { dnsmasq: `/etc/dnsmasq.d/${site.name}.conf` } : {}),
  });
}

const MIRROR = ['HARVESTER_RELEASES=http://127.0.0.1:8000'];

/** What is on a boot server before the first deployment: packages and their folders, and the network's mirror. */
async function prepareServer(plant: Plant, site: Site): Promise<void> {
  const bin = join(plant.folder, 'bin');
  await mkdir(bin);
  for (const [name, text] of Object.entries(STAND_INS))
    await writeFile(join(bin, name), text, { mode: 0o755 });
  await plant.run(['mkdir', '-p', '/etc/dnsmasq.d', '/srv']);
  const mirror = join(plant.folder, 'mirror');
  for (const { version, arch } of site.clusters) {
    const folder = join(mirror, version.text);
    await mkdir(folder, { recursive: true });
    const media = harvesterMedia(version.text, arch);
    await buildStandIn(folder, { kernelName: media.kernel, initrdName: media.initrd });
    await writeFile(join(folder, media.rootfs), 'the root file system');
    await writeFile(join(folder, media.iso), 'the ISO');
    await plant.run([
      'sh',
      '-c',
      `cd ${folder} && sha512sum harvester-* >list && mv list ${media.checksums}`,
    ]);
  }
  await plant.run(['busybox', 'httpd', '-p', '127.0.0.1:8000', '-h', mirror]);
}
