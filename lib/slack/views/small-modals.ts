import type { ModalView } from '@slack/types';
import { titleOf } from '../../approvals/action-name.ts';
import type { IncidentState } from '../../incidents/state.ts';
import { callbackId, inputBlock, type PrivateMetadata, privateMetadata } from '../action-ids.ts';
import { en } from '../text/en.ts';
import { context, plain, section, textInput } from './blocks.ts';
import { outside, withMentions } from './mrkdwn.ts';

/** No, in place of the modal that asked. `because` says why and who can. */
export function renderNo(because: string): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId.no,
    title: plain(en.modal.noTitle),
    close: plain(en.modal.back),
    blocks: [section(withMentions(because, 2000)), context(en.modal.nothingChanged)],
  };
}

export function renderDeny({ incidentId, planId }: PrivateMetadata, state: IncidentState | undefined): ModalView {
  const plan = state?.plans[planId];
  const about = plan
    ? en.modal.denyText(outside(titleOf(plan), 200), outside(state?.node ?? '', 100))
    : en.modal.denyTitle;
  return asking(callbackId.deny, { incidentId, planId, may: 'read' }, en.modal.denyTitle, en.modal.deny, about);
}

export function renderClose(incidentId: string, state: IncidentState | undefined): ModalView {
  const about = en.modal.closeText(outside(state?.node ?? incidentId, 100));
  return asking(callbackId.close, { incidentId, planId: '', may: 'read' }, en.modal.closeTitle, en.modal.close, about);
}

/** A sentence about what follows, and a reason for the audit trail. */
const asking = (
  callback: string,
  metadata: PrivateMetadata,
  title: string,
  submit: string,
  about: string,
): ModalView => ({
  type: 'modal',
  callback_id: callback,
  private_metadata: privateMetadata(metadata),
  title: plain(title),
  submit: plain(submit),
  close: plain(en.modal.cancel),
  blocks: [
    section(about),
    textInput({
      blockId: inputBlock.reason,
      label: en.modal.reasonLabel,
      hint: en.modal.reasonHint,
      isMultiline: true,
      maxLength: 500,
    }),
  ],
});
