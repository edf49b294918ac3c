import { Link } from 'wouter';
import { useMissing } from '../../../data';
import type { MatchingMethod } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { useSaid } from '../../../reasons/settings';
import { Note } from '../../../ui/Note';
import { messages } from '../messages';
import { useRehearsal } from './useRehearsal';

/** What another matching method would do to the Confluence users who are known, counted, and the way to look at them. */
export function Consequences({ method }: { method: MatchingMethod }) {
  const t = useText(messages);
  const say = useSaid();
  const missing = useMissing(['identity:read', 'directory:read']);
  const asked = useRehearsal(method);
  const link = (text: React.ReactNode) => <Link href={`/matching/rehearse?to=${method}`}>{text}</Link>;

  if (missing.length > 0) {
    return (
      <Note tone="idle" icon="lock">
        {t.rich('rehearse.locked', { permissions: <code translate="no">{missing.join(', ')}</code> })}
      </Note>
    );
  }
  const rehearsal = asked.data?.rehearseMatching;
  if (!rehearsal) {
    return (
      <Note tone="idle">
        {asked.problem ? t('rehearse.failed') : t('rehearse.counting')} {link(t('rehearse.open'))}
      </Note>
    );
  }

  const others = rehearsal.changesPerson?.totalCount ?? 0;
  const loses = rehearsal.loses?.totalCount ?? 0;
  const gains = rehearsal.gains?.totalCount ?? 0;
  return (
    <Note tone={others > 0 || loses > 0 ? 'warn' : 'ok'}>
      <p>
        {t.rich('rehearse.told', { others, loses, gains, b: (text: React.ReactNode) => <b>{text}</b> })}{' '}
        {others > 0 && t('rehearse.needed', { others })}
      </p>
      {rehearsal.noticeStatements.map((notice) => {
        const sentence = say(notice);
        return (
          <p key={notice.text} className="small t2" lang={sentence.lang}>
            {sentence.text}
          </p>
        );
      })}
      <p>{link(t('rehearse.open'))}</p>
    </Note>
  );
}
