import './signin.css';
import { useState, type FormEvent } from 'react';
import { useRefusal } from '../../data/session';
import { useText } from '../../i18n';
import { setToken } from '../../token';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/fields';
import { LanguageMenu } from '../shell/LanguageMenu';
import { Logo } from '../shell/Logo';
import { Note } from '../../ui/Note';
import { RelativeTime } from '../../ui/RelativeTime';
import { messages } from './messages';

/** Takes a pasted token. Whether it is good the server says, with the first answer. */
export default function SignIn() {
  const t = useText(messages);
  const refusal = useRefusal();
  const [text, setText] = useState('');
  const [mistake, setMistake] = useState<'signIn.empty' | 'signIn.malformed' | null>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = text.trim().replace(/^Bearer\s+/i, '');
    if (token === '') return setMistake('signIn.empty');
    if (/\s/.test(token)) return setMistake('signIn.malformed');
    return setToken(token);
  };

  return (
    <main className="sign-in">
      <form className="card sign-in-box" onSubmit={submit} noValidate>
        <div className="row">
          <Logo />
          <span className="grow" />
          <LanguageMenu />
        </div>
        <h1>{t('signIn.title')}</h1>
        {refusal?.endedAt && (
          <Note tone="warn" alert>
            {t.rich('signIn.ended', { when: <RelativeTime at={refusal.endedAt} as="moment" /> })}
          </Note>
        )}
        {refusal && !refusal.endedAt && (
          <Note tone="bad" alert>
            <p>{t('signIn.refused')}</p>
            <p className="small" lang="en" translate="no">
              {refusal.reason}
            </p>
          </Note>
        )}
        <p className="t2">{t('signIn.text')}</p>
        <TextField
          label={t('signIn.label')}
          value={text}
          onChange={(value) => {
            setText(value);
            setMistake(null);
          }}
          error={mistake && t(mistake)}
          secret
          mono
          autoFocus
        />
        <Button kind="primary" type="submit">
          {t('signIn.button')}
        </Button>
        <div className="small t3">
          <p>{t('signIn.how')}</p>
          <p>{t.rich('signIn.demo', { command: <code translate="no">dingmirror demo</code> })}</p>
          <p>{t.rich('signIn.ask', { command: <code translate="no">dingmirror token</code> })}</p>
        </div>
      </form>
    </main>
  );
}
