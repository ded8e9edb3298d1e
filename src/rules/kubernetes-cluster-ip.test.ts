import { ruleTest } from '../../test/support/rule-test.ts';
import { kubernetesClusterIp } from './kubernetes-cluster-ip.ts';

const pods = (more: string) =>
  ['server:\n', `server:\n  kubernetes: { media_claim: media, ${more} }\n`] as const;

ruleTest(kubernetesClusterIp, {
  'a ClusterIP alone': {
    edits: [pods('service: ClusterIP')],
    finds: [{ at: '5:46', message: 'A ClusterIP is for the cluster alone: machines do not reach it.' }],
  },
  'an ingress before it': { edits: [pods('service: ClusterIP, ingress: { proxies: [10.42.0.0/16] }')] },
  'a LoadBalancer': { edits: [pods('service: LoadBalancer')] },
});
