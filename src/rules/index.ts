import { CODES, type Code } from '../source/diagnostics/codes.ts';
import { acrossRules } from './across/index.ts';
import type { AcrossRule } from './across/rule.ts';
import * as addresses from './addresses.ts';
import * as boot from './boot.ts';
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
import { cordonedEarly } from './cordoned-early.ts';
import { cordonedWitness } from './cordoned-witness.ts';
import { createNodeCount } from './create-node-count.ts';
import { createNodeRole } from './create-node-role.ts';
import { dataDiskIsDevice } from './data-disk-is-device.ts';
import * as dhcp from './dhcp.ts';
import { diskSerialTaken } from './disk-serial-taken.ts';
import { diskTooSmall } from './disk-too-small.ts';
import { disksWiped } from './disks-wiped.ts';
import { driveOfDomain } from './drive-of-domain.ts';
import { evenEtcdMembers } from './even-etcd-members.ts';
import * as firmware from './firmware.ts';
import { forceMbr } from './force-mbr.ts';
import { groupNamedLabels } from './group-named-labels.ts';
import * as hardware from './hardware.ts';
import { harvesterIscsiTooNew } from './harvester-iscsi-too-new.ts';
import * as host from './host.ts';
import * as hostNetworks from './host-networks.ts';
import * as https from './https.ts';
import * as identity from './identity.ts';
import { imageMadeOfOthers } from './image-made-of-others.ts';
import { imageOfOwnClone } from './image-of-own-clone.ts';
import { imageOfTwoOrigins } from './image-of-two-origins.ts';
import { imageParentCircle } from './image-parent-circle.ts';
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
import { keptDiskWiped } from './kept-disk-wiped.ts';
import { kernelArgument } from './kernel-argument.ts';
import { kernelArgumentsReplace } from './kernel-arguments-replace.ts';
import { kernelLineTooLong } from './kernel-line-too-long.ts';
import { kernelRootTwice } from './kernel-root-twice.ts';
import { keyGone } from './key-gone.ts';
import { keyOfOtherMode } from './key-of-other-mode.ts';
import { keyTooNew } from './key-too-new.ts';
import { keyWithoutEffect } from './key-without-effect.ts';
import * as kubernetes from './kubernetes.ts';
import { linuxInstallsNothing } from './linux-installs-nothing.ts';
import { liveRootNeedsInitrd } from './live-root-needs-initrd.ts';
import { malformedSshKey } from './malformed-ssh-key.ts';
import * as members from './members.ts';
import { missingDevice } from './missing-device.ts';
import { missingKernel } from './missing-kernel.ts';
import { missingLogin } from './missing-login.ts';
import { missingToken } from './missing-token.ts';
import * as names from './names.ts';
import * as networks from './networks.ts';
import * as nics from './nics.ts';
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
import * as outside from './outside.ts';
import { partitionAsDisk } from './partition-as-disk.ts';
import { passwordAuthOff } from './password-auth-off.ts';
import { passwordHash } from './password-hash.ts';
import { passwordHashMd5 } from './password-hash-md5.ts';
import { persistentPartitionSize } from './persistent-partition-size.ts';
import { publicSecret } from './public-secret.ts';
import { releaseTooOld } from './release-too-old.ts';
import { releaseUnknown } from './release-unknown.ts';
import { replicaCountTooHigh } from './replica-count-too-high.ts';
import { restrictedLabel } from './restricted-label.ts';
import { roleTooNew } from './role-too-new.ts';
import { type Rule, rulesOf } from './rule.ts';
import { secretInEncodedFile } from './secret-in-encoded-file.ts';
import { secretInYamlFile } from './secret-in-yaml-file.ts';
import * as server from './server.ts';
import { settingNotJson } from './setting-not-json.ts';
import { severalWitnesses } from './several-witnesses.ts';
import { snapshotWithoutDisk } from './snapshot-without-disk.ts';
import { templateInValue } from './template-in-value.ts';
import * as tenants from './tenants.ts';
import { tgtLunZero } from './tgt-lun-zero.ts';
import { tokenKnown } from './token-known.ts';
import { tokenShared } from './token-shared.ts';
import { tokenShort } from './token-short.ts';
import { tooManySecrets } from './too-many-secrets.ts';
import { twoNodeCluster } from './two-node-cluster.ts';
import { undecodableFile } from './undecodable-file.ts';
import { unknownDisk } from './unknown-disk.ts';
import { unknownPin } from './unknown-pin.ts';
import { unstableDiskName } from './unstable-disk-name.ts';
import { valueTooNew } from './value-too-new.ts';
import { valueRules } from './values/index.ts';
import type { ValueRule } from './values/value-rule.ts';
import * as vip from './vip.ts';
import * as vms from './vms.ts';
import { webhookTemplate } from './webhook-template.ts';
import { witnessDataDisk } from './witness-data-disk.ts';
import { witnessWithoutPartners } from './witness-without-partners.ts';
import { writeFileTwice } from './write-file-twice.ts';
import { zoneLabels } from './zone-labels.ts';

