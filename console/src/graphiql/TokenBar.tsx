import { useGraphiQLActions } from '@graphiql/react';
import { useState, type FormEvent } from 'react';
import { readClaims, setToken, useToken } from '../token';

/** A token is good only where it is signed with the server's own secret, which stands in its data directory. */
const HINT = 'Where the server runs: dingmirror token --all --data-dir <the server\'s data directory>';

/** The way back to the console and the token field: one line that says whether a token is in use, whose it is and until when. */
export function TokenBar() {
  const token = useToken();
  const [draft, setDraft] = useState('');
  const { introspect } = useGraphiQLActions();

  const change = (text: string) => {
    setToken(text);
    setDraft('');
    // What the schema shows may depend on who asks.
    void introspect();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft.trim() !== '') change(draft);
  };

  return (
    <form className="token-bar" onSubmit={submit} autoComplete="off">
      <span className="token-head">
        <a className="token-console" href="/console/">
          <span aria-hidden="true">‹</span> Console
        </a>
        <span className={token === '' ? 'token-state' : 'token-state set'} role="status" title={token === '' ? HINT : undefined}>
          {describe(token)}
        </span>
      </span>
      <input
        type="password"
        aria-label="Bearer token"
        placeholder={token === '' ? 'Paste a token' : 'Paste another token'}
        title={`${HINT} It is kept in this browser tab only, and sent as Authorization: Bearer and in connection_init.`}
        autoComplete="off"
        spellCheck={false}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
      <button type="submit" disabled={draft.trim() === ''}>
        Use
      </button>
      <button type="button" disabled={token === ''} onClick={() => change('')}>
        Clear
      </button>
    </form>
  );
}

function describe(token: string): string {
  if (token === '') return 'No token';
  const claims = readClaims(token);
  if (claims === null) return 'Token set';
  const who = claims.subject ?? 'Token set';
  if (claims.expiresAt === null) return who;
  return claims.expiresAt.getTime() <= Date.now()
    ? `${who}: expired`
    : `${who} until ${claims.expiresAt.toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' })}`;
}
