import { catalogue } from '../../../i18n';

/** The texts of the composer and the templates; they come with them. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
