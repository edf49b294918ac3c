import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import type { MatchingMethod } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { messages } from '../messages';
import { Person } from '../parts/Person';
import { SharedKeysQuery, WithoutKeyQuery } from './queries';

/** The people behind a figure of the census: `?behind=shared&of=EMAIL_TO_EMAIL`. */
export default function Behind() {
  const t = useText(messages);
  const [search, setSearch] = useSearchParams();
  const method: MatchingMethod = search.get('of') === 'USERNAME_TO_JOB_NUMBER' ? 'USERNAME_TO_JOB_NUMBER' : 'EMAIL_TO_EMAIL';
  const list = search.get('behind') === 'shared' ? 'shared' : 'without';
  const close = () =>
    setSearch((old) => {
      old.delete('behind');
      old.delete('of');
      return old;
    });
  return (
    <Dialog drawer open onClose={close} title={t(`behind.${list}.${method}`)}>
      {list === 'shared' ? <SharedKeys method={method} /> : <WithoutKey method={method} />}
    </Dialog>
  );
}

function SharedKeys({ method }: { method: MatchingMethod }) {
  const t = useText(messages);
  const contact = usePermission('directory:contact') || method === 'USERNAME_TO_JOB_NUMBER';
  const [pages, setPages] = useState<(string | undefined)[]>([undefined]);
  return (
    <div className="col gap16">
      <p className="small t2">{t(`behind.sharedText.${method}`)}</p>
      {pages.map((after, index) => (
        <SharedKeysPage
          key={after ?? ''}
          method={method}
          contact={contact}
          after={after}
          more={index === pages.length - 1 ? (cursor) => setPages([...pages, cursor]) : undefined}
        />
      ))}
    </div>
  );
}

function SharedKeysPage({ method, contact, after, more }: {
  method: MatchingMethod;
  contact: boolean;
  after: string | undefined;
  more?: (cursor: string) => void;
}) {
  const t = useText(messages);
  const asked = useAsk(SharedKeysQuery, { variables: { method, contact, after } });
  return (
    <Answer asked={asked}>
      {(data) => {
        const keys = data.matchingCensus?.sharedKeys;
        if (!keys) return null;
        return (
          <>
            {keys.nodes.map((shared, index) => (
              <section key={shared.key ?? index}>
                <h3 className="row wrap">
                  {shared.key ? <span translate="no">{shared.key}</span> : <span className="t3">{t('user.hidden')}</span>}
                  <span className="small t3">{t('people', { count: shared.count })}</span>
                </h3>
                <ul>
                  {shared.users.map((person) => (
                    <li key={person.userId}>
                      <Person person={person} />
                    </li>
                  ))}
                </ul>
              </section>
            ))}
            <More info={keys.pageInfo} more={more} />
          </>
        );
      }}
    </Answer>
  );
}

function WithoutKey({ method }: { method: MatchingMethod }) {
  const t = useText(messages);
  const [pages, setPages] = useState<(string | undefined)[]>([undefined]);
  return (
    <div className="col gap16">
      <p className="small t2">{t(`behind.withoutText.${method}`)}</p>
      {pages.map((after, index) => (
        <WithoutKeyPage
          key={after ?? ''}
          method={method}
          after={after}
          more={index === pages.length - 1 ? (cursor) => setPages([...pages, cursor]) : undefined}
        />
      ))}
    </div>
  );
}

function WithoutKeyPage({ method, after, more }: {
  method: MatchingMethod;
  after: string | undefined;
  more?: (cursor: string) => void;
}) {
  const asked = useAsk(WithoutKeyQuery, { variables: { method, after } });
  return (
    <Answer asked={asked}>
      {(data) => {
        const people = data.matchingCensus?.usersWithoutKey;
        if (!people) return null;
        return (
          <>
            <ul className="col gap8">
              {people.nodes.map((person) => (
                <li key={person.userId}>
                  <Person person={person} />
                </li>
              ))}
            </ul>
            <More info={people.pageInfo} more={more} />
          </>
        );
      }}
    </Answer>
  );
}

function More({ info, more }: { info: { hasNextPage: boolean; endCursor?: string | null }; more?: (cursor: string) => void }) {
  const t = useText(messages);
  const { endCursor } = info;
  if (!more || !info.hasNextPage || !endCursor) return null;
  return (
    <div>
      <Button small onClick={() => more(endCursor)}>
        {t('behind.more')}
      </Button>
    </div>
  );
}
