import './shell.css';
import { Suspense, useMemo, type ReactNode } from 'react';
import { permissionName, useAsk, useOnline, usePermission } from '../../data';
import { ViewerContext, type Session } from '../../data/session';
import { onRetry } from '../../data/connection';
import { useText } from '../../i18n';
import { classes } from '../../ui/classes';
import { messages } from '../messages';
import { embedded } from './embedded';
import { Keys } from './Keys';
import { ModeBar } from './ModeBar';
import { Nav } from './Nav';
import { OfflineBar } from './OfflineBar';
import { BadgesQuery, ShellQuery } from './queries';
import { ShellContext } from './ShellContext';
import { TabBar } from './TabBar';
import { TopBar } from './TopBar';

/** What stands around every page. Within Confluence's frame (`?embed=1`) there is no navigation; verdict and modes stay. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useText(messages);
  // Who may not read the settings isn't told to whom messages are redirected.
  const settings = usePermission('settings:read');
  const shell = useAsk(ShellQuery, { variables: { settings }, every: 30 });
  const badges = useAsk(BadgesQuery, { every: 60 });
  onRetry(shell.again);
  const online = useOnline();

  const viewer = shell.data?.viewer;
  const session = useMemo<Session | null>(
    () =>
      viewer
        ? {
            subject: viewer.subject,
            expiresAt: new Date(viewer.expiresAt),
            permissions: viewer.permissions.map(permissionName),
          }
        : null,
    [viewer],
  );
  const known = useMemo(
    () => ({
      shell: shell.data,
      badges: badges.data,
      again: () => {
        shell.again();
        badges.again();
      },
    }),
    [shell.data, badges.data, shell.again, badges.again],
  );

  return (
    <ViewerContext value={session}>
      <ShellContext value={known}>
        <a className="skip" href="#main" onClick={skip}>
          {t('skip')}
        </a>
        <div className={classes('shell', embedded && 'embedded')}>
          <TopBar />
          <div className="bars">
            <Suspense>
              {!online && <OfflineBar />}
              <ModeBar />
            </Suspense>
          </div>
          {!embedded && <Nav />}
          <main id="main" tabIndex={-1}>
            {children}
          </main>
          {!embedded && <TabBar />}
        </div>
        <Keys />
      </ShellContext>
    </ViewerContext>
  );
}

/** The address stays as it is: its hash may name a row. */
function skip(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
