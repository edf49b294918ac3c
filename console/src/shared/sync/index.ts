/** What a sync is called, and how one is started. */
export { messages as syncMessages } from './messages';
export { StartSync } from './StartSync';
