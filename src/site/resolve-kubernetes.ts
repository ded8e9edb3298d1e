import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { NGINX_UNPRIVILEGED } from '../knowledge/tables/container-images.ts';
import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { kubernetesName } from '../values/kubernetes-name.ts';
import { build, entries, read, saidOr } from './build.ts';
import type { Kubernetes, KubernetesIngress } from './model.ts';

/** Makes what serves a site's tree in Kubernetes, with what is not said filled in; undefined where nothing is to. */
export function resolveKubernetes(
  kubernetes: Draft<SiteInventory['server']['kubernetes']>,
  site: string | undefined,
): Draft<Kubernetes> | undefined {
  if (!kubernetes) return undefined;
  const isBehind = kubernetes.ingress !== undefined || isBroken(kubernetes, 'ingress');
  return build<Draft<Kubernetes>>(
    {
      namespace: kubernetes.namespace ?? read(site, kubernetesName),
      image: kubernetes.image,
      nginxImage: kubernetes.nginx_image ?? NGINX_UNPRIVILEGED,
      replicas: kubernetes.replicas,
      service: saidOr(kubernetes, 'service', isBehind ? 'ClusterIP' : 'LoadBalancer'),
      nodePort: kubernetes.node_port,
      ingress: read(kubernetes.ingress, (ingress) =>
        build<Draft<KubernetesIngress>>(
          { class: ingress.class, namespace: ingress.namespace, proxies: entries(ingress.proxies) },
          ingress,
        ),
      ),
      mediaClaim: kubernetes.media_claim,
    },
    kubernetes,
    { nginxImage: 'nginx_image', nodePort: 'node_port', mediaClaim: 'media_claim' },
  );
}
