const KEY = 'dingmirror:embed';

/**
 * Whether the page stands in a frame of Confluence: `?embed=1`, and after that for as long as the frame lives, whatever
 * address it goes to.
 */
export const embedded = isEmbedded();

function isEmbedded(): boolean {
  if (new URLSearchParams(location.search).get('embed') === '1') {
    sessionStorage.setItem(KEY, '1');
    return true;
  }
  return self !== top && sessionStorage.getItem(KEY) === '1';
}
