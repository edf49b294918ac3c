/** What stands on the page below its verdict. */
export { Latest } from './Latest';
export { Messages } from './Messages';
export { NeedsList } from './NeedsList';
