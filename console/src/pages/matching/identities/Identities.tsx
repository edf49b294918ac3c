import './identities.css';
import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import type { ResolutionStatus } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Button } from '../../../ui/Button';
import { classes } from '../../../ui/classes';
import { useMedia } from '../../../ui/useMedia';
import { useMatching } from '../context';
import { messages } from '../messages';
import { useHere } from '../parts/address';
import { Pager, usePage } from '../parts/Pager';
import { IdentityList } from './IdentityList';
import { IdentityPane } from './IdentityPane';
import { LinkedNote, type Linked } from './LinkedNote';
import { Nobody } from './Nobody';
import { KnownIdentitiesQuery } from './queries';

/** Confluence users of one status, and beside the list the one who is looked at: `?id=…`. */
export function Identities({ status }: { status: ResolutionStatus }) {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  const page = usePage(50);
  const asked = useAsk(KnownIdentitiesQuery, { variables: { statuses: [status], contact, ...page } });
  const { refresh } = useMatching();
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const here = useHere();
  const narrow = useMedia('(max-width: 767px)');
  const [linked, setLinked] = useState<Linked | null>(null);
  const focusNext = useRef(false);

  const list = asked.data?.matchingCensus?.identities;
  const nodes = list?.nodes ?? [];
  const named = search.get('id');
  // In a narrow window the list comes first.
  const id = named ?? (narrow ? null : (nodes[0]?.id ?? null));

  // Whoever was resolved leaves the list: the keyboard goes on at the next one.
  useEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    document.querySelector<HTMLElement>('.identity-row[aria-current]')?.focus();
  }, [id, linked]);

  const done = (link: Linked) => {
    const at = nodes.findIndex((node) => node.id === id);
    const next = nodes[at + 1] ?? nodes[at - 1];
    setLinked(link);
    focusNext.current = true;
    navigate(here({ id: next && !narrow ? next.id : null }), { replace: true });
    asked.again();
    refresh();
  };

  return (
    <>
      {linked && (
        <LinkedNote
          linked={linked}
          onUndone={() => {
            focusNext.current = true;
            setLinked(null);
            asked.again();
            refresh();
          }}
        />
      )}
      <Answer asked={asked} what={t('list.failed')} lines={6}>
        {() =>
          nodes.length === 0 && !named ? (
            <Nobody status={status} />
          ) : (
            <div className={classes('identities', id !== null && 'one-open')}>
              <div className="identities-list">
                <IdentityList nodes={nodes} current={id} />
                {list && <Pager info={list.pageInfo} total={list.totalCount} />}
              </div>
              <div className="identities-pane">
                {id !== null && (
                  <>
                    <div className="narrow-only pad">
                      <Button small icon="left" onClick={() => navigate(here({ id: null }))}>
                        {t('list.back')}
                      </Button>
                    </div>
                    <IdentityPane key={id} id={id} onLinked={done} />
                  </>
                )}
              </div>
            </div>
          )
        }
      </Answer>
    </>
  );
}
