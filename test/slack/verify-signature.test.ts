import { expect, test } from 'vitest';
import { isSignedBySlack } from '../../lib/slack/verify-signature.ts';

/** Slack's published example: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const timestamp = '1531420618';
const raw = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };

test("accepts Slack's published example at its own time", () => {
  expect(isSignedBySlack(secret, headers, raw, 1531420618)).toBe(true);
});

test.for([
  { offsetS: 300, accepted: true },
  { offsetS: 301, accepted: false },
  { offsetS: -300, accepted: true },
  { offsetS: -301, accepted: false },
])('a request that our clock sees $offsetS s after its timestamp: accepted $accepted', ({ offsetS, accepted }) => {
  expect(isSignedBySlack(secret, headers, raw, 1531420618 + offsetS)).toBe(accepted);
});

test.for([
  { what: 'another body', change: { raw: Buffer.from('token=other') } },
  { what: 'another secret', change: { secret: 'other' } },
  { what: 'no signature', change: { headers: { 'x-slack-request-timestamp': timestamp } } },
  { what: 'no timestamp', change: { headers: { 'x-slack-signature': signature } } },
  { what: 'a short signature', change: { headers: { ...headers, 'x-slack-signature': signature.slice(0, -2) } } },
  { what: 'a timestamp in words', change: { headers: { ...headers, 'x-slack-request-timestamp': '1531420618e0' } } },
])('refuses $what', ({ change }) => {
  const given = { secret, headers, raw, ...change };
  expect(isSignedBySlack(given.secret, given.headers, given.raw, 1531420618)).toBe(false);
});
