import { catalogue } from '../../i18n';

/** The texts of the page of one's permissions. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
