import * as grpc from '@grpc/grpc-js';
import { type Issued, openSslKey } from './pki.ts';

const pair = (server: Issued) => [
  { private_key: Buffer.from(openSslKey(server.keyPem)), cert_chain: Buffer.from(server.certPem) },
];

/** A running node: the client certificate must be signed by the cluster's CA. */
export const runningCredentials = (server: Issued, ca: Issued): grpc.ServerCredentials =>
  grpc.ServerCredentials.createSsl(Buffer.from(ca.certPem), pair(server), true);

/** Maintenance mode up to 1.12: no client certificate is asked for. */
export const maintenanceUpTo112 = (server: Issued): grpc.ServerCredentials =>
  grpc.ServerCredentials.createSsl(null, pair(server), false);

/** Maintenance mode from 1.13 on: a client certificate is asked for and never verified. */
export class MaintenanceFrom113 extends grpc.ServerCredentials {
  constructor(server: Issued) {
    super({ requestCert: true, rejectUnauthorized: false }, { key: openSslKey(server.keyPem), cert: server.certPem });
  }

  override _equals(other: grpc.ServerCredentials): boolean {
    return this === other;
  }
}

type Peer = Pick<grpc.ServerInterceptingCallInterface, 'getAuthContext'>;
/** Roles are the organizations of the verified client certificate. */
export function rolesOf(call: Peer): readonly string[] {
  const organizations: string | readonly string[] | undefined = call.getAuthContext().sslPeerCertificate?.subject.O;
  return organizations === undefined ? [] : [organizations].flat();
}
