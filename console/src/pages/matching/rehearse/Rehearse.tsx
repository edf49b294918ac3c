import './rehearse.css';
import { Link, useSearchParams } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import type { MatchingMethod } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { Answer } from '../../../ui/Answer';
import { Note } from '../../../ui/Note';
import { otherThan } from '../census/CensusCards';
import { useMatching } from '../context';
import { messages } from '../messages';
import { useHere } from '../parts/address';
import { Choices } from '../parts/Choices';
import { OtherPersons } from './OtherPersons';
import { RehearsalQuery } from './queries';
import { RehearsedMoves } from './RehearsedMoves';

/** What another method would change, and the way to it: `?to=USERNAME_TO_JOB_NUMBER`. */
export default function Rehearse() {
  const { now } = useMatching();
  const [search] = useSearchParams();
  const to = search.get('to');
  const current = now.data?.matchingCensus?.method;
  const wished: MatchingMethod | null = to === 'EMAIL_TO_EMAIL' || to === 'USERNAME_TO_JOB_NUMBER' ? to : null;
  const method = wished ?? (current && otherThan(current));
  if (!method) return <Answer asked={now}>{() => null}</Answer>;
  return <Rehearsed key={method} method={method} />;
}

function Rehearsed({ method }: { method: MatchingMethod }) {
  const t = useText(messages);
  const say = useReasons();
  const contact = usePermission('directory:contact');
  const here = useHere();
  const [search] = useSearchParams();
  const asked = useAsk(RehearsalQuery, { variables: { method, contact }, policy: 'network-only' });
  const show = search.get('show') ?? 'others';

  return (
    <Answer asked={asked} what={t('rehearse.failed')} lines={6}>
      {(data) => {
        const rehearsal = data.rehearseMatching;
        if (!rehearsal) return null;
        if (data.matchingCensus?.method === method) {
          return (
            <div className="pad">
              <Note tone="ok">
                {t.rich('rehearse.inForce', {
                  method: t(`method.${method}`),
                  link: (text) => <Link href={here({ to: otherThan(method), show: null })}>{text}</Link>,
                })}
              </Note>
            </div>
          );
        }
        const others = rehearsal.changesPerson?.totalCount ?? 0;
        const loses = rehearsal.loses?.totalCount ?? 0;
        const gains = rehearsal.gains?.totalCount ?? 0;
        return (
          <>
            <div className="pad col gap12">
              <div className="row wrap">
                <h2>{t('rehearse.title', { method: t(`method.${method}`) })}</h2>
                <span className="grow" />
                <span className="small t3">{t('rehearse.known', { count: rehearsal.knownIdentities })}</span>
              </div>
              {rehearsal.noticeStatements.map((notice) => {
                const sentence = say(notice);
                return (
                  <Note key={notice.text} tone="warn">
                    <span lang={sentence.lang} translate={sentence.translate}>{sentence.text}</span>
                  </Note>
                );
              })}
              <Choices
                name={t('rehearse.show')}
                choices={[
                  { text: t('rehearse.others'), count: others, key: 'others' as const },
                  { text: t('rehearse.loses'), count: loses, key: 'loses' as const },
                  { text: t('rehearse.gains'), count: gains, key: 'gains' as const },
                ].map(({ key, ...choice }) => ({
                  ...choice,
                  href: here({ show: key === 'others' ? null : key, after: null, before: null }),
                  current: show === key,
                }))}
              />
              <p className="small t2">
                {t('rehearse.same', { count: Math.max(rehearsal.knownIdentities - others - loses - gains, 0) })}
              </p>
            </div>
            {show === 'loses' || show === 'gains' ? (
              <RehearsedMoves key={show} method={method} which={show} />
            ) : null}
            <OtherPersons
              key={rehearsal.token}
              rehearsal={rehearsal}
              hidden={show !== 'others'}
              again={asked.again}
              refreshing={asked.refreshing}
            />
          </>
        );
      }}
    </Answer>
  );
}
