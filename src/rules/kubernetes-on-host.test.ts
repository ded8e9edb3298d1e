import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { kubernetesOnHost } from './kubernetes-on-host.ts';

ruleTest(kubernetesOnHost, {
  'pods beside a host': {
    of: NESTED,
    edits: [['150.1 }\nhost:', '150.1, kubernetes: { media_claim: media } }\nhost:']],
    finds: [
      {
        at: '3:38',
        message: 'The site has a libvirt host, which serves its tree, and is to have pods that do.',
      },
    ],
  },
  'pods alone': { edits: [['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']] },
});
