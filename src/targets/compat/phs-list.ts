import { HIDDEN, shown } from '../../knowledge/hide.ts';
import type { Node, Site } from '../../site/model.ts';
import { replaceReferences } from '../../source/marks.ts';
import { shownUrl } from '../../values/shown-url.ts';
import { isPrivateKey } from '../../values/ssh-key.ts';

/**
 * Gives a site as phs listed one at `/all`, without its secrets: the order of keys is that of phs, and in the maps of
 * configurations the alphabet's. Source: andrehofman/harvester-bootstrapserver, main.go (type List).
 */
export function phsList(site: Site): object {
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
      config_create: inCommon(members.filter(({ mode }) => mode === 'create').map(configOf)),
      config_join: inCommon(members.filter(({ mode }) => mode === 'join').map(configOf)),
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
  if (isMap(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, withoutSecrets(item, [...path, key])]));
  }
  if (typeof value === 'string' && (isPrivateKey(value) || isFileContent(path))) return HIDDEN;
  const plain = typeof value === 'string' ? replaceReferences(value, () => HIDDEN) : value;
  return shown(plain, path);
}

/** Whether a text is what a file is to hold: of its secrets no name tells. */
function isFileContent(path: readonly (string | number)[]): boolean {
  return path.includes('write_files') && path.at(-1) === 'content';
}

/** Gives what all values have in common: of maps the keys with the same value, down to the last. */
function inCommon(values: readonly unknown[]): unknown {
  const [first, ...others] = values;
  if (!isMap(first)) return first;
  const entries = Object.entries(first).flatMap(([key, value]) => {
    const same = others.map((other) => (isMap(other) && Object.hasOwn(other, key) ? other[key] : undefined));
    if (isMap(value) && same.every(isMap)) return [[key, inCommon([value, ...same])] as const];
    return same.every((other) => JSON.stringify(other) === JSON.stringify(value))
      ? [[key, value] as const]
      : [];
  });
  return Object.fromEntries(entries);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
