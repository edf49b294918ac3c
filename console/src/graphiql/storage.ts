import type { Storage as GraphiQLStorage } from '@graphiql/toolkit';

const PREFIX = 'graphiql:';

/** How the page looks. Everything else that GraphiQL stores under a name not listed below stays in this browser tab. */
const LOOKS = /^graphiql:(theme|visiblePlugin|\w*Flex)$/;

/** An operation that sets a secret: `appSecret` with a value, not the field of the settings form that only says whether it is set. */
const SETS_SECRET = /appSecret["']?(?:[\s,]|#[^\n]*\n)*:/;

interface Operation {
  query?: unknown;
  [part: string]: unknown;
}

/**
 * GraphiQL keeps tabs and history so that work survives a restart. All of it is in this tab's sessionStorage; in localStorage,
 * which lies on the disk afterwards, are the operations alone: no variables, no headers, no answers, and no operation that sets
 * a secret. What was left there by an older page is cleaned when this one opens.
 */
export function createStorage(lasting: Storage, tab: Storage): GraphiQLStorage {
  const keys = (store: Storage) => Object.keys(store).filter((key) => key.startsWith(PREFIX));
  const keep = (key: string, value: string) => {
    const kept = lastingPart(key, value);
    if (kept === null) lasting.removeItem(key);
    else lasting.setItem(key, kept);
  };
  for (const key of keys(lasting)) keep(key, lasting.getItem(key) ?? '');

  return {
    getItem: (key) => tab.getItem(key) ?? lasting.getItem(key),
    setItem(key, value) {
      tab.setItem(key, value);
      keep(key, value);
    },
    removeItem(key) {
      tab.removeItem(key);
      lasting.removeItem(key);
    },
    clear() {
      for (const store of [tab, lasting]) for (const key of keys(store)) store.removeItem(key);
    },
    get length() {
      return new Set([...keys(tab), ...keys(lasting)]).size;
    },
  };
}

/** What of a value may outlive the browser tab; null: nothing. */
function lastingPart(key: string, value: string): string | null {
  if (LOOKS.test(key)) return value;
  try {
    switch (key) {
      case 'graphiql:query':
        return SETS_SECRET.test(value) ? null : value;
      case 'graphiql:tabState':
        return tabs(JSON.parse(value) as { tabs: Operation[]; activeTabIndex: number });
      case 'graphiql:queries':
      case 'graphiql:favorites': {
        const list = key.slice(PREFIX.length);
        return JSON.stringify({ [list]: operations((JSON.parse(value) as Record<string, Operation[]>)[list] ?? []) });
      }
      default:
        return null;
    }
  } catch {
    return null;
  }
}

/** The open tabs, or nothing where none may be kept: GraphiQL would show an empty row of tabs. */
function tabs(state: { tabs: Operation[]; activeTabIndex: number }): string | null {
  const kept = operations(state.tabs).map((tab) => ({ ...tab, response: null, hash: null }));
  if (kept.length === 0) return null;
  return JSON.stringify({ tabs: kept, activeTabIndex: Math.min(state.activeTabIndex, kept.length - 1) });
}

/** The operations alone, without those that set a secret. */
function operations(items: Operation[]): Operation[] {
  return items
    .filter(({ query }) => typeof query !== 'string' || !SETS_SECRET.test(query))
    .map((item) => ({ ...item, variables: null, headers: null }));
}