/** Every rule over one site, sorted by code. A subject lists its rules by exporting them. */
export const rules = rulesOf<Rule>(
  addresses,
  boot,
  dhcp,
  firmware,
  hardware,
  hostNetworks,
  host,
  https,
  identity,
  kubernetes,
  members,
  names,
  networks,
  nics,
  outside,
  server,
  tenants,
  vip,
  vms,
  {
    chapNone,
    chapSecretBothWays,
    chapSecretShared,
    chapTargetUser,
    chapUserShared,
    clearTextSecret,
    cloudConfigFileKey,
    cloudConfigFilePath,
    cloudConfigFileTwice,
    cloudConfigListItem,
    cloudConfigNotAList,
    cloudConfigNotAMap,
    cloudConfigPermissions,
    cloudConfigUnknownKey,
    cloudInitFirstLine,
    cloudInitSharedIdentity,
    cloudInitTextAlone,
    cloudInitWithoutLinux,
    cordonedEarly,
    cordonedWitness,
    createNodeCount,
    createNodeRole,
    dataDiskIsDevice,
    diskSerialTaken,
    diskTooSmall,
    disksWiped,
    driveOfDomain,
    evenEtcdMembers,
    forceMbr,
    groupNamedLabels,
    harvesterIscsiTooNew,
    imageMadeOfOthers,
    imageOfOwnClone,
    imageOfTwoOrigins,
    imageParentCircle,
    installAlways,
    internalKey,
    iscsiImageOrTarget,
    iscsiKernelArguments,
    iscsiManagementNic,
    iscsiNameTooLong,
    iscsiOutsideSubnet,
    iscsiServerAddress,
    iscsiSizeMissing,
    iscsiStoreKeys,
    iscsiUnreachable,
    keptDiskWiped,
    kernelArgument,
    kernelArgumentsReplace,
    kernelLineTooLong,
    kernelRootTwice,
    keyGone,
    keyOfOtherMode,
    keyTooNew,
    keyWithoutEffect,
    linuxInstallsNothing,
    liveRootNeedsInitrd,
    malformedSshKey,
    missingDevice,
    missingKernel,
    missingLogin,
    missingToken,
    ociArch,
    ociDhcp,
    ociGateway,
    ociHostName,
    ociIncomplete,
    ociOneFaultDomain,
    ociRegionsDiffer,
    ociReservedAddress,
    ociShape,
    ociSignedBoot,
    ociSubnetDiffers,
    ociVirtualMachine,
    partitionAsDisk,
    passwordAuthOff,
    passwordHashMd5,
    passwordHash,
    persistentPartitionSize,
    publicSecret,
    releaseTooOld,
    releaseUnknown,
    replicaCountTooHigh,
    restrictedLabel,
    roleTooNew,
    secretInEncodedFile,
    secretInYamlFile,
    settingNotJson,
    severalWitnesses,
    snapshotWithoutDisk,
    templateInValue,
    tgtLunZero,
    tokenKnown,
    tokenShared,
    tokenShort,
    tooManySecrets,
    twoNodeCluster,
    undecodableFile,
    unknownDisk,
    unknownPin,
    unstableDiskName,
    valueTooNew,
    webhookTemplate,
    witnessDataDisk,
    witnessWithoutPartners,
    writeFileTwice,
    zoneLabels,
  },
);

/** Whatever makes a diagnostic. */
export type Coded = Rule | AcrossRule | ValueRule | Code;

/** Every diagnostic that there is: those of rules, of one site, across sites and over values, and those of files, shape and references. */
export const EVERY_CODE: readonly Coded[] = [...rules, ...acrossRules, ...valueRules, ...CODES];

/** Gives what is known of a diagnostic by its code; undefined for a code that there is not. */
export function codeOf(code: string): Coded | undefined {
  return EVERY_CODE.find((one) => one.code === code);
}
