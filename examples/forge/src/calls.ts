// What the page may ask of the resolver. The page can't say for whom: that is whoever Forge says is signed in.

/** A refusal that the page shows. Forge tells a page of a resolver that threw no more than that it did. */
export interface Refused {
  refused: string;
}

export interface Me {
  name: string;
  status: string;
  reason: string;
  dingtalk: { userId: string; name: string } | null;
}

export interface Test {
  state: string;
  reason: string | null;
  notices: string[];
}

export type Calls = {
  me: () => Me | Refused;
  /** `attempt` is a UUID of the page. The same one again sends nothing: it tells what has become of the message. */
  sendTest: (given: { attempt: string }) => Test | Refused;
};
