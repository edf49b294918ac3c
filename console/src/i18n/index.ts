/** Texts, dates and numbers in the reader's language. */
export { catalogue, changeLanguage, textsNow, useText, type Catalogue, type Say, type Texts } from './catalogue';
export { useFormats, type Formats } from './dates';
export { applyLanguage, currentLanguage, LOCALES, useLanguage, type Language } from './language';
export { marked } from './marks';
