import type { SubscriptionForwarder } from '@urql/core';
import type { Client, Sink } from 'graphql-ws';
import { webSocketUrl, type PageConfig } from '../config';

/**
 * One socket for all subscriptions, open while there are any. It doesn't come back by itself: `useLive` begins again, with
 * the variables of then, so that a feed goes on behind the last cursor.
 */
export function createSocket(config: PageConfig, token: string): SubscriptionForwarder {
  let opening: Promise<Client> | undefined;
  const open = async () => {
    const { createClient } = await import('./socketLibrary');
    return createClient({
      url: webSocketUrl(config.subscriptionUrl, location.href),
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      lazyCloseTimeout: 2_000,
    });
  };

  return ({ query, variables, operationName }) => ({
    subscribe: (sink) => {
      let ended = false;
      let end = () => {};
      opening ??= open();
      opening.then(
        (client) => {
          if (ended) return;
          const payload = { query: query ?? '', variables: variables as Record<string, unknown>, operationName };
          end = client.subscribe(payload, sink as Sink<never>);
        },
        (error: Error) => {
          opening = undefined;
          if (!ended) sink.error(error);
        },
      );
      return {
        unsubscribe: () => {
          ended = true;
          end();
        },
      };
    },
  });
}
