import { addressInDhcpPool } from './address-in-dhcp-pool.ts';
import { addressOfInfrastructure } from './address-of-infrastructure.ts';
import { addressOutsideSubnet } from './address-outside-subnet.ts';
import { archTooNew } from './arch-too-new.ts';
import { bondNicAddress } from './bond-nic-address.ts';
import { contradictsDerived } from './contradicts-derived.ts';
import { createNodeCount } from './create-node-count.ts';
import { dhcpWithoutServer } from './dhcp-without-server.ts';
import { dottedHostname } from './dotted-hostname.ts';
import { duplicateHostname } from './duplicate-hostname.ts';
import { duplicateIp } from './duplicate-ip.ts';
import { duplicateMac } from './duplicate-mac.ts';
import { gatewayOutsideSubnet } from './gateway-outside-subnet.ts';
import { infrastructureInDhcpPool } from './infrastructure-in-dhcp-pool.ts';
import { installAlways } from './install-always.ts';
import { keyOfOtherMode } from './key-of-other-mode.ts';
import { missingAddress } from './missing-address.ts';
import { missingDevice } from './missing-device.ts';
import { missingGateway } from './missing-gateway.ts';
import { missingLogin } from './missing-login.ts';
import { missingToken } from './missing-token.ts';
import { poolOutsideSubnet } from './pool-outside-subnet.ts';
import { releaseTooOld } from './release-too-old.ts';
import { releaseUnknown } from './release-unknown.ts';
import type { Rule } from './rule.ts';
import { serverNameNeedsDns } from './server-name-needs-dns.ts';
import { serverPaths } from './server-paths.ts';
import { severalBootNics } from './several-boot-nics.ts';
import { staticNeedsDns } from './static-needs-dns.ts';
import { staticNeedsNicName } from './static-needs-nic-name.ts';
import { unknownNic } from './unknown-nic.ts';
import { unknownPin } from './unknown-pin.ts';
import { vipByDhcp } from './vip-by-dhcp.ts';
import { vipInDhcpPool } from './vip-in-dhcp-pool.ts';
import { vipOutsideSubnet } from './vip-outside-subnet.ts';
import { vipTaken } from './vip-taken.ts';

/** Every rule. Diagnostics are sorted by place, so the order is for readers: identity, addresses, cluster, release. */
export const rules: readonly Rule[] = [
  duplicateHostname,
  duplicateMac,
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
  serverPaths,
  serverNameNeedsDns,
  staticNeedsNicName,
  staticNeedsDns,
  unknownNic,
  createNodeCount,
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
  releaseTooOld,
  releaseUnknown,
  unknownPin,
  archTooNew,
  dottedHostname,
];
