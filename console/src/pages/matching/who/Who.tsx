import './who.css';
import { useEffect, useState } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import { useClient } from 'urql';
import { usePermission, type Problem } from '../../../data';
import { problemOf } from '../../../data/problem';
import type { MatchingMethod, WhoIsThisQuery as Answered } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import type { WhoState } from '../../../ui/addresses';
import { Button } from '../../../ui/Button';
import { RadioGroup, TextArea } from '../../../ui/fields';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { useMatching } from '../context';
import { messages } from '../messages';
import { readList, type AskedLine } from './parse';
import { WhoIsThisQuery } from './queries';
import { WhoResults } from './WhoResults';

/** What the server said of a line. */
export type Resolved = AskedLine & { answer: NonNullable<Answered['resolve']>[number] };

/** The server takes so many at once. */
const AT_ONCE = 500;
const MOST = 20_000;
/** By then it knows whom it was asked for. */
const KNOWN_AFTER = 3_000;

/** "Who is this?" for a pasted list: who each one is in DingTalk and why, to look at and as a file. */
export default function Who() {
  const t = useText(messages);
  const client = useClient();
  const directory = usePermission('directory:read');
  const { now, refresh } = useMatching();
  const current = now.data?.matchingCensus?.method;
  // Another page may name them.
  const named = useHistoryState<WhoState | null>()?.who ?? '';
  const [text, setText] = useState(named);
  const [method, setMethod] = useState<MatchingMethod | null>(null);
  const [error, setError] = useState('');
  const [progress, setProgress] = useState<{ done: number; all: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [results, setResults] = useState<Resolved[] | null>(null);

  const ask = async () => {
    const lines = readList(text);
    if (lines.length === 0) return setError(t('who.empty'));
    if (lines.length > MOST) return setError(t('who.tooMany', { count: lines.length, most: MOST }));
    setError('');
    setProblem(null);
    setResults(null);

    const resolved: Resolved[] = [];
    for (let at = 0; at < lines.length; at += AT_ONCE) {
      setProgress({ done: at, all: lines.length });
      const part = lines.slice(at, at + AT_ONCE);
      const variables = { identities: part.map((line) => line.identity), method, directory };
      const { data, error: failure } = await client
        .query(WhoIsThisQuery, variables, { requestPolicy: 'network-only' })
        .toPromise();
      if (!data?.resolve) {
        setProgress(null);
        setProblem(problemOf(failure) ?? { kind: 'offline' });
        return undefined;
      }
      data.resolve.forEach((answer, index) => resolved.push({ ...(part[index] as AskedLine), answer }));
    }
    setProgress(null);
    setResults(resolved);
    // Whoever was asked for becomes a known Confluence user, which takes the server a moment.
    refresh();
    setTimeout(refresh, KNOWN_AFTER);
    return undefined;
  };

  useEffect(() => {
    if (named) void ask();
    // Once: what is written there afterwards waits for the button.
  }, []);

  return (
    <>
      <form
        className="pad col gap12 who-form"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <TextArea
          label={t('who.label')}
          hint={t('who.hint')}
          error={error}
          rows={6}
          mono
          placeholder={t('who.example')}
          value={text}
          onChange={setText}
        />
        <RadioGroup
          row
          label={t('who.method')}
          value={method ?? current ?? null}
          onChange={setMethod}
          options={(['EMAIL_TO_EMAIL', 'USERNAME_TO_JOB_NUMBER'] as const).map((value) => ({
            value,
            text: value === current ? t('who.inForce', { method: t(`method.${value}`) }) : t(`method.${value}`),
          }))}
        />
        <div className="row wrap">
          <Button kind="primary" icon="search" type="submit" busy={progress !== null}>
            {progress ? t('who.running', progress) : t('who.run')}
          </Button>
          <span className="small t3">{t('who.remembered')}</span>
        </div>
      </form>
      {problem && <ProblemPanel problem={problem} what={t('who.failed')} again={() => void ask()} />}
      {results && <WhoResults results={results} onLinked={() => void ask()} />}
    </>
  );
}
