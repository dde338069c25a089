#!/usr/bin/env node
import { auditCommand } from './audit.ts';
import { diagnoseCommand } from './diagnose.ts';
import { probeCommand } from './probe.ts';
import { type Command, UsageError } from './usage.ts';

/** Exit codes: 0 as asked, 1 the answer is bad news (a broken chain, a silent node), 2 it could not be done. */
const commands: Readonly<Record<string, Command>> = {
  diagnose: diagnoseCommand,
  probe: probeCommand,
  audit: auditCommand,
};

const HELP = `medic: diagnose Talos nodes, verify the audit trail.

  medic diagnose --scenario FILE --node NAME [--json]
      Starts the simulated cluster of a scenario file and diagnoses one of its nodes.
  medic diagnose --talosconfig FILE --node ADDRESS [--json]
      Diagnoses a real node, read only, with the certificate of the talosconfig (os:reader is enough).
  medic probe ADDRESS [--talosconfig FILE] [--json]
      Says what stands at an address: TCP, TLS (certificate, issuer, validity, fingerprint), Talos. Exit 1 when it
      cannot be spoken to.
  medic audit verify [--json]
      Checks every event of the audit trail in MEDIC_DATA (default .medic), or of DYNAMODB_ENDPOINT.

  medic diagnose --scenario simulator/scenarios/c04-state-not-found-in-time.yaml --node w-2
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
