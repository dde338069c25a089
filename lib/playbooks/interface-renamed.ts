import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { AddressSpecReading, LinkReading } from '../evidence/values.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { addressByCard } from './config-patch.ts';
import type { Citation, Confidence, Facts, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';

const SHOWN = 4;

/** The config gives an address to a network card by its name, and the kernel calls that card something else. As in siderolabs/talos#8640. */
export const interfaceRenamed: Playbook = {
  name: 'interface-renamed',
  diagnose(evidence, facts) {
    const links = readValue(evidence.readings.links);
    const homeless = links === undefined ? [] : homelessAddresses(evidence, links);
    const [first] = homeless;
    if (links === undefined || first === undefined) return [];
    const cards = links.filter(isCard);
    const missing = missingMacs(cards, facts);
    const node = quote(facts.inventory?.name ?? evidence.node);
    const names = few([...new Set(homeless.map(({ link }) => link))]);
    return [
      {
        code: 'interface_renamed',
        severity: isHealthy(evidence) ? 'warning' : 'critical',
        confidence: confidenceOf(evidence, facts, homeless, missing),
        summary: `The config of ${node} gives ${few(homeless.map(({ address }) => address))} to ${names}, but no link of ${node} has that name${cards.length === 0 ? '' : `; its cards are ${few(cards.map(({ id }) => id))}`}.`,
        evidence: present([
          ...homeless
            .slice(0, SHOWN)
            .map(({ address, link }) =>
              cite('addressSpecs', `${address} belongs on ${link} by the config, and no link has it.`),
            ),
          cite(
            'links',
            `Cards: ${list(cards.slice(0, SHOWN).map(({ id, permanentAddr, isUp }) => `${id} (${permanentAddr}, ${isUp ? 'up' : 'down'})`))}.`,
          ),
          argumentsCitation(evidence),
        ]),
        suggests: ['apply_config'],
        explains: true,
        rulesOut:
          missing !== undefined && missing.length === 0
            ? [
                {
                  code: 'network_card_missing',
                  because: 'Every card that the inventory knows is there, by its hardware address.',
                },
              ]
            : [],
        patch: addressByCard(onlyCard(cards, evidence), homeless.map(({ address }) => address).slice(0, SHOWN)),
        advice: `${missing !== undefined && missing.length > 0 ? `First see where the card ${few(missing)} is: it is not there under any name. ` : ''}In machine.network.interfaces select the card by deviceSelector (hardwareAddr or busPath) instead of ${names}, and apply it with talosctl apply-config --mode=try, which takes itself back if it cuts the node off. A reboot gives the same name again.`,
      },
    ];
  },
};

type Links = readonly LinkReading[];

/** Cards have no kind (a bond or a bridge has one) and an address of their own. */
const isCard = ({ id, kind, permanentAddr }: LinkReading): boolean =>
  kind === '' && id !== 'lo' && permanentAddr !== '';

/** The one card without an address, which must be the one that is meant; undefined: there are several, or none. */
function onlyCard(cards: Links, { readings }: Evidence): string | undefined {
  const taken = new Set((readValue(readings.addressSpecs) ?? []).map(({ link }) => link));
  const [free, ...more] = cards.filter(({ id }) => !taken.has(id));
  return more.length === 0 ? free?.permanentAddr : undefined;
}

/** From the config, for a link that is not there; an alias of a link counts as there when the address is. */
function homelessAddresses({ readings }: Evidence, links: Links): readonly AddressSpecReading[] {
  const present = readValue(readings.addresses);
  if (present === undefined) return [];
  const names = new Set(links.map(({ id }) => id));
  return (readValue(readings.addressSpecs) ?? []).filter(
    ({ address, link, layer }) => layer === 'configuration' && !names.has(link) && !present.includes(address),
  );
}

/** undefined: the inventory knows no card. */
function missingMacs(cards: Links, { inventory }: Facts): readonly string[] | undefined {
  const known = inventory?.identity.macs ?? [];
  const seen = new Set(cards.map(({ permanentAddr }) => permanentAddr));
  return known.length === 0 ? undefined : known.filter((mac) => !seen.has(mac));
}

/**
 * That the node had the address while it was well, and has all its cards, leaves only their names. A card that is away
 * has no address either, and a config may name one that never was there.
 */
function confidenceOf(
  { readings }: Evidence,
  { inventory }: Facts,
  homeless: readonly AddressSpecReading[],
  missing: readonly string[] | undefined,
): Confidence {
  if (missing === undefined || missing.length > 0) return 'possible';
  const isRunning = readValue(readings.machineStatus)?.stage === 'running';
  const hadIt = homeless.some(({ address }) => inventory?.addresses.includes(address.split('/')[0] ?? '') === true);
  return isRunning && hadIt ? 'certain' : 'likely';
}

function argumentsCitation({ readings }: Evidence): Citation | undefined {
  const set = readValue(readings.kernelCmdline)
    ?.split(' ')
    .find((argument) => argument.startsWith('net.ifnames='));
  return set === undefined ? undefined : cite('kernelCmdline', `Booted with ${set}.`);
}
