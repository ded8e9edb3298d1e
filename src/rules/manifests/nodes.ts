import { ONCE_NAME } from '../../site/bootstrap.ts';
import { contentsErrors } from '../../site/cloud-init-contents.ts';
import { locationIn, manifestsOf, textIn } from '../../site/manifests.ts';
import type { Manifest } from '../../site/model.ts';
import type { Draft } from '../../values/draft.ts';
import { error, type Rule } from '../rule.ts';
import { repeats } from '../support.ts';
import { perManifest } from './manifests.ts';

/** Files in /oem of a node that belong to Harvester. Source: pkg/webhook of harvester/node-manager, and Harvester's upgrades. */
const FILES_OF_HARVESTER =
  /^(9[09]_custom|99_settings|91_cleanup_kubelet|92_hostname_override|99_disable_lh_multipathd)\.yaml$|^(elemental\.config|grubenv|harvester\.config|install)/;

/** The files of the CloudInits that harvgen derives from the inventory. */
const FILES_OF_INVENTORY = /^9[56]_harvgen[._]/;

export const manifestNodeRules: readonly Rule[] = [
  error('cloud-init-file-twice', {
    what: 'A file of a CloudInit must be that of no other CloudInit of its cluster.',
    why: 'All CloudInits write to /oem of their nodes: the cluster rejects the second one, or it replaces the file of the first.',
    check({ manifests }, report) {
      const all = manifestsOf('CloudInit')({ manifests });
      const fileOf = (one: Draft<Manifest>) => textIn(one, 'spec', 'filename');
      for (const one of all)
        if (FILES_OF_INVENTORY.test(fileOf(one) ?? '') && one.name !== ONCE_NAME)
          report(locationIn(one, 'spec', 'filename'), {
            message: `${fileOf(one)} is a file of the CloudInits that harvgen writes: one would replace the other.`,
            help: 'choose another name, such as 97_example.yaml',
          });
      const keyOf = (one: Draft<Manifest>) => fileOf(one) && `${one.cluster?.name} ${fileOf(one)}`;
      for (const { one, first } of repeats(all, keyOf))
        report(locationIn(one, 'spec', 'filename'), {
          message: `The CloudInits ${first.name} and ${one.name} have the same file ${fileOf(one)}: one would replace the other.`,
          related: [{ message: 'the other is at', at: locationIn(first, 'spec', 'filename') }],
          help: 'choose another file name',
        });
    },
  }),
  error('cloud-init-object', {
    what: 'A CloudInit must have its own file name that ends in .yaml, no secret, and `contents` of known stages, keys and types.',
    why: 'The node ignores unknown keys and stages. A file that it cannot decode disables all files of its directory: the node boots without its network and with the password of the image.',
    check: perManifest('CloudInit', (object, report) => {
      const [filename, contents] = ['filename', 'contents'].map((key) => textIn(object, 'spec', key));
      if (filename !== undefined && (!/^[\w.-]+\.yaml$/.test(filename) || FILES_OF_HARVESTER.test(filename)))
        report(locationIn(object, 'spec', 'filename'), {
          message: `${filename} cannot be the file of a CloudInit: ${FILES_OF_HARVESTER.test(filename) ? 'it belongs to Harvester' : 'its name does not end in .yaml'}.`,
          help: 'write a name such as 95_example.yaml',
        });
      if (contents === undefined) return;
      const at = locationIn(object, 'spec', 'contents');
      if (contents.includes('${secret:'))
        report(at, {
          message:
            'The contents of a CloudInit cannot have a secret: every user of the cluster can read them.',
          help: 'set it in config.os of the nodes',
        });
      else if (contents.startsWith('#cloud-config'))
        report(at, {
          message:
            'The contents begin with #cloud-config: the node reads them as another format, which harvgen does not check.',
          help: 'remove the comment, and write `stages:`',
        });
      else {
        const errors = contentsErrors(contents, at);
        for (const error of errors ?? []) report(error.at, error);
        if (!errors)
          report(at, {
            message: 'The contents are not one valid map in YAML: the node would ignore all files of /oem.',
            help: 'write one document that begins with `stages:`, and each key once',
          });
      }
    }),
  }),
];
