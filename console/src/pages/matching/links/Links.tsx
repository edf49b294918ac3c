import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import type { IdentityLinksQuery as Answered } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Button, LinkButton } from '../../../ui/Button';
import { DataTable } from '../../../ui/DataTable';
import { Panel } from '../../../ui/Panel';
import { Pill } from '../../../ui/Pill';
import { RelativeTime } from '../../../ui/RelativeTime';
import { useMatching } from '../context';
import { messages } from '../messages';
import { useHere } from '../parts/address';
import { Choices } from '../parts/Choices';
import { ConfluenceUser } from '../parts/ConfluenceUser';
import { Pager, usePage } from '../parts/Pager';
import { Person } from '../parts/Person';
import { ExportButton } from './ExportButton';
import { IdentityLinksQuery } from './queries';

const UnlinkDialog = lazy(() => import('./UnlinkDialog'));
const HistoryDialog = lazy(() => import('./HistoryDialog'));
const NewLinkDialog = lazy(() => import('./NewLinkDialog'));

/** A link by hand. */
export type IdentityLink = NonNullable<Answered['identityLinks']>['nodes'][number];

/** Links by hand: who made them, why, and those that lead to people who have left. */
export default function Links() {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  const mayLink = usePermission('identity:write');
  const { refresh } = useMatching();
  const here = useHere();
  const page = usePage(50);
  const [search, setSearch] = useSearchParams();
  const lost = search.get('followed') === 'false';
  const filter = lost ? { followed: false } : undefined;
  const asked = useAsk(IdentityLinksQuery, { variables: { filter, contact, ...page } });
  const [removing, setRemoving] = useState<IdentityLink | null>(null);

  const historyOf = search.get('history');
  const isNew = search.has('new');
  const set = (name: string, value: string | null) =>
    setSearch((old) => {
      if (value === null) old.delete(name);
      else old.set(name, value);
      return old;
    });
  const changed = () => {
    asked.again();
    refresh();
  };
  // Whoever removes a row goes on at the next one.
  const nodes = asked.data?.identityLinks?.nodes;
  const removed = useRef<{ id: string; next: string | undefined } | null>(null);
  useEffect(() => {
    const { id, next } = removed.current ?? {};
    if (!id || nodes?.some((link) => link.id === id)) return;
    removed.current = null;
    document.querySelector<HTMLElement>(next ? `[data-link="${next}"]` : '.links-head a')?.focus();
  }, [nodes]);

  const unlinked = () => {
    const at = nodes?.findIndex((link) => link.id === removing?.id) ?? -1;
    if (removing) removed.current = { id: removing.id, next: (nodes?.[at + 1] ?? nodes?.[at - 1])?.id };
    changed();
  };

  return (
    <>
      <div className="row wrap pad links-head">
        <Choices
          name={t('links.filter')}
          choices={[
            { href: here({ followed: null, after: null, before: null }), text: t('links.all'), current: !lost },
            {
              href: here({ followed: 'false', after: null, before: null }),
              text: t('links.lost'),
              count: asked.data?.lost?.totalCount,
              current: lost,
            },
          ]}
        />
        <span className="grow" />
        <ExportButton />
        {mayLink && (
          <Button icon="link" onClick={() => set('new', '')}>
            {t('links.new')}
          </Button>
        )}
      </div>
      <Answer asked={asked} what={t('list.failed')} lines={5}>
        {(data) => {
          const links = data.identityLinks;
          if (!links) return null;
          if (links.nodes.length === 0) return <NoLinks lost={lost} />;
          return (
            <>
              <DataTable
                name={t('links.tab')}
                rows={links.nodes}
                id={(link) => link.id}
                columns={[
                  { title: t('column.confluence'), cell: (link) => <ConfluenceUser user={link.identity} /> },
                  {
                    title: t('column.dingtalk'),
                    cell: (link) => (
                      <span className="row wrap">
                        {link.user ? <Person person={link.user} /> : <code translate="no">{link.userId}</code>}
                        {!link.followed && (
                          <Pill tone="bad" icon="warning">
                            {t('links.notFollowed')}
                          </Pill>
                        )}
                      </span>
                    ),
                  },
                  {
                    title: t('links.why'),
                    cell: (link) => (link.reason ? <span translate="no">{link.reason}</span> : <span className="t3">{t('value.empty')}</span>),
                  },
                  {
                    title: t('links.by'),
                    nowrap: true,
                    cell: (link) => (
                      <span className="small t2">
                        <span translate="no">{link.linkedBy}</span> <RelativeTime at={link.linkedAt} />
                      </span>
                    ),
                  },
                  {
                    title: <span className="unseen">{t('column.actions')}</span>,
                    end: true,
                    nowrap: true,
                    cell: (link) => (
                      <>
                        <LinkButton kind="quiet" small href={here({ history: link.id })}>
                          {t('links.history')}
                        </LinkButton>
                        {mayLink && (
                          <Button kind="quiet" small data-link={link.id} onClick={() => setRemoving(link)}>
                            {t('links.remove')}
                          </Button>
                        )}
                      </>
                    ),
                  },
                ]}
              />
              <Pager info={links.pageInfo} total={links.totalCount} />
            </>
          );
        }}
      </Answer>
      <Suspense>
        {removing && <UnlinkDialog link={removing} onClose={() => setRemoving(null)} onDone={unlinked} />}
        {historyOf && <HistoryDialog linkId={historyOf} onClose={() => set('history', null)} />}
        {isNew && <NewLinkDialog onClose={() => set('new', null)} onDone={changed} />}
      </Suspense>
    </>
  );
}

function NoLinks({ lost }: { lost: boolean }) {
  const t = useText(messages);
  if (lost) {
    return (
      <Panel icon="check" tone="ok" title={t('links.noneLost')}>
        {t('links.noneLostText')}
      </Panel>
    );
  }
  return (
    <Panel icon="link" title={t('links.none')}>
      <p className="t2">
        {t.rich('links.noneText', {
          ambiguous: (text) => <Link href="/matching/ambiguous">{text}</Link>,
          import: (text) => <Link href="/matching/import">{text}</Link>,
        })}
      </p>
    </Panel>
  );
}
