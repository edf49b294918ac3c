import './matching.css';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { Redirect, Route, Switch, useSearchParams } from 'wouter';
import { useAsk, useMissing, usePermission, type PermissionName } from '../../data';
import type { ResolutionStatus } from '../../generated/graphql';
import { useText } from '../../i18n';
import { useShell } from '../../app/shell/ShellContext';
import { LinkButton } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Icon } from '../../ui/Icon';
import { Loading } from '../../ui/Loading';
import { Needs } from '../../ui/Needs';
import { PageHead } from '../../ui/PageHead';
import { Tabs } from '../../ui/Tabs';
import { useMedia } from '../../ui/useMedia';
import { CensusCards } from './census/CensusCards';
import { KnownUsers } from './census/KnownUsers';
import { MatchingNowQuery } from './census/queries';
import { MatchingContext } from './context';
import { Identities } from './identities/Identities';
import { messages } from './messages';
import { isStatus } from './parts/StatusPill';

const Behind = lazy(() => import('./census/Behind'));
const Links = lazy(() => import('./links/Links'));
const Who = lazy(() => import('./who/Who'));
const Import = lazy(() => import('./importing/Import'));
const Rehearse = lazy(() => import('./rehearse/Rehearse'));
const Changes = lazy(() => import('./changes/Changes'));

const FIGURES: readonly PermissionName[] = ['identity:read', 'directory:read'];

/** Which person of DingTalk a Confluence user is: what both methods achieve, whom they leave out, and what to do about it. */
export default function MatchingPage() {
  const t = useText(messages);
  const shell = useShell();
  const missing = useMissing(FIGURES);
  const now = useAsk(MatchingNowQuery, { every: 60, pause: missing.length > 0 });
  const [search] = useSearchParams();
  const data = useMemo(
    () => ({
      now,
      refresh: () => {
        now.again();
        shell.again();
      },
    }),
    [now, shell],
  );
  const census = now.data?.matchingCensus;

  return (
    <MatchingContext value={data}>
      <PageHead
        title={t('title')}
        meta={t('subtitle')}
        actions={
          <>
            <LinkButton icon="search" href="/matching/who">
              {t('who.tab')}
            </LinkButton>
            <LinkButton href="/matching/import">{t('import.action')}</LinkButton>
          </>
        }
      />
      <div className="col gap16">
        {missing.length > 0 ? (
          <Card title={t('census.fold')}>
            <Needs permission={FIGURES} what={t('census.locked')}>
              {null}
            </Needs>
          </Card>
        ) : (
          <Census />
        )}
        {census ? <KnownUsers known={census} /> : now.loading && <div className="card known-waits" />}
        <Card>
          <Tabs
            name={t('tabs')}
            tabs={[
              { href: '/matching/ambiguous', text: t('status.AMBIGUOUS'), count: census?.ambiguous },
              { href: '/matching/unmatched', text: t('status.UNMATCHED'), count: census?.unmatched },
              { href: '/matching/links', text: t('links.tab'), count: now.data?.identityLinks?.totalCount },
              { href: '/matching/who', text: t('who.tab') },
              { href: '/matching/import', text: t('import.tab') },
              { href: '/matching/rehearse', text: t('rehearse.tab') },
              { href: '/matching/changes', text: t('changes.tab') },
            ]}
          />
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/matching/ambiguous">
                <Figures>
                  <Identities key="AMBIGUOUS" status="AMBIGUOUS" />
                </Figures>
              </Route>
              <Route path="/matching/unmatched">
                <Figures>
                  <Identities key="UNMATCHED" status="UNMATCHED" />
                </Figures>
              </Route>
              <Route path="/matching/known">
                <Figures>
                  <KnownOf status={search.get('status')} />
                </Figures>
              </Route>
              <Route path="/matching/links">
                <Figures>
                  <Links />
                </Figures>
              </Route>
              <Route path="/matching/who">
                <Needs permission="identity:read" what={t('who.locked')}>
                  <Who />
                </Needs>
              </Route>
              <Route path="/matching/import">
                <Import />
              </Route>
              <Route path="/matching/rehearse">
                <Figures>
                  <Rehearse />
                </Figures>
              </Route>
              <Route path="/matching/changes">
                <Figures>
                  <Changes />
                </Figures>
              </Route>
              <Route>
                <Redirect to="/matching/ambiguous" replace />
              </Route>
            </Switch>
          </Suspense>
        </Card>
      </div>
      {search.has('behind') && (
        <Suspense>
          <Behind />
        </Suspense>
      )}
    </MatchingContext>
  );
}

/** Lists of the directory: with the permissions that they need, or the lock. */
function Figures({ children }: { children: ReactNode }) {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  return (
    <Needs permission={FIGURES}>
      {!contact && (
        <p className="pad small t2 row top matching-lacks">
          <Icon name="lock" />
          <span>{t.rich('contact.lacks', { permission: <code translate="no">{'directory:contact'}</code> })}</span>
        </p>
      )}
      {children}
    </Needs>
  );
}

/** Both methods. On a phone they are folded: whoever waits for somebody comes first. */
function Census() {
  const t = useText(messages);
  const narrow = useMedia('(max-width: 767px)');
  if (!narrow) return <CensusCards />;
  return (
    <details className="card census-fold">
      <summary>{t('census.fold')}</summary>
      <CensusCards />
    </details>
  );
}

/** Those of a status that has no tab: `?status=INACTIVE`. */
function KnownOf({ status }: { status: string | null }) {
  const t = useText(messages);
  const shown: ResolutionStatus = isStatus(status) ? status : 'MATCHED';
  return (
    <>
      <h2 className="pad known-of">{t(`status.${shown}`)}</h2>
      <Identities key={shown} status={shown} />
    </>
  );
}
