import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { parseServerUrl } from '../values/server-url.ts';
import { build, entries, read, saidOr } from './build.ts';
import type { MediaSource, Server, Sign, Tls } from './model.ts';
import { resolveIscsiServer } from './resolve-iscsi-server.ts';
import { resolveKubernetes } from './resolve-kubernetes.ts';

/** Makes the boot server of an inventory, with what it does not say filled in; undefined where it is broken. */
export function resolveServer(inventory: Draft<SiteInventory>): Draft<Server> | undefined {
  const { server, site } = inventory;
  if (!server) return undefined;
  const url = read(server.url, withoutSlash);
  const address = read(url, parseServerUrl);
  return build<Draft<Server>>(
    {
      url,
      host: address?.host,
      port: address?.port,
      root: server.root ?? `/srv/harvgen/${site}`,
      media: resolveMedia(server.media ?? '/srv/harvgen/media', url, 'harvester'),
      images: resolveMedia(server.images ?? '/srv/harvgen/images', url, 'images'),
      // iPXE that verifies has the site's own first step built in: it is no other site's.
      tftp: server.tftp ?? (server.sign ? `/srv/harvgen/tftp/${site}` : '/srv/harvgen/tftp'),
      tftpServer: saidOr(server, 'tftp_server', 'dnsmasq'),
      iscsi: resolveIscsiServer(server, site, address?.host),
      tls: resolveTls(server.tls, url),
      secrets: server.secrets ?? `/etc/nginx/harvgen/${site}.secrets.conf`,
      ports: entries(server.ports),
      next: read(server.next, withoutSlash),
      compat: entries(server.compat),
      allow: entries(server.allow),
      allowScripts: entries(server.allow_scripts),
      sign: read(server.sign, (sign) =>
        build<Draft<Sign>>(
          { signer: sign.signer, path: sign.path ?? `/srv/harvgen/signatures/${site}` },
          sign,
        ),
      ),
      kubernetes: resolveKubernetes(server.kubernetes, site),
    },
    server,
    { host: 'url', port: 'url', allowScripts: 'allow_scripts', tftpServer: 'tftp_server' },
  );
}

function resolveTls(
  tls: Draft<SiteInventory['server']['tls']>,
  serverUrl: string | undefined,
): Draft<Tls> | undefined {
  if (!tls) return undefined;
  const otherwise = isBroken(tls, 'url') ? undefined : read(serverUrl, byHttps);
  const url = read(tls.url ?? otherwise, withoutSlash);
  const address = read(url, parseServerUrl);
  return build<Draft<Tls>>(
    { certificate: tls.certificate, key: tls.key, url, host: address?.host, port: address?.port },
    tls,
    { host: 'url', port: 'url' },
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

/** The same host by https, at the usual port; what is https already stays as it is. */
function byHttps(url: string): string {
  return url.replace(/^http:\/\/([^:]+).*$/, 'https://$1');
}

/** What nginx serves itself from a folder, in the given folder of its own, or another server at its URL. */
function resolveMedia(media: string, url: string | undefined, folder: string): Draft<MediaSource> {
  const plain = media.replace(/\/+$/, '');
  return plain.startsWith('/')
    ? { url: read(url, (text) => `${text}/${folder}`), path: plain }
    : { url: plain };
}
