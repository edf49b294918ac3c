import { createClient } from 'graphql-ws';
import type { SubscriptionForwarder } from '@urql/core';
import { webSocketUrl, type PageConfig } from '../config';

/**
 * One socket for all subscriptions, open while there are any. It doesn't come back by itself: `useLive` begins again, with
 * the variables of then, so that a feed goes on behind the last cursor.
 */
export function createSocket(config: PageConfig, token: string): SubscriptionForwarder {
  const client = createClient({
    url: webSocketUrl(config.subscriptionUrl, location.href),
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    lazyCloseTimeout: 2_000,
  });
  return ({ query, variables, operationName }) => ({
    subscribe: (sink) => ({
      unsubscribe: client.subscribe(
        { query: query ?? '', variables: variables as Record<string, unknown>, operationName },
        sink as Parameters<typeof client.subscribe>[1],
      ),
    }),
  });
}
