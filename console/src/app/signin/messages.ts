import { catalogue } from '../../i18n';

/** The texts of the sign-in. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
