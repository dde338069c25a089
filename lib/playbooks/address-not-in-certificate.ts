import { cite, present, quote } from './cite.ts';
import { certSan } from './config-patch.ts';
import type { Playbook } from './finding.ts';

/** The node is the right one and was asked under an address that its certificate does not name. As in home-operations/tuppr#22. */
export const addressNotInCertificate: Playbook = {
  name: 'address-not-in-certificate',
  diagnose({ reach, address, node }, { inventory }) {
    if (reach.mode !== 'refused' || reach.error?.code !== 'wrong_server_name') return [];
    const name = quote(inventory?.name ?? node);
    const isOurs = reach.certificate?.isSignedByCluster === true;
    return [
      {
        code: 'address_not_in_certificate',
        severity: 'critical',
        confidence: isOurs ? 'certain' : 'likely',
        summary: `Medic cannot ask ${name} under ${quote(address)}, because the certificate of ${name} does not name that address; whether it is well cannot be seen.`,
        evidence: present([cite('reach', reach.error.message)]),
        suggests: [],
        explains: true,
        rulesOut: present([
          isOurs
            ? { code: 'foreign_node_at_address', because: "The certificate is from this cluster's CA." }
            : undefined,
          { code: 'node_silent', because: `${name} answers and shakes hands.` },
        ]),
        advice: `Let Medic ask ${name} under an address that it has itself (inventory), or add ${quote(address)} to machine.certSANs: Talos then makes a new certificate, without a reboot. It is often the address of a NAT or a load balancer.`,
        patch: certSan(address),
      },
    ];
  },
};
