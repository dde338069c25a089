import { setDefaultResultOrder } from 'node:dns';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBlobs } from '../lib/blobs/file-blobs.ts';
import { fileVault } from '../lib/blobs/file-vault.ts';
import { createImageFactory } from '../lib/factory/client.ts';
import { ownPlaybooks } from '../lib/own-playbooks/own-playbooks.ts';
import { pageUrl } from '../lib/playbooks/page-url.ts';
import { projectFile } from '../lib/project-file.ts';
import { fileDataKeys } from '../lib/sealing/file-data-keys.ts';
import { createSlackPort } from '../lib/slack/web.ts';
import { createTables } from '../lib/store/create-tables.ts';
import { createStore } from '../lib/store/dynamo-store.ts';
import { createAdmin } from '../lib/talos/admin.ts';
import { createOperator } from '../lib/talos/operator.ts';
import { ownCertificates } from '../lib/talos/own-certificates.ts';
import { createReader } from '../lib/talos/reader.ts';
import { alertTokens } from './alert-tokens.ts';
import { banner } from './banner.ts';
import { localBackups, localConfigs } from './config-folders.ts';
import { crashesBy, crashingClient, crashingPorts } from './crash-ports.ts';
import { createDemo } from './demo.ts';
import { demoReviewers } from './demo-config.ts';
import { localDynamoClient, startDynoxide } from './dynoxide.ts';
import { fileLog } from './file-log.ts';
import { auditRoutes } from './http/audit-routes.ts';
import { demoRoutes } from './http/demo-routes.ts';
import { functionRoutes } from './http/functions.ts';
import { createGuard } from './http/guard.ts';
import { playbookRoutes } from './http/playbook-routes.ts';
import { json } from './http/request.ts';
import { listen } from './http/server.ts';
import { slackPassage } from './http/slack-passage.ts';
import { learnWorld, liveWorld } from './live-world.ts';
import { readSecrets } from './local-secrets.ts';
import { type Ports, startMedic } from './medic.ts';
import { holdFolder } from './only-one.ts';
import { readSettings, type Settings, worldFolder } from './settings.ts';
import { keepAwake, localSlack, simulatedCluster, stopNeighbour } from './simulated-world.ts';
import { localTables } from './tables.ts';
import { pagesOf, refusal, teamConfig } from './team-config.ts';

