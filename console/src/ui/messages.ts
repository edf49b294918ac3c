import { catalogue } from '../i18n';

/** The texts of the components. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
