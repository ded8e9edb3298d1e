import { ruleTest } from '../../test/support/rule-test.ts';
import { mtuDiffers } from './mtu-differs.ts';

function mtu(number: number, value: number): [string, string] {
  const ip = `ip: 192.168.178.4${number}`;
  return [ip, `${ip}, config: { install: { management_interface: { mtu: ${value} } } }`];
}

const HERE = (one: number, name: string, other: number) =>
  `The management interface has an MTU of ${one} here, and that of ${name} of the same cluster ${other}: large packets between them would be lost.`;

ruleTest(mtuDiffers, {
  'one node with large packets': {
    edits: [mtu(3, 9000)],
    finds: [{ at: '25:107', message: HERE(9000, 'harv-1', 1500), related: ['23:3'] }],
  },
  'one node without': {
    edits: [mtu(1, 9000), mtu(2, 9000)],
    finds: [{ at: '25:3', message: HERE(1500, 'harv-1', 9000), related: ['23:107'] }],
  },
  'the default, said and not said': { edits: [mtu(3, 1500)] },
  'large packets by the network': { edits: [['    dhcp:\n', '    mtu: 9000\n    dhcp:\n']] },
});
