import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST, parse, type ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import { webSocketUrl, type PageConfig } from '../config';
import { currentToken, onTokenChange } from '../token';

type Headers = Record<string, string>;

/** Queries and mutations by POST, subscriptions over `graphql-transport-ws`, both with the present token. */
export function createFetcher(config: PageConfig): Fetcher {
  const subscribe = createSubscriber(config);
  return (params, options) =>
    isSubscription(params)
      ? subscribe(params)
      : post(config.graphqlUrl, params, (options?.headers ?? {}) as Headers);
}

function createSubscriber(config: PageConfig): (params: FetcherParams) => AsyncIterable<ExecutionResult> {
  const open = () =>
    createClient({
      url: webSocketUrl(config.subscriptionUrl, location.href),
      connectionParams: () => {
        const token = currentToken();
        return token === '' ? {} : { authorization: `Bearer ${token}` };
      },
      // Someone is looking at the answer: a closed socket is news, not something to hide by reconnecting.
      retryAttempts: 0,
    });
  let client = open();
  // A socket keeps the token it was opened with, so a new token needs a new socket.
  onTokenChange(() => {
    void client.dispose();
    client = open();
  });
  // graphql-ws types errors as they travel, GraphiQL as graphql-js builds them; it only ever prints them as JSON.
  return (params) => client.iterate(wireParams(params)) as AsyncIterable<unknown> as AsyncIterable<ExecutionResult>;
}

async function post(url: string, params: FetcherParams, headers: Headers): Promise<ExecutionResult> {
  const token = currentToken();
  const response = await fetch(url, {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(wireParams(params)),
  });
  const text = await response.text();
  try {
    return JSON.parse(text) as ExecutionResult;
  } catch {
    throw new Error(`HTTP ${response.status}: the answer is not JSON: ${text.slice(0, 200)}`);
  }
}

/** GraphiQL passes `null` for "no operation name"; the protocols want the key left out. Each answer shall say what it cost. */
function wireParams({ query, operationName, variables }: FetcherParams) {
  return {
    query,
    ...(operationName ? { operationName } : {}),
    ...(variables ? { variables: variables as Record<string, unknown> } : {}),
    extensions: { cost: true },
  };
}

function isSubscription({ query, operationName }: FetcherParams): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription';
  } catch {
    // A document that does not parse goes to the server by POST, whose message says where it is wrong.
    return false;
  }
}
