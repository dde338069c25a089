import type * as grpc from '@grpc/grpc-js';
import type { Surroundings } from './call-context.ts';
import { MaintenanceFrom113, maintenanceUpTo112, runningCredentials } from './credentials.ts';
import { hasFault } from './forward.ts';
import { printsMaintenanceHint } from './maintenance-steps.ts';
import { isReachedByMedic } from './network.ts';
import { NodePort, type PortMode } from './node-port.ts';
import { createNodeServer } from './node-server.ts';
import {
  expiresAt,
  type Issued,
  issueExpiredCertificate,
  issueMaintenanceCertificate,
  issueNodeCertificate,
  NODE_CERTIFICATE_MS,
  spkiOf,
} from './pki.ts';
import type { Boot, NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** Keeps the port of a node in step with its state: what answers there, and with which certificate. */
export class NodeRuntime {
  readonly #around: Surroundings;
  readonly #node: NodeState;
  readonly #port: NodePort;
  #shown = '';
  #work: Promise<void> = Promise.resolve();

  constructor(around: Surroundings, node: NodeState) {
    this.#around = around;
    this.#node = node;
    this.#port = new NodePort(() => createNodeServer(around, node), node.address, node.port);
  }

  get port(): number {
    return this.#port.port;
  }

  /** Rejects with `EADDRINUSE` or `EADDRNOTAVAIL` when the address cannot be had. */
  bind(): Promise<void> {
    return this.#port.bind();
  }

  drop(): void {
    this.#port.dropAll();
  }

  /** Safe to call at any time and any number of times; the returned promise ends when the port is as it should be. */
  reconcile(): Promise<void> {
    const applied = this.#work.then(() => this.#apply());
    this.#work = applied.catch(() => {
      this.#shown = ''; // the next change tries again
    });
    return applied;
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#port.close();
  }

  #wanted(): PortMode {
    const node = this.#node;
    if (!isReachedByMedic(this.#around.state, node)) return 'silent';
    if (hasFault(node, 'refuse')) return 'refused';
    if (hasFault(node, 'hang') || node.power === 'off' || node.boot === undefined) return 'silent';
    return node.boot.api === 'none' ? 'refused' : 'open';
  }

  async #apply(): Promise<void> {
    const node = this.#node;
    const mode = this.#wanted();
    const faults = node.faults.filter(({ fault }) => fault.endsWith('_certificate')).map(({ fault }) => fault);
    const shown = [mode, node.boot?.id, node.boot?.api, node.physical.cluster, ...faults].join(' ');
    const key = mode === 'open' ? shown : mode;
    const isStale = mode === 'open' && faults.length === 0 && this.#isToBeRenewed();
    if (key === this.#shown && !isStale) return;
    this.#shown = key;
    if (mode !== 'open') return this.#port.become(mode);
    // its console prints what it is, whoever asks or not
    if (node.boot?.api === 'maintenance') this.#maintenanceCertificate(node.boot);
    await this.#port.become(mode, () => this.#credentials());
  }

  /** A running node renews its certificate; the one of maintenance mode lives as long as the boot. */
  #isToBeRenewed(): boolean {
    const { boot } = this.#node;
    return boot?.api === 'running' && boot.certificate !== undefined && this.#isAging(boot.certificate);
  }

  #isAging(certificate: Issued): boolean {
    return expiresAt(certificate.certPem) - this.#around.now() < NODE_CERTIFICATE_MS / 4;
  }

  #maintenanceCertificate(boot: Boot): Issued {
    if (boot.certificate !== undefined) return boot.certificate;
    const node = this.#node;
    boot.certificate = issueMaintenanceCertificate(node.address, this.#around.now());
    printsMaintenanceHint(node, Math.max(boot.stageAt, boot.startedAt), spkiOf(boot.certificate.certPem));
    return boot.certificate;
  }

  /** Made when somebody comes: of many nodes few are asked. Undefined when the node has just been switched off. */
  #credentials(): grpc.ServerCredentials | undefined {
    const node = this.#node;
    const { state } = this.#around;
    const { boot, physical, address } = node;
    if (boot === undefined) return undefined;
    const now = this.#around.now();
    const own = physical.cluster === 'own' ? state.own : state.foreign;
    if (boot.api === 'maintenance') {
      const certificate = this.#maintenanceCertificate(boot);
      return minorOf(physical.version) <= 12 ? maintenanceUpTo112(certificate) : new MaintenanceFrom113(certificate);
    }
    const { hostname } = boot.hostname;
    if (hasFault(node, 'wrong_certificate')) {
      return runningCredentials(issueNodeCertificate(state.foreign.ca, hostname, address, now), state.foreign.ca);
    }
    if (hasFault(node, 'expired_certificate')) {
      return runningCredentials(issueExpiredCertificate(own.ca, hostname, address, now), own.ca);
    }
    if (boot.certificate === undefined || boot.certificateFor !== 'running' || this.#isAging(boot.certificate)) {
      boot.certificate = issueNodeCertificate(own.ca, hostname, address, now);
      boot.certificateFor = 'running'; // nobody is told: it is kept with the next change, or made anew
    }
    return runningCredentials(boot.certificate, own.ca);
  }
}
