/** Where the API is, as the page's `<script type="application/json" id="dingmirror-config">` says. */
export interface PageConfig {
  /** Path or URL for queries and mutations over HTTP. */
  graphqlUrl: string;
  /** Path or URL for `graphql-transport-ws`; a path takes the page's host and ws: or wss: by its scheme. */
  subscriptionUrl: string;
}

const DEFAULTS: PageConfig = { graphqlUrl: '/graphql', subscriptionUrl: '/graphql/ws' };

/** Reads the configuration element; what is missing or malformed falls back to the default paths. */
export function readConfig(page: Document): PageConfig {
  const text = page.getElementById('dingmirror-config')?.textContent ?? '{}';
  try {
    return { ...DEFAULTS, ...(JSON.parse(text) as Partial<PageConfig>) };
  } catch {
    return DEFAULTS;
  }
}

/** The absolute ws: or wss: address of a path on this page's host. */
export function webSocketUrl(pathOrUrl: string, pageUrl: string): string {
  const url = new URL(pathOrUrl, pageUrl);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  return url.href;
}
