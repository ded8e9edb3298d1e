/**
 * The keys of cloud-config that cloud-init or one of its modules reads, from 22.4 to 26.2: documented keys, removed keys, and
 * keys of /etc/cloud/cloud.cfg, which user-data may also contain. Source: cloud-init,
 * doc/rtd/reference/modules.rst, base_config_reference.rst, merging.rst.
 */
export const CLOUD_CONFIG_KEYS: readonly string[] = (
  'allow_public_ssh_keys allow_userdata ansible apk_repos apt apt_pipelining apt_reboot_if_required apt_update apt_upgrade ' +
  'authkey_hash autoinstall bootcmd byobu_by_default ca-certs ca_certs chef chpasswd cloud_config_modules ' +
  'cloud_final_modules cloud_init_modules create_hostname_file datasource datasource_list def_log_file device_aliases ' +
  'disable_ec2_metadata disable_network_activation disable_root disable_root_opts disk_setup drivers fan final_message fqdn ' +
  'fs_setup groups growpart grub-dpkg grub_dpkg hostname keyboard landscape launch-index locale locale_configfile log_cfgs ' +
  'lxd manage_etc_hosts manage_resolv_conf manual_cache_clean mcollective merge_how merge_type migrate ' +
  'mount_default_fields mounts network no_ssh_fingerprints ntp output package_reboot_if_required package_update ' +
  'package_upgrade packages password phone_home power_state prefer_fqdn_over_hostname preserve_hostname puppet random_seed ' +
  'reporting resize_rootfs resolv_conf rh_subscription rpi rsyslog runcmd salt_minion snap spacewalk ssh ' +
  'ssh_authorized_keys ssh_deletekeys ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id ssh_key_console_blacklist ' +
  'ssh_keys ssh_publish_hostkeys ssh_pwauth ssh_quiet_keygen swap syslog_fix_perms system_info timezone ubuntu_advantage ' +
  'ubuntu_pro updates user users vendor_data vendor_data2 version warnings wireguard write_files yum_repo_dir yum_repos ' +
  'zypper'
).split(' ');

/** The types of items in a list of cloud-config, and an example item. */
interface CloudConfigList {
  readonly items: readonly ('text' | 'list' | 'map')[];
  readonly sample: string;
}

/**
 * The keys of cloud-config that must be lists, with the types of their items. Keys that may also be text (`packages`, `users`)
 * are omitted. Source: cloud-init, util.py (shellify), cc_mounts.py, cc_ssh.py, cc_write_files.py.
 */
export const CLOUD_CONFIG_LISTS: Readonly<Record<string, CloudConfigList>> = {
  bootcmd: { items: ['text', 'list'], sample: '…' },
  mounts: { items: ['list'], sample: '[/dev/vdb, /scratch, xfs]' },
  runcmd: { items: ['text', 'list'], sample: '…' },
  ssh_authorized_keys: { items: ['text'], sample: 'ssh-ed25519 …' },
  write_files: { items: ['map'], sample: '{ path: /etc/example, content: … }' },
};

/** A format of user-data and vendor-data in cloud-init, identified by the beginning of the text, ignoring case. */
export interface CloudInitText {
  readonly begins: string;
  /** Whether it must be the whole text: cloud-init does not follow it in an archive, the only form that may contain any text. */
  readonly alone?: true;
}

/**
 * All formats; of two with the same beginning, the longer is first. Source: cloud-init, cloudinit/handlers/__init__.py
 * (`INCLUSION_TYPES_MAP`), cloudinit/user_data.py (`_explode_archive`, `convert_string`: MIME).
 */
export const CLOUD_INIT_TEXTS: readonly CloudInitText[] = [
  { begins: '#cloud-config-archive', alone: true },
  { begins: '#cloud-config-jsonp' },
  { begins: '#cloud-config' },
  { begins: '#cloud-boothook' },
  { begins: '#part-handler' },
  { begins: '#include-once', alone: true },
  { begins: '#include', alone: true },
  { begins: '## template: jinja' },
  { begins: '#!' },
  { begins: 'Content-Type: multipart/', alone: true },
  { begins: 'MIME-Version:', alone: true },
];

/** Returns the format of a text; undefined if it is unknown to cloud-init. */
export function cloudInitTextOf(text: string): CloudInitText | undefined {
  const plain = text.trimStart().toLowerCase();
  return CLOUD_INIT_TEXTS.find(({ begins }) => plain.startsWith(begins.toLowerCase()));
}
