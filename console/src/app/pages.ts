import { lazy, type ComponentType } from 'react';
import { currentLanguage, type Language } from '../i18n';
import { messages as departments } from '../pages/departments/messages';
import { messages as matching } from '../pages/matching/messages';
import { messages as messagesPage } from '../pages/messages/messages';
import { messages as overview } from '../pages/overview/messages';
import { messages as settings } from '../pages/settings/messages';
import { messages as sync } from '../pages/sync/messages';
import { loadSentences } from '../reasons/sentences';
import type { IconName } from '../ui/icons';

/** The pages of the navigation, in its order. */
export type PageName = 'overview' | 'settings' | 'departments' | 'sync' | 'matching' | 'messages';

/** A page: its icon, the letter behind `g`, and the module, which is loaded when somebody goes there. */
export interface Page {
  name: PageName;
  icon: IconName;
  letter: string;
  load: () => Promise<unknown>;
  Component: ComponentType;
}

type Module = Promise<{ default: ComponentType }>;

function page(name: PageName, letter: string, file: () => Module, texts: { load: (language: Language) => Promise<unknown> }): Page {
  const load = async () => {
    const [module] = await Promise.all([file(), texts.load(currentLanguage())]);
    return module;
  };
  return { name, icon: name, letter, load, Component: lazy(load) };
}

/** Begins to load the page of this path beside what else is loaded at first, and then the sentences of reasons. */
export function preload(path: string): void {
  const name = path.split('/')[2] || 'overview';
  const page = PAGES.find((each) => each.name === name);
  void Promise.resolve(page?.load()).finally(loadSentences);
}

/** A page's own routes lie below `/<name>`. */
export const PAGES: readonly Page[] = [
  page('overview', 'o', () => import('../pages/overview'), overview),
  page('settings', 's', () => import('../pages/settings'), settings),
  page('departments', 'd', () => import('../pages/departments'), departments),
  page('sync', 'y', () => import('../pages/sync'), sync),
  page('matching', 'm', () => import('../pages/matching'), matching),
  page('messages', 'e', () => import('../pages/messages'), messagesPage),
];
