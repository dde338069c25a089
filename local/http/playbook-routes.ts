import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditHeaders } from '../../lib/audit/pages/page.ts';
import { renderPlaybook, renderPlaybookList } from '../../lib/audit/pages/playbook-page.ts';
import { BUILT_IN_CODES } from '../../lib/playbooks/built-in.ts';
import type { OwnPages } from '../../lib/playbooks/page-url.ts';
import type { Request, Response, Route } from './request.ts';

/** `/playbooks`: what findings mean. The same for everybody, so nobody signs in. `folder`: docs/playbooks. */
export const playbookRoutes =
  (folder: string, own: OwnPages): Route =>
  async ({ method, path }: Request): Promise<Response | undefined> => {
    if (method !== 'GET') return undefined;
    const hosted = new Map([...own].flatMap(([name, page]) => ('markdown' in page ? [[name, page.markdown]] : [])));
    if (path === '/playbooks') return shown(renderPlaybookList(BUILT_IN_CODES.toSorted(), [...hosted.keys()]));
    const name = /^\/playbooks\/([a-z0-9_-]{1,64})$/.exec(path)?.[1];
    if (name === undefined) return undefined;
    const text = BUILT_IN_CODES.includes(name) ? await readFile(join(folder, `${name}.md`), 'utf8') : hosted.get(name);
    return text === undefined ? undefined : shown(renderPlaybook(name, text));
  };

const shown = (body: string): Response => ({ status: 200, headers: auditHeaders, body });
