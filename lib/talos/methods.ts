import { Empty } from './empty-message.ts';
import { Data } from './generated/common/common.ts';
import {
  GetRequest,
  GetResponse,
  ListRequest as ListResourcesRequest,
  ListResponse as ListResourcesResponse,
  WatchRequest,
  WatchResponse,
} from './generated/cosi/resource/state.ts';
import {
  DiskUsageInfo,
  DiskUsageRequest,
  DmesgRequest,
  EtcdAlarmListResponse,
  EtcdMemberListRequest,
  EtcdMemberListResponse,
  EtcdSnapshotRequest,
  EtcdStatusResponse,
  Event,
  EventsRequest,
  FileInfo,
  ListRequest,
  LoadAvgResponse,
  LogsRequest,
  MemoryResponse,
  MountsResponse,
  ProcessesResponse,
  ServiceListResponse,
  SystemStatResponse,
  VersionResponse,
} from './generated/machine/machine.ts';
import { DisksResponse } from './generated/storage/storage.ts';
import { TimeRequest, TimeResponse } from './generated/time/time.ts';
import { method } from './method.ts';

const STREAM = true;

/** Every call that changes nothing, by service. A new one is one line here and one parser. Source: api/machine/machine.proto. */
export const machineService = {
  version: method('/machine.MachineService/Version', Empty, VersionResponse),
  serviceList: method('/machine.MachineService/ServiceList', Empty, ServiceListResponse),
  dmesg: method('/machine.MachineService/Dmesg', DmesgRequest, Data, STREAM),
  logs: method('/machine.MachineService/Logs', LogsRequest, Data, STREAM),
  events: method('/machine.MachineService/Events', EventsRequest, Event, STREAM),
  systemStat: method('/machine.MachineService/SystemStat', Empty, SystemStatResponse),
  mounts: method('/machine.MachineService/Mounts', Empty, MountsResponse),
  diskUsage: method('/machine.MachineService/DiskUsage', DiskUsageRequest, DiskUsageInfo, STREAM),
  memory: method('/machine.MachineService/Memory', Empty, MemoryResponse),
  loadAvg: method('/machine.MachineService/LoadAvg', Empty, LoadAvgResponse),
  processes: method('/machine.MachineService/Processes', Empty, ProcessesResponse),
  list: method('/machine.MachineService/List', ListRequest, FileInfo, STREAM),
  etcdMemberList: method('/machine.MachineService/EtcdMemberList', EtcdMemberListRequest, EtcdMemberListResponse),
  etcdStatus: method('/machine.MachineService/EtcdStatus', Empty, EtcdStatusResponse),
  etcdAlarmList: method('/machine.MachineService/EtcdAlarmList', Empty, EtcdAlarmListResponse),
  /** Not for a reader: the file holds every secret of the cluster. */
  etcdSnapshot: method('/machine.MachineService/EtcdSnapshot', EtcdSnapshotRequest, Data, STREAM),
} as const;

export const cosiState = {
  get: method('/cosi.resource.State/Get', GetRequest, GetResponse),
  list: method('/cosi.resource.State/List', ListResourcesRequest, ListResourcesResponse, STREAM),
  watch: method('/cosi.resource.State/Watch', WatchRequest, WatchResponse, STREAM),
} as const;

export const storageService = {
  disks: method('/storage.StorageService/Disks', Empty, DisksResponse),
} as const;

export const timeService = {
  /** Asks the configured time server once. */
  time: method('/time.TimeService/Time', Empty, TimeResponse),
  timeCheck: method('/time.TimeService/TimeCheck', TimeRequest, TimeResponse),
} as const;
