import { marksOf } from '../../secrets/marks-of.ts';
import type { Kubernetes, Site } from '../../site/model.ts';
import { WWW } from '../../tree/paths.ts';
import { fillsPath } from '../nginx/fills.ts';
import { kubernetesPath, NGINX_USER, POD } from './pod.ts';

/** Writes the Containerfile of the image that has a site's tree in it: the context is the tree. */
export function containerfile(site: Site, { image, nginxImage }: Kubernetes): string {
  const fills = fillsPath(marksOf(site));
  return [
    `# The boot server of ${site.name} as an image, which holds no secret. Made by harvgen: edit the inventory instead.`,
    '# In the folder of the tree:',
    `#   podman build --file ${kubernetesPath('Containerfile')} --tag ${image ?? 'IMAGE'} .`,
    `FROM ${nginxImage}`,
    `COPY ${kubernetesPath('nginx')} ${POD.nginx}/`,
    `COPY ${WWW} ${POD.tree}/${WWW}/`,
    `COPY ${fills} ${POD.tree}/${fills}`,
    `USER ${NGINX_USER}`,
    `ENTRYPOINT ["nginx", "-e", "stderr", "-c", "${POD.nginx}/nginx.conf"]`,
    'CMD []',
    'STOPSIGNAL SIGQUIT',
    '',
  ].join('\n');
}
