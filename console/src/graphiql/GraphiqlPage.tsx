import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useState } from 'react';
import type { PageConfig } from '../config';
import { exampleTabs } from './examples';
import { createFetcher } from './fetcher';
import { PanelClose } from './PanelClose';
import { QueryCost } from './QueryCost';
import { createStorage } from './storage';
import { TokenBar } from './TokenBar';
import { WrappedEditors } from './WrappedEditors';

// One instance for the life of the page: GraphiQL compares plugins by identity.
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const storage = createStorage(localStorage, sessionStorage);
/** Without this the variables editor calls an object or a number wrong where our scalars accept one. */
const scalars = { JSON: {}, BigInt: { type: ['string', 'integer'] as ('string' | 'integer')[] } };

/** GraphiQL with the token field, the example tabs and the cost of what was run, served whole by the binary itself. */
export function GraphiqlPage({ config }: { config: PageConfig }) {
  const [fetcher] = useState(() => createFetcher(config));
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={exampleTabs}
      plugins={plugins}
      storage={storage}
      customScalarSchemas={scalars}
      inputValueDeprecation
      schemaDescription
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>
        <TokenBar />
        <WrappedEditors />
        <PanelClose />
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <QueryCost />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}
