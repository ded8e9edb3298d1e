import { parseYamlValue } from '../../inventory/parse.ts';
import {
  CREDENTIAL,
  DUMP_HEADER,
  groupOf,
  internalIpOf,
  isUserLabel,
  nameOf,
  OWN_SETTINGS,
  VIP_SERVICE,
  vipOf,
} from '../../knowledge/cluster-dump.ts';
import { ADDONS } from '../../knowledge/harvester.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { isValueMap, locationOf, selfLocation, type Value, type ValueMap } from '../../source/origin.ts';
import { Source, type SourceLocation } from '../../source/source.ts';
