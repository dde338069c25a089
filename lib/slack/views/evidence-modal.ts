import type { KnownBlock, ModalView } from '@slack/types';
import type { StoredFinding } from '../../incidents/event.ts';
import type { Diagnosis, IncidentState } from '../../incidents/state.ts';
import { callbackId } from '../action-ids.ts';
import { en } from '../text/en.ts';
import { plain, section, sectionsOf } from './blocks.ts';
import { outside, sentence, when } from './mrkdwn.ts';

const FINDINGS_SHOWN = 8;
const TEXT_MAX = 500;
/** Sections of the readings table, each up to 3,000 characters: a modal takes 100 blocks. */
const READING_SECTIONS = 12;

/** What was found and everything that was read, for anyone who can see the channel. */
export function renderEvidence(state: IncidentState): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId.evidence,
    title: plain(en.modal.evidenceTitle),
    close: plain(en.modal.back),
    blocks: state.diagnosis ? [...evidenceBlocks(state.node, state.diagnosis)] : [section(en.modal.noEvidence)],
  };
}

function evidenceBlocks(node: string, diagnosis: Diagnosis): readonly KnownBlock[] {
  const { modal } = en;
  const shown = (text: string) => (text === '' ? en.answer.unknown : outside(text, 60));
  const findings = diagnosis.findings.slice(0, FINDINGS_SHOWN);
  const left = diagnosis.findings.length - findings.length;
  return [
    section(
      modal.evidenceHead(
        outside(node, 100),
        when(diagnosis.at),
        shown(diagnosis.reach),
        shown(diagnosis.stage),
        shown(diagnosis.version),
      ),
    ),
    ...findings.flatMap(findingBlocks),
    ...(left > 0 ? [section(modal.more(left))] : []),
    ...sectionsOf(
      modal.readings,
      diagnosis.readings.map(({ name, source, node: from, answer }) =>
        modal.reading(outside(name, 60), outside(source, 120), outside(from, 60), outside(answer, TEXT_MAX)),
      ),
      READING_SECTIONS,
      modal.more,
    ),
  ];
}

function findingBlocks(finding: StoredFinding): readonly KnownBlock[] {
  const { modal } = en;
  const title = modal.finding(
    outside(finding.summary, TEXT_MAX),
    outside(finding.code, 60),
    en.confidence[finding.confidence],
  );
  const lines = [
    ...finding.evidence.map(({ reading, says }) => modal.citation(outside(reading, 60), outside(says, TEXT_MAX))),
    ...finding.rulesOut.map(({ code, because }) => modal.rulesOut(outside(code, 60), outside(because, TEXT_MAX))),
    ...(finding.advice === '' ? [] : [en.card.nextStep(sentence(outside(finding.advice, TEXT_MAX)))]),
  ];
  return lines.length === 0 ? [section(title)] : sectionsOf(title, lines, 2, modal.more);
}
