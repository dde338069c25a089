import { Empty } from './empty-message.ts';
import { ImageServicePullRequest, ImageServicePullResponse } from './generated/machine/image.ts';
import { LifecycleServiceUpgradeRequest, LifecycleServiceUpgradeResponse } from './generated/machine/lifecycle.ts';
import {
  ApplyConfigurationRequest,
  ApplyConfigurationResponse,
  EtcdAlarmDisarmResponse,
  EtcdDefragmentResponse,
  EtcdForfeitLeadershipRequest,
  EtcdForfeitLeadershipResponse,
  EtcdRemoveMemberByIDRequest,
  EtcdRemoveMemberByIDResponse,
  RebootRequest,
  RebootResponse,
  ResetRequest,
  ResetResponse,
  RollbackRequest,
  RollbackResponse,
  ServiceRestartRequest,
  ServiceRestartResponse,
  UpgradeRequest,
  UpgradeResponse,
} from './generated/machine/machine.ts';
import { method } from './method.ts';

/**
 * Every call that changes a node. Only lib/talos/acting may use them, with requests from lib/talos/requests.ts, because
 * the zero values of these messages are dangerous: a test watches over both.
 */
export const machineChanges = {
  reboot: method('/machine.MachineService/Reboot', RebootRequest, RebootResponse),
  applyConfiguration: method(
    '/machine.MachineService/ApplyConfiguration',
    ApplyConfigurationRequest,
    ApplyConfigurationResponse,
  ),
  reset: method('/machine.MachineService/Reset', ResetRequest, ResetResponse),
  rollback: method('/machine.MachineService/Rollback', RollbackRequest, RollbackResponse),
  upgrade: method('/machine.MachineService/Upgrade', UpgradeRequest, UpgradeResponse),
  serviceRestart: method('/machine.MachineService/ServiceRestart', ServiceRestartRequest, ServiceRestartResponse),
  etcdRemoveMemberById: method(
    '/machine.MachineService/EtcdRemoveMemberByID',
    EtcdRemoveMemberByIDRequest,
    EtcdRemoveMemberByIDResponse,
  ),
  etcdForfeitLeadership: method(
    '/machine.MachineService/EtcdForfeitLeadership',
    EtcdForfeitLeadershipRequest,
    EtcdForfeitLeadershipResponse,
  ),
  etcdDefragment: method('/machine.MachineService/EtcdDefragment', Empty, EtcdDefragmentResponse),
  etcdAlarmDisarm: method('/machine.MachineService/EtcdAlarmDisarm', Empty, EtcdAlarmDisarmResponse),
} as const;

/** From 1.13 on. Pulling changes what is stored on the node, nothing that runs. */
export const imageService = {
  pull: method('/machine.ImageService/Pull', ImageServicePullRequest, ImageServicePullResponse, true),
} as const;

/** From 1.13 on: installs beside the running system and ends; the reboot is a call of its own. */
export const lifecycleService = {
  upgrade: method(
    '/machine.LifecycleService/Upgrade',
    LifecycleServiceUpgradeRequest,
    LifecycleServiceUpgradeResponse,
    true,
  ),
} as const;
