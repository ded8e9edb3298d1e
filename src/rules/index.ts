import { addressInDhcpPool } from './address-in-dhcp-pool.ts';
import { addressOfInfrastructure } from './address-of-infrastructure.ts';
import { addressOutsideSubnet } from './address-outside-subnet.ts';
import { airGapped } from './air-gapped.ts';
import { allowCoversNodes } from './allow-covers-nodes.ts';
import { archTooNew } from './arch-too-new.ts';
import { biosOnArm64 } from './bios-on-arm64.ts';
import { bmcNameTaken } from './bmc-name-taken.ts';
import { bondLacp } from './bond-lacp.ts';
import { bondModeDiffers } from './bond-mode-differs.ts';
import { bondModeOneNic } from './bond-mode-one-nic.ts';
import { bondNicAddress } from './bond-nic-address.ts';
import { bondOptionsIncomplete } from './bond-options-incomplete.ts';
import { bootKeyOfOtherOs } from './boot-key-of-other-os.ts';
import { bootNicOutsideBond } from './boot-nic-outside-bond.ts';
import { bridgeTaken } from './bridge-taken.ts';
import { chapNone } from './chap-none.ts';
import { chapSecretBothWays } from './chap-secret-both-ways.ts';
import { chapSecretShared } from './chap-secret-shared.ts';
import { chapTargetUser } from './chap-target-user.ts';
import { chapUserShared } from './chap-user-shared.ts';
import { clearTextSecret } from './clear-text-secret.ts';
import { cloudConfigFileKey } from './cloud-config-file-key.ts';
import { cloudConfigFilePath } from './cloud-config-file-path.ts';
import { cloudConfigFileTwice } from './cloud-config-file-twice.ts';
import { cloudConfigListItem } from './cloud-config-list-item.ts';
import { cloudConfigNotAList } from './cloud-config-not-a-list.ts';
import { cloudConfigNotAMap } from './cloud-config-not-a-map.ts';
import { cloudConfigPermissions } from './cloud-config-permissions.ts';
import { cloudConfigUnknownKey } from './cloud-config-unknown-key.ts';
import { cloudInitFirstLine } from './cloud-init-first-line.ts';
import { cloudInitSharedIdentity } from './cloud-init-shared-identity.ts';
import { cloudInitTextAlone } from './cloud-init-text-alone.ts';
import { cloudInitWithoutLinux } from './cloud-init-without-linux.ts';
import { clusterCidrNotPrivate } from './cluster-cidr-not-private.ts';
import { clusterCidrOverlap } from './cluster-cidr-overlap.ts';
import { clusterDnsOutside } from './cluster-dns-outside.ts';
import { clusterOfTwoTenants } from './cluster-of-two-tenants.ts';
import { contradictsDerived } from './contradicts-derived.ts';
import { cordonedEarly } from './cordoned-early.ts';
import { cordonedWitness } from './cordoned-witness.ts';
import { coredhcpNoBootFile } from './coredhcp-no-boot-file.ts';
import { coredhcpOneNetwork } from './coredhcp-one-network.ts';
import { createNodeCount } from './create-node-count.ts';
import { createNodeRole } from './create-node-role.ts';
import { dataDiskIsDevice } from './data-disk-is-device.ts';
import { dhcpNeedsAddress } from './dhcp-needs-address.ts';
import { dhcpServerOnHost } from './dhcp-server-on-host.ts';
import { dhcpVlanTooOld } from './dhcp-vlan-too-old.ts';
import { dhcpWithoutServer } from './dhcp-without-server.ts';
import { diskSerialTaken } from './disk-serial-taken.ts';
import { diskTooSmall } from './disk-too-small.ts';
import { disksWiped } from './disks-wiped.ts';
import { dottedHostname } from './dotted-hostname.ts';
import { driveOfDomain } from './drive-of-domain.ts';
import { duplicateHostname } from './duplicate-hostname.ts';
import { duplicateInitiator } from './duplicate-initiator.ts';
import { duplicateIp } from './duplicate-ip.ts';
import { duplicateMac } from './duplicate-mac.ts';
import { duplicateMachineId } from './duplicate-machine-id.ts';
import { duplicateNicName } from './duplicate-nic-name.ts';
import { duplicateNid } from './duplicate-nid.ts';
import { duplicateTarget } from './duplicate-target.ts';
import { duplicateXname } from './duplicate-xname.ts';
import { evenEtcdMembers } from './even-etcd-members.ts';
import { exposedPortTaken } from './exposed-port-taken.ts';
import { exposedPortTwice } from './exposed-port-twice.ts';
import { firmwareBios } from './firmware-bios.ts';
import { forceMbr } from './force-mbr.ts';
import { gatewayOutsideSubnet } from './gateway-outside-subnet.ts';
import { groupNamedLabels } from './group-named-labels.ts';
import { grubByHttp } from './grub-by-http.ts';
import { grubByUefi } from './grub-by-uefi.ts';
import { hardwareBelowMinimum } from './hardware-below-minimum.ts';
import { hardwareTooSmall } from './hardware-too-small.ts';
import { harvesterIscsiTooNew } from './harvester-iscsi-too-new.ts';
import { hostAddressTaken } from './host-address-taken.ts';
import { hostDiskName } from './host-disk-name.ts';
import { hostDiskTooSmall } from './host-disk-too-small.ts';
import { hostDiskTwice } from './host-disk-twice.ts';
import { hostOvercommitted } from './host-overcommitted.ts';
import { hostTooSmall } from './host-too-small.ts';
import { hostTwoArchitectures } from './host-two-architectures.ts';
import { hostWithoutDomains } from './host-without-domains.ts';
import { hostsFilesWithoutDnsmasq } from './hosts-files-without-dnsmasq.ts';
import { httpAndHttpsOnPort } from './http-and-https-on-port.ts';
import { httpsNeedsPublicCa } from './https-needs-public-ca.ts';
import { httpsWithoutTls } from './https-without-tls.ts';
import { imageMadeOfOthers } from './image-made-of-others.ts';
import { imageOfOtherTenant } from './image-of-other-tenant.ts';
import { imageOfOwnClone } from './image-of-own-clone.ts';
import { imageOfTwoOrigins } from './image-of-two-origins.ts';
import { imageParentCircle } from './image-parent-circle.ts';
import { infrastructureInDhcpPool } from './infrastructure-in-dhcp-pool.ts';
import { installAlways } from './install-always.ts';
import { internalKey } from './internal-key.ts';
import { iscsiImageOrTarget } from './iscsi-image-or-target.ts';
import { iscsiKernelArguments } from './iscsi-kernel-arguments.ts';
import { iscsiManagementNic } from './iscsi-management-nic.ts';
import { iscsiNameTooLong } from './iscsi-name-too-long.ts';
import { iscsiOutsideSubnet } from './iscsi-outside-subnet.ts';
import { iscsiServerAddress } from './iscsi-server-address.ts';
import { iscsiSizeMissing } from './iscsi-size-missing.ts';
import { iscsiStoreKeys } from './iscsi-store-keys.ts';
import { iscsiUnreachable } from './iscsi-unreachable.ts';
import { isoOfOtherRelease } from './iso-of-other-release.ts';
import { isolatedAway } from './isolated-away.ts';
import { keaSharedAddress } from './kea-shared-address.ts';
import { keaSharedInterface } from './kea-shared-interface.ts';
import { keptDiskWiped } from './kept-disk-wiped.ts';
import { kernelArgument } from './kernel-argument.ts';
import { kernelArgumentsReplace } from './kernel-arguments-replace.ts';
import { kernelLineTooLong } from './kernel-line-too-long.ts';
import { kernelRootTwice } from './kernel-root-twice.ts';
import { keyGone } from './key-gone.ts';
import { keyOfOtherMode } from './key-of-other-mode.ts';
import { keyTooNew } from './key-too-new.ts';
import { keyWithoutEffect } from './key-without-effect.ts';
import { kubernetesClusterIp } from './kubernetes-cluster-ip.ts';
import { kubernetesIngressPort } from './kubernetes-ingress-port.ts';
import { kubernetesMediaClaim } from './kubernetes-media-claim.ts';
import { kubernetesNamespace } from './kubernetes-namespace.ts';
import { kubernetesNodePort } from './kubernetes-node-port.ts';
import { kubernetesOnHost } from './kubernetes-on-host.ts';
import { kubernetesProxyCoversNodes } from './kubernetes-proxy-covers-nodes.ts';
import { lastReleaseWithBios } from './last-release-with-bios.ts';
import { libvirtAddressOutside } from './libvirt-address-outside.ts';
import { libvirtDefaultSubnet } from './libvirt-default-subnet.ts';
import { libvirtNetworkAddress } from './libvirt-network-address.ts';
import { libvirtWithoutHost } from './libvirt-without-host.ts';
import { linuxInstallsNothing } from './linux-installs-nothing.ts';
import { linuxNeedsAddress } from './linux-needs-address.ts';
import { linuxUnsigned } from './linux-unsigned.ts';
import { liveRootNeedsInitrd } from './live-root-needs-initrd.ts';
import { machineOffHost } from './machine-off-host.ts';
import { malformedSshKey } from './malformed-ssh-key.ts';
import { membersInDifferentNetworks } from './members-in-different-networks.ts';
import { missingAddress } from './missing-address.ts';
import { missingDevice } from './missing-device.ts';
import { missingGateway } from './missing-gateway.ts';
import { missingKernel } from './missing-kernel.ts';
import { missingLogin } from './missing-login.ts';
import { missingMac } from './missing-mac.ts';
import { missingNid } from './missing-nid.ts';
import { missingToken } from './missing-token.ts';
import { missingXname } from './missing-xname.ts';
import { mtuDiffers } from './mtu-differs.ts';
import { netInstallIso } from './net-install-iso.ts';
import { networksOverlap } from './networks-overlap.ts';
import { nextIsItself } from './next-is-itself.ts';
import { noFailover } from './no-failover.ts';
import { noProxyIncomplete } from './no-proxy-incomplete.ts';
import { nodeCalledImage } from './node-called-image.ts';
import { nodeInTwoTenants } from './node-in-two-tenants.ts';
import { nodeOffTenantNetwork } from './node-off-tenant-network.ts';
import { nodeWithoutTenant } from './node-without-tenant.ts';
import { ntpDiffers } from './ntp-differs.ts';
import { ntpMissing } from './ntp-missing.ts';
import { ociArch } from './oci-arch.ts';
import { ociDhcp } from './oci-dhcp.ts';
import { ociGateway } from './oci-gateway.ts';
import { ociHostName } from './oci-host-name.ts';
import { ociIncomplete } from './oci-incomplete.ts';
import { ociOneFaultDomain } from './oci-one-fault-domain.ts';
import { ociRegionsDiffer } from './oci-regions-differ.ts';
import { ociReservedAddress } from './oci-reserved-address.ts';
import { ociShape } from './oci-shape.ts';
import { ociSignedBoot } from './oci-signed-boot.ts';
import { ociSubnetDiffers } from './oci-subnet-differs.ts';
import { ociVirtualMachine } from './oci-virtual-machine.ts';
import { partitionAsDisk } from './partition-as-disk.ts';
import { passwordAuthOff } from './password-auth-off.ts';
import { passwordHash } from './password-hash.ts';
import { passwordHashMd5 } from './password-hash-md5.ts';
import { persistentPartitionSize } from './persistent-partition-size.ts';
import { poolOutsideSubnet } from './pool-outside-subnet.ts';
import { portHasConfigurations } from './port-has-configurations.ts';
import { publicSecret } from './public-secret.ts';
import { pxelinuxByBios } from './pxelinux-by-bios.ts';
import { pxelinuxWithoutDhcp } from './pxelinux-without-dhcp.ts';
import { releaseTooOld } from './release-too-old.ts';
import { releaseUnknown } from './release-unknown.ts';
import { replicaCountTooHigh } from './replica-count-too-high.ts';
import { restrictedLabel } from './restricted-label.ts';
import { roleTooNew } from './role-too-new.ts';
import type { Rule } from './rule.ts';
import { secretInEncodedFile } from './secret-in-encoded-file.ts';
import { secretInYamlFile } from './secret-in-yaml-file.ts';
import { secureBootBios } from './secure-boot-bios.ts';
import { secureBootUnsigned } from './secure-boot-unsigned.ts';
import { seedUrlSlash } from './seed-url-slash.ts';
import { serverNameNeedsDns } from './server-name-needs-dns.ts';
import { serverPaths } from './server-paths.ts';
import { serverUrlByName } from './server-url-by-name.ts';
import { serverUrlNeedsPort } from './server-url-needs-port.ts';
import { serverUrlNotHost } from './server-url-not-host.ts';
import { settingNotJson } from './setting-not-json.ts';
import { severalBootNics } from './several-boot-nics.ts';
import { severalDhcpServers } from './several-dhcp-servers.ts';
import { severalWitnesses } from './several-witnesses.ts';
import { sharedMachineId } from './shared-machine-id.ts';
import { snapshotWithoutDisk } from './snapshot-without-disk.ts';
import { staticNeedsDefaultRoute } from './static-needs-default-route.ts';
import { staticNeedsDns } from './static-needs-dns.ts';
import { staticNeedsNicName } from './static-needs-nic-name.ts';
import { templateInValue } from './template-in-value.ts';
import { tenantUntagged } from './tenant-untagged.ts';
import { tenantsShareNetwork } from './tenants-share-network.ts';
import { tftpServerOfHost } from './tftp-server-of-host.ts';
import { tgtLunZero } from './tgt-lun-zero.ts';
import { tlsNeedsPublicCa } from './tls-needs-public-ca.ts';
import { tokenKnown } from './token-known.ts';
import { tokenShared } from './token-shared.ts';
import { tokenShort } from './token-short.ts';
import { tooManySecrets } from './too-many-secrets.ts';
import { twoNodeCluster } from './two-node-cluster.ts';
import { undecodableFile } from './undecodable-file.ts';
import { unknownDisk } from './unknown-disk.ts';
import { unknownNic } from './unknown-nic.ts';
import { unknownPin } from './unknown-pin.ts';
import { unstableDiskName } from './unstable-disk-name.ts';
import { valueTooNew } from './value-too-new.ts';
import { vipByDhcp } from './vip-by-dhcp.ts';
import { vipInDhcpPool } from './vip-in-dhcp-pool.ts';
import { vipModeDhcp } from './vip-mode-dhcp.ts';
import { vipOutsideSubnet } from './vip-outside-subnet.ts';
import { vipTaken } from './vip-taken.ts';
import { vlanDiffers } from './vlan-differs.ts';
import { vlanUntagged } from './vlan-untagged.ts';
import { vmBelowMinimum } from './vm-below-minimum.ts';
import { vmIncomplete } from './vm-incomplete.ts';
import { vmTooSmall } from './vm-too-small.ts';
import { vmWithoutBridge } from './vm-without-bridge.ts';
import { vncOpen } from './vnc-open.ts';
import { vncPortTaken } from './vnc-port-taken.ts';
import { webhookTemplate } from './webhook-template.ts';
import { witnessDataDisk } from './witness-data-disk.ts';
import { witnessWithoutPartners } from './witness-without-partners.ts';
import { writeFileTwice } from './write-file-twice.ts';
import { zoneLabels } from './zone-labels.ts';

