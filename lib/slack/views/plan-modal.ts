import type { KnownBlock, ModalView } from '@slack/types';
import { ACTION_TITLES, offerId, titleOf } from '../../approvals/action-name.ts';
import type { Plan } from '../../approvals/plan.ts';
import type { IncidentState, PlanState } from '../../incidents/state.ts';
import { actionId, buttonValue, callbackId, inputBlock, privateMetadata } from '../action-ids.ts';
import type { PlanToPrepare, PlanToReview } from '../desk.ts';
import { en } from '../text/en.ts';
import { context, plain, section, sectionOf, sectionsOf, textInput } from './blocks.ts';
import { outside, outsidePlain, sentence, when, withMentions } from './mrkdwn.ts';
import { namesOf, stepText } from './plan-lines.ts';

/** Characters of one outside text, and sections that one list may fill: 40 details stay well below 100 blocks. */
const TEXT_MAX = 600;
const SECTIONS_MAX = 3;
const DETAILS_SHOWN = 30;
const TITLE_MAX = 200;
/** Characters of the plan's hash that people compare. */
const HASH_SHOWN = 16;

/** At once after the click. The plan job finds it again by `external_id`. */
export function renderPreparing({ planId, externalId, state }: PlanToPrepare, offered: string): ModalView {
  const { modal } = en;
  const offer = state.diagnosis?.offers.find(({ id }) => id === offered);
  return {
    type: 'modal',
    callback_id: callbackId.preparing,
    external_id: externalId,
    private_metadata: privateMetadata({ incidentId: state.id, planId, may: 'read' }),
    title: plain(modal.preparingTitle),
    close: plain(modal.back),
    blocks: [
      section(modal.preparing(offer ? title(offer) : offered, outside(state.node, 100), outside(state.cluster, 100))),
      context(modal.preparingHint),
    ],
  };
}

/** The frozen plan, the same for everyone; the question below it depends on who looks. */
export function renderPlan(review: PlanToReview): ModalView {
  const { state, may, because, whoCan, isTyped = false } = review;
  const { plan, hash } = review.plan;
  const { modal } = en;
  const known = state.plans[plan.id];
  const submit = may === 'approve' ? modal.approve : submitLabel(plan);
  return {
    type: 'modal',
    callback_id: callbackId.plan,
    private_metadata: privateMetadata({ incidentId: state.id, planId: plan.id, may }),
    title: plain(ACTION_TITLES[plan.action]),
    close: plain(may === 'read' ? modal.back : modal.cancel),
    ...(may === 'read' ? {} : { submit: plain(submit) }),
    blocks: [
      ...planSections(plan),
      section(
        [
          modal.approvals(plan.approvalsNeeded, namesOrNobody(known)),
          // a refusal names them too
          ...(whoCan === '' || because.includes(whoCan) ? [] : [withMentions(whoCan, 2000)]),
          modal.expires(when(plan.expiresAt)),
        ].join('\n'),
      ),
      ...requestOf(known),
      ...(because === '' ? [] : [section(sentence(withMentions(because, 2000)))]),
      ...(may === 'read' || isTyped ? [] : inputs(plan, may)),
      ...(may !== 'read' && isTyped ? [section(modal.typedBefore)] : []),
      ...(may === 'approve' ? [denyButton(state.id, plan.id)] : []),
      context(modal.hash(outside(hash.slice(0, HASH_SHOWN), HASH_SHOWN))),
    ],
  };
}

/** What it is about may name things of the node. */
const title = (of: Parameters<typeof titleOf>[0]): string => outside(titleOf(of), TITLE_MAX);

const submitLabel = (plan: Plan): string => (plan.approvalsNeeded <= 1 ? en.modal.submitAlone : en.modal.submit);
const namesOrNobody = (known: PlanState | undefined): string =>
  known && known.approvals.length > 0 ? namesOf(known) : en.modal.nobody;

