/** "Look at `subject`": what is due is read from the state, so a lost or doubled message is harmless. */
export type Message = {
  /** The function that shall look, as in `handlers/`. */
  readonly function: string;
  /** Key of the stream. */
  readonly subject: string;
  readonly step: string;
};

export type SendOptions = {
  /** Not delivered before. SQS takes up to 900,000. */
  readonly delayMs?: number;
  /** While a message with this key waits, another one is not queued; the earlier of both times counts. */
  readonly dedupe?: string;
};

export interface Queue {
  /** Resolves when the queue has it. Delivered at least once, in any order. */
  send(message: Message, options?: SendOptions): Promise<void>;
}
