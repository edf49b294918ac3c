/** What an operation cost, as the server said it: in the extensions of its answer, or of the error that refused it. */
export interface Cost {
  requested: number;
  allowed: number;
  /** The path of the field that cost most. */
  costliestField: string | null;
}

/** The cost that stands in an answer, the text that the response editor shows; null: it tells none. */
export function costOf(answer: string): Cost | null {
  // Most of what the editor shows while it waits, and every introspection, needs no reading.
  if (!answer.includes('"cost"')) return null;
  try {
    const { extensions, errors } = JSON.parse(answer) as Told;
    const refused = errors?.find((error) => error.extensions?.limit === 'complexity')?.extensions;
    const told = refused === undefined ? extensions?.cost : { ...refused, requested: refused.cost };
    if (typeof told?.requested !== 'number' || typeof told.allowed !== 'number') return null;
    const field = told.costliestField;
    return {
      requested: told.requested,
      allowed: told.allowed,
      costliestField: typeof field === 'string' && field !== '' ? field : null,
    };
  } catch {
    return null;
  }
}

interface Numbers {
  allowed?: unknown;
  costliestField?: unknown;
}

interface Told {
  extensions?: { cost?: Numbers & { requested?: unknown } };
  errors?: { extensions?: Numbers & { limit?: unknown; cost?: unknown } }[];
}
