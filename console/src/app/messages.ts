import { catalogue } from '../i18n';

/** The texts of the shell, the sign-in and what belongs to no page. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
