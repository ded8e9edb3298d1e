import { HIDDEN, shown } from '../../knowledge/hide.ts';
import type { Node, Site } from '../../site/model.ts';
import { isValueMap } from '../../source/origin.ts';
import { replaceReferences } from '../../source/placeholders.ts';
import {
  BOOT_SCRIPT,
  configPath,
  OCI_SCRIPT,
  phsConfigPath,
  phsScriptPath,
  scriptPath,
  WWW,
} from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { isPrivateKey } from '../../values/secrets.ts';
import { shownUrl } from '../../values/urls.ts';
import { leadingTo } from '../ipxe/ipxe.ts';
import type { Target } from '../target.ts';

/** The URLs of older boot servers as files, for web servers that serve only files; nginx needs only the list. */
export const compat: Target = {
  name: 'compat',
  *emit(site, _, made) {
    if (site.server.compat.includes('phs')) {
      const files = new Map(made.map((file) => [file.path, file]));
      for (const node of site.nodes.filter(({ bootNic }) => bootNic.mac)) {
        const again = { [scriptPath(node)]: phsScriptPath(node), [configPath(node)]: phsConfigPath(node) };
        for (const [path, older] of Object.entries(again)) {
          const file = files.get(`${WWW}/${path}`);
          if (file) yield new LazyFile(`${WWW}/${older}`, ({ content }) => content, file);
        }
      }
    }
    if (site.server.compat.includes('phs-all'))
      yield { path: `${WWW}/all`, content: `${JSON.stringify(phsList(site))}\n` };
    if (site.server.compat.includes('oci')) {
      const why =
        "This static file replaces oci-harvester's PHP script: the web server must serve it without running PHP.";
      // A relative path works at every URL of the server, because iPXE resolves it against the script's own URL.
      yield { path: `${WWW}/${OCI_SCRIPT}`, content: leadingTo(`../${BOOT_SCRIPT}`, 10, `# ${why}\n`) };
    }
  },
};

/**
 * Returns the list that phs served at `/all`, without secrets. Keys have the order of phs; in the maps of configurations they
 * are sorted. Source: andrehofman/harvester-bootstrapserver, main.go (type List).
 */
function phsList(site: Site): object {
  // phs identified machines only by their MAC.
  const known = site.nodes.flatMap((node) => (node.bootNic.mac ? { mac: node.bootNic.mac, node } : []));
  return {
    server: site.server.url,
    // Clients of phs append /harvester/<version>/.
    downloadserver: shownUrl(site.server.media.url).replace(/\/harvester$/, ''),
    maclist: known.map(({ mac, node }) => ({
      macaddress: mac,
      values: {
        ipaddress: node.bootNic.ip,
        netmask: node.bootNic.network.subnet.mask,
        gateway: node.bootNic.network.gateway,
        interface: node.bootNic.name,
        version: node.cluster?.version.text,
        type: node.cluster && node.mode,
        config: configOf(node),
      },
    })),
    config: site.clusters.map(({ name, members }) => ({
      cluster: name,
      config_create: inCommon(members, 'create'),
      config_join: inCommon(members, 'join'),
    })),
    Indices: Object.fromEntries(
      known.map(({ mac }, index) => [mac, index] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function configOf({ os, config }: Node): unknown {
  return os === 'harvester' ? withoutSecrets(config, ['config']) : undefined;
}

/** Returns a value of a configuration with sorted maps, and hides every value that is or may be a secret. */
function withoutSecrets(value: unknown, path: readonly (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, [...path, index]));
  if (isValueMap(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, withoutSecrets(item, [...path, key])]));
  }
  if (typeof value !== 'string') return shown(value, path);
  // No key name reveals whether the content of a file is secret.
  const isFileContent = path.includes('write_files') && path.at(-1) === 'content';
  if (isFileContent || isPrivateKey(value)) return HIDDEN;
  const withoutReferences = replaceReferences(value, () => HIDDEN);
  return shown(withoutReferences, path);
}

function inCommon(members: readonly Node[], mode: Node['mode']): unknown {
  const [first, ...others] = members.filter((node) => node.mode === mode).map(configOf);
  return others.reduce((one, other) => shared(one, other), first);
}

function shared(one: unknown, other: unknown): unknown {
  if (!isValueMap(one) || !isValueMap(other))
    return JSON.stringify(one) === JSON.stringify(other) ? one : undefined;
  const common = Object.entries(one).map(([key, value]) => [key, shared(value, other[key])] as const);
  return Object.fromEntries(common.filter(([, value]) => value !== undefined));
}
