import { catalogue } from '../../../i18n';

/** The texts of what comes after the first picture. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
