import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { cite, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';
import { KUBELET_CSR, podReporting } from './pod-reporting.ts';

/** The controller is started again after each failure; one alone may be a kubelet that has just started. */
const REPEATED_FROM = 3;

/**
 * The kubelet asks for a serving certificate and nobody approves the request: Kubernetes does not do it by itself. As in
 * siderolabs/talos#7317.
 */
export const kubeletCertificatesNotApproved: Playbook = {
  name: 'kubelet-certificates-not-approved',
  diagnose(evidence, facts) {
    const diagnostic = readValue(evidence.readings.diagnostics)?.find(({ id }) => id === KUBELET_CSR);
    const { tlsErrors } = podReporting(evidence);
    if (diagnostic === undefined && tlsErrors.length < REPEATED_FROM) return [];
    const name = quote(facts.inventory?.name ?? evidence.node);
    const first = tlsErrors[0];
    const last = tlsErrors.at(-1);
    const since = first === undefined || first.at === '' ? '' : `, since ${first.at.replace('T', ' ')} UTC at least`;
    // on a control plane the static pods are not seen either, which is all that is wrong with it then
    const explains = readValue(evidence.readings.machineStatus)?.ready === true;
    return [
      {
        ...(explains ? { explains } : {}),
        code: 'kubelet_certificates_not_approved',
        severity: 'warning',
        confidence: diagnostic === undefined ? 'likely' : 'certain',
        summary: `The kubelet of ${name} has no serving certificate, because nobody approves its request: logs, exec and metrics of its pods fail${since}.`,
        evidence: present([
          diagnostic && cite('diagnostics', [diagnostic.message, ...diagnostic.details].join('; ')),
          last && cite('logs', `${tlsErrors.length} times: ${last.text}`),
          diagnostic === undefined ? undefined : reachedText(evidence),
        ]),
        suggests: [],
        rulesOut: present([
          isKubeletWell(evidence)
            ? { code: 'kubelet_down', because: 'Service kubelet runs and is healthy; only its certificate is missing.' }
            : undefined,
          readValue(evidence.readings.nodeStatus)?.nodeReady === true
            ? {
                code: 'node_not_ready',
                because: 'Kubernetes calls the node Ready: pods run, and the alert is about reading them.',
              }
            : undefined,
        ]),
        advice:
          'Bring back whoever approves (kubelet-serving-cert-approver or the Talos CCM). Until then: kubectl get csr, and kubectl certificate approve of those of kubernetes.io/kubelet-serving whose requester, DNS names and IPs are those of the Node, because a wrong approval lets somebody else pass for this kubelet. Restarts and reboots only make new requests.',
      },
    ];
  },
};

function reachedText({ readings }: Evidence) {
  const nodename = readValue(readings.nodename)?.nodename;
  return nodename === undefined ? undefined : cite('nodename', `Its requests come from system:node:${nodename}.`);
}

const isKubeletWell = ({ readings }: Evidence): boolean =>
  (readValue(readings.services) ?? []).some(
    ({ id, state, health }) => id === 'kubelet' && state === 'Running' && health !== 'unhealthy',
  );
