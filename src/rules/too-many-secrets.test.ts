import { ruleTest } from '../../test/support/rule-test.ts';
import { tooManySecrets } from './too-many-secrets.ts';

/** So many secrets in one text of the configuration, beside the token. */
function withSecrets(count: number) {
  const text = Array.from({ length: count }, (_, index) => `\${secret:s${index}}`).join(' ');
  return ['    os: {', `    os: { environment: { A: "${text}" },`] as const;
}

ruleTest(tooManySecrets, {
  'one more than nginx fills in': {
    edits: [withSecrets(255)],
    finds: [
      {
        at: '23:3',
        message:
          'The scripts and configurations hold 256 secrets, and nginx fills in 255 at most: it would not start with the include of this site.',
      },
    ],
  },
  'as many as nginx fills in': { edits: [withSecrets(254)] },
});
