import { expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { notInSchematic, runningSchematic, schematicNames } from '../../lib/factory/running-schematic.ts';
import { parseSchematic } from '../../lib/factory/schematic.ts';
import { failed, ok } from '../playbooks/build-evidence.ts';

const [ONE, OTHER] = ['1'.repeat(64), '2'.repeat(64)];
const layer = (name: string, version = 'v1', id = '0') => ({ id, name, version, image: `${id}.sqsh` });
const told = (schematicId: string) => ok({ schematicId, flavor: 'metal', apiUrl: 'https://factory.example' });

test.for<[what: string, readings: Readings, says: object]>([
  [
    'a node of 1.13 says it by a layer',
    { extensions: ok([layer('iscsi-tools'), layer('schematic', ONE)]), imageSchematic: failed('not_found') },
    { kind: 'schematic', id: ONE, factoryUrl: undefined },
  ],
  [
    'a node of 1.14 says it twice, and by whom',
    { extensions: ok([layer('schematic', ONE)]), imageSchematic: told(ONE) },
    { kind: 'schematic', id: ONE, factoryUrl: 'https://factory.example' },
  ],
  [
    'the plain installer has no schematic; the index of kernel modules is no extension',
    { extensions: ok([layer('iscsi-tools'), layer('modules.dep'), layer('iscsi-tools', 'v0')]) },
    { kind: 'plain', extensions: ['iscsi-tools'] },
  ],
  [
    'two layers that name two schematics',
    { extensions: ok([layer('schematic', ONE), layer('schematic', OTHER)]) },
    { kind: 'unknown', because: 'The node names two schematics for its image.' },
  ],
  [
    'a layer and a resource that do not agree',
    { extensions: ok([layer('schematic', ONE)]), imageSchematic: told(OTHER) },
    { kind: 'unknown', because: 'The node names two schematics for its image.' },
  ],
  [
    'an id that is none',
    { extensions: ok([layer('schematic', '../../versions')]) },
    { kind: 'unknown', because: expect.stringContaining('not one of Image Factory') },
  ],
  [
    'extensions that could not be read are not none',
    { extensions: failed(), imageSchematic: told(ONE) },
    { kind: 'unknown', because: expect.stringContaining('did not say') },
  ],
  ['nothing was read', {}, { kind: 'unknown', because: expect.stringContaining('did not say') }],
])('%s', ([, readings, says]) => {
  expect(runningSchematic({ readings })).toEqual(says);
});

test('what runs beside the schematic would be lost, and is named', () => {
  const parsed = parseSchematic(
    'customization: { systemExtensions: { officialExtensions: [siderolabs/gasket-driver, siderolabs/zfs] } }',
  );
  if (!parsed.ok) throw new Error(parsed.error);
  const layers = [layer('gasket'), layer('zfs'), layer('iscsi-tools', 'v0.1.1'), layer('iscsi-tools', 'v0.1.6')];
  expect(notInSchematic(parsed.value, [...layers, layer('schematic', ONE), layer('modules.dep')])).toEqual([
    'iscsi-tools',
  ]);
});

test('the extensions of a plain image are looked for under the names of the factory', () => {
  const offered = [{ name: 'siderolabs/iscsi-tools' }, { name: 'siderolabs/gasket-driver' }];
  expect(schematicNames(['iscsi-tools', 'gasket', 'home-made'], offered)).toEqual({
    names: ['siderolabs/iscsi-tools', 'siderolabs/gasket-driver'],
    missing: ['home-made'],
  });
});
