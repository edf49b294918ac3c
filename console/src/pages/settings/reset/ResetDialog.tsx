import { useState } from 'react';
import { Link } from 'wouter';
import { useShell } from '../../../app/shell/ShellContext';
import { useTell } from '../../../data';
import { useText } from '../../../i18n';
import type { Sentence } from '../../../reasons';
import { useSaid } from '../../../reasons/settings';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { DiffRow } from '../../../ui/DiffRow';
import { Note } from '../../../ui/Note';
import { ValueText } from '../conflict/ValueText';
import { FIELDS } from '../fields';
import { Consequences } from '../form/Consequences';
import { mistakesOf } from '../form/refusals';
import { harmlessToken, useRehearsal } from '../form/useRehearsal';
import { messages } from '../messages';
import { ResetSettingsMutation } from '../queries';
import { useForm } from '../useForm';
import { defaultValues, same, valuesOf } from '../values';

/** Every row back to its default: what each has now and would have, counted on the button. */
export default function ResetDialog({ onClose, again }: { onClose: () => void; again: () => void }) {
  const t = useText(messages);
  const say = useSaid();
  const shell = useShell();
  const form = useForm();
  const { stored } = form;
  const [refused, setRefused] = useState<readonly Sentence[]>([]);
  const [tell, running] = useTell(ResetSettingsMutation);

  const [now, defaults] = [valuesOf(stored), defaultValues()];
  const differing = FIELDS.filter((field) =>
    field === 'appSecret' ? stored.appSecret.isSet : !same(field, now[field], defaults[field]),
  );
  const changesMethod = differing.includes('matchingMethod');
  const rehearsal = useRehearsal(changesMethod ? defaults.matchingMethod : null);

  const reset = async () => {
    const token = changesMethod ? harmlessToken(rehearsal.data) : null;
    const { data, problem } = await tell({
      input: { expectedVersion: stored.version, ...(token !== null && { rehearsalToken: token }) },
    });
    const payload = data?.resetSettings;
    if (problem) {
      const failed = problem.kind === 'failed';
      return setRefused([failed ? say({ text: problem.message }) : { text: t(`reset.problem.${problem.kind}`), lang: undefined }]);
    }
    if (payload?.settings) {
      form.begin(payload.settings);
      shell.again();
      return onClose();
    }
    if (payload?.userErrors.some(({ code }) => code === 'VERSION_CONFLICT')) again();
    return setRefused(mistakesOf(payload?.userErrors ?? []).map(({ reason }) => say(reason)));
  };

  return (
    <Dialog
      title={t('reset.title')}
      open
      onClose={onClose}
      footer={
        differing.length > 0 && (
          <>
            <Button kind="danger" busy={running} onClick={() => void reset()}>
              {running ? t('reset.running') : t('reset.button', { count: differing.length })}
            </Button>
            <Button onClick={onClose}>{t('reset.keep')}</Button>
          </>
        )
      }
    >
      <div className="col gap12">
        {differing.length === 0 ? (
          <p>{t('reset.nothing')}</p>
        ) : (
          <>
            <p>{t('reset.what', { count: differing.length })}</p>
            {(stored.appSecret.isSet || stored.deliveryMode !== 'OFF') && (
              <Note tone="warn">
                {stored.appSecret.isSet && <p>{t('reset.secret')}</p>}
                {stored.deliveryMode !== 'OFF' && <p>{t('reset.off')}</p>}
              </Note>
            )}
            {changesMethod && <Consequences method={defaults.matchingMethod} />}
            {form.changed.length > 0 && <p className="small t2">{t('reset.unsubmitted', { count: form.changed.length })}</p>}
            <div className="col gap8">
              {differing.map((field) => (
                <DiffRow
                  key={field}
                  field={t(`field.${field}`)}
                  before={{ text: <ValueText field={field} values={now} secret={stored.appSecret} /> }}
                  after={
                    field === 'agentId' || field === 'appKey' || field === 'appSecret' || field === 'redirectTo'
                      ? 'empty'
                      : { text: <ValueText field={field} values={defaults} /> }
                  }
                />
              ))}
            </div>
          </>
        )}
        {refused.length > 0 && (
          <Note tone="bad" alert>
            {refused.map(({ text, lang }) => (
              <p key={text} lang={lang}>
                {text}
              </p>
            ))}
            {changesMethod && (
              <p>
                <Link href={`/matching/rehearse?to=${defaults.matchingMethod}`}>{t('rehearse.open')}</Link>
              </p>
            )}
          </Note>
        )}
      </div>
    </Dialog>
  );
}
