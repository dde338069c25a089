/**
 * Values that vendors leave in the firmware of every board. They say nothing about which machine it is.
 * All zeros and all f mean "not set" and "not there" (DMTF DSP0134, SMBIOS type 1); the others are boards' defaults.
 */
const JUNK_UUIDS: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '01234567-89ab-cdef-0123-456789abcdef',
  '11111111-2222-3333-4444-555555555555',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
  '4c4c4544-0000-2010-8020-80c04f202020',
]);
const ONE_DIGIT_UUID = /^([0-9a-f])\1{7}(-\1{4}){3}-\1{12}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Also what is no UUID at all: two machines that say the same nonsense must not prove each other. */
export function isJunkUuid(uuid: string): boolean {
  const lower = uuid.toLowerCase();
  return !UUID.test(lower) || ONE_DIGIT_UUID.test(lower) || JUNK_UUIDS.has(lower);
}

const JUNK_TEXTS: ReadonlySet<string> = new Set([
  '',
  'none',
  'n/a',
  'na',
  'null',
  'unknown',
  'invalid',
  'default',
  'default string',
  'empty',
  'not specified',
  'not applicable',
  'not available',
  'not defined',
  'serial',
  'serial number',
  'system serial number',
  'chassis serial number',
  'system uuid',
  'to be filled by o.e.m.',
  'to be filled by oem',
  'o.e.m.',
  'oem',
  '0123456789',
  '123456789',
  '1234567890',
  '0123456789abcdef',
]);
const ONE_CHARACTER = /^(.)\1*$/;

export const isJunkSerial = (serial: string): boolean => {
  const lower = serial.trim().toLowerCase();
  return JUNK_TEXTS.has(lower) || ONE_CHARACTER.test(lower) || /^[\s0.x-]*$/.test(lower);
};

/** A WWID names its kind in front (`naa.`, `eui.`, `t10.`); one of zeros names no disk. */
export const isJunkWwid = (wwid: string): boolean => {
  const name = wwid
    .trim()
    .toLowerCase()
    .replace(/^(naa|eui|nvme|uuid|t10)\./, '');
  return name === '' || JUNK_TEXTS.has(name) || ONE_CHARACTER.test(name);
};
