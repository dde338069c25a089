import {
  AddressEvent,
  MachineStatusEvent,
  PhaseEvent,
  RestartEvent,
  SequenceEvent,
  ServiceStateEvent,
  TaskEvent,
} from '../../lib/talos/generated/machine/machine.ts';

/** Times are milliseconds since the epoch, as everywhere in what is stored. */
type ServiceChange = Pick<ServiceStateEvent, 'service' | 'action' | 'message'> & {
  readonly health: {
    readonly unknown: boolean;
    readonly healthy: boolean;
    readonly lastMessage: string;
    readonly lastChange: number;
  };
};

/** What an event says, by the name of its message in machine.proto. */
export type Told =
  | { readonly type: 'SequenceEvent'; readonly message: SequenceEvent }
  | { readonly type: 'PhaseEvent'; readonly message: PhaseEvent }
  | { readonly type: 'TaskEvent'; readonly message: TaskEvent }
  | { readonly type: 'ServiceStateEvent'; readonly message: ServiceChange }
  | { readonly type: 'RestartEvent'; readonly message: RestartEvent }
  | { readonly type: 'AddressEvent'; readonly message: AddressEvent }
  | { readonly type: 'MachineStatusEvent'; readonly message: MachineStatusEvent };

/** For the wire: of the events that happen few are ever asked for. */
export const bytesOf = (told: Told): Buffer => Buffer.from(writerOf(told).finish());

function writerOf(told: Told) {
  switch (told.type) {
    case 'SequenceEvent':
      return SequenceEvent.encode(told.message);
    case 'PhaseEvent':
      return PhaseEvent.encode(told.message);
    case 'TaskEvent':
      return TaskEvent.encode(told.message);
    case 'ServiceStateEvent': {
      const { health, ...change } = told.message;
      return ServiceStateEvent.encode({ ...change, health: { ...health, lastChange: new Date(health.lastChange) } });
    }
    case 'RestartEvent':
      return RestartEvent.encode(told.message);
    case 'AddressEvent':
      return AddressEvent.encode(told.message);
    case 'MachineStatusEvent':
      return MachineStatusEvent.encode(told.message);
  }
}
