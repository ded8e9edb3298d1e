import { isoFile } from '../knowledge/harvester/iso-file.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const isoOfOtherRelease: Rule = {
  code: 'iso-of-other-release',
  severity: 'error',
  what: 'An iso_url leads to the ISO of the release and the architecture that the cluster has.',
  why: 'The installer comes with the kernel and the root file system, the system that it installs with the ISO. Nothing compares the two: the installation breaks half-way, or leaves another release than the configuration is for.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const install = node?.os === 'harvester' ? node.said?.install : undefined;
      const { version, arch } = node?.cluster ?? {};
      if (!node?.cluster || !install?.iso_url || !version || !arch) continue;
      const { of } = isoFile(install.iso_url);
      if (!of || (of.version === version.text && of.arch === arch)) continue;
      const derived = node.derived?.install?.iso_url;
      report({
        node,
        message: `The ISO is that of ${of.version} for ${of.arch}, and the node boots the installer of ${version.text} for ${arch}: both must be of one release.`,
        at: placeOf(install, 'iso_url'),
        related: [{ message: 'the release is set at', at: placeOf(node.cluster, 'version') }],
        help: derived ? `remove iso_url: ${derived} is derived` : 'remove iso_url: it is derived',
      });
    }
  },
};