/** Every rule. Diagnostics are sorted by place, so the order is for readers: identity, addresses, cluster, release. */
export const rules: readonly Rule[] = [
  duplicateHostname,
  duplicateMac,
  duplicateMachineId,
  duplicateXname,
  duplicateNid,
  duplicateNicName,
  sharedMachineId,
  bmcNameTaken,
  duplicateIp,
  missingAddress,
  addressOutsideSubnet,
  addressInDhcpPool,
  addressOfInfrastructure,
  gatewayOutsideSubnet,
  missingGateway,
  poolOutsideSubnet,
  infrastructureInDhcpPool,
  severalBootNics,
  bondNicAddress,
  dhcpWithoutServer,
  severalDhcpServers,
  coredhcpOneNetwork,
  coredhcpNoBootFile,
  keaSharedAddress,
  keaSharedInterface,
  dhcpNeedsAddress,
  dhcpServerOnHost,
  hostsFilesWithoutDnsmasq,
  serverPaths,
  httpsWithoutTls,
  httpAndHttpsOnPort,
  portHasConfigurations,
  exposedPortTwice,
  exposedPortTaken,
  allowCoversNodes,
  kubernetesOnHost,
  kubernetesNamespace,
  kubernetesMediaClaim,
  kubernetesClusterIp,
  kubernetesIngressPort,
  kubernetesProxyCoversNodes,
  kubernetesNodePort,
  serverNameNeedsDns,
  staticNeedsNicName,
  staticNeedsDns,
  unknownNic,
  createNodeCount,
  missingMac,
  missingXname,
  missingNid,
  groupNamedLabels,
  missingToken,
  vipOutsideSubnet,
  vipInDhcpPool,
  vipTaken,
  vipByDhcp,
  keyOfOtherMode,
  contradictsDerived,
  missingDevice,
  missingLogin,
  installAlways,
  keyTooNew,
  keyGone,
  valueTooNew,
  keyWithoutEffect,
  internalKey,
  releaseTooOld,
  releaseUnknown,
  unknownPin,
  archTooNew,
  harvesterIscsiTooNew,
  dottedHostname,
  roleTooNew,
  createNodeRole,
  severalWitnesses,
  witnessDataDisk,
  witnessWithoutPartners,
  cordonedWitness,
  cordonedEarly,
  twoNodeCluster,
  evenEtcdMembers,
  nextIsItself,
  noFailover,
  zoneLabels,
  replicaCountTooHigh,
  membersInDifferentNetworks,
  vlanDiffers,
  mtuDiffers,
  bondModeDiffers,
  tokenShared,
  tokenKnown,
  tokenShort,
  networksOverlap,
  clusterCidrOverlap,
  clusterCidrNotPrivate,
  clusterDnsOutside,
  airGapped,
  isolatedAway,
  ntpMissing,
  ntpDiffers,
  staticNeedsDefaultRoute,
  dhcpVlanTooOld,
  vipModeDhcp,
  serverUrlNeedsPort,
  serverUrlByName,
  noProxyIncomplete,
  settingNotJson,
  tlsNeedsPublicCa,
  httpsNeedsPublicCa,
  missingKernel,
  liveRootNeedsInitrd,
  bootKeyOfOtherOs,
  linuxInstallsNothing,
  kernelArgument,
  kernelRootTwice,
  seedUrlSlash,
  grubByUefi,
  grubByHttp,
  linuxUnsigned,
  linuxNeedsAddress,
  kernelLineTooLong,
  iscsiImageOrTarget,
  iscsiSizeMissing,
  tgtLunZero,
  iscsiServerAddress,
  iscsiOutsideSubnet,
  iscsiUnreachable,
  iscsiNameTooLong,
  iscsiStoreKeys,
  pxelinuxByBios,
  pxelinuxWithoutDhcp,
  chapNone,
  chapSecretShared,
  chapSecretBothWays,
  chapTargetUser,
  chapUserShared,
  duplicateInitiator,
  duplicateTarget,
  imageOfTwoOrigins,
  imageOfOwnClone,
  imageParentCircle,
  snapshotWithoutDisk,
  imageOfOtherTenant,
  imageMadeOfOthers,
  nodeCalledImage,
  tenantsShareNetwork,
  nodeInTwoTenants,
  nodeWithoutTenant,
  nodeOffTenantNetwork,
  tenantUntagged,
  clusterOfTwoTenants,
  isoOfOtherRelease,
  netInstallIso,
  bootNicOutsideBond,
  bondOptionsIncomplete,
  bondModeOneNic,
  bondLacp,
  vlanUntagged,
  unstableDiskName,
  partitionAsDisk,
  dataDiskIsDevice,
  unknownDisk,
  diskTooSmall,
  persistentPartitionSize,
  forceMbr,
  firmwareBios,
  lastReleaseWithBios,
  hardwareTooSmall,
  hardwareBelowMinimum,
  libvirtWithoutHost,
  hostWithoutDomains,
  machineOffHost,
  serverUrlNotHost,
  hostAddressTaken,
  hostTooSmall,
  hostTwoArchitectures,
  hostOvercommitted,
  hostDiskName,
  hostDiskTwice,
  hostDiskTooSmall,
  vmIncomplete,
  vmTooSmall,
  vmBelowMinimum,
  vmWithoutBridge,
  libvirtNetworkAddress,
  libvirtAddressOutside,
  libvirtDefaultSubnet,
  bridgeTaken,
  tftpServerOfHost,
  vncOpen,
  vncPortTaken,
  diskSerialTaken,
  driveOfDomain,
  secureBootUnsigned,
  secureBootBios,
  biosOnArm64,
  ociIncomplete,
  ociVirtualMachine,
  ociDhcp,
  ociSubnetDiffers,
  ociRegionsDiffer,
  ociReservedAddress,
  ociGateway,
  ociShape,
  ociArch,
  ociOneFaultDomain,
  ociSignedBoot,
  ociHostName,
  disksWiped,
  keptDiskWiped,
  templateInValue,
  malformedSshKey,
  passwordAuthOff,
  passwordHash,
  clearTextSecret,
  publicSecret,
  passwordHashMd5,
  tooManySecrets,
  webhookTemplate,
  restrictedLabel,
  writeFileTwice,
  undecodableFile,
  secretInEncodedFile,
  secretInYamlFile,
  cloudInitWithoutLinux,
  cloudInitFirstLine,
  cloudInitTextAlone,
  cloudInitSharedIdentity,
  cloudConfigNotAMap,
  cloudConfigNotAList,
  cloudConfigListItem,
  cloudConfigFilePath,
  cloudConfigFileKey,
  cloudConfigFileTwice,
  cloudConfigUnknownKey,
  cloudConfigPermissions,
  kernelArgumentsReplace,
  iscsiKernelArguments,
  iscsiManagementNic,
];
