import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { kernelArgument } from './kernel-argument.ts';

const ARGS = '[ip=dhcp, "console=ttyS0,115200"]';
const VALUES =
  'write ${node:name}; there are name, ip, mac, mac-hyphens, nic, netmask, gateway, domain, arch, xname, nid, uuid, serial, server';

const args = (text: string) => [ARGS, `[${text}]`] as const;
const NO_GRUB = ['profiles: [compute, grub]', 'profiles: [compute]'] as const;
const NO_PROFILE = ['  grub:\n    boot: { loader: grub }\n', ''] as const;

ruleTest(kernelArgument, {
  'settings of iPXE': {
    of: LINUX_PLANT,
    edits: [args('"ip=${ip}", "a=${net0/mac}"')],
    finds: [
      {
        at: '20:14',
        message: '${ip} is no value of the node, and iPXE would put a setting of its own there.',
        help: VALUES,
      },
      {
        at: '20:26',
        message: '${net0/mac} is no value of the node, and iPXE would put a setting of its own there.',
        help: VALUES,
      },
    ],
  },
  'a value of the node that does not end': {
    of: LINUX_PLANT,
    edits: [args('"a=${node:name"')],
    finds: [
      {
        at: '20:14',
        message: '${node:name is no value of the node, and iPXE would put a setting of its own there.',
        help: VALUES,
      },
    ],
  },
  'an open quote, and words that end a command of iPXE': {
    of: LINUX_PLANT,
    edits: [args(`'a="b', 'ro || shell', 'a="b  c"'`)],
    finds: [
      {
        at: '20:14',
        message: 'A double quote is left open: the kernel would take all that follows for the same argument.',
      },
      { at: '20:22', message: '"||" cannot be written in an iPXE script: it would end the command.' },
      { at: '20:37', message: '"" cannot be written in an iPXE script: it is empty.' },
    ],
  },
  'a backslash, which GRUB would double': {
    of: LINUX_PLANT,
    edits: [args("'a=b\\c'")],
    finds: [
      {
        at: '20:14',
        message:
          '"a=b\\\\c" cannot be written in an argument of a kernel that GRUB boots: GRUB puts a backslash before each quote and backslash.',
      },
    ],
  },
  'the same by iPXE alone': { of: LINUX_PLANT, edits: [args("'a=b\\c'"), NO_GRUB, NO_PROFILE] },
  'blanks in quotes, several arguments in one item, a semicolon': {
    of: LINUX_PLANT,
    edits: [args(`'dyndbg="file a +p"', 'ro quiet', '"ds=nocloud-net;s=http://10.1.0.9/a/"'`)],
  },
});
