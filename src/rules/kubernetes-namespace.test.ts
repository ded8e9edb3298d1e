import { ruleTest } from '../../test/support/rule-test.ts';
import { kubernetesNamespace } from './kubernetes-namespace.ts';

const within = (namespace: string) =>
  ['server:\n', `server:\n  kubernetes: { media_claim: media, namespace: ${namespace} }\n`] as const;

ruleTest(kubernetesNamespace, {
  "Kubernetes' own": {
    edits: [within('kube-system')],
    finds: [{ at: '5:48', message: "The namespace kube-system is Kubernetes' own." }],
  },
  'another one': { edits: [within('kubernetes-boot')] },
  'none said': { edits: [['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']] },
});
