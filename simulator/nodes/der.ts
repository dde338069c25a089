/** As much of DER as certificates need. Source: ITU-T X.690. */

/** Tag, length, content. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

function lengthOf(bytes: number): readonly number[] {
  if (bytes < 0x80) return [bytes];
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
export const integer = (bytes: Uint8Array): Buffer => tlv(0x02, bytes);
export const octets = (bytes: Uint8Array): Buffer => tlv(0x04, bytes);
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
/** `unused`: how many bits at the end do not count. */
export const bits = (unused: number, bytes: Uint8Array): Buffer => tlv(0x03, Buffer.of(unused), bytes);
export const TRUE = tlv(0x01, Buffer.of(0xff));

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [...base128(value >>> 7).map((byte) => byte | 0x80), low];
}

/** UTCTime up to 2049, GeneralizedTime from then on, as RFC 5280 wants it. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return at.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits));
}

/** The elements of a constructed one, whole. */
export function elementsOf(der: Buffer): readonly Buffer[] {
  const elements: Buffer[] = [];
  for (let at = headerOf(der); at < der.length; ) {
    const rest = der.subarray(at);
    const size = headerOf(rest) + contentOf(rest);
    elements.push(rest.subarray(0, size));
    at += size;
  }
  return elements;
}

const lengthBytes = (der: Buffer): number => {
  const [, first = 0] = der;
  return first < 0x80 ? 0 : first & 0x7f;
};
const headerOf = (der: Buffer): number => 2 + lengthBytes(der);
const contentOf = (der: Buffer): number =>
  lengthBytes(der) === 0 ? (der[1] ?? 0) : der.readUIntBE(2, lengthBytes(der));
