import type { Storage as GraphiQLStorage } from '@graphiql/toolkit';

const PREFIX = 'graphiql:';
/** Operations that set a secret carry this name, as an argument or in a variable. */
const SECRET = /appSecret/;

/**
 * GraphiQL keeps tabs and history in localStorage so that work survives a restart. Text that names a secret stays in
 * this tab's sessionStorage: an appSecret typed into a mutation must not lie on the disk afterwards.
 */
export function createStorage(lasting: Storage, tab: Storage): GraphiQLStorage {
  const keys = (store: Storage) => Object.keys(store).filter((key) => key.startsWith(PREFIX));
  return {
    getItem: (key) => tab.getItem(key) ?? lasting.getItem(key),
    setItem(key, value) {
      const [store, other] = SECRET.test(value) ? [tab, lasting] : [lasting, tab];
      other.removeItem(key);
      store.setItem(key, value);
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
