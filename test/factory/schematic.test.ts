import { expect, test } from 'vitest';
import {
  isSameSchematic,
  parseSchematic,
  type Schematic,
  schematicId,
  schematicYaml,
} from '../../lib/factory/schematic.ts';

const read = (text: string): Schematic => {
  const parsed = parseSchematic(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

/** Ids that the public factory answers with. Source: siderolabs/image-factory v1.0.0, internal/integration. */
test.for<[what: string, yaml: string, id: string]>([
  ['nothing', 'customization: {}', '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba'],
  [
    'kernel arguments',
    'customization: { extraKernelArgs: [nolapic, nomodeset] }',
    'e0fb1129bbbdfb5d002e94af4cdce712a8370e850950a33a242d4c3f178c532d',
  ],
  [
    'extensions, in their order',
    'customization: { systemExtensions: { officialExtensions: [siderolabs/amd-ucode, siderolabs/gvisor, siderolabs/gasket-driver] } }',
    '51ff3e49313773332729a5c04e57af0dbe2e6d3f65ff638e6d4c3a05065fefff',
  ],
  [
    'META, with a number in hexadecimal and text full of quotes',
    `customization: { meta: [{ key: 0xa, value: '{"externalIPs":["1.2.3.4"]}' }] }`,
    'fe866116408a5a13dab7d5003eb57a00954ea81ebeec3fbbcd1a6d4462a00036',
  ],
  [
    'an overlay, its keys the other way round and no customization',
    'overlay: { name: rpi_generic, image: siderolabs/sbc-raspberrypi }',
    'ee21ef4a5ef808a9b7484cc0dda0f25075021691c8c09a276591eedb638ea1f9',
  ],
  [
    'certificates for Secure Boot',
    'customization: { secureboot: { includeWellKnownCertificates: true } }',
    'fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6',
  ],
  [
    'a boot loader',
    'customization: { bootloader: sd-boot }',
    '9ed5fecdacb36b5c5427b87d409f1065cfb2df69b0f71c58b868d9d466d8dab3',
  ],
])('a schematic of %s has the id that the factory gives it', ([, yaml, id]) => {
  expect(schematicId(read(yaml))).toBe(id);
});

test('what a newer factory knows stays as it came', () => {
  const text = 'customization: { bootloader: grub, tuning: { level: 0, list: [] } }\nfleet: { name: x }';
  expect(schematicYaml(read(text))).toBe(`fleet:
    name: x
customization:
    bootloader: grub
    tuning:
        level: 0
        list: []
`);
});

test.for<[text: string, says: string]>([
  ['customization: { extraKernelArgs: quiet }', 'customization.extraKernelArgs: '],
  ['customization: { systemExtensions: { officialExtensions: [1] } }', 'officialExtensions.0: '],
  ['customization: { meta: [{ key: 256, value: x }] }', 'customization.meta.0.key: '],
  ['just a text', 'the schematic: '],
  ['a: &a [*a]', 'alias'],
])('%s is no schematic', ([text, says]) => {
  const parsed = parseSchematic(text);
  expect(parsed).toEqual({ ok: false, error: expect.stringContaining(says) });
});

test('options of an overlay are sorted, and a key that nobody knows is kept even if it says nothing', () => {
  const text = `overlay: { options: { b: [{ z: 1, y: 2 }], a: off }, name: n, image: i }
customization: { secureboot: { enrollKeys: '', later: false }, diskImage: { sectorSize: 0 } }`;
  expect(schematicYaml(read(text))).toBe(`overlay:
    image: i
    name: n
    options:
        a: off
        b:
            - y: 2
              z: 1
customization:
    secureboot:
        later: false
`);
});

test('empty lists and another owner make no other image, another argument does', () => {
  const plain = read('customization: { extraKernelArgs: [quiet] }');
  const same = 'owner: us\ncustomization: { systemExtensions: { officialExtensions: [] }, extraKernelArgs: [quiet] }';
  expect(isSameSchematic(plain, read(same))).toBe(true);
  expect(isSameSchematic(plain, read('customization: { extraKernelArgs: [quiet, debug] }'))).toBe(false);
});
