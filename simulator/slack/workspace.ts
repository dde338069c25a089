import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Fault } from './faults.ts';
import { Message, type Notice, OpenView, ResponseUrl, type Trigger } from './model.ts';
import { openTables, type Table } from './tables.ts';

/** All state of one local Slack, and the few things that everything needs: time, ids, and who wants to know. */
export type Workspace = {
  readonly messages: Table<Message>;
  readonly views: Table<OpenView>;
  readonly homes: Table<OpenView>;
  readonly responseUrls: Table<ResponseUrl>;
  readonly settings: Table<string>;
  readonly triggers: Map<string, Trigger>;
  readonly faults: Fault[];
  readonly botToken: string;
  readonly signingSecret: string;
  now(): number;
  nextTs(): string;
  nextId(prefix: string): string;
  notify(user: string, text: string): void;
  dismiss(user: string, noticeId: string): void;
  noticesFor(user: string): readonly Notice[];
  onChange(listener: () => void): () => void;
  close(): void;
};
export type WorkspaceOptions = {
  readonly folder: string;
  readonly botToken: string;
  readonly signingSecret: string;
  readonly now: () => number;
};

export function openWorkspace({ folder, botToken, signingSecret, now }: WorkspaceOptions): Workspace {
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const tables = openTables(folder, changed);
  const messages = tables.table('messages', Message);
  const notices = new Map<string, readonly Notice[]>();
  let lastMicros = Math.max(0, ...messages.values().map(({ ts }) => Math.round(Number(ts) * 1e6)));

  const nextId = (prefix: string) => `${prefix}0${randomBytes(5).toString('hex').toUpperCase()}`;
  const noticesFor = (user: string) => notices.get(user) ?? [];
  return {
    messages,
    views: tables.table('views', OpenView),
    homes: tables.table('homes', OpenView),
    responseUrls: tables.table('responseUrls', ResponseUrl),
    settings: tables.table('settings', z.string()),
    triggers: new Map(),
    faults: [],
    botToken,
    signingSecret,
    now,
    nextTs() {
      lastMicros = Math.max(lastMicros + 1, Math.round(now() * 1000));
      return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
    },
    nextId,
    notify(user, text) {
      notices.set(user, [...noticesFor(user).slice(-4), { id: nextId('N'), text }]);
      changed();
    },
    dismiss(user, noticeId) {
      notices.set(
        user,
        noticesFor(user).filter(({ id }) => id !== noticeId),
      );
      changed();
    },
    noticesFor,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: tables.close,
  };
}

export const messageKey = (channel: string, ts: string) => `${channel}/${ts}`;
/** Oldest first. */
export const messagesOf = (workspace: Workspace, channel: string) =>
  workspace.messages
    .values()
    .filter((message) => message.channel === channel)
    .sort((a, b) => (a.ts < b.ts ? -1 : 1));
