/** A chunk of its own: it isn't needed for the first picture of a page. */
export { createClient } from 'graphql-ws';
