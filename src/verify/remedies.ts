import { objectNames, workloadKind } from '../plan/kubernetes.ts';
import type { Site } from '../site/model.ts';
import type { Kubernetes } from '../site/model-server.ts';
import { FETCH_MEDIA } from '../tree/paths.ts';

/** The remedies for differences of the web server of a site. */
export interface Remedies {
  /** The program for messages: `nginx`, or another one by the name that it sends. */
  readonly program: string;
  readonly start: string;
  readonly deploy: string;
  /** For files of another tree. */
  readonly stale: string;
  readonly read: string;
  /** For a configuration of the web server that differs: its access rules, its URLs. */
  readonly reload: string;
  readonly secrets: string;
  readonly certificate: string;
  /** For boot files, and for media. */
  readonly programs: string;
  readonly media: string;
}

/**
 * Returns the remedies for a site: those for pods, for nginx, or for another web server. `header` is the server's header Server, undefined
 * if no server has answered.
 */
export function remediesOf(site: Site, header = 'nginx'): Remedies {
  const { name, server } = site;
  const readme = `the README of out/${name} has the commands`;
  const beside = {
    programs: `copy it to ${server.tftp} again, readable for all users: ${readme}`,
    media: `run ${FETCH_MEDIA} on the boot server again, for a file of your own copy it again`,
  };
  if (server.kubernetes) return ofPods(site, server.kubernetes, readme);
  const deploy = `deploy the tree to ${server.root} again: ${readme}`;
  const read = `\`chmod -R a+rX ${server.root}\` on the boot server`;
  if (/^nginx\b/i.test(header)) {
    const reload = '`nginx -t && systemctl reload nginx` on the boot server';
    return {
      ...beside,
      program: 'nginx',
      start: '`systemctl start nginx` on the boot server; a firewall on the way must pass the port',
      deploy,
      stale: `${deploy}. A symbolic link may lead to an older tree`,
      read,
      reload: `deploy the tree again, then ${reload}`,
      secrets: `install the output of \`harvgen secrets --format nginx\`, then ${reload}`,
      certificate: `install a valid certificate as ${server.tls?.certificate}, then \`systemctl reload nginx\``,
    };
  }
  const program = header.split(/[\s/]/, 1)[0]?.slice(0, 40) || 'the web server';
  const copy = `copy www/ of the tree to the document root of ${program} again: ${readme}`;
  return {
    ...beside,
    program,
    start: `start ${program}; a firewall on the way must pass the port`,
    deploy: copy,
    stale: copy,
    read: `make the files readable for ${program}`,
    reload: `correct the configuration of ${program}, or serve the tree by nginx with nginx/${name}.conf`,
    secrets: `deploy a tree with values, by \`harvgen build --secrets\`: ${program} does not substitute placeholders`,
    certificate: `install a valid certificate in ${program}`,
  };
}

function ofPods(site: Site, pods: Kubernetes, readme: string): Remedies {
  const { name, tls } = objectNames(site);
  const kubectl = `kubectl --namespace ${pods.namespace}`;
  const volume = `the volume of the claim ${pods.mediaClaim} again, readable for all users`;
  const apply = `apply the objects of the tree again: ${readme}`;
  const restart = `\`${kubectl} rollout restart ${workloadKind(pods).toLowerCase()}/${name}\``;
  return {
    program: 'nginx',
    start: `\`${kubectl} get pods,services\` shows whether the pods run, and the IP address of the Service: it must be that of server.url`,
    deploy: apply,
    stale: apply,
    read: 'make the files of the image readable',
    reload: `apply the objects of the tree again, then ${restart}`,
    secrets: `apply the output of \`harvgen secrets --format kubernetes\`, then ${restart}`,
    certificate: `install a valid certificate in the Secret ${tls}, then ${restart}`,
    programs: `copy it to ${volume}`,
    media: `copy them to ${volume}`,
  };
}
