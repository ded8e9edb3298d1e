import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { compile } from '../../src/compile.ts';
import { bootedFiles, harvesterMedia } from '../../src/knowledge/harvester.ts';
import { digestOf } from '../../src/knowledge/harvester-digests.ts';
import { buildStandIn } from '../../src/rehearse/initramfs.ts';
import type { Plant } from '../../src/rehearse/plant.ts';
import { upgradeReleases } from '../../src/site/manifests.ts';
import type { Site } from '../../src/site/model.ts';
import { BIN, harvgen } from '../support/cli.ts';
import { blocksOf } from '../support/markdown.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The environment of a deployment: a plant, or a sandbox. */
export type Place = Pick<Plant, 'folder' | 'run'>;

/** Stand-ins for another host and for an init system; both run in the plant. */
const STAND_INS: Record<string, string> = {
  // ssh [-l USER] HOST COMMAND…: a shell runs the command, its words joined
  ssh: '#!/bin/sh\nwhile [ "$1" = -l ]; do shift 2; done\nshift\nexec sh -c "$*"\n',
  npx: `#!/bin/sh\nshift\nexec ${process.execPath} ${BIN} "$@"\n`,
  systemctl: '#!/bin/sh\necho "$@" >>/run/systemctl.log\n',
};

/** The secrets of the samples, as an operator sets them. */
export const SECRETS: Record<string, string> = {
  cluster_token: 'the-token-of-this-plant',
  root_password: 'the "$password\\" of root; ${host}',
  node_password: 'the "$password\\" of rancher; ${host}',
  rancher_registration_url: 'https://rancher.example.org/v3/import/x7vq_c-m-1.yaml',
  iscsi_suffix: '5f0c-91d2e7',
  chap_cn01: 'chap-of-cn01',
  chap_cn02: 'chap-of-cn02',
  chap_cn03: 'chap-of-cn03',
  chap_cn04: 'chap-of-cn04',
  chap_of_target: 'chap-of-target',
};

/** Compiles the directory of a site. Throws if there is an error. */
export async function siteOf(folder: string): Promise<Site> {
  const { site, diagnostics } = await compile(folder);
  if (!site) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return site;
}

/**
 * Deploys a site in a plant as `deployTree` does, and starts the emitted configurations. `folder` contains the inventory
 * (default: the sample). Throws if a command fails.
 */
export async function deploy(plant: Plant, site: Site, folder = `sites/${site.name}`): Promise<void> {
  await deployTree(plant, site, folder);
  const dnsmasq = site.networks.some((network) => network.dhcp?.server === 'dnsmasq');
  await plant.serve({
    nginx: `/etc/nginx/conf.d/${site.name}.conf`,
    ...(dnsmasq ? { dnsmasq: `/etc/dnsmasq.d/${site.name}.conf` } : {}),
  });
}

/**
 * Shortens the pause of machines without a script from 30 seconds to 3: GRUB keeps a core busy during the pause. The trees
 * of the samples contain the real pause.
 */
export async function shortenPauses(place: Place): Promise<void> {
  const scripts = "grep -rIlE '^ *sleep 30' /srv/harvgen";
  await place.run(['sh', '-c', `${scripts} | xargs -r sed -i -E 's/^( *sleep) 30/\\1 3/'`]);
}

/**
 * Builds a site with the command line and deploys the tree by the commands of its README. They install secrets, copy, fetch
 * the media (a stand-in for Harvester's, from a mirror in the place), and start services. `folder` contains the inventory.
 * Returns the output of the commands. Throws if one fails.
 */
export async function deployTree(
  place: Place,
  site: Site,
  folder: string,
  systemctl = STAND_INS.systemctl,
): Promise<string> {
  const out = join(place.folder, 'out');
  // The digests of the stand-ins, in fetch-media.sh, are a manual edit of an earlier deployment.
  const build = harvgen(['build', '--force', '--out', out, folder], root);
  if (build.code !== 0) throw new Error(build.stderr);
  const tree = join(out, site.name);
  await prepareServer(place, site, { ...STAND_INS, systemctl: systemctl ?? '' }, tree);
  const readme = await readFile(join(tree, 'README.md'), 'utf8');
  const commands = blocksOf(readme, 'sh').filter((block) => !block.startsWith('make '));
  const paths: Record<string, string> = {
    SITE: folder,
    TREE: tree,
    SECRETS: join(place.folder, 'secrets.yaml'),
  };
  await writeFile(paths.SECRETS ?? '', stringify(SECRETS), { mode: 0o600 });
  const filledIn = commands
    .join('')
    .replace(/^(SITE|TREE|SECRETS)=.*$/gm, (_, name) => `${name}=${paths[name]}`);
  const script = `set -e\ncd ${root}\n${filledIn}`;
  return place.run(['env', `PATH=${standInsOf(place)}:${process.env.PATH}`, ...MIRROR, 'bash', '-c', script]);
}

/** The stand-in of each ISO. */
export const ISO = 'the ISO';

const MIRROR = ['HARVESTER_RELEASES=http://127.0.0.1:8000'];

/** Returns the directory of the stand-ins for programs. */
export const standInsOf = ({ folder }: Place): string => join(folder, 'bin');

/** Prepares a boot server for a deployment: packages and their directories, and the network's mirror. */
async function prepareServer(
  place: Place,
  site: Site,
  standIns: typeof STAND_INS,
  tree: string,
): Promise<void> {
  const bin = standInsOf(place);
  const mirror = join(place.folder, 'mirror');
  if (!existsSync(mirror)) {
    await mkdir(bin);
    await mkdir(mirror);
    await place.run(['mkdir', '-p', '/etc/dnsmasq.d', '/srv']);
    await place.run(['busybox', 'httpd', '-p', '127.0.0.1:8000', '-h', mirror]);
  }
  for (const [name, text] of Object.entries(standIns))
    await writeFile(join(bin, name), text, { mode: 0o755 });
  // The ISO of an upgrade is a file of its own release.
  const upgrades = upgradeReleases(site).map(({ version, arch }) => ({ version: { text: version }, arch }));
  for (const { version, arch } of [...site.clusters, ...upgrades]) {
    const folder = join(mirror, version.text);
    await mkdir(folder, { recursive: true });
    const media = harvesterMedia(version.text, arch);
    await buildStandIn(folder, { kernelName: media.kernel, initrdName: media.initrd });
    await writeFile(join(folder, media.rootfs), 'the root file system');
    await writeFile(join(folder, media.iso), ISO);
    await place.run([
      'sh',
      '-c',
      `cd ${folder} && sha512sum harvester-* >list && mv list ${media.checksums}`,
    ]);
    await pinStandIns(tree, folder, bootedFiles(media));
  }
}

/** Replaces the digests of a release, which harvgen knows, with those of the stand-ins for its files. */
async function pinStandIns(tree: string, folder: string, names: readonly string[]): Promise<void> {
  const script = join(tree, 'scripts/fetch-media.sh');
  let text = await readFile(script, 'utf8');
  for (const name of names) {
    const digest = createHash('sha512')
      .update(await readFile(join(folder, name)))
      .digest('hex');
    text = text.replace(digestOf({}, name) ?? digest, digest);
  }
  await writeFile(script, text);
}