function planSections(plan: Plan): readonly KnownBlock[] {
  const { modal } = en;
  const list = (title: string, lines: readonly string[]) => sectionsOf(title, lines, SECTIONS_MAX, modal.more);
  const details = plan.details.slice(0, DETAILS_SHOWN);
  const cutAway = plan.details.length - details.length;
  return [
    section(
      modal.head(
        title(plan),
        outside(plan.node, 100),
        en.role[plan.role],
        outside(plan.cluster, 100),
        en.risk[plan.risk],
      ),
    ),
    ...list(
      modal.consequences,
      plan.consequences.map((line) => `• ${outside(line, TEXT_MAX)}`),
    ),
    ...list(
      modal.proof,
      plan.proof.map((line) => `• ${outside(line, TEXT_MAX)}`),
    ),
    ...list(modal.details, [
      ...details.map(({ label, text }) => `*${outside(label, 60)}*: ${outside(text, TEXT_MAX)}`),
      ...(cutAway > 0 ? [modal.more(cutAway)] : []),
    ]),
    ...list(
      modal.steps,
      plan.steps.map(({ n, method, probe }) => {
        const step = modal.step(n, stepText(method));
        return method === 'collect_evidence' ? step : step + modal.stepProbe(outside(probe, TEXT_MAX));
      }),
    ),
  ];
}

const requestOf = (known: PlanState | undefined): readonly KnownBlock[] =>
  sectionOf(
    known && known.reason !== ''
      ? [en.modal.reason(outside(known.requestedBy.name, 100), outside(known.reason, TEXT_MAX))]
      : [],
  );

/** What this plan asks to be typed: the name of everybody, the reason of the requester, the console of who approves. */
function inputs(plan: Plan, may: 'submit' | 'approve'): readonly KnownBlock[] {
  const { modal } = en;
  const isLast = may === 'approve' || plan.approvalsNeeded <= 1;
  const nodeName = textInput({
    blockId: inputBlock.nodeName,
    label: modal.nodeName(outsidePlain(plan.node, 200)),
    maxLength: 253,
  });
  const fingerprint = textInput({ blockId: inputBlock.consoleFingerprint, label: modal.fingerprint, maxLength: 64 });
  const reason = textInput({
    blockId: inputBlock.reason,
    label: modal.reasonLabel,
    hint: modal.reasonHint,
    isMultiline: true,
    isOptional: may === 'approve',
    maxLength: 500,
  });
  return [
    ...(plan.typedName === 'required' ? [nodeName] : []),
    ...(isLast && plan.consoleFingerprint !== '' ? [fingerprint] : []),
    reason,
  ];
}

const denyButton = (incidentId: string, planId: string): KnownBlock => ({
  type: 'actions',
  block_id: 'decide',
  elements: [
    {
      type: 'button',
      action_id: actionId.deny,
      text: plain(en.button.deny),
      value: buttonValue(incidentId, planId),
      style: 'danger',
    },
  ],
});

/** Instead of the plan: why there is none, with every gate that was not content at the last look. */
export function renderRefusal(state: IncidentState, planId: string): ModalView {
  const plan = state.plans[planId];
  const { modal } = en;
  const action = plan ? title(plan) : modal.refusedTitle;
  const offer = plan && state.diagnosis?.offers.find(({ id }) => id === offerId(plan.action, plan.parameters));
  const gates = (offer?.gates ?? []).filter(({ answer }) => answer !== 'allowed');
  return {
    type: 'modal',
    callback_id: callbackId.refusal,
    private_metadata: privateMetadata({ incidentId: state.id, planId, may: 'read' }),
    title: plain(modal.refusedTitle),
    close: plain(modal.back),
    blocks: [
      section(modal.refused(action, outside(state.node, 100), sentence(withMentions(plan?.because ?? '', 1500)))),
      ...sectionsOf(
        modal.gates,
        gates.map(({ gate, answer, because }) =>
          modal.gate(outside(gate, 60), en.gate[answer], sentence(outside(because, TEXT_MAX))),
        ),
        SECTIONS_MAX,
        modal.more,
      ),
      context(modal.nothingChanged),
    ],
  };
}
