import { catalogue } from '../../../i18n';

/** The texts of sending again; they go into the page's when it is built in. */
export const messages = catalogue({ zh: () => import('./messages.zh'), en: () => import('./messages.en') });
