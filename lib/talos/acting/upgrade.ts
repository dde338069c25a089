import { redactText } from '../../evidence/redact.ts';
import { err, ok } from '../../result.ts';
import { imageService, lifecycleService, machineChanges } from '../changing-methods.ts';
import type { TalosAdmin, TalosOperator } from '../orders.ts';
import { askOne, short } from '../readings/read.ts';
import { isImageReference, upgradeRequest } from '../requests.ts';
import type { ClusterAccess } from '../talos.ts';
import type { TalosError } from '../talos-error.ts';
import { acknowledged, invalidOrder, started, withSession } from './session.ts';

const UPGRADE = 'machine.MachineService/Upgrade';
const PULL = 'machine.ImageService/Pull';
const INSTALL = 'machine.LifecycleService/Upgrade';
const ROLLBACK = 'machine.MachineService/Rollback';
const NO_REFERENCE = 'the image needs a registry, a path, and a tag or a digest';

/** Where installer images are kept: the containerd of CRI, namespace system. Source: internal/app/lifecycle/lifecycle.go. */
const INSTALLERS = { driver: 'CRI', namespace: 'NS_SYSTEM' } as const;

export const imagePulls = (access: ClusterAccess): Pick<TalosOperator, 'pullImage'> => ({
  async pullImage(target, { image, deadlineMs }) {
    if (!isImageReference(image)) return invalidOrder(target.name, PULL, NO_REFERENCE);
    return withSession(access, target, PULL, deadlineMs, async ({ connection, context }) => {
      let name = '';
      const request = { containerd: INSTALLERS, imageRef: image };
      const end = await connection.read(imageService.pull, request, context, {
        onFrame: (frame) => {
          name = frame.name ?? name;
          return true;
        },
      });
      if (!end.ok) return end;
      if (isImageReference(name) && name.includes('@sha256:')) return ok({ name });
      return err({
        code: 'malformed_reply',
        node: context.node,
        source: PULL,
        text: 'no name with a digest came back',
      });
    });
  },
});

const MAX_MESSAGES = 200;

/** Which of `upgrade` and `installUpgrade` is right, `rulesFor(version).upgrade` says. */
export const upgrades = (access: ClusterAccess): Pick<TalosAdmin, 'upgrade' | 'installUpgrade' | 'rollback'> => ({
  async upgrade(target, { deadlineMs, ...order }) {
    if (!isImageReference(order.image)) return invalidOrder(target.name, UPGRADE, NO_REFERENCE);
    return withSession(access, target, UPGRADE, deadlineMs, async ({ connection, rules, context }) => {
      if (rules.upgrade !== 'machine') {
        const text = 'from 1.13 on an upgrade is an image pull, an install and a reboot';
        return err({ code: 'not_supported_by_version', node: context.node, source: UPGRADE, text, isUnsent: true });
      }
      return started(await askOne(connection, machineChanges.upgrade, upgradeRequest(order), context));
    });
  },

  async installUpgrade(target, { image, deadlineMs }) {
    if (!isImageReference(image) || !image.includes('@sha256:')) {
      return invalidOrder(target.name, INSTALL, 'the image must be named as it was stored: with its digest');
    }
    return withSession(access, target, INSTALL, deadlineMs, async ({ connection, context }) => {
      const says: string[] = [];
      let exitCode: number | undefined;
      const request = { containerd: INSTALLERS, source: { imageName: image } };
      const end = await connection.read(lifecycleService.upgrade, request, context, {
        onFrame: ({ progress }) => {
          exitCode = progress?.exitCode ?? exitCode;
          if (progress?.message !== undefined) says.push(redactText(short(progress.message)).text);
          if (says.length > MAX_MESSAGES) says.shift();
          return true;
        },
      });
      if (!end.ok) return end;
      const failed = (code: TalosError['code'], text: string) =>
        err<TalosError>({ code, node: context.node, source: INSTALL, text });
      if (exitCode === undefined) return failed('malformed_reply', 'the installer ended without an exit code');
      if (exitCode !== 0) return failed('install_failed', `exit code ${exitCode}; ${says.slice(-3).join(' ')}`);
      return ok({ says });
    });
  },

  rollback: (target, { deadlineMs }) =>
    withSession(access, target, ROLLBACK, deadlineMs, async ({ connection, context }) =>
      acknowledged(await askOne(connection, machineChanges.rollback, {}, context)),
    ),
});
