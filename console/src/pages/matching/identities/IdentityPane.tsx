import { useId } from 'react';
import { Link } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import type { KnownIdentityQuery as Answered } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Icon } from '../../../ui/Icon';
import { Panel } from '../../../ui/Panel';
import { ReasonSentence } from '../../../ui/ReasonSentence';
import { RelativeTime } from '../../../ui/RelativeTime';
import { Sep } from '../../../ui/Sep';
import { messages } from '../messages';
import { ConfluenceUser, nameOf } from '../parts/ConfluenceUser';
import { Person } from '../parts/Person';
import { STATUSES, StatusPill } from '../parts/StatusPill';
import { Candidates } from './Candidates';
import type { Linked } from './LinkedNote';
import { LinkToSomebody } from './LinkToSomebody';
import { NotSent } from './NotSent';
import { KnownIdentityQuery } from './queries';

/** A Confluence user with everybody who has the key. */
export type Known = Extract<NonNullable<Answered['node']>, { __typename: 'KnownIdentity' }>;

/** Who a Confluence user is, why, and what can be done about it. */
export function IdentityPane({ id, onLinked }: { id: string; onLinked: (linked: Linked) => void }) {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  const asked = useAsk(KnownIdentityQuery, { variables: { id, contact } });
  return (
    <Answer asked={asked} what={t('list.failed')} lines={6}>
      {({ node }) =>
        node?.__typename === 'KnownIdentity' ? (
          <OneIdentity known={node} onLinked={onLinked} />
        ) : (
          <Panel icon="info" title={t('pane.forgotten')}>
            {t('pane.forgottenText')}
          </Panel>
        )
      }
    </Answer>
  );
}

function OneIdentity({ known, onLinked }: { known: Known; onLinked: (linked: Linked) => void }) {
  const t = useText(messages);
  const { status, candidates } = known;
  const reason = known.reasonStatement;
  const heading = useId();
  const made = (linkId: string, person: { name: string; department: string }) =>
    onLinked({ linkId, who: nameOf(known.identity), person: person.name, department: person.department });

  return (
    <section aria-labelledby={heading}>
      <div className="pad col gap8">
        <div className="row wrap">
          <h2 className="identity-title" id={heading}>
            <ConfluenceUser user={known.identity} />
          </h2>
          <StatusPill status={status} />
        </div>
        <p className="small t3">
          {t.rich('pane.first', { when: <RelativeTime at={known.firstSeen} as="day" /> })}
          <Sep />
          {t.rich('list.asked', { when: <RelativeTime at={known.lastSeen} /> })}
          <NotSent identity={known.identity} />
          {known.identity.userKey && (
            <>
              <Sep />
              <span translate="no">{known.identity.userKey}</span>
            </>
          )}
        </p>
        <p>
          <b>{status === 'AMBIGUOUS' ? t('pane.AMBIGUOUS', { count: candidates.length }) : t(`pane.${status}`)}</b>{' '}
          <span className="t2">{t(`pane.remedy.${status}`)}</span>
        </p>
        {known.user && (
          <p className="row wrap">
            <Icon name="arrow" />
            <Person person={known.user} />
            {known.linked && (
              <Link href="/matching/links" className="small">
                {t('pane.linked')}
              </Link>
            )}
          </p>
        )}
        {reason && <ReasonSentence reason={reason} tone={STATUSES[status][0]} />}
      </div>
      {candidates.length > 0 && <Candidates known={known} />}
      <LinkToSomebody known={known} onLinked={made} />
    </section>
  );
}
