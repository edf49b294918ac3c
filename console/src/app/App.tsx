import { lazy, Suspense, useMemo } from 'react';
import { Provider } from 'urql';
import { Router } from 'wouter';
import type { PageConfig } from '../config';
import { createConsoleClient } from '../data/client';
import { useToken } from '../token';
import { Routes } from './Routes';
import { Shell } from './shell/Shell';

const SignIn = lazy(() => import('./signin/SignIn'));

/** The console lies below this path, whatever the server's address. */
const BASE = '/console';

/** The sign-in, or the console for the token that is there. */
export function App({ config }: { config: PageConfig }) {
  const token = useToken();
  const client = useMemo(() => createConsoleClient(config, token), [config, token]);
  return (
    <Suspense>
      <Router base={BASE}>
        {token === '' ? (
          <SignIn />
        ) : (
          <Provider value={client} key={token}>
            <Shell>
              <Routes />
            </Shell>
          </Provider>
        )}
      </Router>
    </Suspense>
  );
}
