import { ruleTest } from '../../test/support/rule-test.ts';
import { isoOfOtherRelease } from './iso-of-other-release.ts';

const INSTALL = 'install:\n';

function withIso(file: string) {
  return [INSTALL, `${INSTALL}      iso_url: http://192.168.178.8/${file}\n`] as const;
}

function of(release: string) {
  return {
    at: '21:16',
    message: `The ISO is that of ${release}, and the node boots the installer of v1.4.1 for amd64: both must be of one release.`,
    related: ['3:12'],
  };
}

ruleTest(isoOfOtherRelease, {
  'an older ISO': { edits: [withIso('harvester-v1.4.0-amd64.iso')], finds: [of('v1.4.0 for amd64')] },
  'a release candidate': {
    edits: [withIso('harvester-v1.4.1-rc2-amd64.iso')],
    finds: [of('v1.4.1-rc2 for amd64')],
  },
  'another architecture': {
    edits: [withIso('harvester-v1.4.1-arm64.iso')],
    finds: [of('v1.4.1 for arm64')],
  },
  'a newer net-install ISO': {
    edits: [
      withIso('harvester-v1.4.2-amd64-net-install.iso'),
      ['defaults:\n', 'defaults:\n  silence: { net-install-iso: this is about the release }\n'],
    ],
    finds: [{ ...of('v1.4.2 for amd64'), at: '22:16' }],
  },
  'the ISO of the release, from elsewhere': { edits: [withIso('mirror/v1.4.0/harvester-v1.4.1-amd64.iso')] },
  'an ISO that is not named after a release': { edits: [withIso('harvester-master-amd64.iso')] },
});
