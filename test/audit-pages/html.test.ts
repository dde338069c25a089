import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '../../lib/audit/pages/html.ts';

test('no text whatsoever opens a tag, ends an attribute or starts an entity of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const inside = html`${text}`.toString();
      expect(inside).not.toMatch(/[<>"']/);
      expect(inside.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
    }),
  );
});

test('markup is only what the tag made: an object that looks like it is refused by the type, lists are joined', () => {
  expect(html`<ul>${['a', 'b'].map((item) => html`<li>${item}</li>`)}</ul>`.toString()).toBe(
    '<ul><li>a</li><li>b</li></ul>',
  );
  expect(html`${undefined}${0}${['<', html`<br>`]}`.toString()).toBe('0&lt;<br>');
});
