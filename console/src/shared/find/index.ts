/** People and departments found while somebody types. */
export { FoundList } from './FoundList';
export { FoundRow, Tile } from './FoundRow';
export { keyOf } from './keyOf';
export { rangesOf, type Match } from './rangesOf';
export { useFind, type Hit } from './useFind';
