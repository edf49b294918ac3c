import { catalogue } from '../i18n';

/** The sentences of the server's codes. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
