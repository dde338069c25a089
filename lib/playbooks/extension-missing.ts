import { readValue } from '../evidence/reading.ts';
import { cite, few, present, quote } from './cite.ts';
import { isExtensionLayer } from './extension-layers.ts';
import type { Playbook } from './finding.ts';
import { isExtension } from './services.ts';

/**
 * Extensions that the image had while the node was well, and has no more. All of them at once are what an upgrade with
 * an installer leaves that carries none.
 */
export const extensionMissing: Playbook = {
  name: 'extension-missing',
  diagnose({ node, readings }, { inventory }) {
    const now = readValue(readings.extensions)?.filter(isExtensionLayer);
    const before = inventory?.baseline;
    if (now === undefined || before === undefined) return [];
    const had = before.extensions.map(nameOf).filter((name) => isExtensionLayer({ name }));
    const gone = [...new Set(had)].filter((name) => !now.some((layer) => layer.name === name));
    if (gone.length === 0) return [];
    const isAll = now.length === 0;
    const tag = readValue(readings.version)?.tag;
    const since = inventory?.version !== undefined && tag !== undefined && tag !== inventory.version;
    const services = readValue(readings.services);
    const goneServices = before.services
      .filter((id) => isExtension({ id }))
      .filter((id) => services !== undefined && !services.some((one) => one.id === id));
    return [
      {
        code: 'extension_missing',
        severity: isAll ? 'warning' : 'info',
        confidence: isAll ? 'likely' : 'possible',
        summary: `The image of ${quote(inventory?.name ?? node)} ${isAll ? 'has no extensions any more; it had' : 'no longer has'} ${few(gone)}${since ? `, since ${quote(inventory?.version ?? '')} became ${quote(tag ?? '')}` : ''}.`,
        evidence: present([
          cite(
            'inventory',
            `On ${before.seenAt} it had ${few(before.extensions.filter((text) => gone.includes(nameOf(text))))}.`,
          ),
          cite('extensions', isAll ? 'None in the image.' : `In the image: ${few(now.map(({ name }) => name))}.`),
          goneServices.length > 0 ? cite('services', `Gone with them: ${few(goneServices)}.`) : undefined,
        ]),
        suggests: isAll ? ['upgrade'] : [],
        parameters: { upgrade: { addExtensions: gone.join(',') } },
        rulesOut: [],
        advice:
          'If that was not wanted, upgrade to an Image Factory installer of this version whose schematic names them: a plain installer carries no extensions, and what the machine config lists is ignored from 1.10 on.',
      },
    ];
  },
};

/** Baselines keep `name version`. */
const nameOf = (text: string): string => text.split(' ')[0] ?? '';
