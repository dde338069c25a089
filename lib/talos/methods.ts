import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Data } from './generated/common/common.ts';
import { GetRequest, GetResponse, ListRequest, ListResponse } from './generated/cosi/resource/state.ts';
import {
  ApplyConfigurationRequest,
  ApplyConfigurationResponse,
  DmesgRequest,
  EtcdAlarmListResponse,
  EtcdMemberListRequest,
  EtcdMemberListResponse,
  EtcdStatusResponse,
  Event,
  EventsRequest,
  LogsRequest,
  MountsResponse,
  RebootRequest,
  RebootResponse,
  ServiceListResponse,
  SystemStatResponse,
  VersionResponse,
} from './generated/machine/machine.ts';
import { DisksResponse } from './generated/storage/storage.ts';
import { method } from './method.ts';

/** google.protobuf.Empty: no field, so nothing is written and whatever comes is skipped. */
type Empty = Readonly<Record<string, never>>;
const Empty = { encode: (_: Empty) => new BinaryWriter(), decode: (_: Uint8Array): Empty => ({}) };

const STREAM = true;

/** Every call that Medic makes, by service. Source: talos-api 2.1. A new call is one line here and one parser. */
export const machineService = {
  version: method('/machine.MachineService/Version', Empty, VersionResponse),
  serviceList: method('/machine.MachineService/ServiceList', Empty, ServiceListResponse),
  dmesg: method('/machine.MachineService/Dmesg', DmesgRequest, Data, STREAM),
  logs: method('/machine.MachineService/Logs', LogsRequest, Data, STREAM),
  events: method('/machine.MachineService/Events', EventsRequest, Event, STREAM),
  systemStat: method('/machine.MachineService/SystemStat', Empty, SystemStatResponse),
  mounts: method('/machine.MachineService/Mounts', Empty, MountsResponse),
  etcdMemberList: method('/machine.MachineService/EtcdMemberList', EtcdMemberListRequest, EtcdMemberListResponse),
  etcdStatus: method('/machine.MachineService/EtcdStatus', Empty, EtcdStatusResponse),
  etcdAlarmList: method('/machine.MachineService/EtcdAlarmList', Empty, EtcdAlarmListResponse),
  reboot: method('/machine.MachineService/Reboot', RebootRequest, RebootResponse),
  applyConfiguration: method(
    '/machine.MachineService/ApplyConfiguration',
    ApplyConfigurationRequest,
    ApplyConfigurationResponse,
  ),
} as const;

export const cosiState = {
  get: method('/cosi.resource.State/Get', GetRequest, GetResponse),
  list: method('/cosi.resource.State/List', ListRequest, ListResponse, STREAM),
} as const;

export const storageService = {
  disks: method('/storage.StorageService/Disks', Empty, DisksResponse),
} as const;
