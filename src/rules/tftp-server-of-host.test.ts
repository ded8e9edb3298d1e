import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { tftpServerOfHost } from './tftp-server-of-host.ts';

ruleTest(tftpServerOfHost, {
  'another server than dnsmasq on a host': {
    of: NESTED,
    edits: [['server: { url', 'server: { tftp_server: xinetd, url']],
    finds: [{ at: '3:24', message: 'xinetd is to serve TFTP, and host-setup.sh sets up dnsmasq alone.' }],
  },
  'dnsmasq on a host': {
    of: NESTED,
    edits: [['server: { url', 'server: { tftp_server: dnsmasq, url']],
  },
  'another one on a boot server': {
    of: ISCSI_PLANT,
    edits: [['server:\n', 'server:\n  tftp_server: xinetd\n']],
  },
});
