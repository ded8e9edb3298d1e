/** What an item of a list of cloud-config may be. */
type Kind = 'text' | 'list' | 'map';

interface CloudConfigList {
  readonly items: readonly Kind[];
  /** An item, as one would write it. */
  readonly sample: string;
}

/**
 * The keys of cloud-config that cloud-init takes as a list alone, and what it takes as items of them. What it takes as a text,
 * too (`packages`, `users`), is none of these. Source: cloud-init, util.py (shellify), cc_mounts.py, cc_ssh.py, cc_write_files.py.
 */
export const CLOUD_CONFIG_LISTS: Readonly<Record<string, CloudConfigList>> = {
  bootcmd: { items: ['text', 'list'], sample: '…' },
  mounts: { items: ['list'], sample: '[/dev/vdb, /scratch, xfs]' },
  runcmd: { items: ['text', 'list'], sample: '…' },
  ssh_authorized_keys: { items: ['text'], sample: 'ssh-ed25519 …' },
  write_files: { items: ['map'], sample: '{ path: /etc/example, content: … }' },
};
