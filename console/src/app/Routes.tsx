import { lazy, Suspense, useEffect, useRef } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { announceArrival } from '../ui/arrival';
import { Loading } from '../ui/Loading';
import { Broken } from './Broken';
import { NotFound } from './NotFound';
import { PAGES } from './pages';

const Account = lazy(() => import('./account/Account'));

/** The page that the address names; its own routes are `nest`ed below its name. */
export function Routes() {
  const [location] = useLocation();
  const page = location.split('/')[1] ?? '';
  useArrival(page);
  return (
    <Broken key={page}>
      <Suspense fallback={<Loading lines={6} />}>
        <Switch>
          {PAGES.map(({ name, Component }) => (
            <Route key={name} path={`/${name}/*?`} component={Component} />
          ))}
          <Route path="/permissions" component={Account} />
          <Route path="/">
            <Redirect to="/overview" replace />
          </Route>
          <Route component={NotFound} />
        </Switch>
      </Suspense>
    </Broken>
  );
}

/** Another page begins at its top, and its heading takes the focus; filters and tabs of the same page change nothing. */
function useArrival(page: string): void {
  const before = useRef(page);
  // In the render, so that it is announced before the page's own effects.
  if (before.current !== page) {
    if (before.current !== '') announceArrival();
    before.current = page;
  }
  useEffect(() => {
    scrollTo(0, 0);
  }, [page]);
}
