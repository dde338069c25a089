/** What `medic simulate` serves. `look` names the node that the scenario is about. */
export type Serving = {
  readonly scenario: string;
  readonly summary: string;
  readonly seed: string;
  readonly factor: number;
  readonly folder: string;
  /** The folder was asked for, and stays. */
  readonly isKept: boolean;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: string;
    readonly address: string;
    readonly port: number;
    readonly stage: string;
  }[];
  /** Base URL of the simulated Image Factory. */
  readonly factory: string;
  readonly talosconfigs: { readonly reader: string; readonly operator: string; readonly admin: string };
  readonly look: string;
};

const TALOS_PORT = 50_000;

/** One screen for a person: the nodes, the keys to them, what to try, and how it ends. */
export function sayServing(serving: Serving): string {
  const { scenario, summary, seed, factor, folder, isKept, nodes, factory, talosconfigs } = serving;
  const pace = factor === 1 ? 'in real time' : `${factor} times as fast as real time`;
  return [
    `${scenario}: ${summary}`,
    '',
    ...columns([
      ['NODE', 'ROLE', 'ADDRESS', 'STAGE'],
      ...nodes.map(({ name, role, address, port, stage }) => [name, role, `${address}:${port}`, stage]),
    ]),
    '',
    ...columns([
      ['TALOSCONFIG', 'ROLE', 'FILE'],
      ['reader', 'os:reader', talosconfigs.reader],
      ['operator', 'os:operator', talosconfigs.operator],
      ['admin', 'os:admin', talosconfigs.admin],
    ]),
    '',
    `Image Factory that they pull from: ${factory}`,
    '',
    'What to try, in another terminal',
    ...examples(serving).map((line) => `  ${line}`),
    '',
    `The machines live ${pace}; their identity comes from the seed "${seed}".`,
    isKept
      ? `Ctrl-C ends all of it. ${folder} stays: the same command goes on where it stopped.`
      : 'Ctrl-C ends all of it and removes the files.',
  ].join('\n');
}

/** One node for talosctl that a certificate opens, and the node of the scenario for what finds out what is wrong. */
function examples({ nodes, talosconfigs: { reader }, look }: Serving): readonly string[] {
  const node = nodes.find(({ name }) => name === look) ?? nodes[0];
  const open = node?.stage === 'running' ? node : nodes.find(({ stage }) => stage === 'running');
  const talosctl = `talosctl --talosconfig ${reader}`;
  return [
    ...(open === undefined ? [] : [`${talosctl} --endpoints ${endpointOf(open)} --nodes ${open.address} services`]),
    ...(node === undefined || node.port !== TALOS_PORT
      ? []
      : [
          `npx medic probe ${node.address}${node.stage === 'maintenance' ? '' : ` --talosconfig ${reader}`}`,
          `npx medic diagnose --talosconfig ${reader} --node ${node.address}`,
        ]),
  ];
}

const endpointOf = ({ address, port }: Serving['nodes'][number]) =>
  port === TALOS_PORT ? address : `${address}:${port}`;

/** Cells side by side, two blanks apart and two from the edge. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((cells) => cells[n]?.length ?? 0)));
  return rows.map((cells) => `  ${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join('  ')}`.trimEnd());
}
