import { ruleTest } from '../../test/support/rule-test.ts';
import { bondLacp } from './bond-lacp.ts';

function withMode(mode: string) {
  return [
    'install:\n',
    `install:\n      management_interface: { bond_options: { mode: ${mode}, miimon: "100" } }\n`,
  ] as const;
}

ruleTest(bondLacp, {
  '802.3ad for all nodes': {
    edits: [['version: v1.4.1', 'version: v1.6.1'], withMode('802.3ad')],
    finds: [
      {
        at: '21:53',
        message:
          'The management bond uses LACP (802.3ad): the machine boots only if the ports of the switch fall back to single ones.',
      },
    ],
  },
  '802.3ad with a release that does not wait for it': {
    edits: [['version: v1.4.1', 'version: v1.7.0'], withMode('802.3ad')],
    finds: [
      {
        at: '21:53',
        message:
          'The management bond uses LACP (802.3ad): the machine boots only if the ports of the switch fall back to single ones, and the installer of v1.7.0 often stops with "Can\'t apply networks" before LACP is up.',
      },
    ],
  },
  'active-backup': { edits: [withMode('active-backup')] },
});
