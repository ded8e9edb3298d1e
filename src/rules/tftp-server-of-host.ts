import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const tftpServerOfHost: Rule = {
  code: 'tftp-server-of-host',
  severity: 'error',
  what: 'On a site with a host, dnsmasq serves TFTP.',
  why: 'The script that sets a host up has dnsmasq there, beside those that libvirt runs for its networks, and no other TFTP server: machines would ask one that nobody has started.',
  check({ server, host }, report) {
    const { tftpServer } = server ?? {};
    if (!server || !host || tftpServer === undefined || tftpServer === 'dnsmasq') return;
    report({
      message: `${tftpServer} is to serve TFTP, and host-setup.sh sets up dnsmasq alone.`,
      at: placeOf(server, 'tftpServer'),
      help: 'take server.tftp_server out',
    });
  },
};
