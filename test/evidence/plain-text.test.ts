import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText, slackText } from '../../lib/evidence/plain-text.ts';

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '*',
      '_',
      '~',
      '`',
      '<',
      '>',
      '&',
      '@',
      '#',
      ':',
      '/',
      '!',
      '\n',
      '\u001b',
      '\u202e',
      '\u200b',
      'a',
      '1',
      ' ',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 80,
});

test('whatever a node writes becomes one line without control, bidi or zero-width characters', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const clean = plainText(text);
      expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(clean).toBe(plainText(clean));
    }),
  );
});

test('text is cut with an ellipsis, never longer than asked and never in the middle of a character', () => {
  fc.assert(
    fc.property(hostile, fc.nat(100), (text, maxLength) => {
      const clean = plainText(text, { maxLength });
      expect(clean.length).toBeLessThanOrEqual(maxLength);
      expect(clean).not.toMatch(/\p{Cs}/u);
    }),
  );
  expect(plainText('abcdef', { maxLength: 4 })).toBe('abc…');
  expect(plainText('abcd', { maxLength: 4 })).toBe('abcd');
  expect(plainText('ab😀cd', { maxLength: 4 })).toBe('ab…');
});

test('a colour code and a direction override leave a visible mark', () => {
  expect(plainText('\u001b[31mred\u001b[0m')).toBe('\ufffd[31mred\ufffd[0m');
  expect(plainText('cp-1\u202egnp')).toBe('cp-1\ufffdgnp');
  expect(plainText(' a\r\n\tb ')).toBe('a b');
});

test('ordinary text of any language stays as it is', () => {
  for (const text of ['Übergröße', 'ノード', 'état', 'naïve café', '10.0.0.1:50000', 'a & b < c']) {
    expect(plainText(text)).toBe(text);
  }
});

test('in Slack nothing that a node writes is formatting, a link, a mention or an emoji', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const safe = slackText(text);
      expect(safe).not.toMatch(/[*~`<>@#]|:\/\//);
      expect(safe).not.toMatch(/&(?!(?:amp|lt|gt);)/);
      expect(safe).not.toMatch(/^&gt;/);
      expect(safe).not.toMatch(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/);
    }),
  );
});

test('known tricks are defused, and names, codes and addresses stay readable', () => {
  expect(slackText('<!channel> & <https://evil.example|click>')).toBe(
    '&lt;!channel&gt; &amp; &lt;https:\u2215\u2215evil.example|click&gt;',
  );
  expect(slackText(':white_check_mark: verified')).not.toContain(':white_check_mark:');
  expect(slackText('_done_')).toBe('\u02cddone\u02cd');
  expect(slackText('state_not_found_in_time on b0:83:fe:00:00:01 at 12:30:45')).toBe(
    'state_not_found_in_time on b0:83:fe:00:00:01 at 12:30:45',
  );
});

test('long hostile text is cleaned in linear time', () => {
  const long = ':a_*<\u0301'.repeat(50_000);
  expect(slackText(long).length).toBeGreaterThan(100_000);
});
