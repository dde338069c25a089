export const BODY = 'return [finding]';

/** The text of a playbook, its diagnose on the second line. */
export const playbook = (name: string, diagnose = 'return []', more = ''): string =>
  `import type { Playbook } from 'talos-medic/playbook';
export const playbook = { name: '${name}', ${more} diagnose(evidence, facts) { ${diagnose} } };
const finding = { code: '${name.replaceAll('-', '_')}', severity: 'warning', confidence: 'likely', summary: 'It is odd.',
  evidence: [{ reading: 'kernelLog', says: 'odd' }], suggests: [], rulesOut: [], advice: 'Look.' };
`;
