/** The first release that is installed on a disk by iSCSI (harvester/harvester#5150). */
export const FIRST_RELEASE_BY_ISCSI = 'v1.4.0';

/**
 * What an initrd made by dracut is told so that it logs in at the target that firmware describes, by the NIC that it names: the
 * installer's, and that of the installed system. Source: dracut.cmdline(7), iSCSI; harvester/harvester#5150.
 */
export const ISCSI_ARGS: readonly string[] = ['rd.iscsi.firmware=1', 'rd.iscsi.ibft=1'];
