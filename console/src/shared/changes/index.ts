/** Changes of the directory as rows: the feed, a run's, a person's. */
export { ChangeRow } from './ChangeRow';
export { runIdOf, type ChangeFacts } from './ids';
export { useCause } from './useCause';
export { useNames, type Names } from './useNames';
export { ChangesQuery } from './queries';
export { useChoiceWords } from './useChoiceWords';
export { FEED_PAGE, useFeed, type Feed } from './useFeed';
