import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { seedUrlSlash } from './seed-url-slash.ts';

const ds = (text: string) => ['[ip=dhcp, "console=ttyS0,115200"]', `[ip=dhcp, '${text}']`] as const;

ruleTest(seedUrlSlash, {
  'a URL that says where the name goes': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/%s.txt')],
  },
  'one whose query ends in the name': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/seed?file=')],
  },
  'a folder without its slash': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/cloud-init')],
    finds: [
      {
        at: '20:23',
        message:
          'cloud-init would ask for http://10.1.0.9/cloud-initmeta-data: the URL of its data ends in no slash.',
        help: "write s=http://10.1.0.9/cloud-init/; or leave the argument out, and it is the folder of the tree that is the node's own",
      },
    ],
  },
  'the same in quotes, with more behind it': {
    of: LINUX_PLANT,
    edits: [ds('"ds=nocloud;seedfrom=http://10.1.0.9/a;h=b"')],
    finds: [
      {
        at: '20:23',
        message: 'cloud-init would ask for http://10.1.0.9/ameta-data: the URL of its data ends in no slash.',
        help: "write s=http://10.1.0.9/a/; or leave the argument out, and it is the folder of the tree that is the node's own",
      },
    ],
  },
  'with it': { of: LINUX_PLANT, edits: [ds('ds=nocloud-net;s=http://10.1.0.9/cloud-init/')] },
  'no URL at all': { of: LINUX_PLANT, edits: [ds('ds=nocloud')] },
});
