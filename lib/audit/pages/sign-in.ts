import { html } from './html.ts';
import { page } from './page.ts';

/** Somebody whom the local demo lets a visitor be. `says`: what this person may do, one line. */
export type SignInUser = { readonly id: string; readonly name: string; readonly says: string };

/** Posts `user` to `/audit/sign-in`. Shows nothing of the record. */
export function renderSignIn(users: readonly SignInUser[]): string {
  return page({
    title: 'Sign in',
    trail: [{ label: 'Talos Medic audit', href: '/audit' }],
    viewer: undefined,
    body: html`<h1>Sign in</h1>
<p class="lead">The audit record is for reviewers. Who reads it is recorded too.</p>
${users.length === 0 ? html`<p class="soft">Nobody may sign in here.</p>` : undefined}
<form method="post" action="/audit/sign-in"><ul class="people">${users.map(
      ({ id, name, says }) => html`<li><button name="user" value="${id}">${name}<small>${says}</small></button></li>`,
    )}</ul></form>`,
  });
}
