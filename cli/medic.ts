#!/usr/bin/env node
import { auditCommand } from './audit.ts';
import { configCommand } from './config.ts';
import { configsCommand } from './configs.ts';
import { diagnoseCommand } from './diagnose.ts';
import { patrolCommand } from './patrol.ts';
import { playbooksCommand } from './playbooks.ts';
import { probeCommand } from './probe.ts';
import { replayCommand } from './replay.ts';
import { simulateCommand } from './simulate.ts';
import { unsealCommand } from './unseal.ts';
import { type Command, UsageError } from './usage.ts';

/** Exit codes: 0 as asked, 1 the answer is bad news (a broken chain, a silent node), 2 it could not be done. */
const commands: Readonly<Record<string, Command>> = {
  diagnose: diagnoseCommand,
  patrol: patrolCommand,
  probe: probeCommand,
  audit: auditCommand,
  configs: configsCommand,
  replay: replayCommand,
  playbooks: playbooksCommand,
  config: configCommand,
  simulate: simulateCommand,
  unseal: unsealCommand,
};

const HELP = `medic: diagnose Talos nodes, look over clusters, replay incidents, verify the audit trail, simulate a cluster.

  medic diagnose --scenario FILE --node NAME [--playbooks FOLDER] [--json]
      Starts the simulated cluster of a scenario file and diagnoses one of its nodes. FOLDER: playbooks of your own.
  medic diagnose --talosconfig FILE --node ADDRESS [--playbooks FOLDER] [--json]
      Diagnoses a real node, read only, with the certificate of the talosconfig (os:reader is enough).
  medic patrol --cluster NAME [--json]
      Looks over all nodes of a cluster that Medic knows from MEDIC_DATA (default .medic), read only and paced. Exit 0
      when nothing is found, 1 when something is, 2 when it could not look.
  medic patrol --talosconfig FILE [--cluster CONTEXT] [--json]
  medic patrol --scenario FILE [--json]
      The same for the nodes that a talosconfig names and their cluster discovered, or for those of a scenario.
  medic probe ADDRESS [--talosconfig FILE] [--json]
      Says what stands at an address: TCP, TLS (certificate, issuer, validity, fingerprint), Talos. Exit 1 when it
      cannot be spoken to.
  medic audit verify [--json]
      Checks every event of the audit trail in MEDIC_DATA (default .medic), or of DYNAMODB_ENDPOINT.
  medic configs list [--cluster NAME] [--node NAME] [--json]
      Stored machine configs in MEDIC_DATA (default .medic): of which machine, from when, from where.
  medic configs show VERSION|NODE
  medic configs diff OLD NEW [--json]
      What is in one, and in what two of them differ (exit 1). A node stands for its newest version. Secrets are named
      and never shown.
  medic configs backup --talosconfig FILE [--cluster CONTEXT] [--node NAME]
      Reads the configs of the nodes that Medic knows, with an os:admin certificate, and keeps those that are new,
      encrypted. Exit 1 when one could not be kept.
  medic replay INCIDENT [--json]
      Runs today's playbooks on the evidence that an incident stored in MEDIC_DATA (default .medic). Exit 1 when they
      would say something else today.
  medic playbooks [--json]
      Lists every playbook with its stage in each cluster of MEDIC_CONFIG, and how what it suggested ended in the
      incidents of MEDIC_DATA. Exit 1 when one of your own is refused.
  medic config check [FILE]
      Checks medic.yaml (or MEDIC_CONFIG, or FILE) and the playbooks of your own, without calling anybody. Exit 1 with
      every mistake and its place.
  medic simulate --scenario FILE|NAME [--factor N] [--seed S] [--folder DIR] [--json]
      Serves the nodes of a scenario to any Talos client until Ctrl-C, and says where they are and where the talosconfigs
      for reader, operator and admin lie. N: how much faster than real time they live (10). DIR keeps the cluster.
  medic unseal FILE --to FILE [--key FILE]
      Opens what Medic has stored sealed, such as an etcd snapshot, with the key in MEDIC_DATA (default .medic). Exit 1
      when it is not whole, and then nothing is written.

  medic diagnose --scenario simulator/scenarios/c04-state-not-found-in-time.yaml --node w-2
  medic simulate --scenario c04-state-not-found-in-time
  medic simulate --scenario my-incident.yaml --factor 1 --folder my-cluster
`;

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (name === '' || name === 'help' || name === '--help') {
    console.log(HELP);
    return name === '' ? 2 : 0;
  }
  const command = commands[name];
  if (command === undefined) throw new UsageError(`There is no command "${name}".`);
  return command(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof UsageError) console.error(`${error.message}\n\n${HELP}`);
    else console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  },
);
