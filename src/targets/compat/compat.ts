import { HIDDEN, shown } from '../../knowledge/hide.ts';
import type { Node, Site } from '../../site/model.ts';
import { replaceReferences } from '../../source/marks.ts';
import { isValueMap } from '../../source/origin.ts';
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

/** What older boot servers answered, as files for servers that know nothing but files; nginx needs none but the list. */
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
        'What oci-harvester had a program for is a file: iPXE runs it as it is, so the web server must run no PHP here.';
      // From wherever machines have been told that the server is: iPXE resolves the path against the script's own URL.
      yield { path: `${WWW}/${OCI_SCRIPT}`, content: leadingTo(`../${BOOT_SCRIPT}`, 10, `# ${why}\n`) };
    }
  },
};

/**
 * Gives a site as phs listed one at `/all`, without its secrets: the order of keys is that of phs, and in the maps of
 * configurations the alphabet's. Source: andrehofman/harvester-bootstrapserver, main.go (type List).
 */
function phsList(site: Site): object {
  // phs knew machines by their MAC alone.
  const known = site.nodes.flatMap((node) => (node.bootNic.mac ? { mac: node.bootNic.mac, node } : []));
  return {
    server: site.server.url,
    // Its clients put /harvester/<version>/ behind it.
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

/** Gives a value of a configuration with its maps sorted, and nothing that is or may be a secret in it. */
function withoutSecrets(value: unknown, path: readonly (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, [...path, index]));
  if (isValueMap(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, withoutSecrets(item, [...path, key])]));
  }
  if (typeof value !== 'string') return shown(value, path);
  // Of the secrets of what a file is to hold no name tells.
  const isFileContent = path.includes('write_files') && path.at(-1) === 'content';
  if (isFileContent || isPrivateKey(value)) return HIDDEN;
  return shown(
    replaceReferences(value, () => HIDDEN),
    path,
  );
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
