import { ruleTest } from '../../test/support/rule-test.ts';
import { bondModeDiffers } from './bond-mode-differs.ts';

const BOND = 'install: { management_interface: { bond_options: { mode: balance-alb, miimon: "100" } } }';

/** Gives a node two NICs on the management network, and what else is said. */
function twoNics(number: number, also = ''): [string, string] {
  const ip = `192.168.178.4${number}`;
  return [
    `mac: 52:54:00:aa:01:0${number}, ip: ${ip}`,
    `nics: [{ mac: 52:54:00:aa:01:0${number}, ip: ${ip} }, { mac: 52:54:00:aa:02:0${number} }]${also}`,
  ];
}

const HERE = (one: string, name: string, other: string) =>
  `The management bond is in mode ${one} here, and that of ${name} of the same cluster in ${other}: their switch ports would have to differ, too.`;

ruleTest(bondModeDiffers, {
  'one bond in another mode': {
    edits: [twoNics(1), twoNics(2), twoNics(3, `, config: { ${BOND} }`)],
    finds: [{ at: '25:164', message: HERE('balance-alb', 'harv-1', 'active-backup'), related: ['23:3'] }],
  },
  'one bond in the mode that is derived': {
    edits: [twoNics(1), twoNics(2, `, config: { ${BOND} }`), twoNics(3, `, config: { ${BOND} }`)],
    finds: [{ at: '23:3', message: HERE('active-backup', 'harv-2', 'balance-alb'), related: ['24:164'] }],
  },
  'one mode for all': {
    edits: [
      [
        '    install:\n',
        '    install:\n      management_interface: { bond_options: { mode: balance-alb, miimon: "100" } }\n',
      ],
      twoNics(1),
      twoNics(2),
      twoNics(3),
    ],
  },
  'a node with one NIC beside bonds in another mode': {
    edits: [twoNics(1, `, config: { ${BOND} }`), twoNics(2, `, config: { ${BOND} }`)],
  },
});
