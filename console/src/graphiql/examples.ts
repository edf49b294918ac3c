import orgTree from './examples/1-org-tree.graphql?raw';
import search from './examples/2-search.graphql?raw';
import resolve from './examples/3-resolve.graphql?raw';
import sendMessage from './examples/4-send-message.graphql?raw';
import startSync from './examples/5-start-sync.graphql?raw';
import syncProgress from './examples/6-sync-progress.graphql?raw';
import settings from './examples/7-settings.graphql?raw';

/**
 * The tabs of someone's first visit. Each is complete as it stands, without variables, and the tests run each one
 * against a real server.
 */
export const exampleTabs: { query: string }[] = [
  orgTree,
  search,
  resolve,
  sendMessage,
  startSync,
  syncProgress,
  settings,
].map((query) => ({ query }));
