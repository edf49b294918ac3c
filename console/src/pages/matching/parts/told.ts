import type { Reason } from '../../../reasons';

/** A sentence as data, as the server gives it beside the English text. */
interface Statement {
  code: string;
  args: readonly { name: string; value: string }[];
}

/** Why an identity came to what it did. Without `directory:contact` the server tells no reason. */
export function reasonOf(of: { reason?: string | null; reasonStatement?: Statement | null }): Reason | null {
  if (!of.reason) return null;
  return { code: of.reasonStatement?.code, args: of.reasonStatement?.args, text: of.reason };
}

/** What is wrong with what was asked: of `userErrors`, and of a line of a file. */
export function messageOf(of: { message: string; statement?: Statement | null }): Reason {
  return { code: of.statement?.code, args: of.statement?.args, text: of.message };
}
