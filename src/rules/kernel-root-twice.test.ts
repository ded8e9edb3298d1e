import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { kernelRootTwice } from './kernel-root-twice.ts';

const of = LINUX_PLANT;
const ROOT = 'root: { squashfs: rocky9/root.squashfs }';
const args = (more: string): [string, string] => ['args: [ip=dhcp,', `args: [${more}, ip=dhcp,`];
const MESSAGE =
  'The kernel of cg01 is told twice what its root is: this root= comes last, and would count alone.';

ruleTest(kernelRootTwice, {
  'beside a live root, once for all nodes of a profile': {
    of,
    edits: [args('root=/dev/nfs')],
    finds: [{ at: '20:14', message: MESSAGE, related: ['19:25'] }],
  },
  'beside a root by its name, in quotes': {
    of,
    edits: [[ROOT, 'root: /dev/nfs'], args('\'ro "root=LABEL=my disk"\'')],
    finds: [{ at: '20:14', message: MESSAGE, related: ['19:13'] }],
  },
  'twice in one argument': {
    of,
    edits: [[`      ${ROOT}\n`, ''], args("'root=/dev/sda1 root=/dev/sda2'")],
    finds: [{ at: '19:14', message: MESSAGE, related: ['19:14'] }],
  },
  'by an argument alone, and others that end in it': {
    of,
    edits: [[`      ${ROOT}\n`, ''], args('root=/dev/nfs, nfsroot=/srv, rootfstype=nfs')],
  },
});
