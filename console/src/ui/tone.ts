/** The six colours of states. A colour never stands alone: an icon and a word are beside it. */
export type Tone = 'ok' | 'wait' | 'doubt' | 'warn' | 'bad' | 'idle';
