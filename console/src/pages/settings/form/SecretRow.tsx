import '../../../ui/fields.css';
import { useEffect, useRef, useState } from 'react';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { classes } from '../../../ui/classes';
import { Pill } from '../../../ui/Pill';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { useForm, useRow } from '../useForm';
import { Mistakes } from './Mistakes';
import { Row, useRowIds } from './Row';
import { Unused } from './Unused';

/** Whether a secret is stored and since when; it is replaced, never shown. */
export function SecretRow() {
  const t = useText(messages);
  const ids = useRowIds('appSecret');
  const { appSecret } = useForm().base;
  const { value, set, look, write, mistakes, readOnly } = useRow('appSecret');
  const [shown, setShown] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const replace = useRef<HTMLButtonElement>(null);
  const open = !readOnly && (value !== null || !appSecret.isSet);
  useFocusOnChange(open, input, replace);

  if (!open) {
    return (
      <Row field="appSecret" ids={ids} group>
        <div className="row wrap secret">
          {appSecret.isSet ? (
            <Pill tone="ok" icon="lock">
              {t('secret.set')}
            </Pill>
          ) : (
            <Pill tone="idle">{t('secret.unset')}</Pill>
          )}
          {appSecret.setAt && (
            <span className="small t2">
              <RelativeTime at={appSecret.setAt} as="moment" />
            </span>
          )}
          <span className="grow" />
          {!readOnly && (
            <Button
              small
              ref={replace}
              id={ids.control}
              aria-describedby={classes(ids.label, ids.hint)}
              onClick={() => set('')}
            >
              {t('secret.replace')}
            </Button>
          )}
        </div>
        <Unused field="appSecret" />
      </Row>
    );
  }

  const wrong = mistakes.length > 0;
  return (
    <Row field="appSecret" ids={ids}>
      <div className="row secret">
        <span className={classes('box grow', wrong && 'wrong')}>
          <input
            ref={input}
            id={ids.control}
            className="input mono"
            type={shown ? 'text' : 'password'}
            // Not the person's own password: a manager of passwords has nothing to offer or keep here.
            autoComplete="new-password"
            spellCheck={false}
            translate="no"
            aria-describedby={classes(wrong && ids.mistakes, ids.hint)}
            aria-invalid={wrong || undefined}
            value={value ?? ''}
            onFocus={write}
            onBlur={look}
            onPaste={look}
            onChange={(event) => set(event.target.value)}
          />
          {value && <Pill tone="wait">{t('changed')}</Pill>}
          <Button
            kind="quiet"
            small
            icon="eye"
            label={shown ? t('secret.hide') : t('secret.show')}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          />
        </span>
        {appSecret.isSet && (
          <Button small onClick={() => set(null)}>
            {t('secret.keep')}
          </Button>
        )}
      </div>
      <Mistakes id={ids.mistakes} mistakes={mistakes} value="" />
    </Row>
  );
}

/** The focus goes into the field that was opened, and back to the button that opened it. */
function useFocusOnChange(
  open: boolean,
  input: React.RefObject<HTMLInputElement | null>,
  button: React.RefObject<HTMLButtonElement | null>,
): void {
  const before = useRef(open);
  useEffect(() => {
    if (before.current === open) return;
    before.current = open;
    // After a submission the focus is elsewhere, and stays there.
    if (document.activeElement !== document.body) return;
    (open ? input.current : button.current)?.focus();
  }, [open, input, button]);
}
