import { type Html, html } from './html.ts';

/** `2026-11-20 21:23:17 UTC`; anything that is no time stays as it was written. */
export function utc(at: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return at;
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export const timeTag = (at: string, shown: string = utc(at)): Html =>
  html`<time datetime="${at}" title="${at}">${shown}</time>`;

/** Only the clock: for lists whose day is said above. */
export const clock = (at: string): string => (Number.isNaN(Date.parse(at)) ? at : utc(at).slice(11, 19));

/** Two units at most: `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return two(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return two(minutes, 60, 'h', 'min');
  return two(Math.round(minutes / 60), 24, 'd', 'h');
}

function two(count: number, per: number, big: string, small: string): string {
  const rest = count % per;
  const whole = `${Math.floor(count / per)} ${big}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

/** From one stamp to another; empty when one is no time. */
export function between(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) ? '' : duration(Math.max(0, ms));
}
