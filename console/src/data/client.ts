import { cacheExchange, Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import type { PageConfig } from '../config';
import { setToken } from '../token';
import { heard, unreachable } from './connection';
import { problemOf } from './problem';
import { refuse } from './session';
import { createSocket } from './socket';

/** The client of one token: another token takes another client, so that nothing of the former is left in its cache. */
export function createConsoleClient(config: PageConfig, token: string): Client {
  const socket = createSocket(config, token);
  return new Client({
    url: config.graphqlUrl,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: {
      credentials: 'same-origin',
      headers: { authorization: `Bearer ${token}` },
    },
    exchanges: [
      cacheExchange,
      // Behind the cache: what it has is no answer of the server, and comes while components are rendered.
      mapExchange({
        onResult: ({ error, operation }) => {
          // Sockets have their own way to come back.
          if (operation.kind === 'subscription') return;
          const problem = problemOf(error);
          if (problem?.kind === 'offline') unreachable();
          else heard();
          if (problem?.kind === 'signedOut') {
            refuse(token, error?.graphQLErrors[0]?.message ?? '');
            setToken('');
          }
        },
      }),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: socket }),
    ],
  });
}
