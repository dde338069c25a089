import * as z from 'zod';

/** Who did it: a person as Slack named them that day, Medic itself, or Alertmanager. */
export const Actor = z.object({
  kind: z.enum(['person', 'medic', 'alertmanager']),
  id: z.string(),
  team: z.string(),
  name: z.string(),
});
export type Actor = z.infer<typeof Actor>;

export const medic: Actor = { kind: 'medic', id: 'medic', team: '', name: 'Talos Medic' };
export const alertmanager = (receiver: string): Actor => ({
  kind: 'alertmanager',
  id: 'alertmanager',
  team: '',
  name: receiver,
});
