import { isSameExtension } from '../../lib/factory/extension-names.ts';
import { extensionsOf, kernelArgsOf } from '../../lib/factory/schematic.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { minorOf } from '../nodes/version.ts';
import { type FactoryState, findSchematic, offeredBy, versionsOf } from './factory-state.ts';
import { digestOf, newest, type Offered } from './offered.ts';

/** Builds installers, as far as this world goes. Source: siderolabs/image-factory, internal/profile and frontend/http. */
export type Built = {
  readonly version: string;
  readonly schematic: string;
  readonly extensions: readonly Offered[];
  readonly kernelArgs: readonly string[];
  readonly digest: string;
};
export type Refused = { readonly status: 400 | 404 | 500; readonly text: string };

/** `name`: `metal-installer`; `reference`: a tag or a digest. */
export type ImageAsked = { readonly name: string; readonly schematic: string; readonly reference: string };

const PLATFORMS =
  'akamai|aws|azure|cloudstack|digital-ocean|exoscale|gcp|hcloud|metal|nocloud|opennebula|openstack|oracle|scaleway|upcloud|vmware|vultr';
const BY_PLATFORM = new RegExp(`^(?:${PLATFORMS})-installer(?:-secureboot)?$`);
const FOR_ALL = /^installer(?:-secureboot)?$/;

const refuse = (status: Refused['status'], text: string) => err({ status, text });

export function build(state: FactoryState, asked: ImageAsked): Result<Built, Refused> {
  const { name, schematic: id } = asked;
  const schematic = findSchematic(state, id);
  if (schematic === undefined) return refuse(404, `schematic ID "${id}" not found`);
  const isByPlatform = BY_PLATFORM.test(name);
  if (!isByPlatform && !FOR_ALL.test(name)) return refuse(400, `invalid image: ${name}`);
  const version = versionIn(state, asked);
  if (version === undefined) return refuse(404, `version ${asked.reference.replace(/^v/, '')} is not available`);
  if (isByPlatform && minorOf(version) < 10) return refuse(500, 'internal server error');
  const offered = offeredBy(state, version);
  const extensions: Offered[] = [];
  for (const wanted of extensionsOf(schematic)) {
    const found =
      offered.find((one) => one.name === wanted) ?? offered.find((one) => isSameExtension(one.name, wanted));
    if (found === undefined) {
      return refuse(400, `official extension "${wanted}" is not available for Talos version ${version}`);
    }
    extensions.push(found);
  }
  const digest = imageDigest(name, id, version);
  return ok({ version, schematic: id, extensions, kernelArgs: kernelArgsOf(schematic), digest });
}

const imageDigest = (name: string, schematic: string, version: string): string =>
  digestOf(`${name}/${schematic}:${version}`);

function versionIn(state: FactoryState, { name, schematic, reference }: ImageAsked): string | undefined {
  const versions = versionsOf(state);
  if (reference === 'latest') return newest(versions);
  return versions.find((version) => reference === version || reference === imageDigest(name, schematic, version));
}
