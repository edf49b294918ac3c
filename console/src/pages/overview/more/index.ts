/** What stands on the page below its verdict. */
export { Days } from './Days';
export { Latest } from './Latest';
export { Messages } from './Messages';
export { NeedsList } from './NeedsList';
