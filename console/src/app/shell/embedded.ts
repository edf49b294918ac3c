/** Whether the page stands in a frame of Confluence: `?embed=1`, for as long as this document lives. */
export const embedded = new URLSearchParams(location.search).get('embed') === '1';
