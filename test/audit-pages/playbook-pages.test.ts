import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { markdown } from '../../lib/audit/pages/markdown.ts';
import { pageUrl } from '../../lib/playbooks/page-url.ts';
import { playbookRoutes } from '../../local/http/playbook-routes.ts';
import type { Request } from '../../local/http/request.ts';
import { HOSTILE } from './synthetic-incident.ts';

const shown = (text: string): string => markdown(text).toString();

test.for<[written: string, markup: string]>([
  ['**Risk.** R2, *then* `R3`.', '<p><b>Risk.</b> R2, <i>then</i> <code>R3</code>.</p>'],
  ['# `nic_hangs`\n\n## Why', '<h1><code>nic_hangs</code></h1><h2>Why</h2>'],
  ['- one\n- **two**', '<ul><li>one</li><li><b>two</b></li></ul>'],
  ['1. one\n2. two', '<ol><li>one</li><li>two</li></ol>'],
  ['```\na\n  b < c\n```', '<pre><code>a\n  b &lt; c\n</code></pre>'],
  ['> quoted', '<blockquote><p>quoted</p></blockquote>'],
  ['[docs](https://www.talos.dev/?a=1&b=2)', '<p><a href="https://www.talos.dev/?a=1&amp;b=2">docs</a></p>'],
  ['[other](etcd_member_removed.md)', '<p><a href="/playbooks/etcd_member_removed">other</a></p>'],
])('%j is shown as %s', ([written, markup]) => {
  expect(shown(written)).toBe(markup);
});

test('a table keeps its cells', () => {
  expect(shown('| A | B |\n| - | - |\n| **x** | y |')).toMatch(
    /<th scope="col">A<\/th>.*<td class="first"><b>x<\/b><\/td><td>y<\/td>/s,
  );
});

test.for<[what: string, written: string]>([
  ['markup', HOSTILE],
  ['markup in a line', `before ${HOSTILE} after`],
  ['a script behind a link', '[click](javascript:alert%281%29)'],
  ['a script behind an image', '![x](javascript:alert%281%29)'],
  ['data behind a link', '[click](data:text/html;base64,PHNjcmlwdD4=)'],
  ['quotes in a link', '[click](https://example.net/" onmouseover="alert(1))'],
  ['markup in code', '`<img src=x onerror=alert(1)>`'],
  ['a page above', '[click](../../etc/passwd.md)'],
])('%s stays text', ([, written]) => {
  expect(shown(written)).not.toMatch(/<(?:script|img|iframe)|href="(?:javascript|data|\.\.)|" onmouseover="/i);
});

const own = new Map([
  ['hot-disk', { markdown: '# `hot_disk`\n\nIt is hot.' }],
  ['away', { address: 'https://wiki.example.net/away' }],
]);
const route = playbookRoutes('docs/playbooks', own);
const get = (path: string): Request => ({ method: 'GET', path, query: new URLSearchParams(), headers: {}, body: '' });

test('every page of Medic is served as it was written, to everybody, without a script', async () => {
  for (const file of readdirSync('docs/playbooks')) {
    const answer = await route(get(`/playbooks/${file.replace('.md', '')}`));
    expect([file, answer?.status]).toEqual([file, 200]);
    expect(answer?.headers?.['content-security-policy']).toContain("default-src 'none'");
    const main = /<main>(.*)<\/main>/s.exec(answer?.body ?? '')?.[1] ?? '';
    const words = (text: string) => text.match(/[a-zA-Z0-9]{4,}/g) ?? [];
    const written = readFileSync(`docs/playbooks/${file}`, 'utf8');
    expect(words(main.replace(/<[^>]*>|&#?\w+;/g, ' '))).toEqual(words(written.replace(/\]\([^)]*\)/g, ' ')));
  }
});

test('own pages are served by the name of their playbook; what has no page is not there', async () => {
  expect((await route(get('/playbooks/hot-disk')))?.body).toContain('<p>It is hot.</p>');
  expect((await route(get('/playbooks')))?.body).toMatch(
    /href="\/playbooks\/hot-disk".*href="\/playbooks\/nic_hangs"/s,
  );
  for (const path of ['/playbooks/away', '/playbooks/none', '/playbooks/..%2fREADME', '/playbooks/hot-disk/x']) {
    expect([path, await route(get(path))]).toEqual([path, undefined]);
  }
});

test('a card leads to the page of its finding, and nowhere where there is none', () => {
  const pageOf = pageUrl('https://medic.example', own);
  expect(pageOf({ code: 'nic_hangs', playbook: 'nic-hangs' })).toBe('https://medic.example/playbooks/nic_hangs');
  expect(pageOf({ code: 'nic_hangs' })).toBe('https://medic.example/playbooks/nic_hangs');
  expect(pageOf({ code: 'hot_disk_again', playbook: 'hot-disk' })).toBe('https://medic.example/playbooks/hot-disk');
  expect(pageOf({ code: 'away', playbook: 'away' })).toBe('https://wiki.example.net/away');
  expect(pageOf({ code: 'playbook_failed', playbook: 'away' })).toBe('https://medic.example/playbooks/playbook_failed');
  expect(pageOf({ code: 'cold_disk', playbook: 'cold-disk' })).toBeUndefined();
});
