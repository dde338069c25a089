import { readClock } from '../readings/clock.ts';
import { kubespanPeer } from '../resources/kubespan.ts';
import * as net from '../resources/network.ts';
import * as time from '../resources/time.ts';
import { all, always, call, configured, one, type Question } from './question.ts';

/** Names, addresses, links and time. */
export const network: readonly Question[] = [
  {
    asks: 'Which hostname has it?',
    ...always,
    ...one(net.hostnameStatus, net.HOSTNAME_ID, (hostname) => ({ hostname })),
  },
  {
    asks: 'Who wants which hostname?',
    ...always,
    ...all(net.hostnameSpec, (hostnameSpecs) => ({ hostnameSpecs })),
  },
  {
    asks: 'Is its network up?',
    ...always,
    ...one(net.networkStatus, net.NETWORK_STATUS_ID, (networkStatus) => ({ networkStatus })),
  },
  {
    asks: 'Which network cards has it (permanent MACs), and which are up?',
    ...always,
    ...all(net.linkStatus, (links) => ({ links })),
  },
  {
    asks: 'Which addresses has it?',
    ...always,
    ...one(net.nodeAddress, net.CURRENT_ADDRESSES_ID, (addresses) => ({ addresses })),
  },
  {
    asks: 'Which addresses should it have, on which card, and who says so?',
    ...configured,
    ...all(net.addressSpec, (addressSpecs) => ({ addressSpecs })),
  },
  {
    asks: 'Does it reach its KubeSpan peers?',
    ...configured,
    ...all(kubespanPeer, (kubespanPeers) => ({ kubespanPeers })),
  },
  {
    asks: 'Which name servers does it ask?',
    ...always,
    ...one(net.resolverStatus, net.RESOLVERS_ID, (resolvers) => ({ resolvers })),
  },
  {
    asks: 'Which time servers does it ask?',
    ...always,
    ...one(net.timeServerStatus, net.TIME_SERVERS_ID, (timeServers) => ({ timeServers })),
  },
  {
    asks: 'Is its clock in time?',
    ...always,
    ...one(time.timeStatus, time.TIME_STATUS_ID, (timeStatus) => ({ timeStatus })),
  },
  {
    asks: 'How does the kernel steer its clock?',
    ...always,
    ...one(time.adjtimeStatus, time.ADJTIME_ID, (adjtime) => ({ adjtime })),
  },
  {
    asks: 'How far is its clock from its time server?',
    ...configured,
    ...call('time.TimeService/Time', readClock, (clock) => ({ clock })),
  },
];
