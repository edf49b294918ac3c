import { lazy, Suspense, useRef } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { currentLanguage } from '../../i18n';
import { announceArrival } from '../../ui/arrival';
import { Loading } from '../../ui/Loading';
import { messages as composeMessages } from './compose/messages';
import { Ledger } from './ledger/Ledger';

/** A part with its texts, both asked for at once. */
async function withTexts<Module>(part: Promise<Module>): Promise<Module> {
  const [loaded] = await Promise.all([part, composeMessages.load(currentLanguage())]);
  return loaded;
}

const Composer = lazy(() => withTexts(import('./compose/Composer')));
const Templates = lazy(() => withTexts(import('./templates/Templates')));

/** `/messages`, `/messages/:id`, `/messages/new`, `/messages/templates`. The composer and templates are loaded when they are opened. */
export default function MessagesPage() {
  useArrivals();
  return (
    <Suspense fallback={<Loading lines={6} />}>
      <Switch>
        <Route path="/messages/new" component={Composer} />
        <Route path="/messages/templates/:name?">
          {({ name }) => <Templates name={name ? decodeURIComponent(name) : null} />}
        </Route>
        <Route path="/messages/:id?/:tab?">{({ id }) => <Ledger id={id ? decodeURIComponent(id) : null} />}</Route>
      </Switch>
    </Suspense>
  );
}

/** The composer and the templates are pages of their own to who goes there: their heading takes the focus. */
function useArrivals(): void {
  const [location] = useLocation();
  const part = /^\/messages\/(new|templates)/.exec(location)?.[1] ?? 'ledger';
  const before = useRef(part);
  if (before.current !== part) {
    before.current = part;
    announceArrival();
  }
}
