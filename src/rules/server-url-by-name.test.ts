import { ruleTest } from '../../test/support/rule-test.ts';
import { serverUrlByName } from './server-url-by-name.ts';

const NAMED = [
  'config:\n    os:',
  'config:\n    server_url: https://harvester.plant.example.org\n    os:',
] as const;
const V160 = ['version: v1.4.1', 'version: v1.6.0'] as const;
const FOUND = {
  at: '18:17',
  message:
    "The server_url names harvester.plant.example.org instead of the VIP 192.168.178.40: the node joins only if the name leads there while it installs, and if the cluster's certificate has it.",
  related: ['14:8'],
};

ruleTest(serverUrlByName, {
  'a name, said for all nodes': { edits: [NAMED], finds: [FOUND] },
  'a name that the certificate does not have': { edits: [NAMED, V160], finds: [FOUND] },
  'a name, and another in the certificate': {
    edits: [NAMED, V160, ['    install:\n', '    sans: [other.plant.example.org]\n    install:\n']],
    finds: [FOUND],
  },
  'a name that the certificate has': {
    edits: [NAMED, V160, ['    install:\n', '    sans: [Harvester.plant.example.org]\n    install:\n']],
  },
  'a name on one node that joins': {
    edits: [
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43,\n    config: { server_url: "https://harvester.plant.example.org:443" } }',
      ],
    ],
    finds: [{ ...FOUND, at: '26:27' }],
  },
  'the VIP itself': {
    edits: [['config:\n    os:', 'config:\n    server_url: https://192.168.178.40\n    os:']],
  },
});
