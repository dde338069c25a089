import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { isAtLeast, parseMinor } from '../versions/talos-version.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { isExtensionLayer, type ExtensionLayer as Layer } from './extension-layers.ts';
import type { Citation, Facts, Playbook } from './finding.ts';

/** One extension with all its layers, in the order of the image. */
type Extension = { readonly name: string; readonly layers: readonly Layer[] };

/**
 * How the installer of Talos up to 1.9 names a layer that the machine config asked for: `000.ghcr.io-…-v0.1.1`. Layers
 * of Image Factory have plain numbers. Source: siderolabs/extensions#75, siderolabs/talos#9134.
 */
const BY_MACHINE_CONFIG = /^\d{3}\.\S/;

/** The same extension is in the image twice: the list of layers is frozen there, so only an upgrade changes it. */
export const duplicateExtensions: Playbook = {
  name: 'duplicate-extensions',
  diagnose(evidence, facts) {
    const layers = readValue(evidence.readings.extensions) ?? [];
    const twice = extensionsOf(layers).filter((extension) => extension.layers.length > 1);
    const [first] = twice;
    if (first === undefined) return [];
    const name = quote(facts.inventory?.name ?? evidence.node);
    return [
      {
        code: 'duplicate_extensions',
        severity: 'warning',
        confidence: 'certain',
        summary: `The image of ${name} has ${countsText(twice)}.`,
        evidence: present([
          ...twice.flatMap(({ layers: same }) => same.map(layerCitation)).slice(0, MAX_CITED),
          baselineCitation(first, facts),
        ]),
        suggests: ['upgrade'],
        parameters: { upgrade: { image: 'clean' } },
        rulesOut: [
          {
            code: 'edited_config',
            because: 'The list is of the booted image, not of the machine config: editing that changes nothing.',
          },
        ],
        advice: adviceFor(evidence, facts, layers),
      },
    ];
  },
};

function extensionsOf(layers: readonly Layer[]): readonly Extension[] {
  const byName = new Map<string, Layer[]>();
  for (const layer of layers.filter(isExtensionLayer)) {
    byName.set(layer.name, [...(byName.get(layer.name) ?? []), layer]);
  }
  return [...byName].map(([name, same]) => ({ name, layers: same }));
}

/** However many a node sends. */
const MAX_CITED = 8;
const MAX_NAMED = 3;
function countsText(twice: readonly Extension[]): string {
  const more = twice.length - MAX_NAMED;
  return list([...twice.slice(0, MAX_NAMED).map(countText), ...(more > 0 ? [`${more} more`] : [])]);
}

/** `iscsi-tools in 2 versions (v0.1.1 and v0.1.4)`, `iscsi-tools twice (v0.1.4)`. */
function countText({ name, layers }: Extension): string {
  const versions = [...new Set(layers.map(({ version }) => version))];
  const count = layers.length === 2 ? 'twice' : `${layers.length} times`;
  const how = versions.length > 1 ? `in ${versions.length} versions` : count;
  return `the extension ${quote(name)} ${how} (${few(versions)})`;
}

const layerCitation = ({ id, name, version }: Layer): Citation =>
  cite(
    'extensions',
    `Layer ${id}: ${name} ${version}${BY_MACHINE_CONFIG.test(id) ? ', put in by machine.install.extensions' : ''}.`,
  );

function baselineCitation({ name }: Extension, { inventory }: Facts): Citation | undefined {
  const before = inventory?.baseline;
  if (before === undefined) return undefined;
  const had = before.extensions.filter((text) => text.startsWith(`${name} `));
  const what = had.length === 0 ? `no ${name}` : few(had);
  return cite('inventory', `On ${before.seenAt} it had ${what}.`);
}

/** `machine.install.extensions` is ignored from 1.10 on, so the next upgrade drops those layers by itself. */
function adviceFor({ readings }: Evidence, { inventory }: Facts, layers: readonly Layer[]): string {
  const tag = readValue(readings.version)?.tag ?? inventory?.version;
  const isFromConfig = layers.some(({ id }) => BY_MACHINE_CONFIG.test(id));
  const isRead = parseMinor(tag) !== undefined && !isAtLeast(tag, '1.10');
  const first =
    isFromConfig && isRead
      ? 'Take the entries out of machine.install.extensions (else the upgrade puts them in again), then upgrade'
      : 'Upgrade';
  return `${first} to ${tag === undefined ? 'the same version' : quote(tag)} with an Image Factory installer whose schematic names each extension once, and read the list again after the boot. A reboot keeps the image, and so does a reset, which destroys data for nothing.`;
}
