import { namesOf } from '../source/diagnostics/listed.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const ociSignedBoot: Rule = {
  code: 'oci-signed-boot',
  severity: 'error',
  what: 'A site with instances of Oracle Cloud Infrastructure does not sign its boots.',
  why: "Instances start with OCI's own iPXE, which trusts no authority of yours: it would say that it cannot verify the first script, and try again for ever.",
  check({ server, nodes = [] }, report) {
    if (!server?.sign) return;
    const instances = nodes.filter((node) => node?.oci !== undefined).flatMap((node) => node ?? []);
    const [first, another] = instances;
    if (!first) return;
    report({
      message: `${namesOf(instances)} ${another ? 'start' : 'starts'} with OCI's own iPXE, which cannot verify what ${server.sign.signer ?? 'the signer'} signs.`,
      at: placeOf(server, 'sign'),
      related: [{ message: 'oci is at', at: placeOf(first, 'oci') }],
      help: 'leave server.sign out, and keep the boot server and its subnet to yourself; or make these machines a site of their own',
    });
  },
};
