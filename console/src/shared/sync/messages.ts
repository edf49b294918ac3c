import { catalogue } from '../../i18n';

/** The kinds of runs, and how one is started. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
