import type {
  ContextBlock,
  HeaderBlock,
  InputBlock,
  KnownBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from '@slack/types';
import { TYPED } from '../action-ids.ts';
import { cut } from './mrkdwn.ts';

/** Characters that Slack takes. Source: Slack's reference of Block Kit. */
export const SECTION_MAX = 3000;
const HEADER_MAX = 150;

export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text, emoji: true });
/** `verbatim`: a bare domain or a channel name in outside text does not become a link. */
const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text: cut(text, SECTION_MAX), verbatim: true });
export const header = (text: string): HeaderBlock => ({ type: 'header', text: plain(cut(text, HEADER_MAX)) });
export const section = (text: string): SectionBlock => ({
  type: 'section',
  text: mrkdwn(text),
});
export const context = (text: string): ContextBlock => ({
  type: 'context',
  elements: [mrkdwn(text)],
});

/** A section per line of thought: nothing where there is nothing to say. */
export const sectionOf = (lines: readonly string[]): readonly KnownBlock[] =>
  lines.length === 0 ? [] : [section(lines.join('\n'))];

/**
 * Lines under a title, in as few sections as they fit, at most `maxSections` of `SECTION_MAX` characters;
 * what does not fit is counted by `more`.
 */
export function sectionsOf(
  title: string,
  lines: readonly string[],
  maxSections: number,
  more: (count: number) => string,
): readonly KnownBlock[] {
  if (lines.length === 0) return [];
  const room = SECTION_MAX - 100;
  const texts: string[] = [title];
  for (const [index, line] of lines.entries()) {
    const last = texts.at(-1) ?? '';
    const shown = cut(line, room - title.length - 1);
    if (last.length + 1 + shown.length <= room) texts[texts.length - 1] = `${last}\n${shown}`;
    else if (texts.length < maxSections) texts.push(shown);
    else {
      texts[texts.length - 1] = `${last}\n${more(lines.length - index)}`;
      break;
    }
  }
  return texts.map(section);
}

export function textInput(input: {
  readonly blockId: string;
  readonly label: string;
  readonly hint?: string;
  readonly isMultiline?: boolean;
  readonly isOptional?: boolean;
  readonly maxLength: number;
}): InputBlock {
  return {
    type: 'input',
    block_id: input.blockId,
    label: plain(input.label),
    ...(input.hint === undefined ? {} : { hint: plain(input.hint) }),
    optional: input.isOptional ?? false,
    element: {
      type: 'plain_text_input',
      action_id: TYPED,
      multiline: input.isMultiline ?? false,
      max_length: input.maxLength,
    },
  };
}