/** `npm start`: all of Medic on one machine, with a simulated cluster and a local Slack beside it. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
setDefaultResultOrder('ipv4first');

async function start(settings: Settings): Promise<void> {
  const { dataFolder } = settings;
  const team = await teamConfig(settings.configFile);
  if (!team.ok) return giveUp(team.error.join('\n'));
  const { own } = team.value;
  await mkdir(dataFolder, { recursive: true });
  const held = await holdFolder(dataFolder);
  if (!held.ok) return giveUp(held.error);
  const now = () => new Date();
  const log = fileLog(join(dataFolder, 'medic.log'), now);
  for (const { name, because } of own.refused) {
    log('playbook_refused', { playbook: name, because });
    console.error(refusal(name, because));
  }
  const pages = pagesOf(own);
  const secrets = readSecrets(dataFolder);
  const alertToken = settings.alertToken ?? secrets.alertToken;
  const apiToken = settings.apiToken ?? secrets.apiToken;

  const database =
    settings.dynamoEndpoint === undefined
      ? await startDynoxide({
          dbPath: join(dataFolder, 'medic.db'),
          log: (line) => log('database', { line }),
          onGivenUp: (reason) => giveUp(`The local database cannot be kept running: ${reason}.`),
        })
      : undefined;
  const endpoint = database?.endpoint ?? settings.dynamoEndpoint ?? '';
  const client = localDynamoClient(endpoint);
  const crashes = crashesBy(process.env['MEDIC_CRASH_FILE']);
  crashingClient(crashes, client);
  await createTables(client, localTables);
  const store = createStore({ client, tables: localTables, now });
  // people who read have connections of their own, and no part in what a crash test counts
  const record = createStore({ client: localDynamoClient(endpoint), tables: localTables, now });

  const world = await simulatedCluster(settings);
  const live = await liveWorld(worldFolder(dataFolder), world);
  const { access } = live;
  const slack = await localSlack(settings, secrets, `http://127.0.0.1:${settings.port}/slack/events`);
  const slackApi = `${slack.url}/local/slack/api/`;
  // the simulated nodes pull from nowhere else
  const config = { ...team.value.config, imageFactory: world.factory };
  const ports: Ports = crashingPorts(crashes, {
    store,
    blobs: fileBlobs(join(dataFolder, 'blobs')),
    reader: createReader(access),
    operator: createOperator(access),
    admin: createAdmin(access),
    configs: localConfigs(dataFolder),
    backups: localBackups(dataFolder),
    keys: fileDataKeys(join(dataFolder, 'sealing.key')),
    vault: fileVault(join(dataFolder, 'vault')),
    factory: createImageFactory({ url: config.imageFactory }),
    slack: createSlackPort({ token: secrets.slackBotToken, apiUrl: slackApi, log }),
  });

  const address = `http://127.0.0.1:${settings.port}`;
  const medic = startMedic({
    ports,
    config,
    ownPlaybooks: ownPlaybooks(own.playbooks),
    tokens: alertTokens([{ token: alertToken, clusters: [world.cluster] }]),
    clusterCaPem: () => access.caPem,
    slackApp: { signingSecret: secrets.slackSigningSecret, botToken: secrets.slackBotToken, apiUrl: slackApi },
    auditUrl: (id) => `${address}/audit/incidents/${id}`,
    pageOf: pageUrl(address, pages),
    now,
    log,
    lookAgainMs: settings.lookAgainMs,
    sweepEveryMs: settings.sweepEveryMs,
    patrolEveryMs: settings.patrolEveryMs,
    certificates: () => ownCertificates(access),
  });
  const reader = ports.reader;
  const demo = createDemo({
    world,
    deps: medic.deps,
    reader,
    live,
    alertsUrl: `${address}/alerts`,
    alertToken,
    firingFile: join(dataFolder, 'firing.json'),
  });
  const guard = createGuard({ apiToken, sessionKey: secrets.sessionKey, people: demoReviewers, now });
  const http = await listen(
    settings.port,
    [
      ...functionRoutes(medic),
      ...auditRoutes({
        ledger: record,
        items: record,
        audit: record,
        guard,
        people: demoReviewers,
        pageOf: pageUrl('', pages),
      }),
      playbookRoutes(projectFile('docs/playbooks'), pages),
      ...demoRoutes(demo),
      ({ path }) => (path === '/healthz' ? json(200, { ok: true }) : undefined),
      ({ path }) => (path === '/favicon.ico' ? { status: 204 } : undefined),
    ],
    [slackPassage(() => slack.url)],
    log,
  );

  const stop = async (isClean: boolean): Promise<never> => {
    if (http.ok) await http.value.close();
    await medic.stop();
    await database?.stop();
    await Promise.all([stopNeighbour(world.pid), stopNeighbour(slack.pid)]);
    held.value.release();
    process.exit(isClean ? 0 : 1);
  };
  if (!http.ok) {
    console.error(http.error);
    return stop(false);
  }
  let isStopping = false;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (isStopping) return;
      isStopping = true;
      console.log('\nStopping: the simulated cluster and the local Slack end too. Your data stays.');
      void stop(true);
    });
  }
  setInterval(() => void keepAwake(world, slack), 60_000).unref();
  const unknown = await learnWorld(medic.deps, reader, live.targets());
  if (unknown.length > 0) log('not_learned', { nodes: unknown.join(' ') });
  await medic.resume();
  console.log(banner({ address, alertToken, apiToken, world, dataFolder }));
}

function giveUp(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

const settings = readSettings(process.env);
if ('problems' in settings) giveUp(settings.problems.join('\n'));
start(settings).catch((error: unknown) => giveUp(error instanceof Error ? error.message : String(error)));
