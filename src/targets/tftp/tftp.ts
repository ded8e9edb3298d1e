import { unitName } from '../../tree/paths.ts';
import { needsTftp } from '../dnsmasq/dnsmasq.ts';
import type { Target } from '../target.ts';

/** The paths, in the tree, of what other TFTP servers than dnsmasq read: those of Debian's tftpd-hpa, and of xinetd. */
export const TFTPD_HPA = 'tftpd/tftpd-hpa';
export const XINETD_TFTP = 'xinetd/tftp';

/** What serves the folder with what firmware loads by TFTP, where that is no dnsmasq: tftpd-hpa by itself, by xinetd, or by systemd. */
export const tftp: Target = {
  name: 'tftp',
  *emit(site, render) {
    if (!needsTftp(site)) return;
    const unit = unitName(site, 'tftp');
    const data = { site, unit };
    const { tftpServer } = site.server;
    if (tftpServer === 'tftpd-hpa') yield { path: TFTPD_HPA, content: render('tftp/tftpd-hpa.sh', data) };
    if (tftpServer === 'xinetd') yield { path: XINETD_TFTP, content: render('tftp/tftp.xinetd', data) };
    if (tftpServer !== 'systemd') return;
    yield { path: `systemd/${unit}.socket`, content: render('tftp/socket.systemd', data) };
    yield { path: `systemd/${unit}.service`, content: render('tftp/service.systemd', data) };
  },
};
