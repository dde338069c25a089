import { type Team, teamConfig } from '../local/team-config.ts';

/** What MEDIC_CONFIG says, as `npm start` reads it; the mistakes of the file are thrown. */
export async function configuredTeam(): Promise<Team> {
  const team = await teamConfig(process.env['MEDIC_CONFIG'] || undefined);
  if (!team.ok) throw new Error(team.error.join('\n'));
  return team.value;
}
