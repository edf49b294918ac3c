import { catalogue } from '../i18n';

/** The texts of the shell, and of what belongs to no page. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
