import { rowOf } from '../fields';
import { mistakeIn, type Mistake } from '../checks/mistakes';
import type { Values } from '../values';

/** What the server says of a mutation's input. `suggestion` and `statement` come with a newer server. */
export interface Refusal {
  code: string;
  field: readonly string[];
  message: string;
  suggestion?: string | null;
  statement?: { code: string; args: readonly unknown[] } | null;
}

/** The server's refusals as mistakes of rows, with what is known here where it has said it in English alone. */
export function mistakesOf(refusals: readonly Refusal[], values: Values): Mistake[] {
  return refusals.map((refusal) => {
    const field = rowOf(refusal.field[1] ?? '');
    const own = field && mistakeIn(field, values);
    const code = refusal.statement?.code ?? (field === 'redirectTo' && !own ? 'TESTER_UNKNOWN' : codeOf(refusal, own));
    return {
      field,
      reason: { code, args: refusal.statement?.args ?? own?.reason.args ?? { user: values.redirectTo.trim() }, text: refusal.message },
      suggestion: refusal.suggestion ?? own?.suggestion ?? null,
    };
  });
}

/** The catalogue's code, as far as it can be told from the kind. */
function codeOf({ code }: Refusal, own: Mistake | null | undefined): string | null {
  switch (code) {
    case 'HOST_NOT_ALLOWED':
      return 'HOST_NOT_ALLOWED';
    case 'NOT_REHEARSED':
      return 'METHOD_NOT_REHEARSED';
    case 'MISSPELLED':
    case 'INVALID':
    case 'REQUIRED':
      return own?.reason.code ?? null;
    default:
      return null;
  }
}
