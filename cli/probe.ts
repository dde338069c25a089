import { isIP } from 'node:net';
import { plainText } from '../lib/evidence/plain-text.ts';
import { type AddressProbe, probeAddress } from '../lib/talos/probe-address.ts';
import { onlyTo, readTalosconfig } from './talos-access.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic probe ADDRESS`: 0 when Talos is there (running or in maintenance mode), 1 when it cannot be spoken to. */
export const probeCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, {
    talosconfig: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) throw new UsageError('Say one address: medic probe ADDRESS.');
  if (isIP(address) === 0) throw new UsageError(`"${address}" is no IP address. Names are not looked up.`);
  const context = values.talosconfig === undefined ? undefined : await readTalosconfig(values.talosconfig);
  const identity = context && { cluster: context.name, caPem: context.caPem, reader: context.identity };
  const probe = await probeAddress(address, { ...onlyTo([address]), ...(identity ? { identity } : {}) });
  console.log(values.json ? JSON.stringify(probe, null, 2) : say(probe, identity !== undefined, new Date()));
  return THERE.has(probe.code) ? 0 : 1;
};

const THERE: ReadonlySet<string> = new Set(['answers', 'maintenance', 'running']);

function say(probe: AddressProbe, isOurs: boolean, now: Date): string {
  const { address, port, tcpMs, certificate, version, ourCertificateEndsAt } = probe;
  const line = (text: string) => plainText(text, { maxLength: 400 });
  const shown = certificate && [
    `${line(certificate.subject)}, issued by ${line(certificate.issuer)}${isOurs ? `, ${certificate.isSignedByCluster ? '' : 'not '}of this cluster` : ''}`,
    `valid from ${certificate.validFrom} to ${certificate.validTo} (${validity(certificate, now)})`,
    `SPKI fingerprint ${certificate.spki}`,
  ];
  return [
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    `  TCP    ${tcpMs === undefined ? 'no connection' : `connected in ${tcpMs} ms`}`,
    ...(tcpMs === undefined ? [] : [`  TLS    ${shown?.join('\n         ') ?? 'no certificate was shown'}`]),
    ...(version === undefined ? [] : [`  Talos  ${line(version)}`]),
    ...(ourCertificateEndsAt === undefined
      ? []
      : [`  Ours   our certificate ends ${ourCertificateEndsAt} (${left(ourCertificateEndsAt, now)})`]),
    '',
    `${probe.code}: ${line(probe.says)}`,
  ].join('\n');
}

function validity({ validFrom, validTo }: NonNullable<AddressProbe['certificate']>, now: Date): string {
  const until = Date.parse(validFrom) - now.getTime();
  if (until > 0) return `not yet valid: begins in ${span(until)}; compare the clocks`;
  return Date.parse(validTo) > now.getTime() ? left(validTo, now) : `${left(validTo, now)}; compare the clocks`;
}

const span = (ms: number): string =>
  Math.abs(ms) < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`;

function left(end: string, now: Date): string {
  const ms = Date.parse(end) - now.getTime();
  return ms > 0 ? `${span(ms)} left` : `expired ${span(-ms)} ago`;
}
